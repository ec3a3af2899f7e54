"""Schedules that multiply the rate by a factor from epoch to epoch."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, state_of_function, warn_outside_step


def _functions(optimizer: Optimizer, lr_lambda: Any) -> list[Callable[[int], float]]:
    if not isinstance(lr_lambda, (list, tuple)):
        return [lr_lambda] * len(optimizer.param_groups)
    if len(lr_lambda) != len(optimizer.param_groups):
        raise ValueError(f"Expected {len(optimizer.param_groups)} lr_lambdas, but got {len(lr_lambda)}")
    return list(lr_lambda)


class _FunctionLR(LRScheduler):
    """A schedule by users' functions, one per group. Only callable objects are saved, by their attributes."""

    lr_lambdas: list[Callable[[int], float]]

    def state_dict(self) -> dict[str, Any]:
        """Return the state; of functions, only the attributes of callable objects."""
        state = {key: value for key, value in self.__dict__.items() if key not in ("optimizer", "lr_lambdas")}
        state["lr_lambdas"] = [state_of_function(function) for function in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state made by :meth:`state_dict`; the functions stay, callable objects get their attributes."""
        self.__dict__.update({key: value for key, value in state_dict.items() if key != "lr_lambdas"})
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=False):
            if attributes is not None:
                function.__dict__.update(attributes)


class LambdaLR(_FunctionLR):
    """The initial rate times ``lr_lambda(epoch)``.

    Args:
        optimizer: the optimizer whose learning rates are set.
        lr_lambda: a function of the epoch, or a list of one per group.
        last_epoch: index of the last epoch. Default: -1

    Example:
        >>> import ember
        >>> optimizer = ember.optim.SGD([ember.nn.Parameter(ember.ones(1))], lr=1.0)
        >>> scheduler = ember.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
        >>> optimizer.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = optimizer
        self.lr_lambdas = _functions(optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        return [base * function(self.last_epoch) for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_FunctionLR):
    """The present rate times ``lr_lambda(epoch)``, in every epoch but the first.

    Args:
        optimizer: the optimizer whose learning rates are set.
        lr_lambda: a function of the epoch, or a list of one per group.
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = optimizer
        self.lr_lambdas = _functions(optimizer, lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"lr_lambda should be a function, but got {type(function).__name__}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self._is_initial:
            return self._present_lrs()
        return [
            lr * function(self.last_epoch) for lr, function in zip(self._present_lrs(), self.lr_lambdas, strict=True)
        ]


class StepLR(LRScheduler):
    """The rate falls by ``gamma`` every ``step_size`` epochs.

    Args:
        optimizer: the optimizer whose learning rates are set.
        step_size: epochs between two falls.
        gamma: the factor of a fall. Default: 0.1
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return self._present_lrs()
        return [lr * self.gamma for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """The rate falls by ``gamma`` at each milestone.

    Args:
        optimizer: the optimizer whose learning rates are set.
        milestones: the epochs at which it falls; one given twice counts twice.
        gamma: the factor of a fall. Default: 0.1
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self.last_epoch not in self.milestones:
            return self._present_lrs()
        return [lr * self.gamma ** self.milestones[self.last_epoch] for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self.base_lrs]


class ConstantLR(LRScheduler):
    """The rate times ``factor`` in the first ``total_iters`` epochs, unchanged afterwards.

    Args:
        optimizer: the optimizer whose learning rates are set.
        factor: the factor, in [0, 1]. Default: 1/3
        total_iters: how many epochs it acts. Default: 5
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if factor > 1.0 or factor < 0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self.last_epoch == 0:
            return [lr * self.factor for lr in self._present_lrs()]
        if self.last_epoch != self.total_iters:
            return self._present_lrs()
        return [lr * (1.0 / self.factor) for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * (1.0 if self.last_epoch >= self.total_iters else self.factor) for base in self.base_lrs]


class LinearLR(LRScheduler):
    """A factor that goes in equal steps from ``start_factor`` to ``end_factor`` within ``total_iters`` epochs.

    Args:
        optimizer: the optimizer whose learning rates are set.
        start_factor: the factor of the first epoch, in (0, 1]. Default: 1/3
        end_factor: the factor from epoch ``total_iters`` on, in [0, 1]. Default: 1.0
        total_iters: how many epochs it takes. Default: 5
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in self._present_lrs()]
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._present_lrs()
        rise = self.end_factor - self.start_factor
        ratio = 1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise)
        return [lr * ratio for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        share = min(self.total_iters, self.last_epoch) / self.total_iters
        factor = self.start_factor + (self.end_factor - self.start_factor) * share
        return [base * factor for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """The rate times ``gamma`` in every epoch.

    Args:
        optimizer: the optimizer whose learning rates are set.
        gamma: the factor.
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self._is_initial:
            return self._present_lrs()
        return [lr * self.gamma for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma**self.last_epoch for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """The initial rate times ``(1 - epoch / total_iters) ** power``; 0 from epoch ``total_iters`` on.

    Args:
        optimizer: the optimizer whose learning rates are set.
        total_iters: how many epochs it takes. Default: 5
        power: the power. Default: 1.0
        last_epoch: index of the last epoch. Default: -1
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._present_lrs()
        now = 1.0 - self.last_epoch / self.total_iters
        before = 1.0 - (self.last_epoch - 1) / self.total_iters
        return [lr * (now / before) ** self.power for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        share = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * share**self.power for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    r"""Half a cosine from the initial rate down to ``eta_min`` within ``T_max`` epochs, and back up again.

    .. math:: \eta = \eta_{min} + (\eta_0 - \eta_{min}) (1 + \cos(\pi t / T_{max})) / 2

    Args:
        optimizer: the optimizer whose learning rates are set.
        T_max: epochs from the top to the bottom.
        eta_min: the lowest rate. Default: 0.0
        last_epoch: index of the last epoch. Default: -1

    Source:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        warn_outside_step(self)
        if self._is_initial:
            return self._present_lrs()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # leaving the bottom, where the ratio is 0 / 0
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            pairs = zip(self.base_lrs, self._present_lrs(), strict=False)
            return [lr + (base - self.eta_min) * rise for base, lr in pairs]
        now = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / self.T_max)
        return [now / before * (lr - self.eta_min) + self.eta_min for lr in self._present_lrs()]

    def _get_closed_form_lr(self) -> list[Any]:
        height = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

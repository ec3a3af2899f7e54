"""What all schedules share: counting epochs and writing learning rates into the optimizer's groups."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..optimizer import Optimizer, Tensor

EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. "
    "Please use `scheduler.step()` to step the scheduler; with an epoch, the closed form is used where there is one."
)


class LRScheduler:
    """Base of schedules: :meth:`step` counts an epoch and sets each group's ``lr`` to what :meth:`get_lr` returns.

    A subclass overrides :meth:`get_lr`, in terms of the groups' present rates where schedules are to be chained.

    Args:
        optimizer: the optimizer whose learning rates are set.
        last_epoch: index of the last epoch; -1 starts from each group's present ``lr``. Default: -1
    """

    optimizer: Optimizer
    base_lrs: list[Any]
    last_epoch: int
    _last_lr: list[Any]
    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copy_value(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0; load the optimizer's state first, or start with last_epoch=-1."
                )
        self.base_lrs = group_values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        count_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer, to be saved beside the optimizer's own state."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state made by :meth:`state_dict`."""
        self.__dict__.update(state_dict)

    def get_last_lr(self) -> list[Any]:
        """Return the learning rate of each group as the last step set it."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """Compute the learning rate of each group for epoch ``last_epoch``."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, after the optimizer's steps.

        Args:
            epoch: go to this epoch instead (deprecated).
        """
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_DEPRECATION_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _check_order(self) -> None:
        step = self.optimizer.step
        if not hasattr(step, "_wrapped_by_lr_sched"):
            warnings.warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. "
                "Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`.",
                UserWarning,
                stacklevel=3,
            )
        elif not getattr(self.optimizer, "_opt_called", False):
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call `optimizer.step()` before "
                "`lr_scheduler.step()`; otherwise the first value of the schedule is skipped.",
                UserWarning,
                stacklevel=3,
            )

    def _update_lr(self, epoch: int | None = None) -> None:
        with self._within_step():
            if epoch is None:
                self.last_epoch += 1
                values = self.get_lr()
            else:
                self.last_epoch = epoch
                values = self._get_closed_form_lr() if hasattr(self, "_get_closed_form_lr") else self.get_lr()
        for group, value in zip(self.optimizer.param_groups, values, strict=False):
            set_value(group, "lr", value)
        self._last_lr = group_values(self.optimizer, "lr")

    @contextmanager
    def _within_step(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def _present_lrs(self) -> list[Any]:
        return [group["lr"] for group in self.optimizer.param_groups]


# An old name, which packages subclass and test for.
class _LRScheduler(LRScheduler):
    pass


def warn_outside_step(scheduler: LRScheduler) -> None:
    """Warn a caller of ``get_lr`` who wants ``get_last_lr``."""
    if not scheduler._get_lr_called_within_step:
        warnings.warn(
            "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
            UserWarning,
            stacklevel=3,
        )


def check_optimizer(optimizer: Any) -> None:
    """Raise ``TypeError`` unless ``optimizer`` is one."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def count_steps(optimizer: Optimizer) -> None:
    """Let ``optimizer.step`` note that it was called, for the warnings about the order of calls."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    function = getattr(optimizer.step, "__func__", None) or _as_method(optimizer.step)
    reference = weakref.ref(optimizer)  # a method kept in the optimizer itself would be a cycle

    @functools.wraps(function)
    def step(*args: Any, **kwargs: Any) -> Any:
        counted: Any = reference()
        counted._opt_called = True
        return function(counted, *args, **kwargs)

    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = step  # type: ignore[method-assign]


def _as_method(step: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _, *args, **kwargs: step(*args, **kwargs)


def copy_value(value: Any) -> Any:
    """A value that does not follow ``value`` when that is a tensor changed in place."""
    return value.clone() if isinstance(value, Tensor) else value


def group_values(optimizer: Optimizer, key: str) -> list[Any]:
    """Copies of ``group[key]`` for all groups."""
    return [copy_value(group[key]) for group in optimizer.param_groups]


def set_value(group: dict[str, Any], key: str, value: Any) -> None:
    """Set an option; one that is a tensor keeps its identity."""
    if isinstance(group[key], Tensor):
        group[key].fill_(float(value))
    else:
        group[key] = value


def per_group(optimizer: Optimizer, name: str, value: Any) -> list[Any]:
    """``value`` for each group: itself, or the items of a list that must be as long as there are groups."""
    groups = optimizer.param_groups
    if not isinstance(value, (list, tuple)):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. "
            f"{name} has {len(value)} values, param_groups has {len(groups)}."
        )
    return list(value)


def state_of_function(function: Callable[..., Any] | None) -> dict[str, Any] | None:
    """What a checkpoint keeps of a user's function: a callable object's attributes, nothing of a plain function."""
    import types

    if function is None or isinstance(function, types.FunctionType):
        return None
    return function.__dict__.copy()

"""Adagrad."""

from __future__ import annotations

from .. import _C
from .fused import Entry, FusedOptimizer
from .optimizer import (
    ParamsT,
    Tensor,
    check_form,
    check_learning_rate,
    check_nonnegative,
    learning_rate,
    new_state,
    new_step,
)


class Adagrad(FusedOptimizer):
    r"""Steps divided by the root of the sum of all squared gradients so far.

    .. math::
        s &= s + g^2 \\
        \theta &= \theta - \frac{\text{lr}}{1 + (t - 1) \eta} \cdot \frac{g}{\sqrt{s} + \epsilon}

    where :math:`g = \nabla f(\theta) + \lambda \theta`.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 1e-2
        lr_decay: :math:`\eta`. Default: 0
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        initial_accumulator_value: :math:`s` at the start. Default: 0
        eps: :math:`\epsilon`, which bounds the step where gradients vanish. Default: 1e-10
        maximize: ascend instead. Default: False
        foreach, fused: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option.

    Source:
        Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization,
        JMLR 2011.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.Adagrad([weight], lr=0.1)
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    _newer_options = {"foreach": None, "maximize": False, "differentiable": False, "fused": None}

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("lr_decay value", lr_decay)
        check_nonnegative("weight_decay value", weight_decay)
        check_nonnegative("initial_accumulator_value value", initial_accumulator_value)
        check_nonnegative("epsilon value", eps)
        check_form(differentiable, foreach, fused)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                self._start(parameter, self.state[parameter], group)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["sum"] = new_state(parameter, group["initial_accumulator_value"])

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        lr, rate = learning_rate(group)
        _C.ops._adagrad_step_(
            parameters,
            gradients,
            [entry["sum"] for entry in entries],
            [entry["step"] for entry in entries],
            lr,
            group["lr_decay"],
            group["eps"],
            group["weight_decay"],
            group["maximize"],
            group["differentiable"],
            rate,
        )

"""Adagrad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _C
from .optimizer import (
    Optimizer,
    ParamsT,
    Tensor,
    check_form,
    check_learning_rate,
    check_nonnegative,
    evaluate,
    fill_missing_options,
    learning_rate,
    new_state,
    new_step,
    tensor_steps,
    with_gradients,
)


class Adagrad(Optimizer):
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
            _start(group, self.state)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(self.param_groups, foreach=None, maximize=False, differentiable=False, fused=None)
        tensor_steps(self.state)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            entries = [self.state[parameter] for parameter in parameters]
            if not all(entries):  # a group that was added later
                _start(group, self.state)
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
        return loss


def _start(group: dict[str, Any], state: dict[Tensor, dict[str, Any]]) -> None:
    for parameter in group["params"]:
        entry = state[parameter]
        if not entry:
            entry["step"] = new_step()
            entry["sum"] = new_state(parameter, group["initial_accumulator_value"])

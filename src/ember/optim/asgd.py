"""Averaged stochastic gradient descent."""

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
    new_state,
    new_step,
    tensor_steps,
    with_gradients,
)


class ASGD(Optimizer):
    r"""Stochastic gradient descent that also keeps the average of the parameters.

    .. math::
        \theta &= (1 - \lambda' \eta) \theta - \eta g \\
        a &= a + \mu (\theta - a) \\
        \eta &= \text{lr} / (1 + \lambda' \text{lr} \cdot t)^\alpha, \quad \mu = 1 / \max(1, t - t_0)

    where :math:`g = \nabla f(\theta) + \lambda \theta`. The average is the state ``ax`` of each parameter.

    Args:
        params: parameters, or groups of them.
        lr: first step size. Default: 1e-2
        lambd: :math:`\lambda'`, the decay. Default: 1e-4
        alpha: :math:`\alpha`, the power by which steps shorten. Default: 0.75
        t0: :math:`t_0`, the step after which averaging starts. Default: 1e6
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative lr or weight_decay.

    Source:
        Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.ASGD([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("weight_decay value", weight_decay)
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(self.param_groups, foreach=None, maximize=False, differentiable=False, capturable=False)
        for name in ("step", "eta", "mu"):
            tensor_steps(self.state, name)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            entries = [self.state[parameter] for parameter in parameters]
            if not all(entries):
                _start(parameters, entries, float(group["lr"]))
            _C.ops._asgd_step_(
                parameters,
                gradients,
                [entry["ax"] for entry in entries],
                [entry["eta"] for entry in entries],
                [entry["mu"] for entry in entries],
                [entry["step"] for entry in entries],
                float(group["lr"]),
                group["lambd"],
                group["alpha"],
                group["t0"],
                group["weight_decay"],
                group["maximize"],
                group["differentiable"],
            )
        return loss


def _start(parameters: list[Tensor], entries: list[dict[str, Any]], lr: float) -> None:
    for parameter, entry in zip(parameters, entries, strict=True):
        if not entry:
            entry["step"] = new_step()
            entry["eta"] = new_step().fill_(lr)
            entry["mu"] = new_step().fill_(1)
            entry["ax"] = new_state(parameter)

"""Adadelta."""

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


class Adadelta(Optimizer):
    r"""Steps whose size is the root of the running mean of squared steps over that of squared gradients.

    .. math::
        v &= \rho v + (1 - \rho) g^2 \\
        d &= \sqrt{u + \epsilon} / \sqrt{v + \epsilon} \cdot g \\
        u &= \rho u + (1 - \rho) d^2 \\
        \theta &= \theta - \text{lr} \cdot d

    where :math:`g = \nabla f(\theta) + \lambda \theta`.

    Args:
        params: parameters, or groups of them.
        lr: factor of the steps. Default: 1.0
        rho: :math:`\rho`, the share that the running means keep, in [0, 1]. Default: 0.9
        eps: :math:`\epsilon`, from which the first steps take their size. Default: 1e-6
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or rho above 1.

    Source:
        Zeiler, ADADELTA: An Adaptive Learning Rate Method, arXiv 1212.5701, 2012.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.Adadelta([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_nonnegative("epsilon value", eps)
        check_nonnegative("weight_decay value", weight_decay)
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(self.param_groups, foreach=None, maximize=False, differentiable=False, capturable=False)
        tensor_steps(self.state)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            entries = [self.state[parameter] for parameter in parameters]
            if not all(entries):
                _start(parameters, entries)
            lr, rate = learning_rate(group)
            _C.ops._adadelta_step_(
                parameters,
                gradients,
                [entry["square_avg"] for entry in entries],
                [entry["acc_delta"] for entry in entries],
                [entry["step"] for entry in entries],
                lr,
                group["rho"],
                group["eps"],
                group["weight_decay"],
                group["maximize"],
                group["differentiable"],
                rate,
            )
        return loss


def _start(parameters: list[Tensor], entries: list[dict[str, Any]]) -> None:
    for parameter, entry in zip(parameters, entries, strict=True):
        if not entry:
            entry["step"] = new_step()
            entry["square_avg"] = new_state(parameter)
            entry["acc_delta"] = new_state(parameter)

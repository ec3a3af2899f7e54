"""RMSprop."""

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


class RMSprop(Optimizer):
    r"""Steps divided by the root of a running mean of the squared gradient.

    .. math::
        v &= \alpha v + (1 - \alpha) g^2 \\
        b &= \mu b + g / (\sqrt{v} + \epsilon) \\
        \theta &= \theta - \text{lr} \cdot b

    where :math:`g = \nabla f(\theta) + \lambda \theta`. Centered, a running mean of :math:`g`, squared, is subtracted
    from :math:`v` under the root.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 1e-2
        alpha: :math:`\alpha`, the share that the running mean keeps. Default: 0.99
        eps: :math:`\epsilon`, which bounds the step where gradients vanish. Default: 1e-8
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        momentum: :math:`\mu`. Default: 0
        centered: divide by the deviation from the mean instead. Default: False
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option.

    Source:
        Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012;
        Graves, Generating Sequences With Recurrent Neural Networks, 2013 (centered).

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.RMSprop([weight], lr=0.1)
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("epsilon value", eps)
        check_nonnegative("momentum value", momentum)
        check_nonnegative("weight_decay value", weight_decay)
        check_nonnegative("alpha value", alpha)
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(
            self.param_groups,
            momentum=0,
            centered=False,
            foreach=None,
            maximize=False,
            differentiable=False,
            capturable=False,
        )
        tensor_steps(self.state)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            momentum, centered = group["momentum"], group["centered"]
            entries = [self.state[parameter] for parameter in parameters]
            if not all(entries):
                _start(parameters, entries, momentum > 0, centered)
            lr, rate = learning_rate(group)
            _C.ops._rmsprop_step_(
                parameters,
                gradients,
                [entry["square_avg"] for entry in entries],
                [entry["grad_avg"] for entry in entries] if centered else [],
                [entry["momentum_buffer"] for entry in entries] if momentum > 0 else [],
                [entry["step"] for entry in entries],
                lr,
                group["alpha"],
                group["eps"],
                group["weight_decay"],
                momentum,
                group["maximize"],
                group["differentiable"],
                rate,
            )
        return loss


def _start(parameters: list[Tensor], entries: list[dict[str, Any]], has_momentum: bool, centered: bool) -> None:
    for parameter, entry in zip(parameters, entries, strict=True):
        if not entry:
            entry["step"] = new_step()
            entry["square_avg"] = new_state(parameter)
            if has_momentum:
                entry["momentum_buffer"] = new_state(parameter)
            if centered:
                entry["grad_avg"] = new_state(parameter)

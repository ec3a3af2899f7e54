"""RMSprop."""

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


class RMSprop(FusedOptimizer):
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

    _newer_options = FusedOptimizer._newer_options | {"momentum": 0, "centered": False}

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

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["square_avg"] = new_state(parameter)
        if group["momentum"] > 0:
            entry["momentum_buffer"] = new_state(parameter)
        if group["centered"]:
            entry["grad_avg"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        momentum, centered = group["momentum"], group["centered"]
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

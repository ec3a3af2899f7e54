"""Averaged stochastic gradient descent."""

from __future__ import annotations

from .. import _C
from .fused import Entry, FusedOptimizer
from .optimizer import (
    ParamsT,
    Tensor,
    check_form,
    check_learning_rate,
    check_nonnegative,
    new_state,
    new_step,
)


class ASGD(FusedOptimizer):
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

    _numbers = ("step", "eta", "mu")

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

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["eta"] = new_step().fill_(float(group["lr"]))
        entry["mu"] = new_step().fill_(1)
        entry["ax"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
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

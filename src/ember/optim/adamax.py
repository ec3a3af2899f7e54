"""Adamax."""

from __future__ import annotations

from .. import _C
from .fused import Entry, FusedOptimizer
from .optimizer import (
    ParamsT,
    Tensor,
    check_betas,
    check_form,
    check_learning_rate,
    check_nonnegative,
    learning_rate,
    new_state,
    new_step,
)


class Adamax(FusedOptimizer):
    r"""Adam with the largest gradient, slowly forgotten, in place of the mean square.

    .. math::
        m &= \beta_1 m + (1 - \beta_1) g \\
        u &= \max(\beta_2 u, |g| + \epsilon) \\
        \theta &= \theta - \frac{\text{lr}}{1 - \beta_1^t} \cdot \frac{m}{u}

    where :math:`g = \nabla f(\theta) + \lambda \theta`.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 2e-3
        betas: :math:`(\beta_1, \beta_2)`, each in [0, 1). Default: (0.9, 0.999)
        eps: :math:`\epsilon`, which bounds the step where gradients vanish. Default: 1e-8
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Source:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, section 7.1.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.Adamax([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("epsilon value", eps)
        check_betas(betas)
        check_nonnegative("weight_decay value", weight_decay)
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["exp_avg"] = new_state(parameter)
        entry["exp_inf"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        beta1, beta2 = group["betas"]
        lr, rate = learning_rate(group)
        _C.ops._adamax_step_(
            parameters,
            gradients,
            [entry["exp_avg"] for entry in entries],
            [entry["exp_inf"] for entry in entries],
            [entry["step"] for entry in entries],
            lr,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            group["maximize"],
            group["differentiable"],
            rate,
        )

"""Adadelta."""

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


class Adadelta(FusedOptimizer):
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

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["square_avg"] = new_state(parameter)
        entry["acc_delta"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
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

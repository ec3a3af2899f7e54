"""Resilient backpropagation."""

from __future__ import annotations

from .. import _C
from .fused import Entry, FusedOptimizer
from .optimizer import (
    ParamsT,
    Tensor,
    check_form,
    check_learning_rate,
    new_state,
    new_step,
)


class Rprop(FusedOptimizer):
    r"""Steps by the sign of the gradient, with a length of its own for each element.

    The length grows by :math:`\eta^+` while the gradient keeps its sign; where it has turned, the length shrinks by
    :math:`\eta^-` and no step is made. Made for gradients over all data, not over batches.

    Args:
        params: parameters, or groups of them.
        lr: first length. Default: 1e-2
        etas: :math:`(\eta^-, \eta^+)`, with :math:`0 < \eta^- < 1 < \eta^+`. Default: (0.5, 1.2)
        step_sizes: the least and the greatest length. Default: (1e-6, 50)
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative lr, or etas on the wrong sides of 1.

    Source:
        Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning, 1993.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.Rprop([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["prev"] = new_state(parameter)
        entry["step_size"] = new_state(parameter, float(group["lr"]))

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        shrink, grow = group["etas"]
        least, most = group["step_sizes"]
        _C.ops._rprop_step_(
            parameters,
            gradients,
            [entry["prev"] for entry in entries],
            [entry["step_size"] for entry in entries],
            [entry["step"] for entry in entries],
            shrink,
            grow,
            least,
            most,
            group["maximize"],
            group["differentiable"],
        )

"""Stochastic gradient descent."""

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
    with_gradients,
)


class SGD(Optimizer):
    r"""Stochastic gradient descent, optionally with momentum and weight decay.

    .. math::
        g &= \nabla f(\theta) + \lambda \theta \\
        b &= \mu b + (1 - \tau) g \qquad (b = g \text{ in the first step}) \\
        \theta &= \theta - \text{lr} \cdot d, \quad d = b, \text{ or } g + \mu b \text{ with Nesterov}

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 1e-3
        momentum: :math:`\mu`, the share of the last direction that is kept. Default: 0
        dampening: :math:`\tau`. Default: 0
        weight_decay: :math:`\lambda`, the factor of an L2 penalty. Default: 0
        nesterov: look ahead along the momentum. Default: False
        maximize: ascend instead. Default: False
        foreach, fused: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or Nesterov without momentum or with dampening.

    Source:
        Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.SGD([weight], lr=0.1, momentum=0.9)
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("momentum value", momentum)
        check_nonnegative("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_form(differentiable, foreach, fused)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(
            self.param_groups, nesterov=False, maximize=False, foreach=None, differentiable=False, fused=False
        )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if group["momentum"] == 0:
                self._update(group, parameters, gradients, [])
                continue
            entries = [self.state[parameter] for parameter in parameters]
            started = [entry.get("momentum_buffer") is not None for entry in entries]
            if not all(started):
                for parameter, entry, begun in zip(parameters, entries, started, strict=True):
                    if not begun:
                        entry["momentum_buffer"] = new_state(parameter)
                fresh = [i for i, begun in enumerate(started) if not begun]
                self._update(group, *_pick(fresh, parameters, gradients, entries), first=True)
                running = [i for i, begun in enumerate(started) if begun]
                self._update(group, *_pick(running, parameters, gradients, entries))
            else:
                self._update(group, parameters, gradients, [entry["momentum_buffer"] for entry in entries])
        return loss

    @staticmethod
    def _update(
        group: dict[str, Any],
        parameters: list[Tensor],
        gradients: list[Tensor],
        buffers: list[Tensor],
        first: bool = False,
    ) -> None:
        if parameters:
            lr, rate = learning_rate(group)
            _C.ops._sgd_step_(
                parameters,
                gradients,
                buffers,
                lr,
                group["momentum"],
                group["dampening"],
                float(group["weight_decay"]),
                group["nesterov"],
                group["maximize"],
                first,
                group["differentiable"],
                rate,
            )


def _pick(
    indices: list[int], parameters: list[Tensor], gradients: list[Tensor], entries: list[dict[str, Any]]
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    return (
        [parameters[i] for i in indices],
        [gradients[i] for i in indices],
        [entries[i]["momentum_buffer"] for i in indices],
    )

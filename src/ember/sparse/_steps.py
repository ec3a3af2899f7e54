"""Steps of optimizers with sparse gradients: rows without a gradient keep their value and their state."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._layout import sparse_coo
from ..autograd.grad_mode import no_grad
from ._conversions import converted
from ._elementwise import apart
from ._tensor import SparseTensor, rule

_ops = _C.ops


def _without_sparse(name: str) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        from .. import optim

        known = {each.lower(): each for each in optim.__all__}[name.removeprefix("_").removesuffix("_step_")]
        instead = ", please consider SparseAdam instead" if known == "Adam" else ""
        raise RuntimeError(f"{known} does not support sparse gradients{instead}")

    rule(name, mixed=True)(refuse)


for _name in vars(_ops):
    if _name.endswith("_step_"):
        _without_sparse(_name)


def _split(parameters: Any, gradients: Any) -> tuple[list[int], list[int]]:
    """The numbers of those with a strided gradient, and of the others."""
    sparse = [isinstance(each, SparseTensor) for each in gradients]
    return [i for i, is_sparse in enumerate(sparse) if not is_sparse], [
        i for i, is_sparse in enumerate(sparse) if is_sparse
    ]


def _some(numbers: list[int], tensors: Any) -> list[Any]:
    return [tensors[i] for i in numbers]


def _without_weight_decay(name: str, weight_decay: float) -> None:
    if weight_decay != 0:
        raise RuntimeError(
            f"{name}: weight_decay option is not compatible with sparse gradients; it is {weight_decay}."
        )


@rule(mixed=True)
@no_grad()
def _sgd_step_(
    parameters: Any,
    gradients: Any,
    buffers: Any,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
    first: bool,
    *recorded: Any,
) -> None:
    strided, sparse = _split(parameters, gradients)
    options = (lr, momentum, dampening, weight_decay, nesterov, maximize, first, *recorded)
    if strided:
        kept = _some(strided, buffers) if momentum else []
        _ops._sgd_step_(_some(strided, parameters), _some(strided, gradients), kept, *options)
    _without_weight_decay("SGD", weight_decay)
    for i in sparse:
        direction = -gradients[i] if maximize else gradients[i]
        if momentum:
            buffers[i].mul_(momentum).add_(direction, alpha=1 if first else 1 - dampening)
            direction = buffers[i] * momentum + direction if nesterov else buffers[i]
        parameters[i].add_(direction, alpha=-lr)


@rule(mixed=True)
@no_grad()
def _adagrad_step_(
    parameters: Any,
    gradients: Any,
    sums: Any,
    steps: Any,
    lr: float,
    lr_decay: float,
    eps: float,
    weight_decay: float,
    maximize: bool,
    *recorded: Any,
) -> None:
    strided, sparse = _split(parameters, gradients)
    if strided:
        some, changed = _some(strided, parameters), _some(strided, gradients)
        options = (lr, lr_decay, eps, weight_decay, maximize, *recorded)
        _ops._adagrad_step_(some, changed, _some(strided, sums), _some(strided, steps), *options)
    _without_weight_decay("Adagrad", weight_decay)
    for i in sparse:
        steps[i].add_(1)
        gradient = apart(converted(gradients[i], sparse_coo))
        gradient = -gradient if maximize else gradient
        sums[i].add_(gradient * gradient)
        scale = sums[i].sparse_mask(gradient)._elements.sqrt().add_(eps)
        rate = lr / (1 + (float(steps[i]) - 1) * lr_decay)
        parameters[i].add_(gradient.with_elements(gradient._elements / scale), alpha=-rate)

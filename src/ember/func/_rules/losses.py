"""Rules of losses over classes: each sample's rows join those of the others, and are summed up apart."""

from __future__ import annotations

from typing import Any

from .layers import folded
from .registry import Batch, by_sample, composition, is_mapped, ops, rule


def _count(target: Any, weight: Any, ignored: int) -> Any:
    """What the mean over targets divides by."""
    kept = ops.ne(target, ignored)
    if weight is None:
        return ops.sum(kept)
    return ops.sum(ops.index(weight.detach(), [ops.where(kept, target, 0)]) * kept)


def _reduced(losses: Any, target: Any, weight: Any, ignored: int, reduction: str) -> Any:
    total = ops.sum(losses)
    return total if reduction == "sum" else total / _count(target, weight, ignored)


@composition("cross_entropy")
def _cross_entropy(x: Any, target: Any, weight: Any, ignored: int, reduction: str, smoothing: float) -> Any:
    if reduction == "none" and not is_mapped(weight):
        return NotImplemented
    if is_mapped(weight):
        log_probability = ops.log_softmax(x, 1 if x.dim() > 1 else 0)
        loss = ops.nll_loss(log_probability, target, weight, ignored, reduction)
        return loss if smoothing == 0 else NotImplemented
    losses = ops.cross_entropy(x, target, weight, ignored, "none", smoothing)
    return _reduced(losses, target, weight, ignored, reduction)


@composition("nll_loss")
def _nll_loss(x: Any, target: Any, weight: Any, ignored: int, reduction: str) -> Any:
    if is_mapped(weight):
        kept = ops.ne(target, ignored)
        index = ops.where(kept, target, 0)
        classes = 1 if x.dim() > 1 else 0
        picked = ops.squeeze(ops.gather(x, classes, ops.unsqueeze(index, classes)), classes)
        losses = -picked * ops.index(weight.detach(), [index]) * kept
        return losses if reduction == "none" else _reduced(losses, target, weight, ignored, reduction)
    if reduction == "none":
        return NotImplemented
    return _reduced(ops.nll_loss(x, target, weight, ignored, "none"), target, weight, ignored, reduction)


def _rows(x: Any, rank: int) -> Any:
    """(B, N, ...) as (B N, ...); samples of `rank` 0 or 1 without N are rows themselves."""
    return x if rank == 0 else folded(x)


@rule("cross_entropy", "nll_loss")
def _loss(batch: Batch, x: Any, target: Any, weight: Any, ignored: int, reduction: str, *rest: Any) -> Any:
    if reduction != "none" or batch.mapped[2]:
        return by_sample(batch, x, target, weight, ignored, reduction, *rest)
    x, target = batch.full(0, x), batch.full(1, target)
    result = batch.run(_rows(x, x.dim() - 2), _rows(target, x.dim() - 2), weight, ignored, reduction, *rest)
    losses, *hidden = result if isinstance(result, tuple) else (result,)
    by_row = [y if y is None or y.dim() == 0 else ops.reshape(y, (batch.size, *_after(y, target))) for y in hidden]
    return ops.reshape(losses, target.shape), *((y,) if y is not None and y.dim() == 0 else y for y in by_row)


def _after(hidden: Any, target: Any) -> tuple[int, ...]:
    """The shape of what is kept for each row, within a sample."""
    return (*target.shape[1:2], *hidden.shape[1:])


@rule("_cross_entropy_backward", "_nll_loss_backward")
def _loss_backward(batch: Batch, g: Any, x: Any, target: Any, *rest: Any) -> Any:
    weight, *middle, ignored, reduction = rest[:-1] if batch.name == "_cross_entropy_backward" else rest
    last = rest[-1:] if batch.name == "_cross_entropy_backward" else ()
    if not any(batch.mapped[1:]) and reduction != "none":  # straight in the gradient
        slope = batch.run(ops.full((), 1, dtype=g.dtype), x, target, *rest)
        return ops.reshape(g, (-1, *[1] * x.dim())) * slope
    if reduction != "none" or batch.mapped[3]:
        return by_sample(batch, g, x, target, *rest)
    kept = batch.full(2, target).dim() - 1
    g, x, target = (batch.full(i, each) for i, each in ((0, g), (1, x), (2, target)))
    middle = [y if y is None or y.dim() == 0 else _rows(batch.full(4 + i, y), kept) for i, y in enumerate(middle)]
    rows = (_rows(each, kept) for each in (g, x, target))
    return ops.reshape(batch.run(*rows, weight, *middle, ignored, reduction, *last), x.shape)

"""Rules of reading and writing at indices."""

from __future__ import annotations

from typing import Any

from ... import _C
from .along import shifted
from .registry import Batch, by_sample, composition, is_mapped, ops, rule


def _wide(indices: list[Any]) -> tuple[int, bool]:
    """Where the first index stands, and whether all stand next to each other: else their dims come first."""
    places = [i for i, index in enumerate(indices) if index is not None]
    return places[0], places[-1] - places[0] + 1 == len(places)


def _numbers(batch: Batch, like: Any, rank: int) -> Any:
    """The samples' own numbers as an index."""
    return ops.reshape(ops.arange(0, batch.size, 1, device=like.device), (batch.size, *[1] * rank))


def _has_mask(indices: list[Any]) -> bool:
    return any(index is not None and index.dtype in (_C.bool, _C.uint8) for index in indices)


def _aligned(batch: Batch, place: int, indices: list[Any]) -> tuple[list[Any], int]:
    """The indices with the batch in front where they are mapped, and the number of dims that they give a sample."""
    flags = batch.mapped[place]
    rank = max(x.dim() - flag for x, flag in zip(indices, flags, strict=True) if x is not None)

    def grown(x: Any, flag: bool) -> Any:
        if x is None or not flag:
            return x
        return ops.reshape(x, (x.shape[0], *[1] * (rank - x.dim() + 1), *x.shape[1:]))

    return [grown(x, flag) for x, flag in zip(indices, flags, strict=True)], rank


@rule("index")
def _index(batch: Batch, x: Any, indices: list[Any]) -> Any:
    if _has_mask(indices):
        return by_sample(batch, x, indices)
    first, together = _wide(indices)
    if not any(batch.mapped[1]):
        result = batch.run(x, [None, *indices])
        rank = max(index.dim() for index in indices if index is not None)
        return result if together else ops.movedim(result, (rank,), (0,))
    indices, rank = _aligned(batch, 1, indices)
    if not batch.mapped[0]:
        result = batch.run(x, indices)
        return ops.movedim(result, (first,), (0,)) if together else result
    result = batch.run(x, [_numbers(batch, x, rank), *indices])
    if not together or not first or not rank:
        return result
    return ops.movedim(result, tuple(range(1, rank + 1)), tuple(range(first + 1, first + rank + 1)))


@rule("index_put")
def _index_put(batch: Batch, x: Any, indices: list[Any], values: Any, accumulate: bool) -> Any:
    if _has_mask(indices):
        return by_sample(batch, x, indices, values, accumulate)
    sample = batch.rank(0, x)
    x = batch.full(0, x)
    first, together = _wide(indices)
    used = sum(index is not None for index in indices)
    indices, rank = _aligned(batch, 1, indices)
    values = batch.aligned(2, values, sample - used + rank)
    if together and first and rank:
        lead = values.dim() - bool(batch.mapped[2])
        missing = sample - used + rank - lead
        if not batch.mapped[2] and missing > 0:
            values = ops.reshape(values, (*[1] * missing, *values.shape))
        start = first + bool(batch.mapped[2])
        goal = int(bool(batch.mapped[2]))
        values = ops.movedim(values, tuple(range(start, start + rank)), tuple(range(goal, goal + rank)))
    return batch.run(x, [_numbers(batch, x, rank), *indices], values, accumulate)


def _places(x: Any, dim: int, index: Any) -> list[Any]:
    count = max(x.dim(), 1)
    return [*[None] * (dim % count), index.reshape(-1) if index.dim() == 0 else index]


@composition("index_select")
def _index_select(x: Any, dim: int, index: Any) -> Any:
    return ops.index(x, _places(x, dim, index)) if is_mapped(index) and x.dim() else NotImplemented


@composition("index_add")
def _index_add(x: Any, dim: int, index: Any, source: Any, alpha: Any) -> Any:
    if not is_mapped(index):
        return NotImplemented
    return ops.index_put(x, _places(x, dim, index), source if alpha == 1 else source * alpha, True)


@composition("index_copy")
def _index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    return ops.index_put(x, _places(x, dim, index), source, False) if is_mapped(index) else NotImplemented


@composition("index_fill")
def _index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    if not (is_mapped(index) or is_mapped(value)):
        return NotImplemented
    return ops.index_put(x, _places(x, dim, index), value.to(x.dtype), False)


@rule("index_select")
def _selected(batch: Batch, x: Any, dim: int, index: Any) -> Any:
    return by_sample(batch, x, dim, index) if x.dim() == 1 else batch.run(x, shifted(dim, x.dim() - 1), index)


@rule("index_add", "index_copy", "index_fill")
def _changed(batch: Batch, x: Any, dim: int, index: Any, source: Any, *rest: Any) -> Any:
    rank = batch.rank(0, x)
    if rank == 0:
        return by_sample(batch, x, dim, index, source, *rest)
    source = source if batch.name == "index_fill" else batch.full(3, source)
    return batch.run(batch.full(0, x), shifted(dim, rank), index, source, *rest)


@rule("masked_fill")
def _masked_fill(batch: Batch, x: Any, mask: Any, value: Any) -> Any:
    rank = max(batch.rank(0, x), batch.rank(1, mask))
    x, mask = batch.aligned(0, x, rank), batch.aligned(1, mask, rank)
    if not batch.mapped[2]:
        return batch.run(x, mask, value)
    return ops.where(mask, ops.reshape(value.to(x.dtype), (-1, *[1] * rank)), x)


@rule("embedding")
def _embedding(batch: Batch, index: Any, weight: Any, padding: Any, *rest: Any) -> Any:
    if not batch.mapped[1]:
        return batch.run(index, weight, padding, *rest)
    count, features = weight.shape[1:]
    if padding is not None:  # the row gets no gradient
        row = ops.eq(ops.arange(0, count, 1, device=weight.device), padding % count)
        weight = ops.where(ops.unsqueeze(row, -1), weight.detach(), weight)
    index = batch.full(0, index)
    own = index + _numbers(batch, index, index.dim() - 1) * count
    return batch.run(own, ops.reshape(weight, (-1, features)), None, *rest)


@rule("_embedding_gradient")
def _embedding_gradient(batch: Batch, g: Any, index: Any, count: int, padding: Any, by_frequency: bool) -> Any:
    g, index = batch.full(0, g), batch.full(1, index)
    own = index + _numbers(batch, index, index.dim() - 1) * count
    table = batch.run(g, own, count * batch.size, None, by_frequency)
    result = ops.reshape(table, (batch.size, count, g.shape[-1]))
    if padding is None:
        return result
    row = ops.arange(0, 1, 1, device=index.device) + padding % count
    return ops.index_fill(result, 1, row, 0.0)

"""Rules of operations that copy, join, or make tensors like others."""

from __future__ import annotations

import math
from typing import Any

from .along import shifted
from .registry import Batch, ops, rule


@rule("_cast", "conj", "tril", "triu", "_view_dtype")
def _as_it_is(batch: Batch, x: Any, *rest: Any) -> Any:
    return batch.run(x, *rest)


@rule("zero", "empty_like")
def _like(batch: Batch, x: Any, *rest: Any) -> Any:
    return batch.run(x, *rest)


@rule("clone")
def _clone(batch: Batch, x: Any, memory_format: Any) -> Any:
    # A batch of images has a dim more than the formats of images have.
    return batch.run(x, "contiguous_format" if memory_format and "channels" in memory_format else memory_format)


@rule("copy")
def _copy(batch: Batch, x: Any, src: Any, non_blocking: bool) -> Any:
    rank = batch.rank(0, x)
    value = batch.aligned(1, src, rank)
    shape = x.shape[1:] if batch.mapped[0] else x.shape
    return ops.expand(value.to(x.dtype), (batch.size, *shape))


@rule("fill")
def _fill(batch: Batch, x: Any, value: Any) -> Any:
    x = batch.full(0, x)
    if not batch.mapped[1]:
        return batch.run(x, value)
    return ops.expand(ops.reshape(value.to(x.dtype), (-1, *[1] * (x.dim() - 1))), x.shape)


@rule("cat")
def _cat(batch: Batch, tensors: list[Any], dim: int) -> Any:
    kept = [x for x in tensors if tuple(x.shape[1:]) != (0,)] or tensors[:1]
    return batch.run(kept, shifted(dim, kept[0].dim() - 1))


@rule("stack")
def _stack(batch: Batch, tensors: list[Any], dim: int) -> Any:
    return batch.run(tensors, shifted(dim, tensors[0].dim()))


@rule("repeat")
def _repeat(batch: Batch, x: Any, repeats: Any) -> Any:
    return batch.run(batch.aligned(0, x, len(repeats)), (1, *repeats))


@rule("_place")
def _place(batch: Batch, x: Any, size: Any, stride: Any, offset: int, whole: Any) -> Any:
    return batch.run(x, (batch.size, *size), (math.prod(whole), *stride), offset, (batch.size, *whole))


@rule("searchsorted", "_searchsorted")
def _searchsorted(batch: Batch, sequence: Any, x: Any, right: bool) -> Any:
    if not batch.mapped[0] and sequence.dim() == 1:
        return batch.run(sequence, x, right)
    sequence, x = batch.full(0, sequence), batch.full(1, x)
    if sequence.dim() > 2:
        return batch.run(sequence, x, right)
    return ops.reshape(batch.run(sequence, ops.reshape(x, (batch.size, -1)), right), x.shape)

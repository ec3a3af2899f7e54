"""Rules of operations along dims: reductions, scans, sorting, softmax, gathering. Their dims move one to the right."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .registry import Batch, ops, rule, rules


def shifted(dim: int, rank: int) -> int:
    """A dim of a sample of `rank` dims as one of the batch; a 0-d sample counts as 1-d."""
    count = max(rank, 1)
    if not -count <= dim < count:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})")
    return dim % count + 1


def _as_vectors(values: list[Any]) -> list[Any]:
    return [ops.reshape(x, (x.shape[0], 1)) for x in values]


def _as_numbers(result: Any) -> Any:
    """Results of 0-d samples, which were computed as vectors of one element."""
    if isinstance(result, tuple):
        return tuple(_as_numbers(each) for each in result)
    return ops.reshape(result, (result.shape[0],))


def _along(tensors: tuple[int, ...], place: int) -> Callable[..., Any]:
    """The rule of an operation with one dim, at `place`, and tensors that have the same dims."""

    def run(batch: Batch, *args: Any) -> Any:
        values = list(args)
        rank = batch.rank(tensors[0], args[tensors[0]])
        full = [batch.full(i, args[i]) for i in tensors]
        if rank == 0:
            full = _as_vectors(full)
        for i, value in zip(tensors, full, strict=True):
            values[i] = value
        values[place] = shifted(args[place], rank)
        result = batch.run(*values)
        return _as_numbers(result) if rank == 0 else result

    return run


for _names, _tensors, _place in (
    (("max_dim", "min_dim", "cummax", "cummin", "cumsum", "cumprod", "logcumsumexp", "mode", "sort"), (0,), 1),
    (("median_dim", "nanmedian_dim", "softmax", "log_softmax", "_logsumexp"), (0,), 1),
    (("topk", "kthvalue"), (0,), 2),
    (("_softmax_backward",), (0, 1), 2),
    (("gather",), (0, 2), 1),
    (("scatter_add", "scatter_reduce"), (0, 2, 3), 1),
):
    for _name in _names:
        rules[_name] = _along(_tensors, _place)


@rule("scatter")
def _scatter(batch: Batch, x: Any, dim: int, index: Any, src: Any, value: Any, reduce: Any) -> Any:
    number = value if src is None else src
    rank = batch.rank(0, x)
    x, index = batch.full(0, x), batch.full(2, index)
    place = 4 if src is None else 3
    if batch.mapped[place]:
        sample = number.dim() - 1
        number = ops.expand(ops.reshape(number, (-1, *[1] * rank)), index.shape) if sample < rank else number
    elif number.dim() == rank and rank:
        number = batch.full(place, number)
    if rank == 0:
        x, index = _as_vectors([x, index])
        number = ops.expand(ops.reshape(number, (-1, 1)), index.shape)
    if number.dim():
        result = batch.run(x, shifted(dim, rank), index, number, None, reduce)
    else:
        result = batch.run(x, shifted(dim, rank), index, None, number, reduce)
    return _as_numbers(result) if rank == 0 else result


@rule("flip")
def _flip(batch: Batch, x: Any, dims: Any) -> Any:
    rank = batch.rank(0, x)
    return batch.run(x, tuple(shifted(dim, rank) for dim in dims)) if rank else x


@rule("roll")
def _roll(batch: Batch, x: Any, shifts: Any, dims: Any) -> Any:
    if dims:
        return batch.run(x, shifts, tuple(shifted(dim, x.dim() - 1) for dim in dims))
    return ops.reshape(batch.run(ops.reshape(x, (x.shape[0], -1)), shifts, (1,)), x.shape)


@rule("sum", "mean", "nansum", "prod", "amax", "amin", "any", "all", "_count_nonzero", "_moments", "_norm_2")
def _reduction(batch: Batch, x: Any, dim: Any, keepdim: bool, *rest: Any) -> Any:
    rank = x.dim() - 1
    if rank == 0:
        return _as_numbers(batch.run(*_as_vectors([x]), (1,), False, *rest))
    whole = dim is None or (len(dim) == 0 and batch.name not in ("any", "all"))
    dims = tuple(range(1, rank + 1)) if whole else tuple(shifted(each, rank) for each in dim)
    return batch.run(x, dims, keepdim, *rest)


@rule("argmax", "argmin", "aminmax")
def _index_reduction(batch: Batch, x: Any, dim: Any, keepdim: bool) -> Any:
    rank = x.dim() - 1
    if dim is not None and rank:
        return batch.run(x, shifted(dim, rank), keepdim)
    result = batch.run(ops.reshape(x, (x.shape[0], math.prod(x.shape[1:]))), 1, False)
    if not (keepdim and rank):
        return result
    shape = (x.shape[0], *[1] * rank)
    return tuple(ops.reshape(y, shape) for y in result) if isinstance(result, tuple) else ops.reshape(result, shape)

"""Reductions over runs of rows."""

from __future__ import annotations

import math

from .. import _C
from .._C import Tensor
from .._composite import composite, published
from .copies import repeat_interleave

_ops = _C.ops

# What an empty run gives, and with which operation rows are gathered.
_NEUTRAL = {"sum": 0.0, "mean": math.nan, "max": -math.inf, "min": math.inf, "prod": 1.0}
_SCATTERED = {"max": "amax", "min": "amin", "prod": "prod"}


@composite
def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """Reduces runs of rows, which follow each other.

    Args:
        data: floating point.
        reduce: ``"sum"``, ``"mean"``, ``"max"``, ``"min"`` or ``"prod"``.
        lengths: of the runs, integers in one dim.
        indices: must be None.
        offsets: in place of lengths where each run begins, and where the last one ends.
        axis: must be 0.
        unsafe: accepted; lengths are always checked.
        initial: what each run starts with, and what an empty one gives. Default: 0, nan, -inf, inf or 1

    Shape: data ``(n, *)`` to ``(runs, *)``.

    Example:
        >>> ember.segment_reduce(ember.arange(4.0), "sum", lengths=ember.tensor([3, 1]))
        tensor([3., 3.])
    """
    kind = reduce.removeprefix("a")
    if kind not in _NEUTRAL:
        raise RuntimeError(f"segment_reduce(): reduce is {reduce!r}; expected one of {', '.join(map(repr, _NEUTRAL))}.")
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported; expected lengths or offsets.")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): neither lengths nor offsets were given; expected one of them.")
    if not data.is_floating_point():
        raise RuntimeError(f"segment_reduce(): data is {data.dtype}; expected a floating point dtype.")
    if offsets is not None and lengths is None:
        lengths = offsets[1:] - offsets[:-1]
    assert lengths is not None
    if axis != 0 or lengths.dim() != 1:
        raise RuntimeError(
            f"segment_reduce(): axis is {axis} and the lengths have {lengths.dim()} dims; expected axis 0 and one dim."
        )
    total = int(lengths.sum())
    if total != data.shape[0] or bool((lengths < 0).any()):
        raise RuntimeError(
            f"segment_reduce(): the lengths add up to {total}; expected numbers from 0 that add up to {data.shape[0]}, "
            "the "
            f"rows of data."
        )
    run = repeat_interleave(lengths.to(_C.int64))  # of each row
    first = _NEUTRAL[kind] if initial is None else initial
    shape = (len(lengths), *data.shape[1:])
    if kind in _SCATTERED:
        start = _ops.full(shape, first, dtype=data.dtype, device=data.device)
        index = run.reshape(-1, *[1] * (data.dim() - 1)).expand(data.shape)
        return start.scatter_reduce(0, index, data, _SCATTERED[kind])
    start = _ops.full(shape, initial or 0, dtype=data.dtype, device=data.device)
    sums = start.index_add(0, run, data)
    if kind == "sum":
        return sums
    counts = lengths.reshape(-1, *[1] * (data.dim() - 1))
    return _ops.where(
        counts > 0, sums / counts.clamp(min=1), _ops.full((), first, dtype=data.dtype, device=data.device)
    )


published["_segment_reduce"] = published["segment_reduce"]

"""Rows of a table whose gradient is sparse: it has the rows that were read, and no others."""

from __future__ import annotations

from typing import Any

from .. import _C
from ..autograd.function import Function
from ..ops.creation import arange
from ._tensor import CoordinateTensor

_ops = _C.ops


class _Rows(Function):
    """The rows of a table at 1-d indices."""

    @staticmethod
    def forward(ctx: Any, table: Any, indices: Any, padding: int | None) -> Any:
        """The rows; indices outside the table are an error."""
        ctx.save_for_backward(indices)
        ctx.size, ctx.padding = table.shape, padding
        return _ops.embedding(indices, table)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        """For each index a row, also where it appears twice."""
        (indices,) = ctx.saved_tensors
        if ctx.padding is not None:
            kept = (indices != ctx.padding).nonzero()[:, 0]
            indices, gradient = indices[kept], gradient.index_select(0, kept)
        return CoordinateTensor.of(ctx.size, indices.to(_C.int64).unsqueeze(0), gradient, False), None, None


def _refuse_frequencies(name: str, scale_grad_by_freq: bool) -> None:
    if scale_grad_by_freq:
        raise RuntimeError(
            f"{name}(): scale_grad_by_freq is not supported with sparse gradients; leave one of them False."
        )


def rows_of(input: Any, table: Any, padding: int | None, scale_grad_by_freq: bool) -> Any:
    """`embedding` with a sparse gradient."""
    _refuse_frequencies("embedding", scale_grad_by_freq)
    return _Rows.apply(table, input.reshape(-1), padding).reshape(*input.shape, table.shape[1])


def bags_of(
    input: Any,
    table: Any,
    offsets: Any,
    weights: Any,
    mean: bool,
    include_last_offset: bool,
    padding: int | None,
    scale_grad_by_freq: bool,
) -> Any:
    """`embedding_bag` of sums or means with a sparse gradient."""
    _refuse_frequencies("embedding_bag", scale_grad_by_freq)
    rows = _Rows.apply(table, input, padding)
    samples, left_out = arange(len(input), dtype=offsets.dtype), None
    if padding is not None:
        padded = (input == padding).nonzero()[:, 0]
        if len(padded):  # all of them become one sample, which does not count
            left_out = int(padded[0])
            samples[padded] = left_out
    return _ops._embedding_bag(rows, samples, offsets, weights, mean, include_last_offset, left_out)

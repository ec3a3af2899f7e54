"""Sums, means and maxima of table rows; the loops are kernels (csrc/ops/embedding_bag.h)."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import arange, zeros
from .linear import has_gradient, limit_rows

__all__ = ["embedding_bag"]

_ops = _C.ops


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of the rows of ``weight`` that each bag of indices names.

    Args:
        input: indices, int64 or int32. Rows of a 2-d tensor are bags; of a 1-d tensor ``offsets`` tells them.
        weight: the table.
        offsets: where each bag begins in a 1-d input.
        max_norm: rows that are read and have a larger norm are first scaled down to it, in place. Default: no bound.
        norm_type: the p of that norm. Default: 2.
        scale_grad_by_freq: divide each row's gradient by how often it was read. Default: ``False``.
        mode: ``"sum"``, ``"mean"`` or ``"max"``. Default: ``"mean"``.
        sparse: the gradient of ``weight`` is a sparse tensor of the rows that were read. Default: ``False``.
        per_sample_weights: a factor for each index, of the input's shape; only in mode ``"sum"``. Default: 1.
        include_last_offset: ``offsets`` has the end of the last bag too. Default: ``False``.
        padding_idx: a row that does not count and gets no gradient. Default: none.

    Shape: input ``(N, L)``, or ``(*)`` with offsets ``(N)``; weight ``(V, D)``; result ``(N, D)``, 0 for empty bags.
    """
    if per_sample_weights is not None and per_sample_weights.shape != input.shape:
        raise ValueError(
            f"embedding_bag(): per_sample_weights has shape {tuple(per_sample_weights.shape)}; expected that of the "
            f"input, {tuple(input.shape)}."
        )
    if weight.dim() != 2:
        raise ValueError(f"embedding_bag(): weight has shape {tuple(weight.shape)}; expected (rows, columns).")
    offsets = _offsets_of(input, offsets)
    if input.dim() == 2:
        include_last_offset = False
        input = input.reshape(-1)
        per_sample_weights = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    _check_mode(mode, scale_grad_by_freq, sparse, per_sample_weights)
    if max_norm is not None:
        limit_rows(weight, input, max_norm, norm_type)
    if mode == "max":
        return _ops._embedding_bag_max(weight, input, offsets, include_last_offset, padding_idx)
    if sparse and has_gradient(weight):
        from ...sparse._tables import bags_of

        mean = mode == "mean"
        return bags_of(
            input, weight, offsets, per_sample_weights, mean, include_last_offset, padding_idx, scale_grad_by_freq
        )
    return _ops._embedding_bag(
        weight,
        input,
        offsets,
        per_sample_weights,
        mode == "mean",
        include_last_offset,
        padding_idx,
        scale_grad_by_freq,
    )


def _offsets_of(input: Any, offsets: Any) -> Any:
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                f"embedding_bag(): input of shape {tuple(input.shape)} has a bag in each row; offsets has to be None, "
                f"not a {type(offsets).__name__}."
            )
        bags, length = input.shape
        if length == 0:
            return zeros(bags, dtype=_C.int64)
        return arange(0, input.numel(), length, device=input.device)
    if input.dim() != 1:
        raise ValueError(f"embedding_bag(): input has shape {tuple(input.shape)}; expected 1 or 2 dims.")
    if offsets is None:
        raise ValueError("embedding_bag(): offsets is None; a 1-d input expects the place where each bag begins.")
    if offsets.dim() != 1:
        raise ValueError(f"embedding_bag(): offsets has shape {tuple(offsets.shape)}; expected 1 dim.")
    return offsets


def _check_mode(mode: str, scale_grad_by_freq: bool, sparse: bool, per_sample_weights: Any) -> None:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag(): mode is {mode!r}; expected 'sum', 'mean' or 'max'.")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("embedding_bag(): mode 'max' does not scale gradients; leave scale_grad_by_freq=False.")
    if mode == "max" and sparse:
        raise ValueError("embedding_bag(): mode 'max' has no sparse gradients; leave sparse=False.")
    if mode != "sum" and per_sample_weights is not None:
        raise NotImplementedError(f"embedding_bag(): per_sample_weights are for mode 'sum', not {mode!r}.")

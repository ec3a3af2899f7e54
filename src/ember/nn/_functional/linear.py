"""Linear maps beside `linear`, which is a record (csrc/ops/linalg.h), and tables of vectors."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._autocast import under_autocast
from ..._C import Tensor
from ..._composite import in_torch
from ...autograd import no_grad
from ...ops.creation import ones_like, zeros

__all__ = ["bilinear", "embedding", "one_hot"]

_ops = _C.ops


@in_torch
@under_autocast("keep")
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``y_k = x1^T A_k x2 + b_k``.

    Shape: input1 ``(*, n1)``, input2 ``(*, n2)``, weight ``(k, n1, n2)``, bias ``(k)``; result ``(*, k)``.
    """
    if input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            f"bilinear(): inputs have shapes {tuple(input1.shape)} and {tuple(input2.shape)}; all dims but the "
            "last must agree."
        )
    if input1.shape[-1] != weight.shape[1] or input2.shape[-1] != weight.shape[2]:
        raise RuntimeError(
            f"bilinear(): inputs have {input1.shape[-1]} and {input2.shape[-1]} features in their last dims; "
            "weight of shape "
            f"{tuple(weight.shape)} expects {weight.shape[1]} and {weight.shape[2]}."
        )
    k, n1, n2 = weight.shape
    left = _ops.linear(input1, weight.permute(0, 2, 1).reshape(k * n2, n1))  # (*, k * n2)
    result = (left.unflatten(-1, (k, n2)) * input2.unsqueeze(-2)).sum(-1)  # (*, k)
    return result if bias is None else result + bias


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of ``weight`` at the indices in ``input``.

    Args:
        input: indices, int64 or int32, any shape.
        weight: the table.
        padding_idx: a row that gets no gradient. Default: none.
        max_norm: rows that are read and have a larger norm are first scaled down to it, in place. Default: no bound.
        norm_type: the p of that norm. Default: 2.
        scale_grad_by_freq: divide each row's gradient by how often it was read. Default: ``False``.
        sparse: the gradient of ``weight`` is a sparse tensor of the rows that were read. Default: ``False``.

    Shape: input ``(*)``, weight ``(V, D)``, result ``(*, D)``.
    """
    if padding_idx is not None:
        if not -weight.shape[0] <= padding_idx < weight.shape[0]:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= weight.shape[0]
    if max_norm is not None:
        limit_rows(weight, input, max_norm, norm_type)
    if sparse and has_gradient(weight):
        from ...sparse._tables import rows_of

        return rows_of(input, weight, padding_idx, scale_grad_by_freq)
    return _ops.embedding(input, weight, padding_idx, scale_grad_by_freq, sparse)


def has_gradient(tensor: Any) -> bool:
    """Whether what is computed from the tensor now is recorded."""
    return bool(tensor.requires_grad) and _C.is_grad_enabled()


def limit_rows(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are named down to a norm, in place."""
    with no_grad():
        rows = indices.reshape(-1).unique()
        values = weight.index_select(0, rows)
        norms = values.norm(norm_type, 1, keepdim=True)
        scale = _ops.where(norms > max_norm, max_norm / (norms + 1e-7), ones_like(norms))
        weight.index_copy_(0, rows, values * scale)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the index that ``tensor`` holds, 0 elsewhere, in a new last dim.

    Args:
        tensor: int64 indices, any shape.
        num_classes: size of the new dim. Default: one more than the largest index.

    Shape: ``(*)`` to ``(*, num_classes)``, int64.
    """
    if tensor.dtype != _C.int64:
        raise RuntimeError(
            f"one_hot(): the indices are {tensor.dtype}; expected torch.int64. Convert them with .long()."
        )
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError("one_hot(): an empty tensor does not tell the number of classes; give num_classes.")
    elif num_classes == -1 or not _C._differs_by_sample(tensor):  # within vmap nobody can look
        low, high = int(tensor.min()), int(tensor.max())
        if low < 0:
            raise RuntimeError(f"one_hot(): index {low} is negative; class indices start at 0.")
        if num_classes == -1:
            num_classes = high + 1
        elif high >= num_classes:
            raise RuntimeError(f"one_hot(): index {high} is outside [0, {num_classes}); raise num_classes.")
    return zeros((*tensor.shape, num_classes), dtype=_C.int64, device=tensor.device).scatter_(
        -1, tensor.unsqueeze(-1), 1
    )

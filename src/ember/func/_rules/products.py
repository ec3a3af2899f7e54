"""Rules of matrix products: the batch joins the rows, or it is one of matrices."""

from __future__ import annotations

from typing import Any

from .registry import Batch, ops, rule


def product(batch: Batch, i: int, x: Any, j: int, y: Any) -> Any:
    """matmul of the tensors of parameters i and j."""
    left, right = batch.rank(i, x), batch.rank(j, y)
    if not batch.mapped[j] and right <= 2:
        return ops.matmul(x, y)  # one matrix for all
    if not batch.mapped[i] and left == 2 and right == 1:
        return ops.matmul(y, ops.transpose(x, 0, 1))
    if left == 1:
        x = ops.unsqueeze(x, -2)
    if right == 1:
        y = ops.unsqueeze(y, -1)
    rank = max(left, right, 2)
    result = ops.matmul(_matrices(batch, i, x, rank), _matrices(batch, j, y, rank))
    if right == 1:
        result = ops.squeeze(result, -1)
    return ops.squeeze(result, -1 if right == 1 else -2) if left == 1 else result


def _matrices(batch: Batch, i: int, x: Any, rank: int) -> Any:
    """Matrices whose leading dims broadcast."""
    missing = rank + 1 - x.dim() if batch.mapped[i] else 0
    return ops.reshape(x, (x.shape[0], *[1] * missing, *x.shape[1:])) if missing > 0 else x


@rule("matmul", "mm", "bmm")
def _matmul(batch: Batch, x: Any, y: Any) -> Any:
    return product(batch, 0, x, 1, y)


@rule("addmm", "baddbmm")
def _addmm(batch: Batch, added: Any, x: Any, y: Any, beta: Any, alpha: Any) -> Any:
    result = product(batch, 1, x, 2, y) if batch.mapped[1] or batch.mapped[2] else ops.matmul(x, y)
    if alpha != 1:
        result = result * alpha
    if beta == 0:
        return result if batch.mapped[1] or batch.mapped[2] else ops.expand(result, (batch.size, *result.shape))
    added = batch.aligned(0, added, 2 if batch.name == "addmm" else 3)
    return result + (added if beta == 1 else added * beta)


@rule("linear")
def _linear(batch: Batch, x: Any, weight: Any, bias: Any) -> Any:
    _, own_weight, own_bias = batch.mapped
    if not (own_weight or own_bias):
        return batch.run(x, weight, bias)
    columns = batch.rank(1, weight) == 1
    if own_weight:
        result = product(batch, 0, x, 1, weight if columns else ops.transpose(weight, -2, -1))
    else:
        result = batch.run(x, weight, None)
    if bias is None:
        return result
    rank = batch.rank(0, x) - columns
    if not (batch.mapped[0] or own_weight):
        return result + batch.aligned(2, bias, rank)
    return result + batch.aligned(2, bias, rank)


@rule("_contract_rows")
def _contract_rows(batch: Batch, left: Any, right: Any) -> Any:
    left, right = batch.full(0, left), batch.full(1, right)
    rows = left[0].numel() // max(left.shape[-1], 1) if left.numel() else 0
    if rows == 1:  # an outer product for each sample
        return ops.reshape(left, (batch.size, -1, 1)) * ops.reshape(right, (batch.size, 1, -1))
    x = ops.reshape(left, (batch.size, rows, left.shape[-1]))
    return ops.bmm(ops.transpose(x, 1, 2), ops.reshape(right, (batch.size, rows, right.shape[-1])))

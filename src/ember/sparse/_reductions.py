"""Sums and softmax over dims of sparse tensors."""

from __future__ import annotations

import math
from typing import Any

from .. import _C
from .._layout import sparse_coo
from ._conversions import coalesced, converted, linear_places, merged, sum_at
from ._elementwise import apart
from ._tensor import CoordinateTensor, SparseTensor, refuse, rule

_ops = _C.ops


def _dims(name: str, tensor: Any, dim: Any) -> list[int]:
    dims = [dim] if isinstance(dim, int) else list(dim)
    for each in dims:
        if not -tensor.dim() <= each < tensor.dim():
            raise IndexError(
                f"{name}(): dim is {each}; expected [{-tensor.dim()}, {tensor.dim() - 1}] for shape "
                f"{tuple(tensor.shape)}."
            )
    dims = sorted(each % tensor.dim() for each in dims)
    if len(set(dims)) < len(dims):
        raise RuntimeError(f"{name}(): a dim appears more than once in {dim}; expected each once.")
    return dims


def sum_over(tensor: Any, dims: list[int], keepdim: bool) -> Any:
    """The sum over dims: strided where no sparse dim is left, otherwise coalesced."""
    coo = converted(tensor, sparse_coo)
    count = len(coo._positions)
    sparse, dense = [each for each in dims if each < count], [each - count + 1 for each in dims if each >= count]
    elements = coo._elements.sum(dense, keepdim=keepdim) if dense else coo._elements
    size = [1 if i in dims else length for i, length in enumerate(coo.shape) if keepdim or i not in dims]
    kept = [i for i in range(count) if i not in sparse]
    if not kept and not keepdim:
        return elements.sum(0)
    rows = [_ops.mul(row, 0) if i in sparse else row for i, row in enumerate(coo._positions) if keepdim or i in kept]
    positions = _ops.stack(rows)
    positions, elements = merged(positions, size[: len(rows)], elements)
    result = CoordinateTensor.of(size, positions, elements, True)
    return result.as_layout(tensor.layout) if keepdim else result


@rule()
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    if dtype is not None or not (input.is_floating_point() or input.is_complex()):
        input = input.to(dtype or _C.int64)
    if dim is None or (not isinstance(dim, int) and not len(dim)):
        return input._elements.sum()
    return sum_over(input, _dims("sum", input, dim), keepdim)


@rule()
def any(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if dim is not None:
        refuse("any", input)
    return apart(input)._elements.any()


@rule()
def norm(input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    if dim is not None and len(_dims("norm", input, dim)) != input.dim():
        raise NotImplementedError(
            f"norm(): dim is {dim}; of a {input.layout} tensor only the norm over all dims is known."
        )
    return _C.Tensor.norm(apart(input)._elements.reshape(-1), 2 if p in ("fro", None) else p, dtype=dtype)


def softmax_over(name: str, input: Any, dim: int, dtype: Any) -> Any:
    """(log_)softmax along a dim of the elements that are there; those that are not count as -inf."""
    if not isinstance(input, SparseTensor) or input.layout is not sparse_coo:
        raise NotImplementedError(f"{name}(): input has layout {input.layout}; expected torch.sparse_coo.")
    (dim,) = _dims(name, input, dim)
    tensor = coalesced(input if dtype is None else input.to(dtype))
    elements, count = tensor._elements, len(tensor._positions)
    if dim >= count:
        operation = _C.Tensor.softmax if name == "softmax" else _C.Tensor.log_softmax
        return tensor.with_elements(operation(elements, dim - count + 1))
    others = [i for i in range(count) if i != dim]
    sizes = [tensor.shape[i] for i in others]
    if math.prod(sizes) == 0 or len(elements) == 0:
        return tensor.with_elements(elements * 1)
    groups = linear_places(_ops.stack([tensor._positions[i] for i in others]), sizes) if others else None
    groups = tensor._positions[0] * 0 if groups is None else groups
    distinct, which = groups.unique(return_inverse=True)
    index = which.reshape(-1, *[1] * (elements.dim() - 1)).expand(elements.shape)
    start = elements.detach().new_zeros((len(distinct), *elements.shape[1:]))
    largest = start.scatter_reduce(0, index, elements.detach(), "amax", include_self=False)
    shifted = elements - largest[which]
    exponentials = shifted.exp()
    totals = sum_at(which, len(distinct), exponentials)
    if name == "softmax":
        return tensor.with_elements(exponentials / totals.index_select(0, which))
    return tensor.with_elements(shifted - totals.log().index_select(0, which))

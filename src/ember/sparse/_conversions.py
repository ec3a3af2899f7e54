"""From one layout to another, and elements that share a place to one."""

from __future__ import annotations

import math
from typing import Any

from .. import _C
from .._layout import sparse_coo, sparse_csc, sparse_csr, strided
from ..ops.copies import repeat_interleave
from ..ops.creation import arange, zeros
from ..ops.sorting import argsort, bincount
from ._tensor import CompressedTensor, CoordinateTensor, SparseTensor, rule

_ops = _C.ops


# ---- places


def linear_places(positions: Any, sizes: Any) -> Any:
    """Row-major numbers of positions (dims, nnz) in a grid of these sizes."""
    if len(sizes) == 1:
        return positions[0]
    places = _ops.zeros((positions.shape[1],), dtype=_C.int64, device=positions.device)
    for row, size in zip(positions, sizes, strict=True):
        places = places * size + row
    return places


def positions_of(places: Any, sizes: Any) -> Any:
    """The inverse of `linear_places`: (dims, nnz)."""
    rows = []
    for size in reversed(sizes):
        rows.append(places % max(size, 1))
        places = places // max(size, 1)
    if not rows:
        return _ops.zeros((0, len(places)), dtype=_C.int64, device=places.device)
    return _ops.stack(rows[::-1])


def pointers_of(lines: Any, count: int) -> Any:
    """Where each of `count` lines begins in a sorted list of line numbers, and where the last one ends."""
    ends = bincount(lines, minlength=count).cumsum(0)
    return _ops.cat([ends.new_zeros(1), ends])


def lines_of(pointers: Any) -> Any:
    """The inverse of `pointers_of`: the line of each element."""
    counts = pointers[1:] - pointers[:-1]
    return repeat_interleave(arange(len(counts), dtype=pointers.dtype, device=pointers.device), counts)


def rows_and_columns(tensor: Any) -> tuple[Any, Any]:
    """Of a matrix in any layout: the row and the column of each element."""
    if isinstance(tensor, CoordinateTensor):
        return tensor._positions[0], tensor._positions[1]
    lines = lines_of(tensor._pointers)
    return (lines, tensor._places) if tensor.by_rows else (tensor._places, lines)


def positions_in(tensor: Any) -> Any:
    """The positions (sparse dims, nnz) of a tensor of any layout."""
    if isinstance(tensor, CoordinateTensor):
        return tensor._positions
    return _ops.stack(list(rows_and_columns(tensor))).to(_C.int64)


# ---- sums and products over places


def sum_at(places: Any, count: int, elements: Any) -> Any:
    """(count, *dense sizes): for each place the sum of the elements there."""
    if elements.dtype is _C.bool:  # their sum is `or`
        return sum_at(places, count, elements.to(_C.uint8)) != 0
    start = _ops.zeros((count, *elements.shape[1:]), dtype=elements.dtype, device=elements.device)
    return start.index_add(0, places, elements)


def merged_at(places: Any, elements: Any) -> tuple[Any, Any]:
    """Row-major places in order, each once, and the sums of the elements there."""
    if bool((places[1:] > places[:-1]).all()):
        return places, elements
    ordered, order = places.sort(stable=True)
    first = _ops.cat([ordered[:1] == ordered[:1], ordered[1:] != ordered[:-1]])
    which = first.cumsum(0) - 1
    distinct = ordered[first.nonzero()[:, 0]]
    return distinct, sum_at(which, len(distinct), elements.index_select(0, order))


def merged(positions: Any, sizes: Any, elements: Any) -> tuple[Any, Any]:
    """Positions in row-major order, each once, and the sums of the elements there."""
    places = linear_places(positions, sizes)
    distinct, sums = merged_at(places, elements)
    return (positions, elements) if distinct is places else (positions_of(distinct, sizes), sums)


def coalesced(tensor: Any) -> Any:
    """Each place once, in row-major order; the tensor itself where it is known to be so."""
    if tensor._coalesced:
        return tensor
    sizes = tensor.shape[: len(tensor._positions)]
    positions, elements = merged(tensor._positions, sizes, tensor._elements)
    return CoordinateTensor.of(tensor.shape, positions, elements, True)


# ---- from and to strided tensors


def dense_of(tensor: Any) -> Any:
    """The strided tensor."""
    positions = positions_in(tensor)
    sizes = tensor.shape[: len(positions)]
    return sum_at(linear_places(positions, sizes), math.prod(sizes), tensor._elements).reshape(tuple(tensor.shape))


def elements_of_dense_at(dense: Any, tensor: Any) -> Any:
    """The elements of a strided tensor where `tensor` has its own."""
    positions = positions_in(tensor)
    sizes = tensor.shape[: len(positions)]
    flat = dense.reshape((math.prod(sizes), *tensor.shape[len(sizes) :]))
    return flat.index_select(0, linear_places(positions, sizes))


def coordinate_of_dense(dense: Any, sparse_dims: int | None = None) -> Any:
    """What is not zero in a strided tensor, by its first `sparse_dims` indices (all, if None)."""
    count = dense.dim() if sparse_dims is None else sparse_dims
    if not (0 < count <= dense.dim() or count == dense.dim() == 0):
        raise RuntimeError(
            f"to_sparse(): sparse_dim is {count} for a tensor of {dense.dim()} dims; expected 1 to {dense.dim()}."
        )
    sizes = dense.shape[:count]
    flat = dense.reshape((math.prod(sizes), *dense.shape[count:]))
    marked = flat.detach() != 0
    places = (marked.flatten(1).any(1) if marked.dim() > 1 else marked).nonzero()[:, 0]
    return CoordinateTensor.of(dense.shape, positions_of(places, sizes), flat.index_select(0, places), True)


# ---- between sparse layouts


def compressed(tensor: Any, layout: Any) -> Any:
    """A COO matrix in CSR or CSC: sorted by row (column), then by column (row)."""
    if len(tensor._positions) != 2:
        raise RuntimeError(
            f"to_sparse(): a tensor of shape {tuple(tensor.shape)} with {len(tensor._positions)} sparse dims cannot "
            "become "
            f"{layout}; expected two sparse dims."
        )
    tensor = coalesced(tensor)
    (rows, columns), elements = tensor._positions, tensor._elements
    if layout is sparse_csr:
        return CompressedTensor.of(layout, tensor.shape, pointers_of(rows, tensor.shape[0]), columns, elements)
    order = argsort(columns, stable=True)
    columns, rows, elements = columns[order], rows[order], elements.index_select(0, order)
    return CompressedTensor.of(layout, tensor.shape, pointers_of(columns, tensor.shape[1]), rows, elements)


def converted(tensor: Any, layout: Any) -> Any:
    """A sparse tensor in another layout; itself where that is its own."""
    if layout is tensor.layout:
        return tensor
    if layout is strided:
        return dense_of(tensor)
    kind = tensor._pointers.dtype if isinstance(tensor, CompressedTensor) else _C.int64
    if isinstance(tensor, CompressedTensor):
        tensor = CoordinateTensor.of(tensor.shape, positions_in(tensor), tensor._elements, tensor.by_rows)
    if layout is sparse_coo:
        return tensor
    if layout in (sparse_csr, sparse_csc):
        result = compressed(tensor, layout)
        result._pointers, result._places = result._pointers.to(kind), result._places.to(kind)
        return result
    raise NotImplementedError(
        f"to_sparse(): layout is {layout}; Ember has torch.sparse_coo, torch.sparse_csr and torch.sparse_csc."
    )


def to_layout(tensor: Any, layout: Any, dense_dims: int | None = None, name: str = "to_sparse") -> Any:
    """Any tensor in a sparse layout.

    Args:
        tensor: of any layout.
        layout: the one that is wanted.
        dense_dims: of a strided tensor, how many of its last dims stay dense; 0 if None.
        name: of the operation, for errors.
    """
    if isinstance(tensor, SparseTensor):
        return converted(tensor, layout)
    sparse_dims = tensor.dim() - (dense_dims or 0)
    if layout is not sparse_coo and sparse_dims != 2:
        raise RuntimeError(
            f"{name}(): input has {tensor.dim()} dims, {dense_dims or 0} of them dense; {layout} expects two that are "
            "not."
        )
    return converted(coordinate_of_dense(tensor, sparse_dims), layout)


# ---- rules


@rule()
def coalesce(input: Any) -> Any:
    if not isinstance(input, CoordinateTensor):
        raise RuntimeError(f"coalesce(): expected a tensor of layout torch.sparse_coo; this one has {input.layout}.")
    return coalesced(input)


@rule()
def to_dense(input: Any, dtype: Any = None, *, masked_grad: bool | None = None) -> Any:
    dense = dense_of(input)
    return dense if dtype is None else dense.to(dtype)


@rule()
def to_sparse(
    input: Any,
    sparse_dim: int | None = None,
    *,
    layout: Any = None,
    blocksize: Any = None,
    dense_dim: int | None = None,
) -> Any:
    if sparse_dim is not None and sparse_dim != input.sparse_dim():
        raise NotImplementedError(
            f"to_sparse(): sparse_dim is {sparse_dim}, and the tensor has {input.sparse_dim()} already; go through "
            "to_dense()."
        )
    return converted(input, layout or sparse_coo)


@rule()
def to_sparse_coo(input: Any) -> Any:
    return converted(input, sparse_coo)


@rule()
def to_sparse_csr(input: Any, dense_dim: int | None = None) -> Any:
    return converted(input, sparse_csr)


@rule()
def to_sparse_csc(input: Any, dense_dim: int | None = None) -> Any:
    return converted(input, sparse_csc)


@rule(mixed=True)
def sparse_mask(input: Any, mask: Any) -> Any:
    if not isinstance(mask, SparseTensor):
        raise RuntimeError(f"sparse_mask(): mask has layout {mask.layout}; expected a sparse one.")
    if input.shape != mask.shape:
        raise RuntimeError(
            f"sparse_mask(): input has shape {tuple(input.shape)} and mask {tuple(mask.shape)}; expected the same."
        )
    if isinstance(input, SparseTensor):
        return mask.with_elements(input.elements_at_places_of(mask))
    return mask.with_elements(elements_of_dense_at(input, mask))


def empty_of(layout: Any, size: Any, dtype: Any = None, device: Any = None, sparse_dims: int | None = None) -> Any:
    """A sparse tensor without elements."""
    size = tuple(size)
    count = len(size) if sparse_dims is None else sparse_dims
    if layout is sparse_coo:
        elements = zeros((0, *size[count:]), dtype=dtype, device=device)
        return CoordinateTensor.of(size, _ops.zeros((count, 0), dtype=_C.int64, device=device), elements, True)
    if layout not in (sparse_csr, sparse_csc) or len(size) != 2:
        raise NotImplementedError(f"an empty tensor of shape {size} and layout {layout} is not something Ember has.")
    lines = size[0] if layout is sparse_csr else size[1]
    pointers = _ops.zeros((lines + 1,), dtype=_C.int64, device=device)
    return CompressedTensor.of(layout, size, pointers, pointers[:0], zeros((0,), dtype=dtype, device=device))

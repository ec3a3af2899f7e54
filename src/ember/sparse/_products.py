"""Products of matrices of which at least one is sparse.

A CSR matrix times a strided one is a bag of rows with weights (csrc/ops/embedding_bag.h): for row i the sum of
``values[j] * dense[column[j]]`` over its elements j. That operation, its gradient by the table (the product with the
transposed matrix) and by the weights (the product of two strided matrices at the places of a sparse one) are each
other's derivatives, so that products can be differentiated any number of times.
"""

from __future__ import annotations

from typing import Any, NoReturn

from .. import _C
from .._autocast import under_autocast
from .._layout import sparse_coo, sparse_csr, strided
from ..ops.copies import repeat_interleave
from ..ops.creation import arange
from ..ops.sorting import argsort
from ._conversions import converted, dense_of, merged_at, pointers_of, positions_of, rows_and_columns, sum_at
from ._tensor import CompressedTensor, CoordinateTensor, SparseTensor, refuse, rule

_ops = _C.ops


def _refuse_shapes(name: str, input: Any, other: Any) -> NoReturn:
    raise RuntimeError(
        f"{name}(): mat1 has shape {tuple(input.shape)} and mat2 {tuple(other.shape)}; expected matrices, the second "
        "with as "
        "many rows as the first has columns."
    )


def _check(name: str, input: Any, other: Any, of_vector: bool = False) -> None:
    if input.dim() != 2 or other.dim() != (1 if of_vector else 2) or input.shape[1] != other.shape[0]:
        _refuse_shapes(name, input, other)
    for each in (input, other):
        if each.layout is not strided and each.sparse_dim() != 2:
            raise RuntimeError(f"{name}(): a sparse matrix has {each.sparse_dim()} sparse dims; expected 2.")
    if input.dtype != other.dtype:
        raise RuntimeError(
            f"{name}(): expected m1 and m2 to have the same dtype, but got {input.dtype} and {other.dtype}. Convert "
            "one with "
            ".to()."
        )


# ---- a sparse matrix and a strided one


def _by_lines(pointers: Any, places: Any, elements: Any, dense: Any) -> Any:
    """Row i: the sum of elements[j] * dense[places[j]] over pointers[i] <= j < pointers[i + 1]."""
    return _ops._embedding_bag(dense, places, pointers, elements, False, True)


def _across_lines(pointers: Any, places: Any, elements: Any, dense: Any, count: int) -> Any:
    """The same with the matrix transposed, which has `count` rows."""
    return _ops._embedding_bag_table_gradient(dense, places, pointers, elements, False, True, None, count)


def _times(matrix: Any, dense: Any) -> Any:
    """A sparse matrix (m, k) times a strided one (k, n)."""
    rows, elements = matrix.shape[0], matrix._elements
    if not elements.is_floating_point():
        lines, columns = rows_and_columns(matrix)
        return sum_at(lines, rows, elements.unsqueeze(1) * dense.index_select(0, columns))
    if isinstance(matrix, CoordinateTensor):
        lines, columns = matrix._positions
        if not bool((lines[1:] >= lines[:-1]).all()):
            order = argsort(lines, stable=True)
            lines, columns, elements = lines[order], columns[order], elements.index_select(0, order)
        return _by_lines(pointers_of(lines, rows), columns, elements, dense)
    if matrix.by_rows:
        return _by_lines(matrix._pointers, matrix._places, elements, dense)
    return _across_lines(matrix._pointers, matrix._places, elements, dense, rows)


def transposed(matrix: Any) -> Any:
    """A matrix with rows and columns exchanged: CSR becomes CSC and the other way round."""
    return matrix.t()


# ---- two sparse matrices


def ranges(starts: Any, counts: Any) -> tuple[Any, Any]:
    """For each range the places starts[i], starts[i] + 1, ...: the number i of the range and the place, range by "
    "range."""
    which = repeat_interleave(arange(len(counts), device=counts.device), counts)
    ends = counts.cumsum(0)
    return which, arange(len(which), device=counts.device) - (ends - counts - starts)[which]


def _sparse_product(input: Any, other: Any) -> Any:
    """Each element of the first meets the row of the second that its column names."""
    lines, columns = rows_and_columns(input)
    right = converted(other, sparse_csr)
    starts = right._pointers[columns]
    which, place = ranges(starts, right._pointers[columns + 1] - starts)
    size = (input.shape[0], other.shape[1])
    places = (lines.to(_C.int64) * size[1])[which] + right._places[place]
    elements = input._elements.index_select(0, which) * right._elements.index_select(0, place)
    places, elements = merged_at(places, elements)
    layout = sparse_coo if input.layout is other.layout is sparse_coo else sparse_csr
    return CoordinateTensor.of(size, positions_of(places, size), elements, True).as_layout(layout)


# ---- rules


@rule("mm", "dsmm", "spmm", mixed=True)
@under_autocast("lower")
def mm(input: Any, mat2: Any) -> Any:
    _check("mm", input, mat2)
    if not isinstance(input, SparseTensor):
        return _times(transposed(mat2), input.t()).t()
    return _sparse_product(input, mat2) if isinstance(mat2, SparseTensor) else _times(input, mat2)


@rule(mixed=True)
@under_autocast("lower")
def mv(input: Any, vec: Any) -> Any:
    if isinstance(vec, SparseTensor):
        refuse("mv", vec)
    _check("mv", input, vec, of_vector=True)
    return _times(input, vec.unsqueeze(1)).squeeze(1)


@rule("matmul", "__rmatmul__", mixed=True)
def matmul(input: Any, other: Any) -> Any:
    if isinstance(input, SparseTensor) and other.dim() == 1:
        return mv(input, other)
    if isinstance(other, SparseTensor) and input.dim() == 1:
        return mm(input.unsqueeze(0), other).squeeze(0)
    if input.dim() == other.dim() == 3:
        return bmm(input, other)
    return mm(input, other)


@rule(mixed=True)
@under_autocast("lower")
def bmm(input: Any, mat2: Any) -> Any:
    if not isinstance(input, CoordinateTensor) or isinstance(mat2, SparseTensor):
        refuse("bmm", input, mat2)
    if input.dim() != 3 or mat2.dim() != 3 or input.shape[0] != mat2.shape[0] or input.shape[2] != mat2.shape[1]:
        raise RuntimeError(
            f"bmm(): input has shape {tuple(input.shape)} and mat2 {tuple(mat2.shape)}; expected (b, m, k) and (b, k, "
            "n)."
        )
    batches, rows, columns = input.shape
    batch, line, column = input._positions
    # One matrix with the batch along its diagonal.
    positions = _ops.stack([batch * rows + line, batch * columns + column])
    size = (batches * rows, batches * columns)
    diagonal = CoordinateTensor.of(size, positions, input._elements, input._coalesced)
    return mm(diagonal, mat2.reshape(size[1], -1)).reshape(batches, rows, -1)


@rule("addmm", "_sparse_addmm", mixed=True)
@under_autocast("lower")
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    product = mm(mat1, mat2)
    if isinstance(product, SparseTensor) and not isinstance(input, SparseTensor):
        product = dense_of(product)
    if isinstance(input, SparseTensor) and not isinstance(product, SparseTensor):
        raise RuntimeError(
            f"addmm(): input has layout {input.layout} and the product torch.strided; expected the same."
        )
    scaled = product if alpha == 1 else product * alpha
    if beta == 0:
        return scaled
    return (input if beta == 1 else input * beta) + scaled


@rule(mixed=True)
def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    product = mv(mat, vec) * alpha
    return product if beta == 0 else input * beta + product


@rule(mixed=True)
@under_autocast("lower")
def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    product = matmul(input, transposed(weight) if isinstance(weight, SparseTensor) else weight.t())
    return product if bias is None else bias + product


@rule(mixed=True)
def smm(input: Any, mat: Any) -> Any:
    return mm(input, mat).to_sparse()


@rule("hspmm", "hsmm", mixed=True)
def hspmm(mat1: Any, mat2: Any) -> Any:
    """The rows of the product that are not empty, each as one dense element."""
    return mm(mat1, mat2).to_sparse(1)


@rule(mixed=True)
def sspaddmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    return input * beta + mm(mat1, mat2).to_sparse() * alpha


# ---- the functions of torch.sparse


@under_autocast("lower")
def sparse_product(mat1: Any, mat2: Any, reduce: str | None = None) -> Any:
    """`torch.sparse.mm`."""
    if not isinstance(mat1, SparseTensor) and not isinstance(mat2, SparseTensor):
        raise RuntimeError(
            f"mm(): mat1 has layout {mat1.layout} and mat2 {mat2.layout}; expected a sparse one. Use torch.mm for "
            "strided ones."
        )
    if reduce is None or (reduce == "sum" and mat1.layout is sparse_csr):
        return mm(mat1, mat2)
    if mat1.layout is not sparse_csr or isinstance(mat2, SparseTensor):
        raise NotImplementedError(
            f"mm(): reduce is {reduce!r}, mat1 has layout {mat1.layout} and mat2 {mat2.layout}; a reduction expects "
            "torch.sparse_csr and torch.strided."
        )
    _check("mm", mat1, mat2)
    if reduce == "mean":
        counts = mat1._pointers[1:] - mat1._pointers[:-1]
        return _times(mat1, mat2) / counts.clamp(min=1).unsqueeze(1).to(mat2.dtype)
    if reduce not in ("amax", "amin", "max", "min"):
        raise RuntimeError(f"mm(): reduce is {reduce!r}; expected 'sum', 'mean', 'amax' or 'amin'.")
    return -_largest(mat1, -mat2) if reduce.endswith("min") else _largest(mat1, mat2)


def _largest(matrix: Any, dense: Any) -> Any:
    """Row i: the largest of elements[j] * dense[places[j]] over its elements in each column, 0 where it has none."""
    elements, places, table = matrix._elements, matrix._places, dense
    # A graph without weights has ones: no need of the (nnz, n) products.
    if elements.requires_grad or not bool((elements == 1).all()):
        table = elements.unsqueeze(1) * dense.index_select(0, places)
        places = arange(len(places), dtype=places.dtype, device=places.device)
    return _ops._embedding_bag_max(table, places, matrix._pointers, True)


def sampled(input: Any, mat1: Any, mat2: Any, beta: Any, alpha: Any) -> Any:
    """`torch.sparse.sampled_addmm`."""
    if not isinstance(input, CompressedTensor):
        raise NotImplementedError(
            f"sampled_addmm(): input has layout {input.layout}; expected torch.sparse_csr or torch.sparse_csc."
        )
    if mat1.dim() != 2 or mat2.dim() != 2 or (mat1.shape[0], mat2.shape[1]) != tuple(input.shape):
        raise RuntimeError(
            f"sampled_addmm(): input has shape {tuple(input.shape)}, mat1 {tuple(mat1.shape)} and mat2 "
            f"{tuple(mat2.shape)}; "
            "expected (m, n), (m, k) and (k, n)."
        )
    if mat1.shape[1] != mat2.shape[0]:
        _refuse_shapes("sampled_addmm", mat1, mat2)
    lines, table = (mat1, mat2.t()) if input.by_rows else (mat2.t(), mat1)
    products = _ops._embedding_bag_sample_gradient(lines, table, input._places, input._pointers, True, None) * alpha
    return input.with_elements(products if beta == 0 else products + input._elements * beta)

"""What strided tensors have of sparse ones: the way into a sparse layout, and errors; sparse ones: `ember.sparse`."""

from __future__ import annotations

from typing import Any, NoReturn

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._layout import layout, sparse_bsc, sparse_bsr, sparse_coo, sparse_csc, sparse_csr


@composite
def to_dense(self: Tensor, dtype: _C.dtype | None = None, *, masked_grad: bool | None = None) -> Tensor:
    """The tensor with torch.strided as its layout: itself if it has that.

    Args:
        dtype: to which it is cast. Default: its own.
        masked_grad: accepted; the gradient of a sparse tensor is taken where it has elements.
    """
    return self if dtype is None else self.to(dtype)


def _converted(tensor: Any, layout: Any, dense_dims: int | None, name: str) -> Any:
    from ..sparse._conversions import to_layout

    return to_layout(tensor, layout, dense_dims, name)


@composite
def to_sparse(
    self: Tensor,
    sparse_dim: int | None = None,
    *,
    layout: layout | None = None,
    blocksize: Any = None,
    dense_dim: int | None = None,
) -> Tensor:
    """The elements that are not 0, in a sparse layout.

    Args:
        sparse_dim: how many of the first dims are sparse. Default: all
        layout: torch.sparse_coo, torch.sparse_csr or torch.sparse_csc. Default: torch.sparse_coo
        blocksize: must be None; Ember has no blocks.
        dense_dim: how many of the last dims stay dense, for CSR and CSC. Default: 0

    Example:
        >>> ember.tensor([[0.0, 2.0]]).to_sparse()
        tensor(indices=tensor([[0],
                               [1]]),
               values=tensor([2.]),
               size=(1, 2), nnz=1, layout=torch.sparse_coo)
    """
    if blocksize is not None:
        _refuse_blocks("to_sparse", layout)
    if sparse_dim is not None:
        from ..sparse._conversions import coordinate_of_dense

        return coordinate_of_dense(self, sparse_dim)
    return _converted(self, sparse_coo if layout is None else layout, dense_dim, "to_sparse")


@composite
def to_sparse_coo(self: Tensor) -> Tensor:
    """The elements that are not 0, in the layout torch.sparse_coo."""
    return _converted(self, sparse_coo, None, "to_sparse_coo")


@composite
def to_sparse_csr(self: Tensor, dense_dim: int | None = None) -> Tensor:
    """The elements of a matrix that are not 0, row by row; the last `dense_dim` dims stay dense."""
    return _converted(self, sparse_csr, dense_dim, "to_sparse_csr")


@composite
def to_sparse_csc(self: Tensor, dense_dim: int | None = None) -> Tensor:
    """The elements of a matrix that are not 0, column by column; the last `dense_dim` dims stay dense."""
    return _converted(self, sparse_csc, dense_dim, "to_sparse_csc")


def _refuse_blocks(name: str, layout: Any) -> NoReturn:
    raise NotImplementedError(
        f"{name}(): layout {layout} holds blocks, which Ember does not have; expected torch.sparse_csr or "
        "torch.sparse_csc."
    )


@composite
def to_sparse_bsr(self: Tensor, blocksize: Any, dense_dim: int | None = None) -> Tensor:
    """NotImplementedError: Ember has no blocks."""
    _refuse_blocks("to_sparse_bsr", sparse_bsr)


@composite
def to_sparse_bsc(self: Tensor, blocksize: Any, dense_dim: int | None = None) -> Tensor:
    """NotImplementedError: Ember has no blocks."""
    _refuse_blocks("to_sparse_bsc", sparse_bsc)


# ---- what sparse tensors alone have


def _of_sparse(name: str, layouts: str, what: str) -> None:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # sparse tensors give something
        raise RuntimeError(f"{name}(): expected a tensor of layout {layouts}, but got one of {self.layout}.")

    method.__name__ = method.__qualname__ = name
    method.__doc__ = what
    composite(method)


_COO, _CSR, _CSC, _ANY = (
    "torch.sparse_coo",
    "torch.sparse_csr",
    "torch.sparse_csc",
    "torch.sparse_coo or torch.sparse_csr",
)
_of_sparse("coalesce", _COO, "The tensor with the elements at each place added up, in row-major order.")
_of_sparse("is_coalesced", _COO, "Whether each place appears once, in row-major order, as far as is known.")
_of_sparse("_coalesced_", _COO, "Claims that each place appears once, in row-major order, or that it is not known.")
_of_sparse("indices", _COO, "The positions of the elements, (sparse dims, nnz); of a coalesced tensor.")
_of_sparse("values", _ANY, "The elements; of a coalesced tensor.")
_of_sparse("_indices", _COO, "The positions of the elements, (sparse dims, nnz).")
_of_sparse("_values", _COO, "The elements.")
_of_sparse("_nnz", _ANY, "The number of elements that are stored.")
_of_sparse("crow_indices", _CSR, "Where each row begins among the elements, and where the last one ends.")
_of_sparse("col_indices", _CSR, "The column of each element.")
_of_sparse("ccol_indices", _CSC, "Where each column begins among the elements, and where the last one ends.")
_of_sparse("row_indices", _CSC, "The row of each element.")
_of_sparse("sparse_resize_", _COO, "Other sizes, (size, sparse_dim, dense_dim), with the elements that are there.")
_of_sparse("sparse_resize_and_clear_", _COO, "Other sizes, (size, sparse_dim, dense_dim), without elements.")


@composite
def sparse_dim(self: Tensor) -> int:
    """How many of the first dims are stored by index: 0 of a strided tensor."""
    return 0


@composite
def dense_dim(self: Tensor) -> int:
    """How many of the last dims each element has: all of a strided tensor."""
    return int(self.dim())


@composite
def sparse_mask(self: Tensor, mask: Tensor) -> Tensor:
    """The elements at the places of those of a sparse tensor of the same shape, in its layout.

    Args:
        mask: sparse; its values do not matter.
    """
    raise NotImplementedError(f"sparse_mask(): mask has layout {mask.layout}; expected a sparse one.")


@composite
def resize_as_sparse_(input: Tensor, the_template: Tensor) -> Tensor:
    """The sizes and sparse dims of another COO tensor, with the elements that are there."""
    raise RuntimeError(
        f"resize_as_sparse_(): the tensors have layouts {input.layout} and {the_template.layout}; expected {_COO}."
    )


# ---- products, under their older names


def _expected_sparse(name: str, input: Any) -> NoReturn:
    raise RuntimeError(f"{name}(): the first matrix has layout {input.layout}; expected a sparse one. Use torch.mm.")


@composite
def smm(input: Tensor, mat: Tensor) -> Tensor:
    """A sparse matrix times a strided one, as a sparse one."""
    _expected_sparse("smm", input)


@composite
def sspaddmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: complex = 1, alpha: complex = 1) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)`` of sparse `input` and `mat1`, as a sparse matrix."""
    _expected_sparse("sspaddmm", mat1)


def dsmm(mat1: Tensor, mat2: Tensor) -> Tensor:
    """A sparse matrix times a strided one."""
    return _C.ops.mm(mat1, mat2)


def spmm(mat1: Tensor, mat2: Tensor) -> Tensor:
    """A sparse matrix times a strided one."""
    return _C.ops.mm(mat1, mat2)


def hspmm(mat1: Tensor, mat2: Tensor) -> Tensor:
    """A sparse matrix times a strided one, as a COO tensor of the rows that are not empty."""
    _expected_sparse("hspmm", mat1)


def hsmm(mat1: Tensor, mat2: Tensor) -> Tensor:
    """`hspmm` under an older name."""
    _expected_sparse("hsmm", mat1)


for _function in (dsmm, spmm, hspmm, hsmm):
    composite(_function)

"""The functions of `torch.sparse`, its old constructors, and PyTorch's private conversions of indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from .._composite import overridable
from .._layout import sparse_coo
from ..ops.creation import arange
from . import _products, _reductions
from ._construction import sparse_coo_tensor
from ._conversions import converted, lines_of, pointers_of
from ._tensor import CoordinateTensor, SparseTensor, rule

_ops = _C.ops


def mm(mat1: Any, mat2: Any, reduce: str | None = None) -> Any:
    """The product of two matrices of which at least one is sparse; sparse where both are.

    Args:
        mat1, mat2: of the same dtype; gradients flow to the strided ones and to the values of the sparse ones.
        reduce: of a CSR and a strided matrix, what is done with the products of a row: ``'sum'``, ``'mean'`` (over the
            row's elements), ``'amax'`` or ``'amin'``. Default: their sum.

    Shape: ``(m, k)`` and ``(k, n)`` to ``(m, n)``.

    Example:
        >>> matrix = ember.tensor([[0.0, 2.0], [3.0, 0.0]]).to_sparse()
        >>> ember.sparse.mm(matrix, ember.ones(2, 1))
        tensor([[2.],
                [3.]])
    """
    return _products.sparse_product(mat1, mat2, reduce)


def addmm(mat: Any, mat1: Any, mat2: Any, *, beta: Any = 1.0, alpha: Any = 1.0) -> Any:
    """``beta * mat + alpha * (mat1 @ mat2)`` with a sparse `mat1`.

    Args:
        mat: strided, ``(m, n)``.
        mat1: sparse, ``(m, k)``.
        mat2: ``(k, n)``.
        beta, alpha: the factors. Default: 1
    """
    return _products.addmm(mat, mat1, mat2, beta=beta, alpha=alpha)


def sampled_addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1.0, alpha: Any = 1.0, out: Any = None) -> Any:
    """``alpha * (mat1 @ mat2) + beta * input`` at the places of the elements of `input`; no other is computed.

    Args:
        input: CSR or CSC, ``(m, n)``.
        mat1, mat2: strided, ``(m, k)`` and ``(k, n)``.
        beta, alpha: the factors. Default: 1
    """
    return _products.sampled(input, mat1, mat2, beta, alpha)


def sum(input: Any, dim: int | Sequence[int] | None = None, dtype: Any = None) -> Any:
    """The sum over some dims, or all.

    Args:
        input: a COO tensor.
        dim: one dim or several. Default: all.
        dtype: the type to add in. Default: that of the input; int64 for integers.

    Returns:
        A sparse tensor; a strided one where no sparse dim is left.

    Example:
        >>> ember.sparse.sum(ember.eye(3).to_sparse(), 0).to_dense()
        tensor([1., 1., 1.])
    """
    if not isinstance(input, SparseTensor):
        raise RuntimeError(f"sum(): input has layout {input.layout}; expected torch.sparse_coo. Use torch.sum.")
    return _reductions.sum(input, dim, dtype=dtype)


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Softmax along a dim over the elements that are stored; those that are not count as -inf, not as 0.

    Args:
        input: a COO tensor.
        dim: of the softmax.
        dtype: to which the input is cast first. Default: its own.
    """
    return _reductions.softmax_over("softmax", input, dim, dtype)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The logarithm of `softmax`, computed without loss.

    Args:
        input: a COO tensor.
        dim: of the softmax.
        dtype: to which the input is cast first. Default: its own.
    """
    return _reductions.softmax_over("log_softmax", input, dim, dtype)


def spdiags(diagonals: Any, offsets: Any, shape: Any, layout: Any = None) -> Any:
    """The matrix whose diagonals are given: ``diagonals[i, j]`` stands in column j of diagonal ``offsets[i]``.

    Args:
        diagonals: ``(n, columns)``, or one row; what lies outside the matrix is left out.
        offsets: int64, ``(n)``, each once: 0 is the main diagonal, 1 the one above it.
        shape: (rows, columns).
        layout: torch.sparse_coo, torch.sparse_csr or torch.sparse_csc. Default: torch.sparse_coo

    Example:
        >>> ember.sparse.spdiags(ember.ones(2, 3), ember.tensor([0, 1]), (3, 3)).to_dense()
        tensor([[1., 1., 0.],
                [0., 1., 1.],
                [0., 0., 1.]])
    """
    rows, columns = shape
    if diagonals.dim() < 2:
        diagonals = diagonals.reshape(1, -1)
    if offsets.dim() < 1:
        offsets = offsets.reshape(1)
    if offsets.dtype != _C.int64:
        raise RuntimeError(f"spdiags(): offsets are {offsets.dtype}; expected torch.int64. Convert them with .long().")
    if offsets.dim() != 1 or diagonals.dim() != 2 or len(offsets) != len(diagonals):
        raise RuntimeError(
            f"spdiags(): diagonals have shape {tuple(diagonals.shape)} and offsets {tuple(offsets.shape)}; expected a "
            "row of "
            "diagonals for each offset."
        )
    if len(offsets.unique()) != len(offsets):
        raise RuntimeError("spdiags(): an offset appears more than once; expected each diagonal once.")
    column = arange(min(diagonals.shape[1], columns)).expand(len(offsets), -1)
    row = column - offsets.unsqueeze(1)
    inside = ((row >= 0) & (row < rows)).nonzero().unbind(1)
    positions = _ops.stack([row[inside], column[inside]])
    matrix = CoordinateTensor.of((rows, columns), positions, diagonals[inside], False)
    return converted(matrix, sparse_coo if layout is None else layout)


def spsolve(input: Any, other: Any, *, left: bool = True) -> Any:
    """Not in this build: solving with a sparse matrix needs CUDA's cuDSS in PyTorch, too.

    Args:
        input: the matrix.
        other: the right-hand side.
        left: whether the matrix stands left.
    """
    raise RuntimeError(
        "spsolve(): this build of Ember has no solver for sparse matrices. Use linalg.solve on .to_dense()."
    )


# Where sparse tensors take part, their class runs the same functions.
for _function in (mm, addmm, sampled_addmm, sum, softmax, log_softmax):
    rule(f"sparse.{_function.__name__}", mixed=True)(_function)
    globals()[_function.__name__] = overridable(_function, module="ember.sparse")


# ---- constructors from before sparse_coo_tensor


class _TypedConstructor(type):
    """Types such as torch.sparse.FloatTensor: they construct, and isinstance() looks at layout and element type."""

    dtype: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, CoordinateTensor) and instance.dtype is cls.dtype

    def __call__(cls, *data: Any, device: Any = None) -> Any:
        if not data or isinstance(data[0], int):
            return sparse_coo_tensor(size=data or (0,), dtype=cls.dtype, device=device)
        if isinstance(data[0], _C.Size):
            return sparse_coo_tensor(size=data[0], dtype=cls.dtype, device=device)
        return sparse_coo_tensor(*data, dtype=cls.dtype, device=device)

    def __repr__(cls) -> str:
        return f"<class 'torch.sparse.{cls.__name__}'>"


def _typed(name: str, dtype: Any) -> Any:
    return _TypedConstructor(name, (), {"dtype": dtype, "__doc__": f"A COO tensor of {dtype}.", "__module__": __name__})


FloatTensor = _typed("FloatTensor", _C.float32)
DoubleTensor = _typed("DoubleTensor", _C.float64)
HalfTensor = _typed("HalfTensor", _C.float16)
BFloat16Tensor = _typed("BFloat16Tensor", _C.bfloat16)
LongTensor = _typed("LongTensor", _C.int64)
IntTensor = _typed("IntTensor", _C.int32)
ShortTensor = _typed("ShortTensor", _C.int16)
CharTensor = _typed("CharTensor", _C.int8)
ByteTensor = _typed("ByteTensor", _C.uint8)


# ---- PyTorch's private conversions of indices, which packages call


def _convert_indices_from_coo_to_csr(input: Any, size: int, *, out_int32: bool = False) -> Any:
    """Where each of `size` rows begins in a sorted list of row numbers."""
    return pointers_of(input, size).to(_C.int32 if out_int32 else _C.int64)


def _convert_indices_from_csr_to_coo(
    crow_indices: Any, col_indices: Any, *, out_int32: bool = False, transpose: bool = False
) -> Any:
    """(2, nnz): the row and the column of each element; the column first with `transpose`."""
    rows = lines_of(crow_indices)
    pair = (col_indices, rows) if transpose else (rows, col_indices)
    return _ops.stack(list(pair)).to(_C.int32 if out_int32 else _C.int64)

"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import with_numpy_names
from ..ops.reductions import vector_norm as _vector_norm
from ..types import _size
from ._matrices import check_matrices, check_square, check_type, given
from ._singular_values import singular_values
from ._solve import inv_ex


@with_numpy_names
def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: int | _size | None = None,
    keepdim: bool = False,
    *,
    dtype: _C.dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """(sum |x|^ord)^(1/ord) over `dim` (None: over all elements, as one vector).

    Args:
        x: floating or complex.
        ord: inf and -inf give the largest and smallest size, 0 the number of elements that are not 0.
        dim: int or several. keepdim: leave them with size 1.
        dtype: to compute in.

    Example:
        >>> ember.linalg.vector_norm(ember.tensor([3., 4.]))
        tensor(5.)
    """
    return _vector_norm(x, ord, dim, keepdim, dtype=dtype, out=out)


def _matrix_dims(name: str, input: Any, dim: Sequence[int]) -> tuple[int, int]:
    if len(dim) != 2:
        raise RuntimeError(f"{name}(): dim must be a 2-tuple. Got {tuple(dim)}.")
    count = input.dim()
    if any(not -count <= each < count for each in dim):
        raise IndexError(f"{name}(): dim is {tuple(dim)}; expected values from {-count} to {count - 1}.")
    first, second = (each % count for each in dim)
    if first == second:
        raise RuntimeError(f"{name}(): dims must be different. Got {tuple(dim)}.")
    return first, second


def matrix_norm_of(name: str, input: Tensor, ord: Any, dim: Sequence[int], keepdim: bool) -> Tensor:
    """The norm of the matrices that two dims hold."""
    check_matrices(name, input, "input")
    rows, columns = _matrix_dims(name, input, dim)
    if ord == "fro":
        return _vector_norm(input, 2, (rows, columns), keepdim)
    size = abs(ord) if isinstance(ord, (int, float)) else None
    if ord != "nuc" and size not in (1, 2, math.inf):
        raise RuntimeError(f"{name}(): order {ord!r} not supported; expected 'fro', 'nuc', 1, -1, 2, -2, inf or -inf.")
    if size in (1, math.inf):
        summed, chosen = (rows, columns) if size == 1 else (columns, rows)
        sums = _vector_norm(input, 1, summed, True)
        result = sums.amax(chosen, True) if ord > 0 else sums.amin(chosen, True)
    else:
        values = singular_values(input.movedim((rows, columns), (-2, -1)), name)
        if ord == "nuc":
            result = values.sum(-1)
        else:
            result = values.amax(-1) if ord > 0 else values.amin(-1)
        for each in sorted((rows, columns)):
            result = result.unsqueeze(each)
    return result if keepdim else result.squeeze((rows, columns))


@with_numpy_names
@under_autocast("float32")
def matrix_norm(
    input: Tensor,
    ord: float | str = "fro",
    dim: _size = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: _C.dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of each matrix.

    Args:
        input: ``(*, m, n)``.
        ord: ``"fro"``: the root of the sum of squares; ``"nuc"``: the sum of singular values; 2, -2: the largest, the
            smallest of them; 1, -1: the largest, smallest sum of sizes in a column; inf, -inf: in a row.
        dim: the dims of rows and columns. keepdim: leave them with size 1.
        dtype: to compute in.
    """
    if dtype is not None:
        input = input.to(dtype)
    return given(out, matrix_norm_of("linalg.matrix_norm", input, ord, dim, keepdim))


@with_numpy_names
@under_autocast("float32")
def norm(
    input: Tensor,
    ord: float | str | None = None,
    dim: int | _size | None = None,
    keepdim: bool = False,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
) -> Tensor:
    """A vector's or a matrix's norm, as in NumPy.

    Args:
        input: floating or complex.
        ord: of :func:`vector_norm` for one dim, of :func:`matrix_norm` for two. None: the root of the sum of squares.
        dim: one or two dims. None: input has one or two, or (without ord) is taken as one vector.
        keepdim: leave the dims with size 1.
        dtype: to compute in.

    Example:
        >>> ember.linalg.norm(ember.tensor([[1., 2.], [2., 4.]]))
        tensor(5.)
    """
    name = "linalg.norm"
    if dtype is not None:
        input = input.to(dtype)
    check_type(name, input, "input")
    dims = (dim,) if isinstance(dim, int) else dim
    if ord is None:
        return given(out, _vector_norm(input, 2, dims, keepdim))
    if dims is None:
        if input.dim() not in (1, 2):
            raise RuntimeError(
                f"{name}(): if dim is not specified but ord is, the input must be 1D or 2D. Got {input.dim()}D."
            )
        dims = tuple(range(input.dim()))
    if len(dims) not in (1, 2):
        raise RuntimeError(f"{name}(): if dim is specified, it must be of length 1 or 2. Got {tuple(dims)}.")
    if len(dims) == 2:
        return given(out, matrix_norm_of(name, input, ord, dims, keepdim))
    if isinstance(ord, str):
        raise RuntimeError(f"{name}(): order {ord!r} is of matrices; expected two dims, or a number for vectors.")
    return given(out, _vector_norm(input, ord, dims, keepdim))


@under_autocast("float32")
def cond(input: Tensor, p: float | str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The condition number ``|A| |A^-1|`` of each matrix; inf for a singular one.

    Args:
        input: ``(*, n, n)``; for the 2-norm also ``(*, m, n)``.
        p: the norm: None (2), 2, -2, ``"fro"``, ``"nuc"``, 1, -1, inf, -inf.
    """
    name = "linalg.cond"
    check_matrices(name, input, "input")
    if p is None or p in (2, -2):
        values = singular_values(input, name)
        if values.shape[-1] == 0:
            return given(out, _C.ops.zeros(values.shape[:-1], dtype=values.dtype, device=values.device))
        largest, smallest = values[..., 0], values[..., -1]
        return given(out, smallest / largest if p == -2 else largest / smallest)
    if p not in ("fro", "nuc", 1, -1, math.inf, -math.inf):
        raise RuntimeError(
            f"{name}(): got an invalid norm type: {p!r}; expected None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
        )
    check_square(name, input, "input")
    inverse, info = inv_ex(input)
    if input.shape[-1] == 0:
        return given(out, _vector_norm(input, 2, (-2, -1)))
    own = matrix_norm_of(name, input, p, (-2, -1), False)
    failed = info != 0
    other = matrix_norm_of(name, inverse.masked_fill(failed[..., None, None], 0), p, (-2, -1), False)
    return given(out, (own * other).masked_fill(failed, math.inf))

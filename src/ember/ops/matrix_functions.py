"""What `torch` itself and Tensor have of linear algebra; `ember.linalg` is imported when one is first called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import alias, composite
from .creation import arange
from .sampling import randn

if TYPE_CHECKING:
    from .. import return_types

# ---- determinants, inverses, functions ------------------------------------------------------------------------------


@composite
def det(input: Tensor) -> Tensor:
    """The determinant of each matrix ``(*, n, n)``."""
    from .. import linalg

    return linalg.det(input)


@composite
@under_autocast("float32")
def slogdet(input: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.slogdet:
    """The determinant's sign and the logarithm of its size; see :func:`ember.linalg.slogdet`."""
    from ..linalg._matrices import named
    from ..linalg._solve import sign_and_log

    return named("slogdet", sign_and_log("slogdet", input), out)


@composite
@under_autocast("float32")
def logdet(input: Tensor) -> Tensor:
    """The logarithm of each determinant; nan where it is negative, -inf where it is 0."""
    from ..linalg._solve import sign_and_log

    sign, size = sign_and_log("logdet", input)
    if input.is_complex():
        return sign.log() + size
    return size.masked_fill(sign == -1, float("nan"))


@composite
def inverse(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of each matrix; see :func:`ember.linalg.inv`."""
    from .. import linalg

    return linalg.inv(input, out=out)


@composite
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """The pseudoinverse; singular values up to rcond times the largest count as 0. See :func:`ember.linalg.pinv`."""
    from .. import linalg

    return linalg.pinv(input, rtol=rcond)


@composite
def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices; see :func:`ember.linalg.matrix_exp`."""
    from .. import linalg

    return linalg.matrix_exp(input)


@composite
def matrix_power(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """The n-th power of square matrices; see :func:`ember.linalg.matrix_power`."""
    from .. import linalg

    return linalg.matrix_power(input, n, out=out)


# ---- Cholesky -------------------------------------------------------------------------------------------------------


@composite
@under_autocast("float32")
def cholesky(input: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The triangular factor of positive-definite matrices; see :func:`ember.linalg.cholesky`."""
    from ..linalg._cholesky import checked_factor
    from ..linalg._matrices import given

    return given(out, checked_factor("cholesky", input, upper))


@composite
@under_autocast("float32")
def cholesky_solve(input: Tensor, input2: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """X with A X = B from the Cholesky factor of A.

    Args:
        input: B, ``(*, n, k)``.
        input2: the factor ``(*, n, n)``, lower triangular or ``upper``.
    """
    from ..linalg._cholesky import solve_with_factor
    from ..linalg._matrices import given

    return given(out, solve_with_factor(input, input2, upper))


@composite
@under_autocast("float32")
def cholesky_inverse(input: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The inverse of A from its Cholesky factor ``(*, n, n)``, lower triangular or ``upper``."""
    from ..linalg._cholesky import inverse_from_factor
    from ..linalg._matrices import given

    return given(out, inverse_from_factor(input, upper))


# ---- orthogonal factors ---------------------------------------------------------------------------------------------


@composite
@under_autocast("float32")
def qr(input: Tensor, some: bool = True, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.qr:
    """A = Q R; see :func:`ember.linalg.qr`, whose mode is ``"complete"`` unless `some`."""
    from ..linalg._matrices import named
    from ..linalg._qr import factors

    return named("qr", factors("qr", input, "reduced" if some else "complete"), out)


@composite
def geqrf(input: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.geqrf:
    """LAPACK's packed QR: R, and below its diagonal the vectors of the reflectors whose factors are tau."""
    from ..linalg._matrices import named
    from ..linalg._qr import packed_factors

    return named("geqrf", packed_factors(input), out)


@composite
def orgqr(input: Tensor, input2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of reflectors; `input2` is tau. See :func:`ember.linalg.householder_product`."""
    from .. import linalg

    return linalg.householder_product(input, input2, out=out)


@composite
@under_autocast("float32")
def ormqr(
    input: Tensor,
    input2: Tensor,
    input3: Tensor,
    left: bool = True,
    transpose: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The product of Q, which is kept as reflectors, and a matrix.

    Args:
        input, input2: as :func:`geqrf` gives them, ``(*, m, k)`` and ``(*, k)``.
        input3: the matrix, with m rows (with ``left=False``: columns).
        left: Q other, not other Q.
        transpose: Q^H in place of Q.
    """
    from ..linalg._matrices import given
    from ..linalg._qr import multiply_by_q

    return given(out, multiply_by_q(input, input2, input3, left, transpose))


@composite
@under_autocast("float32")
def svd(
    input: Tensor, some: bool = True, compute_uv: bool = True, *, out: tuple[Tensor, Tensor, Tensor] | None = None
) -> return_types.svd:
    """A = U diag(S) V^H; see :func:`ember.linalg.svd`, which gives V^H.

    Args:
        some: only as many columns of U and V as there are singular values.
        compute_uv: with False, U and V are zeros.
    """
    from ..linalg._matrices import named
    from ..linalg._singular_values import truncated

    return named("svd", truncated("svd", input, some, compute_uv), out)


# ---- LU and triangular systems --------------------------------------------------------------------------------------


@overload
def lu(
    A: Tensor, pivot: bool = True, get_infos: Literal[False] = False, out: Sequence[Tensor] | None = None
) -> tuple[Tensor, Tensor]: ...


@overload
def lu(
    A: Tensor, pivot: bool = True, *, get_infos: Literal[True], out: Sequence[Tensor] | None = None
) -> tuple[Tensor, Tensor, Tensor]: ...


def lu(A: Tensor, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """(LU, pivots), and with `get_infos` info; see :func:`ember.linalg.lu_factor_ex`."""
    from ..linalg._lu import factors
    from ..linalg._matrices import given, named

    results = factors("lu", A, pivot)
    if get_infos:
        return named("_lu_with_info", results, out)
    if out is not None:
        return tuple(given(target, value) for target, value in zip(out, results, strict=False))
    return results[:2]


alias("lu", lu)


@composite
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None) -> Tensor:
    """X with A X = B, `input`, from A's LU; see :func:`ember.linalg.lu_solve`."""
    from .. import linalg

    return linalg.lu_solve(LU_data, LU_pivots, input, out=out)


@composite
def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    out: tuple[Tensor, Tensor, Tensor] | None = None,
) -> return_types.lu_unpack:
    """P, L and U of what :func:`ember.linalg.lu_factor` gives; what is not wanted is empty."""
    from ..linalg._lu import unpacked
    from ..linalg._matrices import named

    if LU_pivots.dtype != _C.int32:
        raise RuntimeError(f"lu_unpack(): LU_pivots is of {LU_pivots.dtype}; expected a tensor of torch.int32.")
    P, L, U = unpacked(LU_data, LU_pivots)
    nothing = LU_data.new_empty((0,))
    if not unpack_data:
        L = U = nothing
    return named("lu_unpack", (P if unpack_pivots else nothing, L, U), out)


@composite
@under_autocast("float32")
def triangular_solve(
    input: Tensor,
    A: Tensor,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
    *,
    out: tuple[Tensor, Tensor] | None = None,
) -> return_types.triangular_solve:
    """X with A X = B, `input`, for triangular A (with `transpose`: A^T X = B), and a copy of A.

    See :func:`ember.linalg.solve_triangular`.
    """
    from ..linalg import solve_triangular
    from ..linalg._matrices import named, same_batches

    coefficients, right = same_batches("triangular_solve", A, input)
    matrix = coefficients.mT if transpose else coefficients
    X = solve_triangular(matrix, right, upper=upper != transpose, unitriangular=unitriangular)
    return named("triangular_solve", (X, coefficients.clone()), out)


# ---- low rank -------------------------------------------------------------------------------------------------------


def _range_of(A: Any, q: int, niter: int, M: Any) -> Any:
    """An orthonormal basis that nearly holds the range of A - M, from its products with random vectors."""
    from .. import linalg

    def times(x: Any, adjoint: bool = False) -> Any:
        product = (A.mH if adjoint else A) @ x
        return product if M is None else product - (M.mH if adjoint else M) @ x

    Q = linalg.qr(times(randn([*A.shape[:-2], A.shape[-1], q], dtype=A.dtype, device=A.device))).Q
    for _ in range(niter):
        Q = linalg.qr(times(Q, adjoint=True)).Q
        Q = linalg.qr(times(Q)).Q
    return Q


@composite
def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """U, S and V of about the q largest singular values of A (or A - M), from random products.

    Args:
        A: ``(*, m, n)``.
        q: somewhat more than the wanted rank. Default: 6.
        niter: subspace iterations; each makes the small singular values matter less. Default: 2.
        M: ``(*, m, n)``, or broadcast to it.

    Source: Halko, Martinsson and Tropp 2009, "Finding structure with randomness", algorithms 4.4 and 5.1.
    """
    from .. import linalg

    count = 6 if q is None else q
    M = None if M is None else M.expand(A.shape)
    wide = A.shape[-2] < A.shape[-1]
    if wide:
        A, M = A.mH, None if M is None else M.mH
    Q = _range_of(A, count, 2 if niter is None else niter, M)
    U, S, Vh = linalg.svd(Q.mH @ (A if M is None else A - M), full_matrices=False)
    U, V = Q @ U, Vh.mH
    return (V, S, U) if wide else (U, S, V)


@composite
def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components by :func:`svd_lowrank`: U, the singular values, and the directions V in columns.

    Args:
        A: ``(*, m, n)``, m samples of n features.
        q: somewhat more than the wanted rank. Default: the least of 6, m, n.
        center: first take each feature's mean away.
        niter: subspace iterations.
    """
    count = min(6, *A.shape[-2:]) if q is None else q
    if not 0 <= count <= min(A.shape[-2:]):
        raise ValueError(
            f"pca_lowrank(): q is {count}; expected a non-negative integer up to min(m, n) = {min(A.shape[-2:])}."
        )
    if niter < 0:
        raise ValueError(f"pca_lowrank(): niter is {niter}; expected a non-negative integer.")
    return svd_lowrank(A - A.mean(-2, True) if center else A, count, niter)


@composite
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of each element of a vector, one in a column, the highest first unless `increasing`; N columns.

    See :func:`ember.linalg.vander`.
    """
    if x.dim() != 1:
        raise RuntimeError(f"vander(): x has shape {tuple(x.shape)}; expected a 1-d tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError(f"vander(): N is {count}; expected 0 or more.")
    exponents = arange(count, device=x.device)
    powers = x.unsqueeze(-1) ** (exponents if increasing else exponents.flip(0))
    return powers if x.is_floating_point() or x.is_complex() else powers.to(_C.int64)

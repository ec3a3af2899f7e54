"""LU and LDL factors, by SciPy (the extra `ember[linalg]`), and what is solved with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from ._matrices import (
    MatrixFunction,
    check_matrices,
    check_same_type,
    check_square,
    evaluate,
    given,
    identity_like,
    lapack,
    matrices_of,
    named,
    raise_for,
    same_batches,
    singular,
)
from ._solve import check_system, triangular_solution

if TYPE_CHECKING:
    from .. import return_types

# ---- LU -------------------------------------------------------------------------------------------------------------


def _factor_all(name: str) -> Callable[[Any], tuple[Any, Any, Any]]:
    def factor(a: Any) -> tuple[Any, Any, Any]:
        import numpy

        routine = lapack(name, "getrf", a)
        rows, columns = a.shape[-2:]
        packed = numpy.array(a, order="C")
        pivots = numpy.zeros((*a.shape[:-2], min(rows, columns)), numpy.int32)
        info = numpy.zeros(a.shape[:-2], numpy.int32)
        if packed.size:
            own_pivots, own_info = pivots.reshape(-1, pivots.shape[-1]), info.reshape(-1)
            for i, own in enumerate(matrices_of(packed)):
                own[...], own_pivots[i], own_info[i] = routine(own)
        pivots += 1  # LAPACK counts from 1, SciPy from 0
        if not packed.size:
            pivots[...] = numpy.arange(1, pivots.shape[-1] + 1)
        return packed, pivots, info

    return factor


class _LU(MatrixFunction):
    """A = P L U: gA = P L^-H [tril(L^H gL, -1) + triu(gU U^H)] U^-H (Magnus and Neudecker's differential d(PLU)).

    Rectangular matrices are a square block beside (or above) one that follows from it.
    """

    @staticmethod
    def compute(A: Any, name: str) -> Any:
        return evaluate(_factor_all(name), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None, None
        packed, pivots, _ = ctx.saved_tensors
        rows, columns = packed.shape[-2:]
        count = min(rows, columns)
        square = packed[..., :count, :count]
        L = square.tril(-1) + identity_like(square, count)
        U = square.triu()
        of_l = gradient[..., :count, :count].tril(-1)
        of_u = gradient[..., :count, :count].triu()
        more = None  # the gradient of the block of P^T A that is left
        if columns > rows:  # P^T A = L [U U'], U' = L^-1 A'
            more = triangular_solution(L.mH, gradient[..., count:], upper=True, unit=True)
            of_l = of_l - more @ packed[..., count:].mH
        elif rows > columns:  # P^T A = [L; L'] U, L' = A' U^-1
            more = triangular_solution(U, gradient[..., count:, :].mH, upper=True).mH
            of_u = of_u - packed[..., count:, :].mH @ more
        middle = (L.mH @ of_l).tril(-1) + (of_u @ U.mH).triu()
        result = triangular_solution(L.mH, middle, upper=True, unit=True)
        result = triangular_solution(U, result.mH, upper=True).mH
        if more is not None:
            result = _C.ops.cat([result, more], -1 if columns > rows else -2)
        return exchanged(result, pivots, back=True), None


def _order_of_rows(pivots: Any, rows: int) -> Any:
    """For each row of P^T A the row of A that it is; pivots are exchanges, one after the other."""

    def order(exchanges: Any) -> Any:
        import numpy

        flat = exchanges.reshape(-1, exchanges.shape[-1]) if exchanges.size else numpy.zeros((0, 0), numpy.int64)
        result = numpy.tile(numpy.arange(rows, dtype=numpy.int64), (*exchanges.shape[:-1], 1))
        for own, row in zip(result.reshape(-1, rows) if flat.size else (), flat, strict=False):
            for i, other in enumerate(row - 1):
                own[i], own[other] = own[other], own[i]
        return result

    if pivots.is_meta:
        return _C.ops.empty([*pivots.shape[:-1], rows], dtype=_C.int64, device="meta")
    return evaluate(order, pivots)


def exchanged(matrices: Any, pivots: Tensor, back: bool) -> Tensor:
    """P^T M, or with `back` P M: the rows in another order."""
    order = _order_of_rows(pivots, matrices.shape[-2])
    if back:
        order = order.argsort(-1)
    return matrices.gather(-2, order.unsqueeze(-1).expand(matrices.shape))


def factors(name: str, A: Tensor, pivot: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """LU packed in one matrix, pivots, info."""
    check_matrices(name, A)
    if not pivot:
        raise RuntimeError(f"{name}(): LU without pivoting is not implemented on the CPU; expected pivot=True.")
    return _LU.run(A, name)


@under_autocast("float32")
def lu_factor_ex(
    A: Tensor, *, pivot: bool = True, check_errors: bool = False, out: tuple[Tensor, Tensor, Tensor] | None = None
) -> return_types.linalg_lu_factor_ex:
    """:func:`lu_factor` that also takes singular matrices.

    Returns:
        A named tuple: LU, pivots, and info ``(*)``: 0, or the number of the first pivot that is 0.
    """
    packed, pivots, info = factors("linalg.lu_factor_ex", A, pivot)
    if check_errors:
        raise_for("linalg.lu_factor_ex", info, singular)
    return named("linalg_lu_factor_ex", (packed, pivots, info), out)


@under_autocast("float32")
def lu_factor(
    A: Tensor, *, pivot: bool = True, out: tuple[Tensor, Tensor] | None = None
) -> return_types.linalg_lu_factor:
    """A = P L U, packed as LAPACK packs it. Needs SciPy: ``pip install ember[linalg]``.

    Args:
        A: ``(*, m, n)``.
        pivot: must be True.

    Returns:
        A named tuple: LU ``(*, m, n)``, U in its upper triangle, below it L without its diagonal of ones; pivots
        ``(*, min(m, n))``, int32: row i was exchanged with row pivots[i], counted from 1.
    """
    packed, pivots, info = factors("linalg.lu_factor", A, pivot)
    raise_for("linalg.lu_factor", info, singular)
    return named("linalg_lu_factor", (packed, pivots), out)


def unpacked(packed: Any, pivots: Any) -> tuple[Any, Any, Any]:
    """P, L and U."""
    rows, columns = packed.shape[-2:]
    count = min(rows, columns)
    one = identity_like(packed, rows)
    L = packed[..., :count].tril(-1) + one[:, :count]
    return permutation(packed, pivots), L, packed[..., :count, :].triu()


def permutation(packed: Any, pivots: Tensor) -> Tensor:
    """The matrices P of A = P L U."""
    rows = packed.shape[-2]
    one = identity_like(packed, rows).expand(*packed.shape[:-2], rows, rows)
    return exchanged(one, pivots, back=True)


@under_autocast("float32")
def lu(A: Tensor, *, pivot: bool = True, out: tuple[Tensor, Tensor, Tensor] | None = None) -> return_types.linalg_lu:
    """A = P L U: a permutation, a lower triangular matrix with ones on the diagonal, an upper triangular one.

    Args:
        A: ``(*, m, n)``; k is the smaller of m and n.
        pivot: must be True.

    Returns:
        A named tuple: P ``(*, m, m)``, L ``(*, m, k)``, U ``(*, k, n)``. Needs SciPy: ``pip install ember[linalg]``.
    """
    packed, pivots, _ = factors("linalg.lu", A, pivot)
    return named("linalg_lu", unpacked(packed, pivots), out)


@under_autocast("float32")
def lu_solve(
    LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False, out: Tensor | None = None
) -> Tensor:
    """X with A X = B, from :func:`lu_factor` of A.

    Args:
        LU, pivots: of ``(*, n, n)``.
        B: ``(*, n, k)``; with ``left=False`` ``(*, k, n)``.
        left: False: X A = B.
        adjoint: A^H takes A's place.
    """
    name = "linalg.lu_solve"
    check_square(name, LU, "LU")
    check_matrices(name, B, "B")
    check_same_type(name, LU, B, ("LU", "B"))
    if pivots.dtype != _C.int32:
        raise RuntimeError(f"{name}(): pivots is of {pivots.dtype}; expected a tensor of torch.int32.")
    if pivots.shape != LU.shape[:-1]:
        raise RuntimeError(
            f"{name}(): pivots has shape {tuple(pivots.shape)}; expected {tuple(LU.shape[:-1])}, for LU of shape "
            f"{tuple(LU.shape)}."
        )
    check_system(name, LU, B, left)
    right = B if left else B.mH
    packed, right = same_batches(name, LU, right)
    pivots = pivots.expand(packed.shape[:-1])
    if adjoint == left:  # A^H X = B; X A = B is A^H X^H = B^H
        first = triangular_solution(packed.mH, right, upper=False)
        X = exchanged(triangular_solution(packed.mH, first, upper=True, unit=True), pivots, back=True)
    else:
        first = triangular_solution(packed, exchanged(right, pivots, back=False), upper=False, unit=True)
        X = triangular_solution(packed, first, upper=True)
    return given(out, X if left else X.mH)


# ---- LDL ------------------------------------------------------------------------------------------------------------


def _ldl_all(name: str, hermitian: bool) -> Callable[[Any], tuple[Any, Any, Any]]:
    def factor(a: Any) -> tuple[Any, Any, Any]:
        import numpy

        routine = lapack(name, "hetrf" if hermitian and numpy.iscomplexobj(a) else "sytrf", a)
        packed = numpy.tril(a)
        pivots = numpy.zeros(a.shape[:-1], numpy.int32)
        info = numpy.zeros(a.shape[:-2], numpy.int32)
        if packed.size:
            own_pivots, own_info = pivots.reshape(-1, pivots.shape[-1]), info.reshape(-1)
            for i, own in enumerate(matrices_of(packed)):
                own[...], own_pivots[i], own_info[i] = routine(own, lower=1)
        return packed, pivots, info

    return factor


class _LDL(MatrixFunction):
    @staticmethod
    def compute(A: Any, hermitian: bool, name: str) -> Any:
        return evaluate(_ldl_all(name, hermitian), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError("derivative for linalg.ldl_factor is not implemented; linalg.solve() has one.")


@under_autocast("float32")
def ldl_factor_ex(
    input: Tensor,
    *,
    hermitian: bool = False,
    check_errors: bool = False,
    out: tuple[Tensor, Tensor, Tensor] | None = None,
) -> return_types.linalg_ldl_factor_ex:
    """:func:`ldl_factor` that also takes singular matrices.

    Returns:
        A named tuple: LD, pivots, and info ``(*)``: 0, or the number of the first block of D that is 0.
    """
    name = "linalg.ldl_factor_ex"
    check_square(name, input, "input")
    results = _LDL.run(input, hermitian, name)
    if check_errors:
        raise_for(name, results[2], singular)
    return named("linalg_ldl_factor_ex", results, out)


@under_autocast("float32")
def ldl_factor(
    input: Tensor, *, hermitian: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> return_types.linalg_ldl_factor:
    """A = P L D L^T P^T with blocks of 1 and 2 rows in D, packed as LAPACK's sytrf packs it (Bunch and Kaufman 1977).

    Args:
        input: symmetric (with ``hermitian``: Hermitian) matrices ``(*, n, n)``; the lower triangle is read.

    Returns:
        A named tuple: LD ``(*, n, n)``; pivots ``(*, n)``, int32. Needs SciPy: ``pip install ember[linalg]``.
    """
    name = "linalg.ldl_factor"
    check_square(name, input, "input")
    packed, pivots, info = _LDL.run(input, hermitian, name)
    raise_for(name, info, singular)
    return named("linalg_ldl_factor", (packed, pivots), out)


def _ldl_solve_all(name: str, hermitian: bool) -> Callable[[Any, Any, Any], Any]:
    def solve(packed: Any, pivots: Any, b: Any) -> Any:
        import numpy

        routine = lapack(name, "hetrs" if hermitian and numpy.iscomplexobj(packed) else "sytrs", packed)
        result = numpy.array(b, order="C")
        if result.size:
            own_pivots = pivots.reshape(-1, pivots.shape[-1])
            for own, row, x in zip(matrices_of(packed), own_pivots, matrices_of(result), strict=True):
                x[...] = routine(own, row, x, lower=1)[0]
        return result

    return solve


class _LDLSolve(MatrixFunction):
    """A^H is A, or its conjugate where A is symmetric and complex: gB = A^-H gX."""

    saves_inputs = True

    @staticmethod
    def compute(packed: Any, pivots: Any, B: Any, hermitian: bool, name: str) -> Any:
        if packed.is_meta:
            return _C.ops.empty(B.shape, dtype=B.dtype, device="meta")
        return evaluate(_ldl_solve_all(name, hermitian), packed, pivots, B)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        packed, pivots, *_ = ctx.saved_tensors
        hermitian, name = ctx.options
        if gradient is None:
            return (None,) * 5
        if packed.is_complex() and not hermitian:
            packed = packed.conj()
        return None, None, _LDLSolve.run(packed, pivots, gradient, hermitian, name), None, None


@under_autocast("float32")
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False, out: Tensor | None = None) -> Tensor:
    """X with A X = B, from :func:`ldl_factor` of A.

    Args:
        LD, pivots: of ``(*, n, n)``.
        B: ``(*, n, k)``.
        hermitian: as given to ldl_factor.
    """
    name = "linalg.ldl_solve"
    check_square(name, LD, "LD")
    check_matrices(name, B, "B")
    check_same_type(name, LD, B, ("LD", "B"))
    if pivots.shape != LD.shape[:-1]:
        raise RuntimeError(
            f"{name}(): pivots has shape {tuple(pivots.shape)}; expected {tuple(LD.shape[:-1])}, for LD of shape "
            f"{tuple(LD.shape)}."
        )
    check_system(name, LD, B)
    packed, right = same_batches(name, LD, B)
    return given(out, _LDLSolve.run(packed.detach(), pivots.expand(packed.shape[:-1]), right, hermitian, name))

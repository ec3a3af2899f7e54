"""Cholesky factors of positive-definite matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._autocast import under_autocast
from .._C import Tensor
from ._matrices import (
    MatrixFunction,
    check_matrices,
    check_same_type,
    check_square,
    diagonal_of,
    evaluate,
    given,
    identity_like,
    named,
    raise_for,
    same_batches,
    tolerant,
)
from ._solve import check_system, triangular_solution

if TYPE_CHECKING:
    from .. import return_types


def _factor(array: Any) -> Any:
    import numpy

    L = numpy.linalg.cholesky(array)
    if numpy.isnan(numpy.diagonal(L, axis1=-2, axis2=-1)).any():  # not every LAPACK takes nan for a failure
        raise numpy.linalg.LinAlgError
    return L


def _failing_minor(matrix: Any) -> int:
    """The order of the first leading minor that is not positive: those before it all have a factor."""
    import numpy

    low, high = 0, matrix.shape[-1]  # the factor of order `low` exists, that of order `high` does not
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _factor(matrix[:middle, :middle])
            low = middle
        except numpy.linalg.LinAlgError:
            high = middle
    return high


_factor_all = tolerant(_factor, _failing_minor)


def _lower_with_half_diagonal(matrices: Any) -> Any:
    lower = matrices.tril()
    return lower - (diagonal_of(lower) / 2).diag_embed()


class _Cholesky(MatrixFunction):
    """gA = L^-H phi(L^H gL) L^-1, made Hermitian; phi is the lower triangle with half the diagonal (Murray 2016)."""

    @staticmethod
    def compute(A: Any) -> Any:
        return evaluate(_factor_all, A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None
        L = ctx.saved_tensors[0]
        middle = _lower_with_half_diagonal(L.mH @ gradient)
        middle = middle + middle.mH
        left = triangular_solution(L.mH, middle, upper=True)  # L^-H M
        return triangular_solution(L.mH, left.mH, upper=True).mH / 2  # (L^-H M) L^-1


def _not_positive(code: int) -> str:
    return (
        f"the matrix is not positive-definite: its leading minor of order {code} is not positive; expected a Hermitian "
        "positive-definite matrix. Add a small multiple of the identity, or take linalg.eigh()."
    )


def factor(name: str, A: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
    """The factor, nan where there is none, and info."""
    check_square(name, A, "input")
    L, info = _Cholesky.run(A.mH if upper else A)
    return (L.mH if upper else L), info


def checked_factor(name: str, A: Tensor, upper: bool) -> Tensor:
    """The Cholesky factor; an error where a matrix is not positive definite."""
    L, info = factor(name, A, upper)
    raise_for(name, info, _not_positive)
    return L


@under_autocast("float32")
def cholesky(input: Tensor, *, upper: bool = False, out: Tensor | None = None) -> Tensor:
    """The lower triangular L with A = L L^H (with ``upper``: U with A = U^H U) of each positive-definite matrix.

    Args:
        input: A, ``(*, n, n)``; only the lower triangle is read (with ``upper``: the upper one).

    Raises:
        LinAlgError: where a matrix is not positive-definite.

    Example:
        >>> ember.linalg.cholesky(ember.tensor([[4., 2.], [2., 5.]]))
        tensor([[2., 0.],
                [1., 2.]])
    """
    return given(out, checked_factor("linalg.cholesky", input, upper))


@under_autocast("float32")
def cholesky_ex(
    input: Tensor, *, upper: bool = False, check_errors: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> return_types.linalg_cholesky_ex:
    """:func:`cholesky` with nan for a matrix that is not positive-definite.

    Returns:
        A named tuple: L, and info ``(*)``: 0, or the order of the first leading minor that is not positive.
    """
    L, info = factor("linalg.cholesky_ex", input, upper)
    if check_errors:
        raise_for("linalg.cholesky_ex", info, _not_positive)
    return named("linalg_cholesky_ex", (L, info), out)


def solve_with_factor(B: Tensor, L: Tensor, upper: bool) -> Tensor:
    """A^-1 B from A's Cholesky factor, by two substitutions."""
    name = "cholesky_solve"
    check_square(name, L, "L")
    check_matrices(name, B, "B")
    check_same_type(name, L, B, ("L", "B"))
    check_system(name, L, B)
    L, B = same_batches(name, L, B)
    first = triangular_solution(L.mH if upper else L, B, upper=False)
    return triangular_solution(L if upper else L.mH, first, upper=True)


def inverse_from_factor(L: Tensor, upper: bool) -> Tensor:
    """The inverse of the matrices that have the Cholesky factor L."""
    check_square("cholesky_inverse", L, "L")
    one = identity_like(L, L.shape[-1]).expand(L.shape)
    return solve_with_factor(one, L, upper)

"""Inverses, systems of equations and determinants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from ._matrices import (
    MatrixFunction,
    all_samples,
    check_matrices,
    check_same_type,
    check_square,
    evaluate,
    first_zero_pivot,
    given,
    identity_like,
    matrices_of,
    named,
    raise_for,
    same_batches,
    singular,
    tolerant,
    triangular_routine,
)

if TYPE_CHECKING:
    from .. import return_types

# From this many matrices on, NumPy's loop in C over small systems is faster than a call of trsm for each.
_MANY = 8
_SMALL = 32  # rows

# ---- inverses -------------------------------------------------------------------------------------------------------


def _invert(array: Any) -> Any:
    import numpy

    return numpy.linalg.inv(array)


_invert_all = tolerant(_invert, first_zero_pivot)


class _Inverse(MatrixFunction):
    """dA^-1 = -A^-1 dA A^-1 (Giles 2008, 2.2.3)."""

    @staticmethod
    def compute(A: Any) -> Any:
        return evaluate(_invert_all, A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None
        adjoint = ctx.saved_tensors[0].mH
        return -(adjoint @ gradient @ adjoint)


def inverse(A: Tensor) -> Tensor:
    """The inverse, recorded; nan for what is singular."""
    return _Inverse.run(A)[0]


@under_autocast("float32")
def inv_ex(
    A: Tensor, *, check_errors: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> return_types.linalg_inv_ex:
    """The inverse of each matrix, with nan for a singular one.

    Args:
        A: ``(*, n, n)``.
        check_errors: raise LinAlgError for a singular matrix.

    Returns:
        A named tuple: inverse, and info ``(*)``: 0, or the number of the pivot that is 0.
    """
    check_square("linalg.inv_ex", A)
    result, info = _Inverse.run(A)
    if check_errors:
        raise_for("linalg.inv_ex", info, singular)
    return named("linalg_inv_ex", (result, info), out)


def invert(name: str, A: Tensor, out: Tensor | None = None) -> Tensor:
    """The inverse; an error where a matrix is singular."""
    check_square(name, A)
    result, info = _Inverse.run(A)
    raise_for(name, info, singular)
    return given(out, result)


@under_autocast("float32")
def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of each matrix ``(*, n, n)``.

    Raises:
        LinAlgError: where a matrix is singular.

    Example:
        >>> ember.linalg.inv(ember.tensor([[2., 0.], [0., 4.]]))
        tensor([[0.5000, 0.0000],
                [0.0000, 0.2500]])
    """
    return invert("linalg.inv", A, out)


# ---- systems --------------------------------------------------------------------------------------------------------


def _solve_array(a: Any, b: Any) -> Any:
    import numpy

    return numpy.linalg.solve(a, b)


_solve_all = tolerant(_solve_array, first_zero_pivot)


class _Solve(MatrixFunction):
    """X = A^-1 B: gB = A^-H gX and gA = -gB X^H (Giles 2008, 2.3.1)."""

    saves_inputs = True

    @staticmethod
    def compute(A: Any, B: Any) -> Any:
        return evaluate(_solve_all, A, B)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None, None
        A, _, X, _ = ctx.saved_tensors
        of_b = _Solve.run(A.mH, gradient)[0]
        return (-(of_b @ X.mH) if ctx.needs_input_grad[0] else None), of_b


def solution(A: Tensor, B: Tensor) -> Tensor:
    """A^-1 B for matrices of the same batch, recorded."""
    return _Solve.run(A, B)[0]


def _is_vector(A: Any, B: Any) -> bool:
    return B.dim() == 1 or (A.dim() - 1 == B.dim() and B.shape == A.shape[:-1])


def check_system(name: str, A: Tensor, B: Tensor, left: bool = True) -> None:
    """An error where B has not the size that AX = B (XA = B) needs."""
    if A.shape[-1] != B.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}(): incompatible shapes of A and B for the equation {equation}: A is {tuple(A.shape)}, B is "
            f"{tuple(B.shape)}; expected {A.shape[-1]} {'rows' if left else 'columns'} in B."
        )


def _solve(name: str, A: Any, B: Any, left: bool) -> tuple[Any, Any]:
    check_square(name, A)
    check_same_type(name, A, B)
    vector = _is_vector(A, B)
    if vector and not left and B.dim() == 1:
        raise RuntimeError(f"{name}(): B is a vector of shape {tuple(B.shape)}; expected left=True, or matrices.")
    right = B.unsqueeze(-1) if vector else B
    check_system(name, A, right, left or vector)
    if left or vector:
        X, info = _Solve.run(*same_batches(name, A if left else A.mT, right))
        return (X.squeeze(-1) if vector else X), info
    X, info = _Solve.run(*same_batches(name, A.mT, right.mT))
    return X.mT, info


@under_autocast("float32")
def solve(A: Tensor, B: Tensor, *, left: bool = True, out: Tensor | None = None) -> Tensor:
    """X with A X = B (with ``left=False``: X A = B).

    Args:
        A: invertible matrices ``(*, n, n)``.
        B: right sides ``(*, n, k)`` (with ``left=False``: ``(*, k, n)``), or vectors ``(n)`` or ``(*, n)`` with A's
            batch dims. Batch dims broadcast.

    Raises:
        LinAlgError: where a matrix is singular.

    Example:
        >>> ember.linalg.solve(ember.tensor([[2., 1.], [1., 1.]]), ember.tensor([5., 3.]))
        tensor([2., 1.])
    """
    X, info = _solve("linalg.solve", A, B, left)
    raise_for("linalg.solve", info, singular)
    return given(out, X)


@under_autocast("float32")
def solve_ex(
    A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> return_types.linalg_solve_ex:
    """:func:`solve` with nan for a singular matrix.

    Returns:
        A named tuple: result, and info ``(*)``: 0, or the number of the pivot that is 0.
    """
    X, info = _solve("linalg.solve_ex", A, B, left)
    if check_errors:
        raise_for("linalg.solve_ex", info, singular)
    return named("linalg_solve_ex", (X, info), out)


# ---- triangular systems ---------------------------------------------------------------------------------------------


def _solve_triangular_array(a: Any, b: Any, upper: bool, unit: bool) -> Any:
    """A X = B by substitution; by elimination where SciPy is missing, or matrices are many and small."""
    import numpy

    routine = triangular_routine(a)
    many = a.ndim > 2 and a.shape[-1] <= _SMALL and a.shape[0] * (a.size > 0) >= _MANY
    if routine is None or many:
        a = numpy.triu(a, int(unit)) if upper else numpy.tril(a, -int(unit))
        if unit:
            a = a + numpy.eye(a.shape[-1], dtype=a.dtype)
        if routine is None or numpy.diagonal(a, axis1=-2, axis2=-1).all():
            return _solve_all(a, b)[0]
    result = numpy.array(b, order="C")
    # Fortran reads our rows as columns: X^T A^T = B^T, with A^T lower where A is upper.
    if result.size:
        for own, x in zip(matrices_of(a), matrices_of(result), strict=True):
            routine(1.0, own.T, x.T, side=1, lower=int(upper), diag=int(unit), overwrite_b=1)
    return result


class _SolveTriangular(MatrixFunction):
    """As of a full matrix; the gradient of A is 0 where A is not read."""

    saves_inputs = True

    @staticmethod
    def compute(A: Any, B: Any, upper: bool, unit: bool) -> Any:
        return evaluate(lambda a, b: _solve_triangular_array(a, b, upper, unit), A, B)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None, None, None, None
        A, _, X = ctx.saved_tensors
        upper, unit = ctx.options
        of_b = _SolveTriangular.run(A.mH, gradient, not upper, unit)
        of_a = None
        if ctx.needs_input_grad[0]:
            of_a = -(of_b @ X.mH)
            of_a = of_a.triu(int(unit)) if upper else of_a.tril(-int(unit))
        return of_a, of_b, None, None


def triangular_solution(A: Tensor, B: Tensor, *, upper: bool, unit: bool = False) -> Tensor:
    """A^-1 B for triangular matrices of the same batch, recorded."""
    return _SolveTriangular.run(A, B, upper, unit)


@under_autocast("float32")
def solve_triangular(
    input: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Tensor | None = None
) -> Tensor:
    """X with A X = B (with ``left=False``: X A = B) for a triangular A.

    Args:
        input: A, ``(*, n, n)``; only one triangle is read.
        B: ``(*, n, k)``; with ``left=False`` ``(*, k, n)``. Batch dims broadcast.
        upper: which triangle.
        unitriangular: take A's diagonal as ones, unread.

    Example:
        >>> ember.linalg.solve_triangular(ember.tensor([[2., 1.], [0., 1.]]), ember.tensor([[5.], [3.]]), upper=True)
        tensor([[1.],
                [3.]])
    """
    name = "linalg.solve_triangular"
    check_square(name, input)
    check_matrices(name, B, "B")
    check_same_type(name, input, B)
    check_system(name, input, B, left)
    if left:
        A, right = same_batches(name, input, B)
        return given(out, triangular_solution(A, right, upper=upper, unit=unitriangular))
    A, right = same_batches(name, input.mT, B.mT)
    return given(out, triangular_solution(A, right, upper=not upper, unit=unitriangular).mT)


# ---- determinants ---------------------------------------------------------------------------------------------------


def _adjugate_adjoint(A: Any) -> Any:
    """The matrix of conjugated cofactors, of singular matrices too: A = U S V^H gives det(U V^H)^* U adj(S) V^H."""
    from ._singular_values import svd_of

    U, S, Vh = svd_of(A, True)
    one = identity_like(S, S.shape[-1]).to(_C.bool)
    others = S.unsqueeze(-2).expand(*S.shape, S.shape[-1]).masked_fill(one, 1).prod(-1)
    turn = (_Determinant.run(U) * _Determinant.run(Vh)).conj()
    return turn[..., None, None] * ((U * others.unsqueeze(-2)) @ Vh)


class _Determinant(MatrixFunction):
    """d det(A) = det(A) tr(A^-1 dA) = tr(adj(A) dA), Jacobi's formula (Magnus and Neudecker 2019, ch. 8)."""

    saves_inputs = True

    @staticmethod
    def compute(A: Any) -> Any:
        import numpy

        return evaluate(numpy.linalg.det, A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        if gradient is None:
            return None
        A, value = ctx.saved_tensors
        if not value.is_meta and bool((all_samples(value) == 0).any()):
            return gradient[..., None, None] * _adjugate_adjoint(A)
        return (gradient * value.conj())[..., None, None] * inverse(A).mH


@under_autocast("float32")
def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The determinant of each matrix ``(*, n, n)``."""
    check_square("linalg.det", A)
    return given(out, _Determinant.run(A))


class _SignAndLogDeterminant(MatrixFunction):
    """d log det(A) = tr(A^-1 dA): the real part moves the logarithm, the imaginary part the sign."""

    saves_inputs = True

    @staticmethod
    def compute(A: Any) -> Any:
        import numpy

        return evaluate(lambda a: tuple(numpy.linalg.slogdet(a)), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        of_sign, of_log = grad_outputs
        A, sign, _ = ctx.saved_tensors
        scale = of_log
        if of_sign is not None and A.is_complex():
            turn = (of_sign * sign.conj()).imag * 1j
            scale = turn if scale is None else scale + turn
        if scale is None:
            return _C.ops.mul(A.detach(), 0)
        return scale[..., None, None] * inverse(A).mH


def sign_and_log(name: str, A: Tensor) -> tuple[Tensor, Tensor]:
    """Sign, and logarithm of the size, of the determinant."""
    check_square(name, A)
    return _SignAndLogDeterminant.run(A)


@under_autocast("float32")
def slogdet(A: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.linalg_slogdet:
    """The determinant's sign, of size 1 or 0, and the logarithm of its size, which does not overflow.

    Returns:
        A named tuple of two ``(*)``: sign, logabsdet (-inf for a singular matrix).
    """
    return named("linalg_slogdet", sign_and_log("linalg.slogdet", A), out)

"""Eigenvalues and eigenvectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from ._matrices import (
    LinAlgError,
    MatrixFunction,
    check_square,
    diagonal_of,
    evaluate,
    given,
    identity_like,
    is_recorded,
    named,
    tolerant,
)
from ._solve import solution

if TYPE_CHECKING:
    from .. import return_types

# ---- Hermitian matrices ---------------------------------------------------------------------------------------------


def check_phase(name: str, diagonal: Any, scale: Any) -> None:
    """A loss must not depend on the phase e^(i phi) of an eigenvector or singular vector, which nothing fixes.

    Args:
        diagonal: the derivatives of the loss by the phases.
        scale: what they are small against, up to rounding.
    """
    if diagonal.is_meta or diagonal.numel() == 0:
        return
    limit = 1e-4 if diagonal.dtype == _C.float32 else 1e-8
    largest = float(diagonal.detach().abs().max())
    if largest > limit * max(1.0, float(scale.detach().abs().max())):
        raise RuntimeError(
            f"{name}_backward(): the vectors in the complex case are specified up to multiplication by e^(i phi). The "
            f"specified loss function depends on this quantity (its derivative by phi is {largest:.3g}), so it is "
            "ill-defined. Take sizes, or products in which phi cancels."
        )


def differences(values: Tensor) -> Tensor:
    """values_j - values_i, with ones on the diagonal."""
    result = values.unsqueeze(-2) - values.unsqueeze(-1)
    return result.masked_fill(identity_like(result, values.shape[-1]).to(_C.bool), 1)


def _eigh_all(uplo: Any, name: str) -> Any:
    def decompose(a: Any) -> Any:
        import numpy

        return tuple(numpy.linalg.eigh(a, uplo))

    def diagnose(matrix: Any) -> int:
        import numpy

        if numpy.isfinite(matrix).all():
            raise LinAlgError(f"{name}(): the algorithm failed to converge; expected a well-scaled matrix.")
        return 1

    return tolerant(decompose, diagnose)


class _Eigh(MatrixFunction):
    """gA = V (diag(gL) + (V^H gV) / E) V^H with E_ij = L_j - L_i (Giles 2008, 3.1)."""

    @staticmethod
    def compute(A: Any, uplo: str, name: str) -> Any:
        return evaluate(_eigh_all(uplo, name), A)[:2]

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        of_l, of_v = grad_outputs
        L, V = ctx.saved_tensors
        if of_v is None:
            if of_l is None:
                return None, None, None
            return (V * of_l.unsqueeze(-2)) @ V.mH, None, None
        middle = V.mH @ of_v
        diagonal = diagonal_of(middle)
        if V.is_complex():
            check_phase("linalg.eigh", diagonal.imag, middle)
        middle = (middle - diagonal.diag_embed()) / differences(L)
        if of_l is not None:
            middle = middle + of_l.to(V.dtype).diag_embed()
        return V @ middle @ V.mH, None, None


def hermitian_parts(name: str, input: Tensor, UPLO: str) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors, from the triangle that UPLO names."""
    check_square(name, input, "input")
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"{name}(): expected UPLO argument to be 'L' or 'U', but got {UPLO!r}.")
    return _Eigh.run(input, UPLO.upper(), name)


@under_autocast("float32")
def eigh(input: Tensor, UPLO: str = "L", *, out: tuple[Tensor, Tensor] | None = None) -> return_types.linalg_eigh:
    """A = V diag(L) V^H for symmetric or Hermitian matrices: eigenvalues in ascending order, orthonormal eigenvectors.

    Args:
        input: A, ``(*, n, n)``.
        UPLO: which triangle is read, ``"L"`` or ``"U"``.

    Returns:
        A named tuple: eigenvalues ``(*, n)``, real; eigenvectors ``(*, n, n)``, in columns.

    Gradients through the eigenvectors need distinct eigenvalues.

    Example:
        >>> ember.linalg.eigh(ember.tensor([[2., 0.], [0., 1.]])).eigenvalues
        tensor([1., 2.])
    """
    return named("linalg_eigh", hermitian_parts("linalg.eigh", input, UPLO), out)


@under_autocast("float32")
def eigvalsh(input: Tensor, UPLO: str = "L", *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues of symmetric or Hermitian matrices ``(*, n, n)``, in ascending order; see :func:`eigh`."""
    name = "linalg.eigvalsh"
    if is_recorded(input):
        return given(out, hermitian_parts(name, input, UPLO)[0])
    check_square(name, input, "input")
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"{name}(): expected UPLO argument to be 'L' or 'U', but got {UPLO!r}.")

    uplo: Any = UPLO.upper()

    def values(a: Any) -> Any:
        import numpy

        return numpy.linalg.eigvalsh(a, uplo)

    return given(out, evaluate(tolerant(values, lambda matrix: 1), input)[0])


# ---- general matrices -----------------------------------------------------------------------------------------------


def _complex(array: Any) -> Any:
    import numpy

    return array.astype(numpy.result_type(array.dtype, numpy.complex64), copy=False)


def _decompose(name: str, vectors: bool) -> Any:
    def decompose(a: Any) -> Any:
        import numpy

        if not numpy.isfinite(a).all():
            raise RuntimeError(f"{name}(): input tensor should not contain infs or NaNs; expected finite elements.")
        try:
            if not vectors:
                return _complex(numpy.linalg.eigvals(a))
            values, columns = numpy.linalg.eig(a)
        except numpy.linalg.LinAlgError:
            raise LinAlgError(f"{name}(): the algorithm failed to converge; expected a well-scaled matrix.") from None
        return _complex(values), _complex(columns)

    return decompose


class _Eig(MatrixFunction):
    """gA = V^-H (diag(gL) + (V^H gV - V^H V Re diag(V^H gV)) / E^*) V^H with E_ij = L_j - L_i, for columns of length 1
    (Boeddeker et al. 2017, "On the computation of complex-valued gradients", 4.8).
    """

    saves_inputs = True

    @staticmethod
    def compute(A: Any, name: str) -> Any:
        return evaluate(_decompose(name, True), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        of_l, of_v = grad_outputs
        A, L, V = ctx.saved_tensors
        if of_v is None:
            if of_l is None:
                return None, None
            result = solution(V.mH, of_l.unsqueeze(-1) * V.mH)
        else:
            middle = V.mH @ of_v
            diagonal = diagonal_of(middle)
            check_phase("linalg.eig", diagonal.imag, middle)
            middle = middle - (V.mH @ V) * diagonal.real.unsqueeze(-2)
            middle = (middle - diagonal_of(middle).diag_embed()) / differences(L).conj()
            if of_l is not None:
                middle = middle + of_l.diag_embed()
            result = solution(V.mH, middle @ V.mH)
        return (result if A.is_complex() else result.real), None


def _parts(name: str, input: Any) -> tuple[Any, Any]:
    check_square(name, input, "input")
    return _Eig.run(input, name)


@under_autocast("float32")
def eig(input: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.linalg_eig:
    """A = V diag(L) V^-1: complex eigenvalues, in no order, and eigenvectors of length 1.

    Args:
        input: A, ``(*, n, n)``, finite.

    Returns:
        A named tuple, complex: eigenvalues ``(*, n)``; eigenvectors ``(*, n, n)``, in columns.

    Gradients need distinct eigenvalues, and a loss that does not depend on the phases of the eigenvectors.
    """
    return named("linalg_eig", _parts("linalg.eig", input), out)


@under_autocast("float32")
def eigvals(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues of square matrices ``(*, n, n)``, complex; see :func:`eig`."""
    name = "linalg.eigvals"
    if is_recorded(input):
        return given(out, _parts(name, input)[0])
    check_square(name, input, "input")
    return given(out, evaluate(_decompose(name, False), input))

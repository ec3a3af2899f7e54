"""QR, and products of Householder reflectors, in which LAPACK keeps a Q."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from ._matrices import (
    MatrixFunction,
    check_matrices,
    check_same_type,
    diagonal_of,
    evaluate,
    given,
    identity_like,
    named,
)
from ._solve import triangular_solution

if TYPE_CHECKING:
    from .. import return_types

_MODES = ("reduced", "complete", "r")


def _hermitian_adjoint(matrices: Any) -> Any:
    """M + M^H with half its diagonal: the adjoint of taking a Hermitian matrix's triangle (real diagonal)."""
    both = matrices + matrices.mH
    return both - (diagonal_of(both) / 2).diag_embed()


def _gradient_of_tall(Q: Any, R: Any, of_q: Any, of_r: Any) -> Any:
    """[gQ + Q h(triu(gR R^H - Q^H gQ))] R^-H (Walter and Lehmann 2013; Roberts and Roberts 2020)."""
    middle: Any = 0
    total: Any = 0
    if of_r is not None:
        middle = of_r @ R.mH
    if of_q is not None:
        middle = middle - Q.mH @ of_q
        total = of_q
    total = total + Q @ _hermitian_adjoint(middle.triu())
    return triangular_solution(R, total.mH, upper=True).mH


class _QR(MatrixFunction):
    saves_inputs = True

    @staticmethod
    def compute(A: Any, mode: Any) -> Any:
        import numpy

        return evaluate(lambda a: tuple(numpy.linalg.qr(a, mode)), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        of_q, of_r = grad_outputs
        A, Q, R = ctx.saved_tensors
        rows, columns = A.shape[-2:]
        if ctx.options[0] == "complete" and rows > columns:
            raise RuntimeError(
                "linalg.qr(): the QR decomposition is not differentiable when mode='complete' and nrows > ncols (they "
                f"are {rows} and {columns}). Use mode='reduced'."
            )
        if of_q is None and of_r is None:
            return None, None
        if rows >= columns:
            return _gradient_of_tall(Q, R, of_q, of_r), None
        # A = [X Y] = Q [U V] with a square X = Q U, and V = Q^H Y.
        if of_r is None:
            of_r = _C.ops.mul(R, 0)
        of_v = of_r[..., rows:]
        through_v = A[..., rows:] @ of_v.mH
        of_q = through_v if of_q is None else of_q + through_v
        of_x = _gradient_of_tall(Q, R[..., :rows], of_q, of_r[..., :rows])
        return _C.ops.cat([of_x, Q @ of_v], -1), None


def factors(name: str, A: Tensor, mode: str) -> tuple[Tensor, Tensor]:
    """Q and R; Q is empty for mode "r"."""
    check_matrices(name, A)
    if mode not in _MODES:
        raise RuntimeError(
            f"{name}(): received unrecognized mode {mode!r}; expected one of 'reduced' (default), 'r' or 'complete'."
        )
    if mode != "r":
        return _QR.run(A, mode)
    R = _only_r(A)
    return A.new_empty((0,)), R


class _OnlyR(MatrixFunction):
    @staticmethod
    def compute(A: Any) -> Any:
        import numpy

        return evaluate(lambda a: numpy.linalg.qr(a, "r"), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError(
            "linalg.qr(): the derivative depends on Q, which is not computed when mode='r'. Use mode='reduced'."
        )


def _only_r(A: Any) -> Any:
    return _OnlyR.run(A)


@under_autocast("float32")
def qr(A: Tensor, mode: str = "reduced", *, out: tuple[Tensor, Tensor] | None = None) -> return_types.linalg_qr:
    """A = Q R with orthonormal columns of Q and an upper triangular R.

    Args:
        A: ``(*, m, n)``; k is the smaller of m and n.
        mode: ``"reduced"``: Q ``(*, m, k)``, R ``(*, k, n)``; ``"complete"``: Q ``(*, m, m)``, R ``(*, m, n)``;
            ``"r"``: as reduced, with an empty Q and no gradient.

    Returns:
        A named tuple: Q, R. The signs of R's diagonal are LAPACK's.

    Example:
        >>> Q, R = ember.linalg.qr(ember.tensor([[3., 1.], [4., 2.]]))
        >>> Q @ R
        tensor([[3.0000, 1.0000],
                [4.0000, 2.0000]])
    """
    return named("linalg_qr", factors("linalg.qr", A, mode), out)


# ---- reflectors -----------------------------------------------------------------------------------------------------


def packed_factors(input: Tensor) -> tuple[Tensor, Tensor]:
    """LAPACK's geqrf: R, and below its diagonal the vectors of the reflectors, whose factors are tau."""
    import numpy

    check_matrices("geqrf", input, "input")

    def factor(a: Any) -> tuple[Any, Any]:
        h, tau = numpy.linalg.qr(a, "raw")
        return numpy.ascontiguousarray(numpy.swapaxes(h, -2, -1)), tau

    return evaluate(factor, input.detach())


def _check_reflectors(name: str, input: Any, tau: Any) -> None:
    check_matrices(name, input, "input")
    check_same_type(name, input, tau, ("input", "tau"))
    rows, columns = input.shape[-2:]
    if rows < columns:
        raise RuntimeError(
            f"{name}(): input of shape {tuple(input.shape)} has fewer rows than columns; expected at least as many."
        )
    if tau.dim() != input.dim() - 1 or tau.shape[:-1] != input.shape[:-2] or tau.shape[-1] > columns:
        raise RuntimeError(
            f"{name}(): tau has shape {tuple(tau.shape)} for input of shape {tuple(input.shape)}; expected the same "
            f"batch dims and at most {columns} factors."
        )


def _reflected(input: Any, tau: Any, other: Any, transpose: bool) -> Any:
    """Q other for Q = H_1 ... H_k, H_i = I - tau_i v_i v_i^H, in the form I - V T V^H with
    T = (I + D triu(V^H V, 1))^-1 D, D = diag(tau) (Puglisi 1992); Q^H has T^H.
    """
    count = tau.shape[-1]
    one = identity_like(input, input.shape[-2])[:, :count]
    V = input[..., :count].tril(-1) + one
    D = tau.unsqueeze(-1)
    middle = (V.mH @ V).triu(1)
    projected = V.mH @ other
    if transpose:
        # T^H = D^H (I + D M)^-H
        weights = D.conj() * triangular_solution((D * middle).mH, projected, upper=False, unit=True)
    else:
        weights = triangular_solution(D * middle, D * projected, upper=True, unit=True)
    return other - V @ weights


@under_autocast("float32")
def householder_product(input: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The first n columns of H_1 H_2 ... H_k with H_i = I - tau_i v_i v_i^H.

    Args:
        input: ``(*, m, n)`` with m >= n; below the diagonal of column i stands v_i, which has a 1 there and 0 above.
        tau: ``(*, k)`` with k <= n.

    Source: Puglisi 1992, "Modification of the Householder method based on the compact WY representation".
    """
    _check_reflectors("linalg.householder_product", input, tau)
    rows, columns = input.shape[-2:]
    one = identity_like(input, rows)[:, :columns].expand(*input.shape[:-2], rows, columns)
    return given(out, _reflected(input, tau, one, False))


def multiply_by_q(input: Tensor, tau: Tensor, other: Tensor, left: bool, transpose: bool) -> Tensor:
    """Q other, Q^H other, other Q or other Q^H for the square Q of LAPACK's reflectors."""
    name = "ormqr"
    check_matrices(name, input, "input")
    check_same_type(name, input, other, ("input", "other"))
    if other.dim() < 2 or other.shape[-2 if left else -1] != input.shape[-2]:
        raise RuntimeError(
            f"{name}(): other has shape {tuple(other.shape)}; expected {input.shape[-2]} "
            f"{'rows' if left else 'columns'}, as many as input has rows."
        )
    if left:
        return _reflected(input, tau, other, transpose)
    return _reflected(input, tau, other.mH, not transpose).mH

"""Singular values, and what stands on them: pseudoinverse, rank, least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._number_info import finfo
from ._eigen import check_phase, differences, hermitian_parts
from ._matrices import (
    LinAlgError,
    MatrixFunction,
    all_samples,
    check_matrices,
    check_same_type,
    check_square,
    diagonal_of,
    evaluate,
    given,
    is_recorded,
    named,
)

if TYPE_CHECKING:
    from .. import return_types

# ---- decomposition --------------------------------------------------------------------------------------------------


def _failure(name: str, array: Any) -> LinAlgError:
    import numpy

    finite = numpy.isfinite(array).all(axis=(-2, -1))
    if finite.all():
        return LinAlgError(f"{name}(): the algorithm failed to converge; expected well-scaled matrices.")
    element = f"(Batch element {int(numpy.argmin(finite.reshape(-1)))}): " if array.ndim > 2 else ""
    return LinAlgError(
        f"{name}(): {element}the algorithm failed to converge because the input matrix contained non-finite values; "
        "expected finite ones."
    )


def _decompose(name: str, full: Any, vectors: Any) -> Any:
    def decompose(a: Any) -> Any:
        import numpy

        try:
            result = numpy.linalg.svd(a, full_matrices=full, compute_uv=vectors)
        except numpy.linalg.LinAlgError:
            raise _failure(name, a) from None
        return tuple(result) if vectors else result

    return decompose


def _skew(matrices: Any) -> Any:
    return matrices - matrices.mH


class _SVD(MatrixFunction):
    """A = U S V^H: gA = U [(skew(U^H gU) / E) S + S (skew(V^H gV) / E) + gS] V^H, plus what leaves the spans of U and
    V; E_ij = S_j^2 - S_i^2 (Townsend 2016, "Differentiating the singular value decomposition").
    """

    @staticmethod
    def compute(A: Any, full: bool, name: str) -> Any:
        return evaluate(_decompose(name, full, True), A)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        of_u, of_s, of_vh = grad_outputs
        if of_u is None and of_s is None and of_vh is None:
            return None, None, None
        U, S, Vh = ctx.saved_tensors
        count = S.shape[-1]
        # Columns beyond the singular values are an arbitrary basis: no well-defined loss depends on them.
        U, Vh = U[..., :count], Vh[..., :count, :]
        of_u = None if of_u is None else of_u[..., :count]
        of_v = None if of_vh is None else of_vh[..., :count, :].mH
        if of_u is None and of_v is None:
            return (U * of_s.unsqueeze(-2)) @ Vh, None, None
        return _gradient(U, S, Vh, of_u, of_s, of_v), None, None


def _gradient(U: Any, S: Any, Vh: Any, of_u: Any, of_s: Any, of_v: Any) -> Any:
    rows, columns, count = U.shape[-2], Vh.shape[-1], S.shape[-1]
    squares = S * S
    gaps = differences(squares)
    row, column = S.unsqueeze(-2), S.unsqueeze(-1)  # S on the right, on the left
    u_part = None if of_u is None else U.mH @ of_u
    v_part = None if of_v is None else Vh @ of_v
    middle: Any = 0
    if u_part is not None:
        middle = _skew(u_part) / gaps * row
    if v_part is not None:
        middle = middle + column * (_skew(v_part) / gaps)
    middle = middle - diagonal_of(middle).diag_embed()
    if U.is_complex():
        present = [part for part in (u_part, v_part) if part is not None]
        phases = sum(diagonal_of(part).imag for part in present)
        check_phase("linalg.svd", phases, _C.ops.cat(present, -1))
        # With phases that cancel, either side tells how both turn together.
        turn = diagonal_of(u_part).imag if u_part is not None else -diagonal_of(v_part).imag
        middle = middle + (turn / S * 1j).diag_embed()
    if of_s is not None:
        middle = middle + of_s.to(U.dtype).diag_embed()
    result = U @ middle
    if of_u is not None and rows > count:
        scaled = of_u / row
        result = result + scaled - U @ (U.mH @ scaled)
    result = result @ Vh
    if of_v is not None and columns > count:
        scaled = (of_v / row).mH
        result = result + U @ (scaled - (scaled @ Vh.mH) @ Vh)
    return result


def svd_of(A: Tensor, full: bool, name: str = "linalg.svd") -> tuple[Tensor, Tensor, Tensor]:
    """U, S and V^H, recorded."""
    return _SVD.run(A, full, name)


def singular_values(A: Tensor, name: str = "linalg.svdvals") -> Tensor:
    """S, recorded."""
    if is_recorded(A):
        return _SVD.run(A, False, name)[1]
    return evaluate(_decompose(name, False, False), A)


def _check_driver(name: str, driver: str | None) -> None:
    if driver is not None:
        raise RuntimeError(
            f"{name}(): driver is {driver!r}; keyword argument `driver=` is only supported on CUDA inputs. "
            "Leave it out."
        )


@under_autocast("float32")
def svd(
    A: Tensor,
    full_matrices: bool = True,
    *,
    driver: str | None = None,
    out: tuple[Tensor, Tensor, Tensor] | None = None,
) -> return_types.linalg_svd:
    """A = U diag(S) V^H with orthonormal columns of U and V, and S in descending order.

    Args:
        A: ``(*, m, n)``; k is the smaller of m and n.
        full_matrices: U ``(*, m, m)`` and Vh ``(*, n, n)``; otherwise ``(*, m, k)`` and ``(*, k, n)``.
        driver: of CUDA; must be None.

    Returns:
        A named tuple: U, S ``(*, k)``, Vh.

    Gradients through U and Vh need distinct singular values, and a loss that does not depend on columns beyond k.

    Example:
        >>> ember.linalg.svd(ember.tensor([[3., 0.], [0., 4.]])).S
        tensor([4., 3.])
    """
    check_matrices("linalg.svd", A)
    _check_driver("linalg.svd", driver)
    return named("linalg_svd", svd_of(A, full_matrices), out)


@under_autocast("float32")
def svdvals(A: Tensor, *, driver: str | None = None, out: Tensor | None = None) -> Tensor:
    """The singular values of matrices ``(*, m, n)``, in descending order."""
    check_matrices("linalg.svdvals", A)
    _check_driver("linalg.svdvals", driver)
    return given(out, singular_values(A))


# ---- what counts as zero --------------------------------------------------------------------------------------------


def _limit(A: Any, values: Any, atol: Any, rtol: Any) -> Any:
    """max(atol, rtol * largest): up to where singular values count as 0. rtol is by default epsilon max(m, n)."""
    if rtol is None:
        zero = atol is None or (not isinstance(atol, _C.Tensor) and atol == 0)
        default = finfo(A.dtype).eps * max(A.shape[-2:])
        rtol = default if zero else 0.0
        if isinstance(atol, _C.Tensor):
            rtol = _C.ops.where(atol > 0, 0.0, default).to(values.dtype)
    largest = values.amax(-1)
    relative = largest * rtol
    absolute = 0.0 if atol is None else atol
    if not isinstance(absolute, _C.Tensor):
        return relative.clamp(min=absolute)
    return _C.ops.maximum(relative, absolute.to(relative.dtype))


@under_autocast("float32")
def matrix_rank(
    input: Tensor,
    tol: float | Tensor | None = None,
    hermitian: bool = False,
    *,
    atol: float | Tensor | None = None,
    rtol: float | Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The number of singular values above ``max(atol, rtol * largest)``.

    Args:
        input: ``(*, m, n)``.
        tol: older name of atol.
        hermitian: take the sizes of eigenvalues, which are cheaper.
        atol, rtol: numbers or tensors ``(*)``. Default: 0 and, without atol, epsilon max(m, n).
    """
    name = "linalg.matrix_rank"
    (check_square if hermitian else check_matrices)(name, input, "input")
    if tol is not None:
        atol, rtol = tol, 0.0
    if input.numel() == 0:
        return given(out, _C.ops.zeros(input.shape[:-2], dtype=_C.int64, device=input.device))
    matrices = input.detach()
    values = hermitian_parts(name, matrices, "L")[0].abs() if hermitian else singular_values(matrices, name)
    return given(out, (values > _limit(input, values, atol, rtol).unsqueeze(-1)).sum(-1))


# ---- pseudoinverse --------------------------------------------------------------------------------------------------


def _pseudoinverse(A: Any, atol: Any, rtol: Any, hermitian: bool, name: str) -> tuple[Any, Any, Any]:
    """The pseudoinverse, the singular values (sizes of eigenvalues), and the rank."""
    if hermitian:
        values, V = hermitian_parts(name, A, "L")
        left, right, sizes = V, V.mH, values.abs()
    else:
        U, values, Vh = svd_of(A, False, name)
        left, right, sizes = Vh.mH, U.mH, values
    if A.numel() == 0:
        rank = _C.ops.zeros(A.shape[:-2], dtype=_C.int64, device=A.device)
        return A.new_zeros((*A.shape[:-2], A.shape[-1], A.shape[-2])), sizes, rank
    kept = sizes > _limit(A, sizes, atol, rtol).unsqueeze(-1)
    inverted = _C.ops.where(kept, 1 / values, _C.ops.mul(values, 0))
    return (left * inverted.unsqueeze(-2)) @ right, sizes, kept.sum(-1)


class _Pseudoinverse(MatrixFunction):
    """dP = -P dA P + P P^H dA^H (I - A P) + (I - P A) dA^H P^H P, at constant rank (Golub and Pereyra 1973)."""

    saves_inputs = True

    @staticmethod
    def compute(A: Any, atol: Any, rtol: Any, hermitian: bool, name: str) -> Any:
        return _pseudoinverse(A.detach(), atol, rtol, hermitian, name)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        gradient = grad_outputs[0]
        nothing = (None,) * ctx._count
        if gradient is None:
            return nothing
        saved = ctx.saved_tensors
        A, P = saved[0], saved[-3]
        adjoint, turned = P.mH, gradient.mH
        outer = turned @ P  # (m, m)
        inner = P @ turned  # (n, n)
        first = outer @ adjoint
        second = adjoint @ inner
        result = (first - A @ (P @ first)) + (second - (second @ P) @ A) - adjoint @ gradient @ adjoint
        return (result, *nothing[1:])


def pseudoinverse(A: Tensor, atol: Any, rtol: Any, hermitian: bool, name: str) -> tuple[Tensor, Tensor, Tensor]:
    """The pseudoinverse, singular values, and which of them count."""
    return _Pseudoinverse.run(A, atol, rtol, hermitian, name)


@under_autocast("float32")
def pinv(
    input: Tensor,
    rcond: float | Tensor | None = None,
    hermitian: bool = False,
    *,
    atol: float | Tensor | None = None,
    rtol: float | Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The Moore-Penrose pseudoinverse ``(*, n, m)``; singular values up to ``max(atol, rtol * largest)`` count as 0.

    Args:
        input: ``(*, m, n)``.
        rcond: older name of rtol.
        hermitian: the matrices are symmetric or Hermitian; eigenvalues are cheaper.
        atol, rtol: numbers or tensors ``(*)``. Default: 0 and, without atol, epsilon max(m, n).

    Source: Golub and Pereyra 1973, for the gradient.
    """
    name = "linalg.pinv"
    (check_square if hermitian else check_matrices)(name, input, "input")
    return given(out, pseudoinverse(input, atol, rcond if rtol is None else rtol, hermitian, name)[0])


# ---- least squares --------------------------------------------------------------------------------------------------

_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def _check_least_squares(name: str, A: Any, b: Any, driver: str | None) -> None:
    check_matrices(name, A, "input")
    check_same_type(name, A, b, ("input", "other"))
    if driver is not None and driver not in _DRIVERS:
        raise RuntimeError(f"{name}(): driver is {driver!r}; expected one of {', '.join(_DRIVERS)}.")
    if b.dim() == 0 or A.dim() - b.dim() not in (0, 1):
        raise RuntimeError(
            f"{name}(): input has {A.dim()} dims, other {b.dim()}; expected as many, or one less for vectors."
        )
    rows = b.shape[-1] if A.dim() == b.dim() + 1 else b.shape[-2]
    if A.shape[-2] != rows:
        raise RuntimeError(
            f"{name}(): input.size(-2) should match other.size({'-1' if A.dim() > b.dim() else '-2'}); they are "
            f"{A.shape[-2]} and {rows}."
        )


@under_autocast("float32")
def lstsq(
    input: Tensor, b: Tensor, rcond: float | None = None, *, driver: str | None = None
) -> return_types.linalg_lstsq:
    """X that minimizes ``|A X - B|``, the shortest such where many do.

    Args:
        input: A, ``(*, m, n)``.
        b: B, ``(*, m, k)``, or vectors ``(*, m)``.
        rcond: singular values up to rcond times the largest count as 0. Default: epsilon max(m, n).
        driver: ``"gelsy"`` (default), ``"gelsd"``, ``"gelss"``, or ``"gels"`` for matrices of full rank; all are
            computed by singular values. ``"gels"`` gives no rank, ``"gelsy"`` no residuals, both no singular values.

    Returns:
        A named tuple: solution ``(*, n, k)``; residuals ``(*, k)``, the squares of what is left over, empty unless
        m > n and every rank is n; rank ``(*)``; singular_values ``(*, min(m, n))``.

    Example:
        >>> A = ember.tensor([[1., 0.], [1., 1.], [1., 2.]])
        >>> solution = ember.linalg.lstsq(A, ember.tensor([[1.], [3.], [5.]])).solution
        >>> solution.round(decimals=3)
        tensor([[1.],
                [2.]])
    """
    name = "linalg.lstsq"
    _check_least_squares(name, input, b, driver)
    vector = input.dim() == b.dim() + 1
    right = b.unsqueeze(-1) if vector else b
    P, values, rank = pseudoinverse(input, None, rcond if rcond is None or rcond >= 0 else None, False, name)
    X = P @ right
    columns = input.shape[-1]
    full = input.is_meta or bool((all_samples(rank) == columns).all())
    if driver == "gels" and input.shape[-2] >= columns and not full:
        raise LinAlgError(
            f"{name}(): driver 'gels' needs matrices of full rank; they have rank {rank.tolist()} of {columns}. "
            "Use 'gelsd'."
        )
    none = input.new_empty((0,), dtype=values.dtype)
    residuals = none
    if driver not in (None, "gelsy") and input.shape[-2] > columns and full:
        residuals = (input.detach() @ X.detach() - right.detach()).abs().pow(2).sum(-2)
    X = X.squeeze(-1) if vector else X
    rank = rank if driver != "gels" else rank.new_empty((0,))
    values = values.detach() if driver in ("gelsd", "gelss") else none
    return named("linalg_lstsq", (X, residuals, rank, values))


def truncated(name: str, A: Tensor, some: bool, compute_uv: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The older torch.svd: U, S and V (not its adjoint)."""
    check_matrices(name, A, "input")
    if not compute_uv:
        S = singular_values(A, name)
        batch, (rows, columns) = A.shape[:-2], A.shape[-2:]
        return A.new_zeros((*batch, rows, rows)), S, A.new_zeros((*batch, columns, columns))
    U, S, Vh = svd_of(A, not some, name)
    return U, S, Vh.mH

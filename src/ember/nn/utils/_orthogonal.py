"""The parametrization of orthogonal matrices; published by `parametrizations.py`."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._number_info import finfo
from ...ops.creation import eye
from ...ops.sampling import randn
from ..modules.module import Module
from . import parametrize

_MAPS = ("matrix_exp", "cayley", "householder")


def _is_orthogonal(Q: Any) -> bool:
    rows, columns = Q.shape[-2:]
    one = eye(columns, dtype=Q.dtype, device=Q.device)
    return bool((Q.mH @ Q - one).abs().max() <= 10 * rows * finfo(Q.dtype).eps)


def _orthogonalized(matrices: Any) -> Any:
    """Q of QR with a positive diagonal of R, which is unique."""
    from ... import linalg

    Q, R = linalg.qr(matrices)
    return Q * R.diagonal(0, -2, -1).sgn().unsqueeze(-2)


class _Orthogonal(Module):
    base: Any

    def __init__(self, weight: Any, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        self.trivialized = use_trivialization
        self.register_buffer("base", None)

    def forward(self, X: Any) -> Any:
        from ... import linalg

        wide = X.shape[-2] < X.shape[-1]
        X = X.mT if wide else X
        rows, columns = X.shape[-2:]
        if self.orthogonal_map == "householder":
            reflectors = X.tril(-1)
            tau = 2 / (1 + (reflectors * reflectors).sum(-2))
            Q = linalg.householder_product(reflectors, tau) * X.diagonal(0, -2, -1).sign().unsqueeze(-2)
        else:
            X = X.tril()
            if rows != columns:
                X = _C.ops.cat([X, X.new_zeros((*X.shape[:-2], rows, rows - columns))], -1)
            A = X - X.mH
            if self.orthogonal_map == "matrix_exp":
                Q = linalg.matrix_exp(A)
            else:
                one = eye(rows, dtype=A.dtype, device=A.device)
                Q = linalg.solve(one - A / 2, one + A / 2)
            Q = Q[..., :columns]
        if self.base is not None:
            Q = self.base @ Q
        return Q.mT if wide else Q

    def right_inverse(self, Q: Any) -> Any:
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}."
            )
        wide = Q.shape[-2] < Q.shape[-1]
        Q = Q.mT if wide else Q
        original = self._start_at(Q.detach()) if self.trivialized else self._reflectors_of(Q.detach())
        return original.mT if wide else original

    def _start_at(self, Q: Any) -> Any:
        """Make Q (completed to a square matrix) the base; the original of the identity, for each of the maps, is -1."""
        rows, columns = Q.shape[-2:]
        if rows == columns:
            self.base = Q.clone() if _is_orthogonal(Q) else _orthogonalized(Q)
        else:
            more = randn(*Q.shape[:-2], rows, rows - columns, dtype=Q.dtype, device=Q.device)
            self.base = _orthogonalized(_C.ops.cat([Q, more], -1))
        original = _C.ops.mul(Q, 0)
        original.diagonal(0, -2, -1).fill_(-1)
        return original

    def _reflectors_of(self, Q: Any) -> Any:
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                "use_trivialization=False."
            )
        packed, tau = Q.geqrf()
        signs = packed.diagonal(0, -2, -1).sign()
        # The last reflector of a square matrix may be none (tau = 0), where the map has one.
        signs = _C.ops.where(tau == 0, -signs, signs)
        packed.diagonal(0, -2, -1).copy_(signs)
        return packed


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    r"""Keep a weight orthogonal (complex: unitary): :math:`Q^H Q = 1`, or :math:`Q Q^H = 1` where it is wide.

    Args:
        module: is changed in place.
        name: of the parameter, a matrix or a batch of them. Default: ``"weight"``.
        orthogonal_map: from matrices X to orthogonal ones. With :math:`A = X - X^H` of the lower triangle of X,
            ``"matrix_exp"`` is :math:`\exp(A)`, ``"cayley"`` is :math:`(1 + A / 2)(1 - A / 2)^{-1}`;
            ``"householder"`` is a product of reflections. Default: ``"matrix_exp"`` for square or complex
            weights, else ``"householder"``.
        use_trivialization: multiply by a fixed orthogonal matrix, the buffer ``base``, so that training starts near the
            identity and orthogonal values can be assigned; it takes memory for a square matrix. Default: ``True``.

    Returns:
        the module.

    Source: Lezcano-Casado 2019, arXiv 1909.09501 (trivializations).

    Example:
        >>> layer = ember.nn.utils.parametrizations.orthogonal(ember.nn.Linear(20, 40))
        >>> Q = layer.weight
        >>> ember.dist(Q.mT @ Q, ember.eye(20)) < 1e-4
        tensor(True)
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, _C.Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight.dim() < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.dim()} dimensions.")
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1]
        orthogonal_map = "matrix_exp" if square or weight.is_complex() else "householder"
    if orthogonal_map not in _MAPS:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    parametrization = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return parametrize.register_parametrization(module, name, parametrization, unsafe=True)

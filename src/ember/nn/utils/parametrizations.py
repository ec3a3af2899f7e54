"""Parametrizations that are often wanted."""

from __future__ import annotations

from typing import Any

from ... import _C
from ...autograd import no_grad
from .. import functional as F
from ..modules.module import Module
from . import parametrize
from ._orthogonal import orthogonal

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

_ops = _C.ops


# ---- weight_norm


def norm_except_dim(tensor: Any, dim: int) -> Any:
    """The 2-norm over all dims but one; of the whole tensor where ``dim`` is -1."""
    if dim == -1:
        return tensor.norm()
    return tensor.norm(2, [i for i in range(tensor.dim()) if i != dim % tensor.dim()], keepdim=True)


def normalized(direction: Any, length: Any, dim: int) -> Any:
    """``length * direction / norm(direction)``."""
    return direction * (length / norm_except_dim(direction, dim))


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        return normalized(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int = 0) -> Module:
    r"""Split a weight into length and direction, :math:`w = g \, v / \lVert v \rVert`, which are trained.

    Args:
        module: is changed in place; ``parametrizations.weight.original0`` is g, ``original1`` is v.
        name: of the parameter. Default: ``"weight"``.
        dim: each index along it has a length of its own; None is one length for the tensor. Default: 0.

    Returns:
        the module.

    Source: Salimans and Kingma 2016, arXiv 1602.07868.

    Example:
        >>> layer = ember.nn.utils.parametrizations.weight_norm(ember.nn.Linear(20, 40))
        >>> layer.parametrizations.weight.original0.shape, layer.parametrizations.weight.original1.shape
        (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def rename(state_dict: Any, prefix: str, *_: Any) -> None:  # files from before parametrizations
        for old, new in ((f"{name}_g", "original0"), (f"{name}_v", "original1")):
            if prefix + old in state_dict:
                state_dict[f"{prefix}parametrizations.{name}.{new}"] = state_dict.pop(prefix + old)

    module._register_load_state_dict_pre_hook(rename)
    return module


# ---- spectral_norm


def as_matrix(weight: Any, dim: int) -> Any:
    """The weight with ``dim`` in front and all else in columns."""
    if dim != 0:
        weight = weight.permute(dim, *(i for i in range(weight.dim()) if i != dim))
    return weight.flatten(1)


def spectral_dim(module: Module) -> int:
    """The dim of a layer's weight that counts its outputs."""
    transposed = "ConvTranspose" in "".join(kind.__name__ for kind in type(module).__mro__)
    return 1 if transposed else 0


class _SpectralNorm(Module):
    _u: Any
    _v: Any

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if not -weight.dim() <= dim < weight.dim():
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{weight.dim()}, {weight.dim() - 1}] but got "
                f"{dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim if dim >= 0 else dim + weight.dim()
        self.eps = eps
        if weight.dim() > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            rows, columns = matrix.shape
            self.register_buffer("_u", F.normalize(matrix.new_empty(rows).normal_(0, 1), dim=0, eps=eps))
            self.register_buffer("_v", F.normalize(matrix.new_empty(columns).normal_(0, 1), dim=0, eps=eps))
            iterate(matrix, self._u, self._v, 15, eps)

    def forward(self, weight: Any) -> Any:
        if weight.dim() == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            iterate(matrix.detach(), self._u, self._v, self.n_power_iterations, self.eps)
        # Copies: the buffers change before backward where the weight is read twice.
        u, v = self._u.clone(), self._v.clone()
        return weight / (u @ (matrix @ v))

    def right_inverse(self, value: Any) -> Any:
        return value  # the value is taken to be normalised already


def iterate(matrix: Any, u: Any, v: Any, count: int, eps: float) -> None:
    """Bring u and v, in place, nearer to the singular vectors of the largest singular value."""
    with no_grad():
        for _ in range(count):
            u.copy_(F.normalize(matrix @ v, dim=0, eps=eps))
            v.copy_(F.normalize(matrix.t() @ u, dim=0, eps=eps))


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    r"""Divide a weight by its largest singular value, so that the layer's Lipschitz constant is 1.

    The value is estimated by power iteration, which goes on with each forward in training.

    Args:
        module: is changed in place.
        name: of the parameter. Default: ``"weight"``.
        n_power_iterations: iterations a forward. Default: 1.
        eps: the least norm that the iteration divides by. Default: 1e-12.
        dim: of the weight that counts outputs. Default: 0, of transposed convolutions 1.

    Returns:
        the module.

    Source: Miyato et al. 2018, arXiv 1802.05957.

    Example:
        >>> layer = ember.nn.utils.parametrizations.spectral_norm(ember.nn.Linear(20, 40))
        >>> layer.weight.shape
        torch.Size([40, 20])
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, _C.Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = spectral_dim(module)
    parametrization = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, parametrization)

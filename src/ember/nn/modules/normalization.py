"""Normalisation over the features or channels of each sample."""

from __future__ import annotations

import numbers
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import arange, empty
from ...types import Device, _size
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["CrossMapLRN2d", "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


def _affine(module: Module, shape: Any, weight: bool, bias: bool, device: Any, dtype: Any) -> None:
    """Registers weight and bias, or None in their places."""
    for name, wanted in (("weight", weight), ("bias", bias)):
        module.register_parameter(name, Parameter(empty(shape, device=device, dtype=dtype)) if wanted else None)


def _reset_affine(module: Any) -> None:
    if module.weight is not None:
        init.ones_(module.weight)
    if getattr(module, "bias", None) is not None:
        init.zeros_(module.bias)


def _as_shape(normalized_shape: Any) -> tuple[int, ...]:
    return (int(normalized_shape),) if isinstance(normalized_shape, numbers.Integral) else tuple(normalized_shape)


class LayerNorm(Module):
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance over the last dims of each sample.

    Args:
        normalized_shape: sizes of the last dims, or the one size.
        eps: added to the variance. Default: 1e-5.
        elementwise_affine: have a weight. Default: ``True``.
        bias: have a bias too. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Attributes:
        weight, bias: ``normalized_shape``, 1 and 0 at first.

    Shape:
        Input and output: ``(N, *, *normalized_shape)``.

    Source: Ba et al. 2016, arXiv 1607.06450.
    """

    __constants__ = ["normalized_shape", "eps", "elementwise_affine"]

    def __init__(
        self,
        normalized_shape: int | _size,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        _affine(self, self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weight to 1 and bias to 0."""
        _reset_affine(self)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """``x / sqrt(mean(x^2) + eps) * weight``, the mean over the last dims of each sample.

    Args:
        normalized_shape: sizes of the last dims, or the one size.
        eps: added to the mean square. Default: the machine epsilon of the input's dtype.
        elementwise_affine: have a weight. Default: ``True``.
        device, dtype: of the weight. Default: the current ones.

    Attributes:
        weight: ``normalized_shape``, 1 at first.

    Shape:
        Input and output: ``(N, *, *normalized_shape)``.

    Source: Zhang and Sennrich 2019, arXiv 1910.07467.
    """

    __constants__ = ["normalized_shape", "eps", "elementwise_affine"]

    def __init__(
        self,
        normalized_shape: int | _size,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = Parameter(empty(self.normalized_shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1."""
        _reset_affine(self)

    def forward(self, input: Tensor) -> Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Normalises each sample over groups of neighbouring channels and all positions.

    Args:
        num_groups: number of groups; it divides ``num_channels``.
        num_channels: size of dim 1.
        eps: added to the variance. Default: 1e-5.
        affine: have a weight for each channel. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.
        bias: have a bias too. Default: ``True``.

    Attributes:
        weight, bias: ``(num_channels)``, 1 and 0 at first.

    Shape:
        Input and output: ``(N, C, *)``.

    Source: Wu and He 2018, arXiv 1803.08494.
    """

    __constants__ = ["num_groups", "num_channels", "eps", "affine"]

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        _affine(self, num_channels, affine, affine and bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weight to 1 and bias to 0."""
        _reset_affine(self)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    r"""Divides by the energy of neighbouring channels at the same position.

    .. math::
        y_c = x_c \left(k + \frac{\alpha}{n} \sum_{c' = c - \lfloor n/2 \rfloor}^{c + \lceil n/2 \rceil - 1}
        x_{c'}^2\right)^{-\beta}

    Args:
        size: :math:`n`, the number of channels in the sum.
        alpha: :math:`\alpha`. Default: 1e-4.
        beta: :math:`\beta`. Default: 0.75.
        k: :math:`k`. Default: 1.

    Shape:
        Input and output: ``(N, C, *)``, with at least one more dim.

    Source: Krizhevsky et al. 2012, ImageNet Classification with Deep Convolutional Neural Networks.

    Example:
        >>> ember.nn.LocalResponseNorm(2)(ember.randn(1, 4, 8, 8)).shape
        torch.Size([1, 4, 8, 8])
    """

    __constants__ = ["size", "alpha", "beta", "k"]

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Module):
    """:class:`LocalResponseNorm` of images as Torch7 had it: of the first channel, the square stays in later sums.

    Networks that were trained with it need it as it is; new ones want :class:`LocalResponseNorm`.

    Args:
        size: the sum is over ``(size - 1) // 2`` channels on each side; its factor is ``alpha / size``.
        alpha: factor of the mean square. Default: 1e-4.
        beta: exponent. Default: 0.75.
        k: added to the mean square. Default: 1.

    Shape:
        Input and output: ``(N, C, H, W)``.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.dim()}D instead.")
        side, channels = (self.size - 1) // 2, input.shape[1]
        squares = input.square()
        padded = F.pad(squares, (0, 0, 0, 0, side, side))
        total = sum(padded.narrow(1, i, channels) for i in range(2 * side + 1))
        late = arange(channels, device=input.device).view(-1, 1, 1) > side
        total = total + squares.narrow(1, 0, 1) * late
        return input / (total * (self.alpha / self.size) + self.k) ** self.beta

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"

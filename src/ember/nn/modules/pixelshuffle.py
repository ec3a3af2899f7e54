"""Layers that turn channels into pixels and back."""

from __future__ import annotations

from ..._C import Tensor
from .. import functional as F
from .module import Module

__all__ = ["PixelShuffle", "PixelUnshuffle"]


class PixelShuffle(Module):
    """Makes r by r pixels of each pixel's r^2 channels: sub-pixel convolution's last step.

    Args:
        upscale_factor: r.

    Shape:
        Input: ``(*, C r^2, H, W)``. Output: ``(*, C, H r, W r)``.

    Source: Shi et al. 2016, arXiv 1609.05158.

    Example:
        >>> ember.nn.PixelShuffle(2)(ember.zeros(1, 8, 3, 3)).shape
        torch.Size([1, 2, 6, 6])
    """

    __constants__ = ["upscale_factor"]

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Makes channels of r by r pixels: the inverse of :class:`PixelShuffle`.

    Args:
        downscale_factor: r.

    Shape:
        Input: ``(*, C, H r, W r)``. Output: ``(*, C r^2, H, W)``.

    Source: Shi et al. 2016, arXiv 1609.05158.
    """

    __constants__ = ["downscale_factor"]

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"

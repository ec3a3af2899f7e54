"""Layers that resample images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._C import Tensor
from ...types import _size
from .. import functional as F
from .module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """Resamples the spatial dims to a size, or by a factor.

    Args:
        size: of the spatial dims, one number for all or one for each. Default: by ``scale_factor``.
        scale_factor: the ratio of new to old size, one for all or one for each. Default: by ``size``.
        mode: ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"bicubic"`` or ``"trilinear"``. Default: ``"nearest"``.
        align_corners: the centres of the outermost elements, not their outer edges, lie on each other.
            Default: ``False``.
        recompute_scale_factor: take the ratio from the sizes. Default: ``False``.

    Shape:
        Input: ``(N, C, L)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``. Output: the same with other spatial dims.

    Example:
        >>> ember.nn.Upsample(scale_factor=2)(ember.tensor([[[1.0, 2.0]]]))
        tensor([[[1., 1., 2., 2.]]])
    """

    __constants__ = ["size", "scale_factor", "mode", "align_corners", "name", "recompute_scale_factor"]

    def __init__(
        self,
        size: int | _size | None = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor: Any = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        given = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{given}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Repeats the pixels of images.

    Args:
        size: ``(H, W)``, or one number for both. Default: by ``scale_factor``.
        scale_factor: the ratio of new to old size. Default: by ``size``.

    Shape:
        Input: ``(N, C, H, W)``. Output: ``(N, C, H_out, W_out)``.
    """

    def __init__(self, size: int | _size | None = None, scale_factor: float | Sequence[float] | None = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Interpolates images between the centres of their outermost pixels.

    Args:
        size: ``(H, W)``, or one number for both. Default: by ``scale_factor``.
        scale_factor: the ratio of new to old size. Default: by ``size``.

    Shape:
        Input: ``(N, C, H, W)``. Output: ``(N, C, H_out, W_out)``.
    """

    def __init__(self, size: int | _size | None = None, scale_factor: float | Sequence[float] | None = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)

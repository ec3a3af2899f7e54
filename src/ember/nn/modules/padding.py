"""Borders around the last dims."""

from __future__ import annotations

from typing import Any

from ..._C import Tensor
from ...types import _size
from .. import functional as F
from .module import Module
from .utils import _ntuple

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """A border around the last ``dims`` dims."""

    __constants__ = ["padding"]
    dims: int
    mode: str
    value: float | None = None

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _ntuple(2 * self.dims)(padding)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_Pad):
    __constants__ = ["padding", "value"]
    mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ReflectionPadNd(_Pad):
    mode = "reflect"


class _ReplicationPadNd(_Pad):
    mode = "replicate"


class _CircularPadNd(_Pad):
    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() not in (self.dims + 1, self.dims + 2):
            raise ValueError(
                f"{type(self).__name__}: input is {input.dim()}-d (shape {tuple(input.shape)}); expected "
                f"{self.dims + 1}-d or {self.dims + 2}-d."
            )
        return super().forward(input)


class ConstantPad1d(_ConstantPadNd):
    """A border of one value, around one dim.

    Args:
        padding: its width, or (before, after).
        value: what the border holds.

    Shape:
        Input and output: ``(*, L)``.
    """

    dims = 1


class ConstantPad2d(_ConstantPadNd):
    """A border of one value, around images.

    Args:
        padding: its width, or (left, right, top, bottom).
        value: what the border holds.

    Shape:
        Input and output: ``(*, H, W)``.
    """

    dims = 2


class ConstantPad3d(_ConstantPadNd):
    """A border of one value, around volumes.

    Args:
        padding: its width, or (left, right, top, bottom, front, back).
        value: what the border holds.

    Shape:
        Input and output: ``(*, D, H, W)``.
    """

    dims = 3


class ZeroPad1d(ConstantPad1d):
    """A border of zeros, around one dim.

    Args:
        padding: its width, or (before, after).

    Shape:
        Input and output: ``(*, L)``.
    """

    def __init__(self, padding: int | _size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """A border of zeros, around images.

    Args:
        padding: its width, or (left, right, top, bottom).

    Shape:
        Input and output: ``(*, H, W)``.
    """

    def __init__(self, padding: int | _size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    """A border of zeros, around volumes.

    Args:
        padding: its width, or (left, right, top, bottom, front, back).

    Shape:
        Input and output: ``(*, D, H, W)``.
    """

    def __init__(self, padding: int | _size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ReflectionPad1d(_ReflectionPadNd):
    """A border that mirrors the inside at the edge, around one dim.

    Args:
        padding: its width, or (before, after).

    Shape:
        Input and output: ``(*, L)``.
    """

    dims = 1


class ReflectionPad2d(_ReflectionPadNd):
    """A border that mirrors the inside at the edge, around images.

    Args:
        padding: its width, or (left, right, top, bottom).

    Shape:
        Input and output: ``(*, H, W)``.
    """

    dims = 2


class ReflectionPad3d(_ReflectionPadNd):
    """A border that mirrors the inside at the edge, around volumes.

    Args:
        padding: its width, or (left, right, top, bottom, front, back).

    Shape:
        Input and output: ``(*, D, H, W)``.
    """

    dims = 3


class ReplicationPad1d(_ReplicationPadNd):
    """A border that repeats the edge, around one dim.

    Args:
        padding: its width, or (before, after).

    Shape:
        Input and output: ``(*, L)``.
    """

    dims = 1


class ReplicationPad2d(_ReplicationPadNd):
    """A border that repeats the edge, around images.

    Args:
        padding: its width, or (left, right, top, bottom).

    Shape:
        Input and output: ``(*, H, W)``.
    """

    dims = 2


class ReplicationPad3d(_ReplicationPadNd):
    """A border that repeats the edge, around volumes.

    Args:
        padding: its width, or (left, right, top, bottom, front, back).

    Shape:
        Input and output: ``(*, D, H, W)``.
    """

    dims = 3


class CircularPad1d(_CircularPadNd):
    """A border from the opposite side, around one dim.

    Args:
        padding: its width, or (before, after).

    Shape:
        Input and output: ``(*, L)``.
    """

    dims = 1


class CircularPad2d(_CircularPadNd):
    """A border from the opposite side, around images.

    Args:
        padding: its width, or (left, right, top, bottom).

    Shape:
        Input and output: ``(*, H, W)``.
    """

    dims = 2


class CircularPad3d(_CircularPadNd):
    """A border from the opposite side, around volumes.

    Args:
        padding: its width, or (left, right, top, bottom, front, back).

    Shape:
        Input and output: ``(*, D, H, W)``.
    """

    dims = 3

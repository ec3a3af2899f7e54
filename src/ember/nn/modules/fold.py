"""Images as columns of their blocks, and back."""

from __future__ import annotations

from ..._C import Tensor
from ...types import _size
from .. import functional as F
from .module import Module

__all__ = ["Fold", "Unfold"]


class Fold(Module):
    """The image whose blocks are given as columns; where they overlap they are added.

    Args:
        output_size: height and width of the image: one number, or two.
        kernel_size: height and width of a block: one number, or two.
        dilation: from one place of a block to the next. Default: 1.
        padding: zeros at both ends of the image. Default: 0.
        stride: from one block to the next. Default: 1.

    Shape:
        Input: ``(N, C * kernel height * kernel width, blocks)``, or without N. Output: ``(*, C, *output_size)``.

    Example:
        >>> ember.nn.Fold((4, 5), 2)(ember.ones(1, 12, 12)).shape
        torch.Size([1, 3, 4, 5])
    """

    __constants__ = ["output_size", "kernel_size", "dilation", "padding", "stride"]

    def __init__(
        self,
        output_size: int | _size,
        kernel_size: int | _size,
        dilation: int | _size = 1,
        padding: int | _size = 0,
        stride: int | _size = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )


class Unfold(Module):
    """Each block of an image as a column.

    Args:
        kernel_size: height and width of a block: one number, or two.
        dilation: from one place of a block to the next. Default: 1.
        padding: zeros at both ends of the image. Default: 0.
        stride: from one block to the next. Default: 1.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(*, C * kernel height * kernel width, blocks)``.

    Example:
        >>> ember.nn.Unfold(2)(ember.zeros(1, 3, 4, 5)).shape
        torch.Size([1, 12, 12])
    """

    __constants__ = ["kernel_size", "dilation", "padding", "stride"]

    def __init__(
        self, kernel_size: int | _size, dilation: int | _size = 1, padding: int | _size = 0, stride: int | _size = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"

"""Images as columns of their blocks, and back. The loops are records (csrc/ops/fold.h)."""

from __future__ import annotations

from ... import _C
from ..._C import Tensor
from ...types import _size

__all__ = ["fold", "unfold"]

_ops = _C.ops


def unfold(
    input: Tensor,
    kernel_size: int | _size,
    dilation: int | _size = 1,
    padding: int | _size = 0,
    stride: int | _size = 1,
) -> Tensor:
    """Each block of an image as a column.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        kernel_size: height and width of a block: one number, or two.
        dilation: from one place of a block to the next. Default: 1.
        padding: zeros at both ends. Default: 0.
        stride: from one block to the next. Default: 1.

    Shape: result ``(*, C * kernel height * kernel width, blocks)``, the blocks row-major.

    Example:
        >>> ember.nn.functional.unfold(ember.arange(6.0).reshape(1, 2, 3), 2)
        tensor([[0., 1.],
                [1., 2.],
                [3., 4.],
                [4., 5.]])
    """
    return _ops._unfold(input, kernel_size, dilation, padding, stride)


def fold(
    input: Tensor,
    output_size: int | _size,
    kernel_size: int | _size,
    dilation: int | _size = 1,
    padding: int | _size = 0,
    stride: int | _size = 1,
) -> Tensor:
    """The image whose blocks are given as columns; where they overlap they are added.

    Args:
        input: ``(N, C * kernel height * kernel width, blocks)``, or without N.
        output_size: height and width of the image: one number, or two.
        kernel_size, dilation, padding, stride: as in :func:`unfold`.

    Shape: result ``(*, C, *output_size)``.
    """
    return _ops._fold(input, output_size, kernel_size, dilation, padding, stride)

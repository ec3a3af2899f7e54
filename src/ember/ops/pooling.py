"""Pools that PyTorch has beside those of nn.functional. The loops are records (csrc/ops/pooling.h)."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._composite import published

_ops = _C.ops


def max_pool1d(
    input: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window of ``(*, L)``; see :func:`ember.nn.functional.max_pool1d`."""
    return _ops._max_pool(input, kernel_size, stride, padding, dilation, ceil_mode, 1)


def max_pool2d(
    input: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window of ``(*, H, W)``; see :func:`ember.nn.functional.max_pool2d`."""
    return _ops._max_pool(input, kernel_size, stride, padding, dilation, ceil_mode, 2)


def max_pool3d(
    input: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window of ``(*, D, H, W)``; see :func:`ember.nn.functional.max_pool3d`."""
    return _ops._max_pool(input, kernel_size, stride, padding, dilation, ceil_mode, 3)


def max_pool1d_with_indices(
    input: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window of ``(*, L)``, and the positions where they stand."""
    return tuple(_ops._max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode, 1))


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window.

    Args:
        input: ``(N, C, L)`` or ``(C, L)``.
        kernel_size: how many positions a window has.
        stride: from one window to the next. Default: ``kernel_size``.
        padding: zeros at both ends, at most half of the kernel. Default: 0.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.
        count_include_pad: zeros count as elements of the mean. Default: ``True``.

    Shape: ``(*, L)`` to ``(*, floor((L + 2 padding - kernel_size) / stride) + 1)``.

    Example:
        >>> ember.nn.functional.avg_pool1d(ember.tensor([[1.0, 3, 5, 7]]), 2)
        tensor([[2., 6.]])
    """
    return _ops._avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, None, 1)


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The means of ``output_size`` windows of about equal length.

    Shape: ``(*, L)`` to ``(*, output_size)``.
    """
    return _ops._adaptive_avg_pool(input, output_size, 1)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """The largest elements of ``output_size`` windows of about equal length, and the positions where they stand.

    Shape: ``(*, L)`` to ``(*, output_size)``, twice.
    """
    return tuple(_ops._adaptive_max_pool(input, output_size, 1))


# They are no methods of Tensor.
for _function in (
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool1d_with_indices,
    avg_pool1d,
    adaptive_avg_pool1d,
    adaptive_max_pool1d,
):
    published[_function.__name__] = _function

"""Pooling layers: the largest, the mean or the norm of windows, and the way back."""

from __future__ import annotations

from typing import Any

from ..._C import Tensor
from ...types import _size
from .. import functional as F
from .module import Module
from .utils import _ntuple, _single

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]

# ---- the largest


class _MaxPoolNd(Module):
    __constants__ = ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """The largest element of each window of ``kernel_size`` places.

    Args:
        kernel_size: how many places a window has.
        stride: from one window to the next. Default: ``kernel_size``.
        padding: places at both ends that are never the largest; at most half of the kernel. Default: 0.
        dilation: from one place of a window to the next. Default: 1.
        return_indices: also give the positions of the largest elements, for :class:`MaxUnpool1d`. Default: ``False``.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(*, M)`` with
        ``M = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.max_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool2d(_MaxPoolNd):
    """The largest element of each window; nan is the largest.

    Args:
        kernel_size: how many places a window has in each dim: one number, or (height, width).
        stride: from one window to the next. Default: ``kernel_size``.
        padding: places at both ends that are never the largest; at most half of the kernel. Default: 0.
        dilation: from one place of a window to the next. Default: 1.
        return_indices: also give the positions of the largest elements, for :class:`MaxUnpool2d`. Default: ``False``.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: a dim of size ``n`` becomes
        ``floor((n + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1``.

    Example:
        >>> ember.nn.MaxPool2d(2)(ember.zeros(8, 3, 32, 32)).shape
        torch.Size([8, 3, 16, 16])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool3d(_MaxPoolNd):
    """The largest element of each window; arguments as in :class:`MaxPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.max_pool3d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class _MaxUnpoolNd(Module):
    dims: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        per_dim = _ntuple(self.dims)
        self.kernel_size = per_dim(kernel_size)
        self.stride = per_dim(stride if stride is not None else kernel_size)
        self.padding = per_dim(padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """Puts the largest elements back where :class:`MaxPool1d` found them, with zeros between them.

    Args:
        kernel_size, stride, padding: those of the pool.

    Shape:
        Input and indices: ``(N, C, L)`` or ``(C, L)``; ``output_size`` tells the length before pooling where several
        would fit.
    """

    dims = 1

    def forward(self, input: Tensor, indices: Tensor, output_size: _size | None = None) -> Tensor:
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_MaxUnpoolNd):
    """Puts the largest elements back where :class:`MaxPool2d` found them, with zeros between them.

    Args:
        kernel_size, stride, padding: those of the pool.

    Shape:
        Input and indices: ``(N, C, H, W)`` or ``(C, H, W)``; ``output_size`` tells the size before pooling where
        several would fit.

    Example:
        >>> pool, unpool = ember.nn.MaxPool2d(2, return_indices=True), ember.nn.MaxUnpool2d(2)
        >>> unpool(*pool(ember.arange(4.0).reshape(1, 1, 2, 2)))
        tensor([[[[0., 0.],
                  [0., 3.]]]])
    """

    dims = 2

    def forward(self, input: Tensor, indices: Tensor, output_size: _size | None = None) -> Tensor:
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_MaxUnpoolNd):
    """Puts the largest elements back where :class:`MaxPool3d` found them; see :class:`MaxUnpool2d`.

    Shape:
        Input and indices: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    dims = 3

    def forward(self, input: Tensor, indices: Tensor, output_size: _size | None = None) -> Tensor:
        return F.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


# ---- the mean


class _AvgPoolNd(Module):
    __constants__ = ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"]
    kernel_size: Any
    stride: Any
    padding: Any

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPoolNd):
    """The mean of each window of ``kernel_size`` places.

    Args:
        kernel_size: how many places a window has.
        stride: from one window to the next. Default: ``kernel_size``.
        padding: zeros at both ends, at most half of the kernel. Default: 0.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.
        count_include_pad: zeros count as elements of the mean. Default: ``True``.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(*, M)`` with
        ``M = floor((L + 2 padding - kernel_size) / stride) + 1``.
    """

    def __init__(
        self,
        kernel_size: int | _size,
        stride: int | _size | None = None,
        padding: int | _size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = _single(kernel_size)
        self.stride = _single(stride if stride is not None else kernel_size)
        self.padding = _single(padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class _AvgPoolWithDivisor(_AvgPoolNd):
    __constants__ = ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override


class AvgPool2d(_AvgPoolWithDivisor):
    """The mean of each window.

    Args:
        kernel_size: how many places a window has in each dim: one number, or (height, width).
        stride: from one window to the next. Default: ``kernel_size``.
        padding: zeros at both ends, at most half of the kernel. Default: 0.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.
        count_include_pad: zeros count as elements of the mean. Default: ``True``.
        divisor_override: what the sums are divided by. Default: the number of elements.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: a dim of size ``n`` becomes
        ``floor((n + 2 padding - kernel_size) / stride) + 1``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool3d(_AvgPoolWithDivisor):
    """The mean of each window; arguments as in :class:`AvgPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


# ---- windows at random places


class _FractionalMaxPoolNd(Module):
    __constants__ = ["kernel_size", "return_indices", "output_size", "output_ratio"]
    dims: int

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        per_dim = _ntuple(self.dims)
        self.kernel_size = per_dim(kernel_size)
        self.return_indices = return_indices
        self._random_samples = _random_samples
        self.output_size = per_dim(output_size) if output_size is not None else None
        self.output_ratio = per_dim(output_ratio) if output_ratio is not None else None
        name = type(self).__name__
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """The largest elements of windows at random places, a fraction of a position apart on average.

    Args:
        kernel_size: how many places a window has in each dim: one number, or (height, width).
        output_size: how many windows there are in each dim.
        output_ratio: the same as a part of the input's size, in (0, 1); one of the two is given.
        return_indices: also give the positions of the largest elements. Default: ``False``.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(*, *output_size)``.

    Source: Graham 2014, arXiv 1412.6071.
    """

    dims = 2

    def forward(self, input: Tensor) -> Tensor:
        return F.fractional_max_pool2d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """The largest elements of windows at random places; arguments as in :class:`FractionalMaxPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Output: ``(*, *output_size)``.
    """

    dims = 3

    def forward(self, input: Tensor) -> Tensor:
        return F.fractional_max_pool3d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


# ---- norms


class _LPPoolNd(Module):
    __constants__ = ["norm_type", "kernel_size", "stride", "ceil_mode"]

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """The p-norm of each window of ``kernel_size`` places; arguments as in :class:`LPPool2d`.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool1d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_LPPoolNd):
    """The p-norm of each window, ``sum(x^p)^(1/p)``.

    Args:
        norm_type: the p; infinity takes the largest magnitude.
        kernel_size: how many places a window has in each dim: one number, or (height, width).
        stride: from one window to the next. Default: ``kernel_size``.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: a dim of size ``n`` becomes
        ``floor((n - kernel_size) / stride) + 1``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool2d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(_LPPoolNd):
    """The p-norm of each window; arguments as in :class:`LPPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool3d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


# ---- windows that fit an output size


class _AdaptiveMaxPoolNd(Module):
    __constants__ = ["output_size", "return_indices"]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest elements of ``output_size`` windows of about equal length.

    Args:
        output_size: how many windows.
        return_indices: also give the positions of the largest elements. Default: ``False``.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(*, output_size)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that divide the input evenly.

    Args:
        output_size: how many windows in each dim: one number, or (height, width); None keeps the input's size.
        return_indices: also give the positions of the largest elements. Default: ``False``.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(*, *output_size)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that divide the input evenly; arguments as in :class:`AdaptiveMaxPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Output: ``(*, *output_size)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _AdaptiveAvgPoolNd(Module):
    __constants__ = ["output_size"]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """The means of ``output_size`` windows of about equal length.

    Args:
        output_size: how many windows.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(*, output_size)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The means of windows that divide the input evenly.

    Args:
        output_size: how many windows in each dim: one number, or (height, width); None keeps the input's size.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(*, *output_size)``.

    Example:
        >>> ember.nn.AdaptiveAvgPool2d(1)(ember.zeros(8, 512, 7, 7)).shape
        torch.Size([8, 512, 1, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The means of windows that divide the input evenly; arguments as in :class:`AdaptiveAvgPool2d`.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Output: ``(*, *output_size)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool3d(input, self.output_size)

"""Pooling: the largest, the mean or the norm of windows, and the way back. The loops are in csrc/ops/pooling.h."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from ... import _C
from ..._autocast import under_autocast
from ..._C import Tensor
from ...ops.sampling import rand
from ...types import _size

if TYPE_CHECKING:
    pass

__all__ = [
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

_ops = _C.ops

# One number of windows, or one a dim; None keeps the input's size.
_Windows: TypeAlias = int | Sequence[int | None] | None

# ---- the largest


def max_pool1d(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest element of each window; arguments as in :func:`max_pool2d`, with one number each.

    Shape: input ``(N, C, L)`` or ``(C, L)``.
    """
    if return_indices:
        pair: Any = _ops.max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        return pair
    return _ops.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest element of each window; nan is the largest.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``, floating point or integer.
        kernel_size: how many places a window has in each dim: one number, or one a dim.
        stride: from one window to the next. Default: ``kernel_size``.
        padding: places at both ends that are never the largest; at most half of the kernel. Default: 0.
        dilation: from one place of a window to the next. Default: 1.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.
        return_indices: also give the positions of the largest elements, counted row-major over ``H W``.
            Default: ``False``.

    Shape: each spatial dim of size ``n`` becomes
    ``floor((n + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1``.

    Example:
        >>> ember.nn.functional.max_pool2d(ember.arange(16.0).reshape(1, 4, 4), 2)
        tensor([[[ 5.,  7.],
                 [13., 15.]]])
    """
    if return_indices:
        pair: Any = _ops._max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        return pair
    return _ops.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


@under_autocast("float32")
def max_pool3d(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest element of each window; arguments as in :func:`max_pool2d`.

    Shape: input ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """
    if return_indices:
        pair: Any = _ops._max_pool3d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        return pair
    return _ops.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """:func:`max_pool1d` that always returns indices."""
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """:func:`max_pool2d` that always returns indices."""
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


@under_autocast("float32")
def max_pool3d_with_indices(
    input: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    dilation: int | _size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """:func:`max_pool3d` that always returns indices."""
    return max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


# ---- windows that fit an output size


def _whole_size(input: Any, output_size: Any, dims: int) -> Any:
    """The output size, with the input's size where it says None."""
    if isinstance(output_size, (tuple, list)) and len(output_size) == dims < input.dim():
        own = input.shape[-dims:]
        return [own[i] if size is None else size for i, size in enumerate(output_size)]
    return output_size


def _adaptive_max_pool(input: Any, output_size: Any, return_indices: bool, dims: int) -> Any:
    pool = getattr(_ops, f"_adaptive_max_pool{dims}d")
    results = tuple(pool(input, _whole_size(input, output_size, dims)))
    return results if return_indices else results[0]


def adaptive_max_pool1d(input: Tensor, output_size: int | _size, return_indices: bool = False) -> Tensor:
    """The largest elements of ``output_size`` windows of about equal length; see :func:`adaptive_max_pool2d`.

    Shape: ``(*, L)`` to ``(*, output_size)``.
    """
    return _adaptive_max_pool(input, output_size, return_indices, 1)


def adaptive_max_pool2d(input: Tensor, output_size: _Windows, return_indices: bool = False) -> Tensor:
    """The largest elements of windows that divide the input evenly: ``[floor(o n / out), ceil((o + 1) n / out))``.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        output_size: one number, or one a dim; None keeps the input's size.
        return_indices: also give the positions of the largest elements, counted row-major over ``H W``.
            Default: ``False``.

    Shape: ``(*, H, W)`` to ``(*, *output_size)``.
    """
    return _adaptive_max_pool(input, output_size, return_indices, 2)


@under_autocast("float32")
def adaptive_max_pool3d(input: Tensor, output_size: _Windows, return_indices: bool = False) -> Tensor:
    """The largest elements of windows that divide the input evenly; see :func:`adaptive_max_pool2d`.

    Shape: ``(*, D, H, W)`` to ``(*, *output_size)``.
    """
    return _adaptive_max_pool(input, output_size, return_indices, 3)


def adaptive_max_pool1d_with_indices(input: Tensor, output_size: int | _size, return_indices: bool = False) -> Tensor:
    """:func:`adaptive_max_pool1d` that always returns indices."""
    return adaptive_max_pool1d(input, output_size, True)


def adaptive_max_pool2d_with_indices(input: Tensor, output_size: _Windows, return_indices: bool = False) -> Tensor:
    """:func:`adaptive_max_pool2d` that always returns indices."""
    return adaptive_max_pool2d(input, output_size, True)


@under_autocast("float32")
def adaptive_max_pool3d_with_indices(input: Tensor, output_size: _Windows, return_indices: bool = False) -> Tensor:
    """:func:`adaptive_max_pool3d` that always returns indices."""
    return adaptive_max_pool3d(input, output_size, True)


def adaptive_avg_pool2d(input: Tensor, output_size: _Windows) -> Tensor:
    """The means of windows that divide the input evenly: ``[floor(o n / out), ceil((o + 1) n / out))``.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        output_size: one number, or one a dim; None keeps the input's size.

    Shape: ``(*, H, W)`` to ``(*, *output_size)``.

    Example:
        >>> ember.nn.functional.adaptive_avg_pool2d(ember.arange(16.0).reshape(1, 4, 4), 1)
        tensor([[[7.5000]]])
    """
    return _ops._adaptive_avg_pool2d(input, _whole_size(input, output_size, 2))


@under_autocast("float32")
def adaptive_avg_pool3d(input: Tensor, output_size: _Windows) -> Tensor:
    """The means of windows that divide the input evenly; see :func:`adaptive_avg_pool2d`.

    Shape: ``(*, D, H, W)`` to ``(*, *output_size)``.
    """
    return _ops._adaptive_avg_pool3d(input, _whole_size(input, output_size, 3))


# ---- norms


def _lp_pool(input: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool, dims: int) -> Any:
    if norm_type == float("inf"):
        return getattr(_ops, f"max_pool{dims}d")(input.abs(), kernel_size, stride, 0, 1, ceil_mode)
    places = kernel_size**dims if isinstance(kernel_size, int) else prod(kernel_size)
    means = getattr(_ops, f"avg_pool{dims}d")(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    # relu stops the gradient of the root at 0, which is infinite.
    return (means.sign() * means.abs().relu() * places).pow(1.0 / norm_type)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: int, stride: int | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window; see :func:`lp_pool2d`.

    Shape: input ``(N, C, L)`` or ``(C, L)``.
    """
    return _lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 1)


def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm of each window, ``sum(x^p)^(1/p)``.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        norm_type: the p; infinity takes the largest magnitude.
        kernel_size: how many places a window has in each dim: one number, or one a dim.
        stride: from one window to the next. Default: ``kernel_size``.
        ceil_mode: a last window may reach beyond the end. Default: ``False``.
    """
    return _lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 2)


def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm of each window; see :func:`lp_pool2d`.

    Shape: input ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """
    return _lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 3)


# ---- windows at random places


def _fractional_max_pool(
    input: Any,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: Any,
    dims: int,
) -> Any:
    name = f"fractional_max_pool{dims}d"
    if output_size is None:
        if output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * dims
        output_size = [int(size * ratio) for size, ratio in zip(input.shape[-dims:], ratios, strict=True)]
    if samples is None:
        batch = input.shape[0] if input.dim() == dims + 2 else 1
        channels = input.shape[-dims - 1] if input.dim() > dims else 1
        dtype = input.dtype if input.is_floating_point() else None
        samples = rand(batch, channels, dims, dtype=dtype, device=input.device)
    results = tuple(getattr(_ops, f"_{name}")(input, kernel_size, output_size, samples))
    return results if return_indices else results[0]


@under_autocast("float32")
def fractional_max_pool2d(
    input: Tensor,
    kernel_size: int | _size,
    output_size: int | _size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """The largest elements of windows at random places, a fraction of a position apart on average.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        kernel_size: how many places a window has in each dim: one number, or one a dim.
        output_size: how many windows there are in each dim.
        output_ratio: the same as a part of the input's size, in (0, 1).
        return_indices: also give the positions of the largest elements, counted row-major over ``H W``.
            Default: ``False``.

    Shape: ``(*, H, W)`` to ``(*, *output_size)``.

    Source: Graham 2014, arXiv 1412.6071.
    """
    return _fractional_max_pool(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 2)


@under_autocast("float32")
def fractional_max_pool3d(
    input: Tensor,
    kernel_size: int | _size,
    output_size: int | _size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """The largest elements of windows at random places; arguments as in :func:`fractional_max_pool2d`.

    Shape: ``(*, D, H, W)`` to ``(*, *output_size)``.
    """
    return _fractional_max_pool(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 3)


@under_autocast("float32")
def fractional_max_pool2d_with_indices(
    input: Tensor,
    kernel_size: int | _size,
    output_size: int | _size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """:func:`fractional_max_pool2d` that always returns indices."""
    return _fractional_max_pool(input, kernel_size, output_size, output_ratio, True, _random_samples, 2)


@under_autocast("float32")
def fractional_max_pool3d_with_indices(
    input: Tensor,
    kernel_size: int | _size,
    output_size: int | _size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """:func:`fractional_max_pool3d` that always returns indices."""
    return _fractional_max_pool(input, kernel_size, output_size, output_ratio, True, _random_samples, 3)


# ---- the way back


def _unpooled_size(input: Any, kernel: Any, stride: Any, padding: Any, output_size: Any, dims: int) -> list[int]:
    """The size before pooling: the least one that fits, or the one that is given."""
    own = input.shape[-dims:]
    least = [(own[i] - 1) * stride[i] + kernel[i] - 2 * padding[i] for i in range(dims)]
    if output_size is None:
        return least
    size = list(output_size)
    if len(size) == dims + 2:
        size = size[2:]
    if len(size) != dims:
        raise ValueError(
            f"max_unpool{dims}d(): output_size has {len(output_size)} numbers; expected {dims} or {dims + 2}."
        )
    for i in range(dims):
        if not least[i] - stride[i] < size[i] < least[i] + stride[i]:
            raise ValueError(
                f"max_unpool{dims}d(): output_size {tuple(size)} cannot have become {tuple(own)}; dim {i} must lie "
                f"between {least[i] - stride[i]} and {least[i] + stride[i]}, both excluded."
            )
    return size


def _max_unpool(
    input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any, dims: int
) -> Any:
    name = f"max_unpool{dims}d"
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{name}(): input is {input.dim()}-d (shape {tuple(input.shape)}); expected {dims + 1} or {dims + 2} dims."
        )
    if not input.is_floating_point():
        raise NotImplementedError(f"{name}(): not implemented for {input.dtype} tensors; expected floating point ones.")
    if indices.dtype != _C.int64:
        raise RuntimeError(f"{name}(): the indices are {indices.dtype}; expected torch.int64.")
    if indices.shape != input.shape:
        raise RuntimeError(
            f"{name}(): indices have shape {tuple(indices.shape)}, the input {tuple(input.shape)}; expected one shape."
        )
    kernel, padding = (
        value if isinstance(value, (tuple, list)) else (value,) * dims for value in (kernel_size, padding)
    )
    stride = kernel if stride is None else stride if isinstance(stride, (tuple, list)) else (stride,) * dims
    size = _unpooled_size(input, kernel, stride, padding, output_size, dims)
    lead, positions = input.shape[:-dims], prod(size)
    if indices.numel() and indices.device.type != "meta":
        for index in (int(indices.min()), int(indices.max())):
            if not 0 <= index < positions:
                raise RuntimeError(
                    f"{name}(): index {index} is outside [0, {positions}), the output being {tuple(size)}."
                )
    flat = (*lead, prod(input.shape[-dims:]))  # (N, C, d1 ...)
    blank = input.new_zeros((*lead, positions))
    return _ops.scatter(blank, -1, indices.reshape(flat), input.reshape(flat)).reshape(*lead, *size)


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    output_size: _size | None = None,
) -> Tensor:
    """Put the largest elements back where :func:`max_pool1d` found them; see :func:`max_unpool2d`."""
    return _max_unpool(input, indices, kernel_size, stride, padding, output_size, 1)


@under_autocast("float32")
def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    output_size: _size | None = None,
) -> Tensor:
    """Put the largest elements back where :func:`max_pool2d` found them, with zeros between them.

    Args:
        input: ``(N, C, H, W)`` or ``(C, H, W)``.
        indices: the positions that the pool returned.
        kernel_size, stride, padding: those of the pool.
        output_size: the spatial size before pooling. Default: the least one,
            ``(n - 1) stride - 2 padding + kernel_size``.
    """
    return _max_unpool(input, indices, kernel_size, stride, padding, output_size, 2)


@under_autocast("float32")
def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | _size,
    stride: int | _size | None = None,
    padding: int | _size = 0,
    output_size: _size | None = None,
) -> Tensor:
    """Put the largest elements back where :func:`max_pool3d` found them; see :func:`max_unpool2d`."""
    return _max_unpool(input, indices, kernel_size, stride, padding, output_size, 3)

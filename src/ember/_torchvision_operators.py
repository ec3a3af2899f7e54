"""The operators of torchvision's compiled extension, which fits one build of PyTorch alone, as Ember's own.

``torch.ops.load_library`` defines them in place of that library, so that torchvision finds them where it looks:
``torch.ops.torchvision``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _C, library
from .ops.creation import arange, zeros

_ops = _C.ops


class _OwnOperator(library.CustomOpDef):
    """An operator of a package that Ember has itself, with its gradients."""

    def register_autograd(self, backward: Callable[..., Any], /, *, setup_context: Any = None) -> None:
        """Accepted: the gradient that the package registers is the one that the operator has."""


def operator(namespace: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define ``torch.ops.<namespace>.<name of the function>``."""

    def define(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__
        schema = library.infer_schema(function, mutates_args=())
        library._operations.setdefault(namespace, {})[name] = _OwnOperator(namespace, name, schema, function)
        return function

    return define


_operator = operator("torchvision")


@_operator
def _cuda_version() -> int:
    """-1: built without CUDA."""
    return -1


# ---- boxes ----------------------------------------------------------------------------------------------------------


@_operator
def nms(dets: _C.Tensor, scores: _C.Tensor, iou_threshold: float) -> _C.Tensor:
    """The indices of the boxes that no kept box of higher score overlaps by more than the threshold, best first."""
    return _ops._keep_best_boxes(dets, scores, iou_threshold)


@_operator
def qnms(dets: _C.Tensor, scores: _C.Tensor, iou_threshold: float) -> _C.Tensor:
    """:func:`nms` of the integers that stand for quantized boxes."""
    return _ops._keep_best_boxes(dets.float(), scores.float(), iou_threshold)


@_operator
def box_iou_rotated(boxes1: _C.Tensor, boxes2: _C.Tensor) -> _C.Tensor:
    """Intersection over union of every two boxes ``(x, y, width, height, degrees)``, in float32."""
    return _ops._rotated_overlaps(boxes1, boxes2).float()


# ---- regions --------------------------------------------------------------------------------------------------------


def _channels(pooled: Any, sensitive_channels: int) -> Any:
    """Which channel each bin of position-sensitive pooling has read, int32 of the result's shape."""
    own = arange(sensitive_channels, dtype=_C.int32, device=pooled.device)
    return own.reshape(1, *pooled.shape[1:]).expand(pooled.shape).contiguous()


@_operator
def roi_align(
    input: _C.Tensor,
    rois: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> _C.Tensor:
    """Means of samples in the bins of regions: ``(K, C, pooled_height, pooled_width)``."""
    rule = "align_centred" if aligned else "align"
    pooled = _ops._pool_regions(input, rois, rule, spatial_scale, (pooled_height, pooled_width), sampling_ratio)
    return pooled.to(input.dtype)  # autocast has computed in float32


@_operator
def _roi_align_backward(
    grad: _C.Tensor,
    rois: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    batch_size: int,
    channels: int,
    height: int,
    width: int,
    sampling_ratio: int,
    aligned: bool,
) -> _C.Tensor:
    """The gradient of :func:`roi_align` by its input."""
    bins, sizes = (pooled_height, pooled_width), (batch_size, channels, height, width)
    rule = "align_centred" if aligned else "align"
    return _ops._pool_regions_backward(grad, rois, rule, spatial_scale, bins, sampling_ratio, sizes)


@_operator
def qroi_align(
    input: _C.Tensor,
    rois: _C.Tensor,
    input_scale: float,
    input_zero_point: int,
    rois_scale: float,
    rois_zero_point: int,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> _C.Tensor:
    """:func:`roi_align` of the integers that stand for quantized numbers, of one image."""
    if input.shape[0] != 1:
        raise RuntimeError(f"qroi_align(): Only one image per batch is allowed in qroi_align; got {input.shape[0]}.")
    numbers = (input.float() - input_zero_point) * input_scale
    regions = (rois.float() - rois_zero_point) * rois_scale
    regions[:, 0] = 0
    found = roi_align(numbers, regions, spatial_scale, pooled_height, pooled_width, sampling_ratio, aligned)
    return ((found / input_scale).round() + input_zero_point).to(input.dtype)


@_operator
def ps_roi_align(
    input: _C.Tensor,
    rois: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
) -> tuple[_C.Tensor, _C.Tensor]:
    """:func:`roi_align` where each bin reads a channel of its own; and which it reads."""
    bins = (pooled_height, pooled_width)
    pooled = _ops._pool_regions(input, rois, "sensitive_align", spatial_scale, bins, sampling_ratio)
    return pooled, _channels(pooled, input.shape[1])


@_operator
def _ps_roi_align_backward(
    grad: _C.Tensor,
    rois: _C.Tensor,
    channel_mapping: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    batch_size: int,
    channels: int,
    height: int,
    width: int,
) -> _C.Tensor:
    """The gradient of :func:`ps_roi_align` by its input."""
    bins, sizes = (pooled_height, pooled_width), (batch_size, channels, height, width)
    return _ops._pool_regions_backward(grad, rois, "sensitive_align", spatial_scale, bins, sampling_ratio, sizes)


@_operator
def ps_roi_pool(
    input: _C.Tensor, rois: _C.Tensor, spatial_scale: float, pooled_height: int, pooled_width: int
) -> tuple[_C.Tensor, _C.Tensor]:
    """Means of the pixels in the bins of regions, where each bin reads a channel of its own; and which it reads."""
    bins = (pooled_height, pooled_width)
    pooled = _ops._pool_regions(input, rois, "sensitive_mean", spatial_scale, bins, 0)
    return pooled, _channels(pooled, input.shape[1])


@_operator
def _ps_roi_pool_backward(
    grad: _C.Tensor,
    rois: _C.Tensor,
    channel_mapping: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    batch_size: int,
    channels: int,
    height: int,
    width: int,
) -> _C.Tensor:
    """The gradient of :func:`ps_roi_pool` by its input."""
    bins, sizes = (pooled_height, pooled_width), (batch_size, channels, height, width)
    return _ops._pool_regions_backward(grad, rois, "sensitive_mean", spatial_scale, bins, 0, sizes)


@_operator
def roi_pool(
    input: _C.Tensor, rois: _C.Tensor, spatial_scale: float, pooled_height: int, pooled_width: int
) -> tuple[_C.Tensor, _C.Tensor]:
    """The largest pixel in each bin of regions, and its place in the channel."""
    pooled, places = _ops._max_pool_regions(input.detach(), rois.detach(), spatial_scale, (pooled_height, pooled_width))
    if input.requires_grad and _C.is_grad_enabled():
        at = _flat_places(rois, places, input.shape)
        pooled = input.reshape(-1)[at.clamp(min=0)].where(at >= 0, 0)
    return pooled, places


def _flat_places(rois: Any, places: Any, sizes: Any) -> Any:
    """Places in the channel as places among all elements of an input of those sizes; negative where a bin is empty."""
    _, channels, height, width = sizes
    first = rois[:, :1].long() * channels + arange(channels, device=rois.device)
    return (first[..., None, None] * (height * width) + places).where(places >= 0, -1)


@_operator
def _roi_pool_backward(
    grad: _C.Tensor,
    rois: _C.Tensor,
    argmax: _C.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    batch_size: int,
    channels: int,
    height: int,
    width: int,
) -> _C.Tensor:
    """The gradient of :func:`roi_pool` by its input."""
    sizes = (batch_size, channels, height, width)
    at = _flat_places(rois, argmax, sizes).reshape(-1)
    shares = grad.reshape(-1).where(at >= 0, 0)
    return zeros(sizes, dtype=grad.dtype).reshape(-1).index_add(0, at.clamp(min=0), shares).reshape(sizes)


# ---- deformable convolution -----------------------------------------------------------------------------------------


def _check_deformable(
    input: Any, weight: Any, offset: Any, mask: Any, output: tuple[int, int], groups: tuple[int, int], use_mask: bool
) -> None:
    taps = weight.shape[2] * weight.shape[3]
    channels, (weight_groups, offset_groups) = input.shape[1], groups
    if channels != weight.shape[1] * weight_groups or weight.shape[0] % weight_groups:
        raise RuntimeError(
            f"deform_conv2d(): weight of shape {tuple(weight.shape)} does not fit an input of shape "
            f"{tuple(input.shape)} in {weight_groups} groups."
        )
    if channels % offset_groups:
        raise RuntimeError(f"deform_conv2d(): {channels} channels do not divide into {offset_groups} offset groups.")
    for name, tensor, each in (("offset", offset, 2 * taps), ("mask", mask, taps)):
        expected = (input.shape[0], offset_groups * each, *output)
        if (name == "offset" or use_mask) and tuple(tensor.shape) != expected:
            raise RuntimeError(f"deform_conv2d(): {name} has shape {tuple(tensor.shape)}; expected {expected}.")


@_operator
def deform_conv2d(
    input: _C.Tensor,
    weight: _C.Tensor,
    offset: _C.Tensor,
    mask: _C.Tensor,
    bias: _C.Tensor,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    groups: int,
    offset_groups: int,
    use_mask: bool,
) -> _C.Tensor:
    """A convolution whose kernel reads between pixels, each of its elements moved by an offset and times a mask."""
    images, channels, height, width = input.shape
    rows, columns = weight.shape[2:]
    out_height = (height + 2 * pad_h - dilation_h * (rows - 1) - 1) // stride_h + 1
    out_width = (width + 2 * pad_w - dilation_w * (columns - 1) - 1) // stride_w + 1
    _check_deformable(input, weight, offset, mask, (out_height, out_width), (groups, offset_groups), use_mask)
    taps, places = rows * columns, out_height * out_width
    like: dict[str, Any] = {"dtype": input.dtype, "device": input.device}

    def reads(kernel: int, dilation: int, stride: int, padding: int, count: int) -> Any:
        """Where each element of the kernel reads without an offset: (kernel, count)."""
        return (arange(kernel, **like) * dilation - padding)[:, None] + arange(count, **like) * stride

    y = reads(rows, dilation_h, stride_h, pad_h, out_height)[:, None, :, None]
    x = reads(columns, dilation_w, stride_w, pad_w, out_width)[:, None, :]
    moved = offset.reshape(images, offset_groups, rows, columns, 2, out_height, out_width)
    grid = _ops.stack((moved[:, :, :, :, 1] + x, moved[:, :, :, :, 0] + y), -1)
    read = _ops._grid_sample(
        input.reshape(images * offset_groups, channels // offset_groups, height, width),
        grid.reshape(images * offset_groups, taps * out_height, out_width, 2),
        "bilinear",
        "zeros",
        "pixels",
    ).reshape(images, offset_groups, channels // offset_groups, taps, places)
    if use_mask:
        read = read * mask.reshape(images, offset_groups, 1, taps, places)
    read = read.reshape(images, groups, -1, places)
    found = (
        weight.reshape(groups, weight.shape[0] // groups, -1) @ read
    )  # (images, groups, channels of a group, places)
    return found.reshape(images, -1, out_height, out_width) + bias.reshape(1, -1, 1, 1)


@_operator
def _deform_conv2d_backward(
    grad: _C.Tensor,
    input: _C.Tensor,
    weight: _C.Tensor,
    offset: _C.Tensor,
    mask: _C.Tensor,
    bias: _C.Tensor,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    groups: int,
    offset_groups: int,
    use_mask: bool,
) -> tuple[_C.Tensor, _C.Tensor, _C.Tensor, _C.Tensor, _C.Tensor]:
    """The gradients of :func:`deform_conv2d` by its five tensors."""
    from . import autograd

    with autograd.enable_grad():
        given = tuple(each.detach().requires_grad_() for each in (input, weight, offset, mask, bias))
        numbers = (stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups, offset_groups)
        found = deform_conv2d(*given, *numbers, use_mask)
    gradients: Any = autograd.grad(found, given, grad, allow_unused=True, materialize_grads=True)
    return gradients

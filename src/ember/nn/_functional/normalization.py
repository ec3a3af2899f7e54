"""Normalisation of activations. `layer_norm` is a record (csrc/ops)."""

from __future__ import annotations

from typing import Any

from ... import _C

_ops = _C.ops


def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """``x / sqrt(mean(x^2) + eps) * weight``, the mean over the last dims.

    Args:
        input: any shape that ends with ``normalized_shape``.
        normalized_shape: the last dims' sizes.
        weight: of shape ``normalized_shape``. Default: 1.
        eps: added to the mean square. Default: the machine epsilon of the input's dtype.

    Source: Zhang and Sennrich 2019, arXiv 1910.07467.
    """
    shape = tuple(normalized_shape)
    if not shape or tuple(input.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"rms_norm(): input of shape {tuple(input.shape)} does not end with normalized_shape {list(shape)}."
        )
    if weight is not None and tuple(weight.shape) != shape:
        raise RuntimeError(f"rms_norm(): weight has shape {tuple(weight.shape)}; expected {shape}.")
    # 16-bit inputs are squared in float32, where the sum cannot overflow.
    wide = input.float() if input.dtype in (_C.float16, _C.bfloat16) else input
    if eps is None:
        eps = {_C.float64: 2.0**-52}.get(wide.dtype, 2.0**-23)
    mean_square = wide.square().mean(tuple(range(-len(shape), 0)), keepdim=True)
    result = (wide * (mean_square + eps).rsqrt()).to(input.dtype)
    return result if weight is None else result * weight


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel.

    Args:
        input: with the channels in dim 1.
        running_mean, running_var: read in evaluation; in training moved towards the batch's by ``momentum``.
        weight, bias: one number for each channel. Default: 1 and 0.
        training: take mean and variance from the batch. Default: ``False``.
        momentum: share of the batch in the running values. Default: 0.1.
        eps: added to the variance. Default: 1e-5.

    Shape: ``(N, C, *)``; the others ``(C)``.
    """
    if training and input.dim() >= 2 and input.numel() == input.shape[1]:
        raise ValueError(
            f"batch_norm(): input of shape {tuple(input.shape)} has 1 value for each channel; training needs more "
            "than 1 to "
            "estimate a variance. Use a larger batch, or eval()."
        )
    return _ops.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _scale_channels(input: Any, weight: Any, bias: Any) -> Any:
    shape = (-1, *[1] * (input.dim() - 2))  # (C, 1, ...)
    if weight is not None:
        input = input * weight.reshape(shape)
    return input if bias is None else input + bias.reshape(shape)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Normalise each sample over groups of neighbouring channels and all positions.

    Shape: ``(N, C, *)``; weight and bias ``(C)``.

    Source: Wu and He 2018, arXiv 1803.08494.
    """
    if input.dim() < 2 or input.shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm(): input of shape {tuple(input.shape)} with {num_groups} groups; the number of channels "
            "(dim 1) "
            "must be divisible by the number of groups."
        )
    if input.numel() == 0:
        return _scale_channels(input, weight, bias)
    grouped = input.reshape(input.shape[0], num_groups, -1)
    return _scale_channels(_ops.layer_norm(grouped, [grouped.shape[-1]], eps=eps).reshape(input.shape), weight, bias)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise each channel of each sample over its positions.

    Shape: ``(N, C, *)``; the others ``(C)``. Arguments as in :func:`batch_norm`.

    Source: Ulyanov et al. 2016, arXiv 1607.08022.
    """
    if not use_input_stats:
        return _ops.batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    samples, channels = input.shape[:2]
    if input.numel() == samples * channels:
        raise ValueError(
            f"instance_norm(): input of shape {tuple(input.shape)} has 1 value for each channel; training needs "
            "more than 1."
        )
    # Each channel of each sample becomes a channel of one big sample.
    flat = input.reshape(1, samples * channels, *input.shape[2:])
    mean = None if running_mean is None else running_mean.repeat(samples)
    variance = None if running_var is None else running_var.repeat(samples)
    result = _ops.batch_norm(flat, mean, variance, None, None, True, momentum, eps)
    for running, updated in ((running_mean, mean), (running_var, variance)):
        if updated is not None:
            running.copy_(updated.reshape(samples, channels).mean(0))
    return _scale_channels(result.reshape(input.shape), weight, bias)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """``x / max(norm(x), eps)`` along ``dim``.

    Args:
        input: any shape.
        p: which norm. Default: 2.
        dim: the dim or dims of each vector. Default: 1.
        eps: the least divisor. Default: 1e-12.
        out: where the result goes. Default: a new tensor.
    """
    result = input / input.norm(p, dim, keepdim=True).clamp_min(eps)
    return result if out is None else out.copy_(result)

"""Normalisation of activations. `layer_norm`, `group_norm` and `rms_norm` are records (csrc/ops)."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._C import Tensor
from ...autograd import no_grad
from ...ops.reductions import var_mean
from ...types import _size
from .padding import pad

__all__ = ["batch_norm", "instance_norm", "local_response_norm", "normalize"]

_ops = _C.ops


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
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


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each sample over its positions.

    Shape: ``(N, C, *)``; the others ``(C)``. Arguments as in :func:`batch_norm`.

    Source: Ulyanov et al. 2016, arXiv 1607.08022.
    """
    if not use_input_stats:
        return _ops.batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if input.dim() < 3 or input[0, 0].numel() == 1:
        raise ValueError(
            f"instance_norm(): Expected more than 1 spatial element when training, got input size {input.shape}"
        )
    if (running_mean is None) != (running_var is None):
        raise ValueError("instance_norm(): running_mean and running_var must either both be None or neither be None.")
    channels = input.shape[1]
    if running_mean is not None:
        _move_running_statistics(input.detach(), running_mean, running_var, momentum)
    return _ops.group_norm(input.contiguous(), channels, weight, bias, eps)


def _move_running_statistics(input: Any, running_mean: Any, running_var: Any, momentum: float) -> None:
    """Move the running values by ``momentum`` towards the means over all samples of what was found in each."""
    if input.numel() == 0:
        return
    variance, mean = var_mean(input.flatten(2), 2)  # (N, C)
    with no_grad():
        running_mean.mul_(1 - momentum).add_(mean.mean(0), alpha=momentum)
        running_var.mul_(1 - momentum).add_(variance.mean(0), alpha=momentum)


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """``x / (k + alpha / size * sum of x^2 over neighbouring channels)^beta``.

    Args:
        input: with the channels in dim 1.
        size: number of channels in the sum, ``size // 2`` of them before the element's own.
        alpha: factor of the mean square. Default: 1e-4.
        beta: exponent. Default: 0.75.
        k: added to the mean square. Default: 1.

    Shape: ``(N, C, *)``.

    Source: Krizhevsky et al. 2012, ImageNet Classification with Deep Convolutional Neural Networks.
    """
    if input.dim() < 3:
        raise ValueError(
            f"local_response_norm(): Expected 3D or higher dimensionality input (got {input.dim()} dimensions)"
        )
    if input.numel() == 0:
        return input
    before, channels = size // 2, input.shape[1]
    squares = pad(input.square(), [0, 0] * (input.dim() - 2) + [before, size - 1 - before])  # (N, C + size - 1, *)
    mean = sum(squares.narrow(1, i, channels) for i in range(size)) / size
    return input / (mean * alpha + k) ** beta


def normalize(
    input: Tensor, p: float = 2.0, dim: int | _size = 1, eps: float = 1e-12, out: Tensor | None = None
) -> Tensor:
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

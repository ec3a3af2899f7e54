"""Batch normalisation in evaluation, taken into the layer before it."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from ...ops.creation import ones_like, zeros_like
from ..parameter import Parameter

__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights"]

ConvT = TypeVar("ConvT")
LinearT = TypeVar("LinearT")


def fuse_conv_bn_eval(conv: ConvT, bn: Any, transpose: bool = False) -> ConvT:
    """A convolution that computes what ``bn(conv(x))`` does in evaluation.

    Args:
        conv: the convolution; it stays as it is.
        bn: the batch normalisation after it, with running statistics.
        transpose: the convolution is a transposed one. Default: ``False``.

    Raises:
        AssertionError: one of them is in training mode.
    """
    layer: Any = conv
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    fused = copy.deepcopy(layer)
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("Expected bn.running_mean and bn.running_var to not be None")
    fused.weight, fused.bias = fuse_conv_bn_weights(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose
    )
    return fused


def fuse_conv_bn_weights(
    conv_w: Any, conv_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any, transpose: bool = False
) -> tuple[Any, Any]:
    """Weight and bias of :func:`fuse_conv_bn_eval`, as parameters.

    Args:
        conv_w, conv_b: of the convolution; no bias is None.
        bn_rm, bn_rv, bn_eps: running mean, running variance and eps of the batch normalisation.
        bn_w, bn_b: its weight and bias; None is 1 and 0.
        transpose: the output channels are dim 1 of the weight. Default: ``False``.
    """
    scale = (ones_like(bn_rm) if bn_w is None else bn_w) * (bn_rv + bn_eps).rsqrt()
    shift = zeros_like(bn_rm) if bn_b is None else bn_b
    bias = zeros_like(bn_rm) if conv_b is None else conv_b
    shape = [1] * conv_w.dim()
    shape[1 if transpose else 0] = -1
    weight = (conv_w * scale.reshape(shape)).to(conv_w.dtype)
    bias_dtype = bias.dtype if conv_b is not None else conv_w.dtype
    bias = ((bias - bn_rm) * scale + shift).to(bias_dtype)
    bias_grad = conv_w.requires_grad if conv_b is None else conv_b.requires_grad
    return Parameter(weight.detach(), conv_w.requires_grad), Parameter(bias.detach(), bias_grad)


def fuse_linear_bn_eval(linear: LinearT, bn: Any) -> LinearT:
    """A linear layer that computes what ``bn(linear(x))`` does in evaluation.

    Args:
        linear: the layer; it stays as it is.
        bn: the batch normalisation after it, with running statistics.

    Raises:
        AssertionError: one of them is in training mode, or their sizes differ.
    """
    layer: Any = linear
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if layer.out_features != bn.num_features and bn.num_features != 1:
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={layer.out_features} and bn.num_features={bn.num_features}"
        )
    fused = copy.deepcopy(layer)
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("Expected bn.running_mean and bn.running_var to not be None")
    fused.weight, fused.bias = fuse_linear_bn_weights(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    return fused


def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Any, Any]:
    """Weight and bias of :func:`fuse_linear_bn_eval`, as parameters; arguments as in :func:`fuse_conv_bn_weights`."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)

"""Cross entropy of a linear map, whole or part by part."""

from __future__ import annotations

import warnings
from typing import Any

from ... import _C
from ..._C import Tensor
from .loss import cross_entropy
from .reduction import reduced

__all__ = ["linear_cross_entropy"]

_ops = _C.ops
_IGNORED = -100


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Tensor:
    """``cross_entropy(linear(input, linear_weight, linear_bias), target)``.

    Args:
        input: the samples.
        linear_weight: the linear map.
        target: class indices, or probabilities.
        linear_bias: added to the logits. Default: none.
        weight: one for each class. Default: 1.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        ignore_index: a target that counts for nothing; None is -100. Default: None.
        label_smoothing: share of the target that is spread evenly over all classes. Default: 0.
        options: a :class:`LinearCrossEntropyOptions`: work on a part of the batch at a time, so that the logits
            ``(N, C)`` never exist whole. Default: None, all at once.

    Shape:
        input ``(N, in_features)`` or ``(in_features)``; linear_weight ``(C, *, in_features)`` and linear_bias
        ``(C, *)``; target ``(N, *)`` or ``()``, or probabilities ``(N, C, *)`` or ``(C)``; the result is 0-d, or
        ``(N, *)`` where nothing is reduced.
    """
    _check_shapes(input, linear_weight, linear_bias)
    of_indices = not target.is_floating_point()
    if ignore_index is not None and not of_indices:
        raise RuntimeError(
            f"linear_cross_entropy(): ignore_index {ignore_index} needs class indices as target, not probabilities."
        )
    ignored = _IGNORED if ignore_index is None else ignore_index
    if options is not None:
        if of_indices and label_smoothing == 0 and linear_weight.dim() == 2 and input.dim() == 2:
            return _by_parts(input, linear_weight, target, linear_bias, weight, reduction, ignored, options)
        warnings.warn(
            "linear_cross_entropy(): options are not used; parts need a target of class indices, a 2-d input and "
            f"linear_weight, and no label_smoothing. The target is {target.dtype}, the shapes are "
            f"{tuple(input.shape)} and {tuple(linear_weight.shape)}, label_smoothing is {label_smoothing}.",
            stacklevel=2,
        )
    shape = linear_weight.shape[:-1]
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    logits = _ops.linear(input, linear_weight.reshape(-1, linear_weight.shape[-1]), bias)
    if len(shape) > 1:
        logits = logits.reshape(-1, *shape)  # (N, C, *)
    return cross_entropy(
        logits, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )


def _check_shapes(input: Any, linear_weight: Any, linear_bias: Any) -> None:
    name = "linear_cross_entropy()"
    given, expected = tuple(input.shape), tuple(linear_weight.shape)
    if len(given) not in (1, 2):
        raise RuntimeError(f"{name}: input has shape {given}; expected (N, in_features) or (in_features).")
    if len(expected) < 2:
        raise RuntimeError(f"{name}: linear_weight has shape {expected}; expected (classes, in_features).")
    if given[-1] != expected[-1]:
        raise RuntimeError(
            f"{name}: input has {given[-1]} features in its last dim (shape {given}); linear_weight of shape "
            f"{expected} expects {expected[-1]}."
        )
    if len(expected) > 2 and len(given) == 1:
        raise RuntimeError(
            f"{name}: linear_weight of shape {expected} expects an input (N, {expected[-1]}), not {given}."
        )
    if linear_bias is not None and tuple(linear_bias.shape) != expected[:-1]:
        raise RuntimeError(
            f"{name}: linear_bias has shape {tuple(linear_bias.shape)}; linear_weight of shape {expected} expects "
            f"{expected[:-1]}."
        )


def _by_parts(
    input: Any, matrix: Any, target: Any, bias: Any, weight: Any, reduction: str, ignored: int, options: Any
) -> Any:
    """The loss of each part, whose logits backward computes again."""
    from ...utils.checkpoint import checkpoint

    if target.shape != input.shape[:1]:
        raise ValueError(
            f"linear_cross_entropy(): target has shape {tuple(target.shape)}; input of shape {tuple(input.shape)} "
            f"expects {tuple(input.shape[:1])}."
        )

    def losses(part: Any, indices: Any) -> Any:
        return cross_entropy(_ops.linear(part, matrix, bias), indices, weight, ignore_index=ignored, reduction="none")

    samples = options.samples_of_a_part(*input.shape)
    parts = zip(input.split(samples), target.split(samples), strict=True)
    loss = _ops.cat([checkpoint(losses, part, indices, use_reentrant=False) for part, indices in parts])
    if reduction != "mean":
        return reduced(loss, reduction)
    counted = target != ignored
    if weight is None:
        return loss.sum() / counted.sum()
    return loss.sum() / (weight[target * counted] * counted).sum()

"""Losses of one prediction against one target. Those over pairs and triples are in ranking_loss.py.

Their elements are records (csrc/ops/losses.h); what stands here checks the shapes and reduces.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import _C
from ..._autocast import under_autocast
from ..._C import Tensor
from ...autograd import no_grad
from ...ops.creation import ones_like, zeros_like
from .reduction import reduced, reduction_of

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
]

_ops = _C.ops


def _warn_broadcast(name: str, input: Any, target: Any) -> None:
    if input.shape != target.shape:
        if any(a != b and 1 not in (a, b) for a, b in zip(reversed(input.shape), reversed(target.shape), strict=False)):
            raise RuntimeError(
                f"{name}(): input of shape {tuple(input.shape)} and target of shape {tuple(target.shape)} do not "
                "broadcast; expected equal shapes."
            )
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). This "
            "will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def _check_same_shape(name: str, input: Any, target: Any) -> None:
    if input.shape != target.shape:
        raise ValueError(
            f"{name}(): target has shape {tuple(target.shape)}; input of shape {tuple(input.shape)} expects the same. "
            "Reshape one, for instance with .squeeze(-1) or .unsqueeze(-1)."
        )


def _weighted(name: str, loss: Any, weight: Any) -> Any:
    if weight is None:
        return loss
    if weight.shape != loss.shape:
        raise ValueError(
            f"{name}(): weight has shape {tuple(weight.shape)}; expected that of the input, {tuple(loss.shape)}."
        )
    return loss * weight


def _weighted_mean(name: str, loss: Any, weight: Any, reduction: str) -> Any:
    """A mean that divides by the sum of the weights."""
    if weight is None or reduction != "mean":
        return reduced(_weighted(name, loss, weight), reduction)
    return _weighted(name, loss, weight).sum() / weight.sum()


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Squared error, ``(x - y)^2``.

    Args:
        input: predictions, any shape.
        target: of the same shape; another one broadcasts, with a warning.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        weight: one for each element; the mean divides by their sum. Default: 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _warn_broadcast("mse_loss", input, target)
    return _weighted_mean("mse_loss", _ops._squared_error(input, target), weight, reduction)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute error, ``|x - y|``; arguments as in :func:`mse_loss`."""
    reduction = reduction_of(size_average, reduce, reduction)
    _warn_broadcast("l1_loss", input, target)
    return _weighted_mean("l1_loss", _ops._absolute_error(input, target), weight, reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """``d^2 / (2 beta)`` where ``|d| < beta``, ``|d| - beta / 2`` elsewhere, with ``d = x - y``.

    Args:
        beta: where the parabola ends; 0 is :func:`l1_loss`. Default: 1. The others as in :func:`mse_loss`.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _warn_broadcast("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss(): beta is {beta}; expected 0 or more.")
    loss = _ops._smooth_l1(input, target, beta) if beta > 0 else _ops._absolute_error(input, target)
    return reduced(loss, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """``d^2 / 2`` where ``|d| <= delta``, ``delta (|d| - delta / 2)`` elsewhere, with ``d = x - y``.

    Args:
        delta: where the parabola ends. Default: 1. The others as in :func:`mse_loss`; the mean divides by the count.
    """
    _warn_broadcast("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError(f"huber_loss(): delta is {delta}; expected more than 0.")
    return reduced(_weighted("huber_loss", _ops._huber(input, target, delta), weight), reduction)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``-(y log p + (1 - y) log(1 - p))``, each logarithm at least -100.

    Args:
        input: probabilities in [0, 1], any shape. From logits, use :func:`binary_cross_entropy_with_logits`.
        target: of the same shape, in [0, 1].
        weight: broadcasts against the input. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _check_same_shape("binary_cross_entropy", input, target)
    if input.numel() and input.device.type == "cpu":
        low, high = float(input.detach().min()), float(input.detach().max())
        if low < 0 or high > 1:
            raise RuntimeError(
                f"binary_cross_entropy(): input has values from {low:g} to {high:g}; probabilities in [0, 1] are "
                "expected. "
                "Apply sigmoid first, or use binary_cross_entropy_with_logits."
            )
    loss = _ops._bce(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """:func:`binary_cross_entropy` of ``sigmoid(x)``, computed without losing small probabilities.

    Args:
        input: logits, any shape.
        target: of the same shape, in [0, 1].
        weight: broadcasts against the input. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        pos_weight: weight of the positive part; broadcasts against the input. Default: 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _check_same_shape("binary_cross_entropy_with_logits", input, target)
    loss = _ops._bce_with_logits(input, target, 1.0 if pos_weight is None else pos_weight)
    return reduced(loss if weight is None else loss * weight, reduction)


@under_autocast("float32")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """``-log softmax(x)`` at the target class, or its mean under target probabilities.

    Args:
        input: logits.
        target: class indices (int64), or probabilities in a tensor shaped like the input.
        weight: one for each class; the mean over indices divides by the weights of their classes. Default: 1.
        size_average, reduce: older ways to give the reduction.
        ignore_index: a target that counts for nothing. Default: -100.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        label_smoothing: share of the target that is spread evenly over all classes, in [0, 1]. Default: 0.

    Shape:
        input ``(N, C, *)`` or ``(C)``; target ``(N, *)`` or ``()`` of indices, or as the input; the result is 0-d, or
        ``(N, *)`` where nothing is reduced.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if not (target.is_floating_point() and target.shape == input.shape):
        return _ops.cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)
    if ignore_index >= 0:
        raise RuntimeError(
            f"cross_entropy(): ignore_index {ignore_index} needs class indices as target, not probabilities."
        )
    return _cross_entropy_of_probabilities(input, target, weight, reduction, label_smoothing)


def looks_like_probabilities(input: Any) -> bool:
    """Whether every row of scores ``(N, C, *)`` or ``(C)`` lies in [0, 1] and sums to 1: softmax was taken already."""
    if input.dim() == 0 or input.numel() == 0 or input.device.type != "cpu" or not input.is_floating_point():
        return False
    if _C._differs_by_sample(input):  # within vmap nobody can look
        return False
    dim = 1 if input.dim() > 1 else 0
    classes = input.shape[dim]
    if classes < 2:
        return False
    tolerance = 2**-8  # bfloat16 keeps a sum of 1 to within it
    with no_grad():
        first = input.detach().movedim(dim, -1)
        while first.dim() > 1:
            first = first[0]
        row = first.tolist()
        if min(row) < 0 or max(row) > 1 or abs(sum(row) - 1) > tolerance:
            return False
        return bool((input >= 0).all()) and bool(((input.double().sum(dim) - 1).abs() <= tolerance).all())


@under_autocast("float32")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``-x`` at the target class, for log probabilities x; arguments and shapes as in :func:`cross_entropy`."""
    reduction = reduction_of(size_average, reduce, reduction)
    return _ops.nll_loss(input, target, weight, ignore_index, reduction)


def _cross_entropy_of_probabilities(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"cross_entropy(): label_smoothing is {label_smoothing}; expected a number in [0, 1].")
    dim = 1 if input.dim() > 1 else 0
    classes = input.shape[dim]
    if label_smoothing > 0:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    if weight is not None:
        if tuple(weight.shape) != (classes,):
            raise RuntimeError(
                f"cross_entropy(): weight has shape {tuple(weight.shape)}; expected ({classes},), one for each class."
            )
        target = target * weight.reshape(-1, *[1] * (input.dim() - dim - 1))
    loss = -(input.log_softmax(dim) * target).sum(dim)  # (N, *)
    if reduction == "mean":
        return loss.sum() / max(loss.numel(), 1)
    return reduced(loss, reduction)


@under_autocast("float32")
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """``t (log t - x)``, the divergence of the target t from log probabilities x.

    Args:
        input: log probabilities, any shape.
        target: probabilities that broadcast against the input, or their logarithms where ``log_target``.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"batchmean"`` (the sum over the size of dim 0: the divergence itself), ``"mean"`` (over all
            elements), ``"sum"`` or ``"none"``. Default: ``"mean"``.
        log_target: whether ``target`` holds logarithms. Default: ``False``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' "
            "divides only "
            "by the batch size, and aligns with the KL div math definition.",
            stacklevel=2,
        )
    if log_target:
        loss = target.exp() * (target - input)
    else:
        logarithm = _ops.where(target == 0, ones_like(target), target).log()  # 0 log 0 is 0, and so is its gradient
        loss = target * logarithm - target * input
    if reduction == "batchmean":
        return loss.sum() / input.shape[0] if input.dim() else loss.sum()
    return reduced(loss, reduction)


@under_autocast("float32")
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``exp(x) - y x``, the negative log likelihood of counts y under a Poisson rate ``exp(x)``.

    Args:
        input: the rate's logarithm, or the rate itself where not ``log_input``.
        target: the counts.
        log_input: Default: ``True``.
        full: add Stirling's approximation of ``log y!`` where ``y > 1``. Default: ``False``.
        size_average, reduce: older ways to give the reduction.
        eps: added to a rate before its logarithm. Default: 1e-8.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        safe = target.clamp_min(1)
        stirling = safe * safe.log() - safe + 0.5 * (2 * math.pi * safe).log()
        loss = loss + _ops.where(target > 1, stirling, zeros_like(stirling))
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """``(log var + (x - y)^2 / var) / 2``, the negative log likelihood of y under a normal distribution.

    Args:
        input: means ``(N, *)`` or any shape.
        target: of a shape that broadcasts against the input.
        var: variances: of the input's shape, or without its last dim, or with size 1 there, or one number.
        full: add ``log(2 pi) / 2``. Default: ``False``.
        eps: the least variance; the gradient passes it by. Default: 1e-6.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
    """
    if isinstance(var, (int, float)):
        if var < 0:
            raise ValueError(f"gaussian_nll_loss(): var is {var}; a variance is not negative.")
        var = input.new_full((), var).expand(input.shape)
    elif bool((var < 0).any()):
        raise ValueError(f"gaussian_nll_loss(): var has the entry {float(var.min()):g}; a variance is not negative.")
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = var.unsqueeze(-1)
        elif var.dim() != input.dim() or var.shape[:-1] != input.shape[:-1] or var.shape[-1] != 1:
            raise ValueError(
                f"gaussian_nll_loss(): var has shape {tuple(var.shape)}; input of shape {tuple(input.shape)} "
                "expects the same, "
                "or its last dim absent or of size 1."
            )
    var = var + (var.detach().clamp_min(eps) - var.detach())  # at least eps, with the gradient of var itself
    loss = 0.5 * (var.log() + (input - target).square() / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


@under_autocast("float32")
def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """``log(1 + exp(-y x))`` with targets y of 1 or -1; arguments as in :func:`mse_loss`."""
    reduction = reduction_of(size_average, reduce, reduction)
    return reduced(-_ops.logsigmoid(target * input), reduction)

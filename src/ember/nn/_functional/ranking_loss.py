"""Losses over pairs and triples of inputs, and margins between classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import _C
from ..._autocast import under_autocast
from ..._C import Tensor
from ...ops.creation import zeros_like
from .distance import pairwise_distance
from .reduction import reduced, reduction_of

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

_ops = _C.ops


@under_autocast("float32")
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 - cos`` for pairs with target 1, ``max(0, cos - margin)`` for pairs with target -1.

    Args:
        input1, input2: the vectors.
        target: 1 or -1 for each pair.
        margin: the largest cosine of a pair with target -1 that costs nothing. Default: 0.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape: inputs ``(N, D)`` with target ``(N)``, or ``(D)`` with ``()``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if not (target.dim() in (0, 1) and input1.dim() == input2.dim() == target.dim() + 1):
        raise RuntimeError(
            f"cosine_embedding_loss(): inputs of shapes {tuple(input1.shape)} and {tuple(input2.shape)} with "
            "target of shape "
            f"{tuple(target.shape)}; expected (N, D), (N, D) and (N), or (D), (D) and ()."
        )
    # PyTorch's value; it keeps the square root away from 0.
    tiny = 1e-12
    lengths = ((input1.square().sum(-1) + tiny) * (input2.square().sum(-1) + tiny)).sqrt()
    cosine = (input1 * input2).sum(-1) / lengths
    zero = zeros_like(cosine)
    loss = _ops.where(target == 1, 1 - cosine, zero) + _ops.where(target == -1, (cosine - margin).clamp_min(0), zero)
    return reduced(loss, reduction)


@under_autocast("float32")
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, -y (x1 - x2) + margin)``: with y = 1 the first input should be the larger one, with -1 the second.

    Shape: all three have as many dims, and broadcast.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            f"margin_ranking_loss(): shapes {tuple(input1.shape)}, {tuple(input2.shape)} and target "
            f"{tuple(target.shape)}; "
            "expected the same number of dims."
        )
    return reduced((margin - target * (input1 - input2)).clamp_min(0), reduction)


@under_autocast("float32")
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``x`` where the target is 1, ``max(0, margin - x)`` where it is -1, for distances x.

    Shape: both broadcast.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    zero = zeros_like(input)
    apart = _ops.where(target == 1, zero, (margin - input).clamp_min(0))
    together = _ops.where(target == -1, zero, input)
    return reduced(apart + together, reduction)


@under_autocast("float32")
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, |a - p| - |a - n| + margin)``: the positive should be nearer to the anchor than the negative.

    Args:
        anchor, positive, negative: the vectors.
        margin: by how much. Default: 1.
        p: which norm. Default: 2.
        eps: see :func:`pairwise_distance`. Default: 1e-6.
        swap: take ``|p - n|`` in place of ``|a - n|`` where it is smaller. Default: ``False``.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape: ``(N, D)`` or ``(D)`` each.

    Source: Balntas et al. 2016.
    """
    reduction = reduction_of(size_average, reduce, reduction)

    def distance(a: Any, b: Any) -> Any:
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """:func:`triplet_margin_loss` with any distance.

    Args:
        distance_function: the distance of two tensors. Default: :func:`pairwise_distance`.
    """
    if margin <= 0:
        raise ValueError(f"triplet_margin_loss(): margin is {margin}; expected more than 0.")
    if not anchor.dim() == positive.dim() == negative.dim():
        raise RuntimeError(
            f"triplet_margin_loss(): anchor has shape {tuple(anchor.shape)}, positive {tuple(positive.shape)}, "
            "negative "
            f"{tuple(negative.shape)}; expected the same number of dims."
        )
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return reduced((margin + near - far).clamp_min(0), reduction)


@under_autocast("float32")
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``sum_j max(0, margin - x_t + x_j)^p / C`` over the classes j other than the target t.

    Args:
        input: scores.
        target: class indices.
        p: 1 or 2. Default: 1.
        margin: by how much the target should win. Default: 1.
        weight: one for each class, taken at the target. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape: input ``(N, C)`` with target ``(N)``, or ``(C)`` with ``()``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    classes = input.shape[-1]
    if input.dim() not in (1, 2) or tuple(target.reshape(-1).shape) != tuple(input.shape[:-1] or (1,)):
        raise RuntimeError(
            f"multi_margin_loss(): target has shape {tuple(target.shape)}; input of shape {tuple(input.shape)} expects "
            f"{tuple(input.shape[:-1])}."
        )
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(f"multi_margin_loss(): weight has shape {tuple(weight.shape)}; expected ({classes},).")
    _check_range("multi_margin_loss", target, 0, classes)
    index = target.reshape(*input.shape[:-1], 1)
    violation = (margin - input.gather(-1, index) + input).clamp_min(0)
    if p == 2:
        violation = violation.square()
    if weight is not None:
        violation = violation * weight[index.reshape(-1)].reshape(index.shape)
    loss = violation.scatter(-1, index, 0).sum(-1) / classes
    return reduced(loss, reduction)


@under_autocast("float32")
def multilabel_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """``sum max(0, 1 - (x_t - x_j)) / C`` over the target classes t and the other classes j.

    Args:
        input: scores.
        target: the target classes of each sample, followed by -1 in the places that are left.

    Shape: both ``(N, C)`` or ``(C)``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if target.shape != input.shape or input.dim() not in (1, 2):
        raise RuntimeError(
            f"multilabel_margin_loss(): target has shape {tuple(target.shape)} and input {tuple(input.shape)}; "
            "expected the "
            "same shape, (N, C) or (C)."
        )
    classes = input.shape[-1]
    _check_range("multilabel_margin_loss", target, -1, classes)
    listed = ((target < 0).cumsum(-1) == 0).to(input.dtype)  # 1 before the first -1
    index = target.clamp_min(0)
    is_target = zeros_like(input).scatter_add(-1, index, listed).clamp_max(1).detach()
    scores = input.gather(-1, index)
    gaps = (1 - (scores.unsqueeze(-1) - input.unsqueeze(-2))).clamp_min(0)  # (N, listed, other)
    counted = listed.unsqueeze(-1) * (1 - is_target).unsqueeze(-2)
    return reduced((gaps * counted).sum((-1, -2)) / classes, reduction)


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The mean over classes of ``-(y log sigmoid(x) + (1 - y) log sigmoid(-x))``.

    Args:
        input: logits.
        target: 0 or 1 for each class.
        weight: one for each class. Default: 1.

    Shape: both ``(N, C)`` or ``(C)``.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    loss = -(target * _ops.logsigmoid(input) + (1 - target) * _ops.logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(loss.mean(-1), reduction)


def _check_range(name: str, target: Any, low: int, classes: int) -> None:
    if target.numel() and (int(target.min()) < low or int(target.max()) >= classes):
        wrong = int(target.min()) if int(target.min()) < low else int(target.max())
        raise RuntimeError(f"{name}(): target {wrong} is outside [{low}, {classes}).")

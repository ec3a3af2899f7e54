"""Losses over pairs and triples of inputs, and margins between classes, as layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._C import Tensor
from .. import functional as F
from ._loss import _Loss, _WeightedLoss
from .distance import PairwiseDistance


class HingeEmbeddingLoss(_Loss):
    """``x`` where the target is 1, ``max(0, margin - x)`` where it is -1.

    Args:
        margin: the distance that pairs with target -1 should have. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    __constants__ = ["margin", "reduction"]

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(HingeEmbeddingLoss):
    """``1 - cos`` for pairs with target 1, ``max(0, cos - margin)`` for pairs with target -1.

    Args:
        margin: the largest cosine that costs nothing. Default: 0.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Inputs: ``(N, D)`` or ``(D)``. Target: ``(N)`` or ``()``.
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        return F.cosine_embedding_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(CosineEmbeddingLoss):
    """``max(0, -y (x1 - x2) + margin)``.

    Args:
        margin: by how much the right input should be larger. Default: 0.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Inputs and target: the same. Output: 0-d, or as the inputs where nothing is reduced.
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        return F.margin_ranking_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """``max(0, |a - p| - |a - n| + margin)``.

    Args:
        margin: by how much the positive should be nearer. Default: 1.
        p: which norm. Default: 2.
        eps: added to every difference. Default: 1e-6.
        swap: take ``|p - n|`` where it is smaller than ``|a - n|``. Default: ``False``.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Anchor, positive and negative: ``(N, D)`` or ``(D)``. Output: 0-d, or ``(N)`` where nothing is reduced.
    """

    __constants__ = ["margin", "p", "eps", "swap", "reduction"]

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(_Loss):
    """:class:`TripletMarginLoss` with any distance.

    Args:
        distance_function: the distance of two tensors. Default: :class:`PairwiseDistance`.
        margin: by how much the positive should be nearer. Default: 1.
        swap: take the distance of positive and negative where it is smaller. Default: ``False``.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Anchor, positive and negative: ``(N, *)``. Output: 0-d, or as the distance where nothing is reduced.
    """

    __constants__ = ["margin", "swap", "reduction"]

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ValueError(
                f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
            )
        self.distance_function = distance_function if distance_function is not None else PairwiseDistance()
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class MultiMarginLoss(_WeightedLoss):
    """``sum_j max(0, margin - x_t + x_j)^p / C`` over the classes j other than the target t.

    Args:
        p: 1 or 2. Default: 1.
        margin: by how much the target should win. Default: 1.
        weight: one for each class. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input: ``(N, C)`` or ``(C)``. Target: ``(N)`` or ``()``. Output: 0-d, or as the target where nothing is reduced.
    """

    __constants__ = ["p", "margin", "reduction"]

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if weight is not None and weight.dim() != 1:
            raise ValueError(f"MultiMarginLoss: expected weight to be None or 1D tensor, got {weight.dim()}D instead")
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multi_margin_loss(
            input, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(_Loss):
    """``sum max(0, 1 - (x_t - x_j)) / C`` over target classes t and other classes j; arguments as in :class:`MSELoss`.

    Shape:
        Input and target: ``(N, C)`` or ``(C)``; targets are followed by -1. Output: 0-d, or ``(N)`` where nothing is
        reduced.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """The mean over classes of :class:`BCEWithLogitsLoss`; arguments as in :class:`BCELoss`.

    Shape:
        Input and target: ``(N, C)`` or ``(C)``. Output: 0-d, or ``(N)`` where nothing is reduced.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_soft_margin_loss(input, target, weight=self.weight, reduction=self.reduction)


for _kind in (
    HingeEmbeddingLoss,
    CosineEmbeddingLoss,
    MarginRankingLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
    MultiMarginLoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
):
    _kind.__module__ = "ember.nn.modules.loss"  # where PyTorch's files look for them
del _kind

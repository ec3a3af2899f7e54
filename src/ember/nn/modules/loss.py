"""Losses as layers; the formulas stand at the functions of the same names in ember.nn.functional."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import functional as F
from .._functional.reduction import reduction_of
from .distance import PairwiseDistance
from .module import Module


class _Loss(Module):
    reduction: str
    __constants__ = ["reduction"]

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction_of(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    weight: Any

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class MSELoss(_Loss):
    """Squared error, ``(x - y)^2``.

    Args:
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.

    Example:
        >>> ember.nn.MSELoss()(ember.zeros(2), ember.ones(2))
        tensor(1.)
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Absolute error, ``|x - y|``; arguments and shapes as in :class:`MSELoss`.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """``d^2 / (2 beta)`` where ``|d| < beta``, ``|d| - beta / 2`` elsewhere.

    Args:
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        beta: where the parabola ends. Default: 1.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """``d^2 / 2`` where ``|d| <= delta``, ``delta (|d| - delta / 2)`` elsewhere.

    Args:
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        delta: where the parabola ends. Default: 1.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    __constants__ = ["reduction", "delta"]

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class BCELoss(_WeightedLoss):
    """``-(y log p + (1 - y) log(1 - p))`` for probabilities p.

    Args:
        weight: broadcasts against the input. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """:class:`BCELoss` of ``sigmoid(x)``, computed without losing small probabilities.

    Args:
        weight: broadcasts against the input. Default: 1.
        size_average, reduce: older ways to give the reduction.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        pos_weight: weight of the positive part; broadcasts against the input. Default: 1.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class CrossEntropyLoss(_WeightedLoss):
    """``-log softmax(x)`` at the target class, or its mean under target probabilities.

    Args:
        weight: one for each class. Default: 1.
        size_average, reduce: older ways to give the reduction.
        ignore_index: a target that counts for nothing. Default: -100.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        label_smoothing: share of the target that is spread evenly over all classes. Default: 0.

    Shape:
        Input: ``(N, C, *)`` or ``(C)``. Target: ``(N, *)`` or ``()`` of class indices, or probabilities shaped as the
        input. Output: 0-d, or ``(N, *)`` where nothing is reduced.

    Example:
        >>> loss = ember.nn.CrossEntropyLoss()
        >>> loss(ember.zeros(2, 4), ember.tensor([0, 3]))
        tensor(1.3863)
    """

    __constants__ = ["ignore_index", "reduction", "label_smoothing"]

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_WeightedLoss):
    """``-x`` at the target class, for log probabilities x.

    Args:
        weight: one for each class. Default: 1.
        size_average, reduce: older ways to give the reduction.
        ignore_index: a target that counts for nothing. Default: -100.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input: ``(N, C, *)`` or ``(C)``. Target: ``(N, *)`` or ``()``. Output: 0-d, or as the target where nothing is
        reduced.
    """

    __constants__ = ["ignore_index", "reduction"]

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class KLDivLoss(_Loss):
    """``t (log t - x)``, the divergence of the target t from log probabilities x.

    Args:
        size_average, reduce: older ways to give the reduction.
        reduction: ``"batchmean"``, ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        log_target: whether the target holds logarithms. Default: ``False``.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """``exp(x) - y x``, the negative log likelihood of counts under a Poisson rate.

    Args:
        log_input: the input is the rate's logarithm. Default: ``True``.
        full: add Stirling's approximation of ``log y!``. Default: ``False``.
        size_average, reduce: older ways to give the reduction.
        eps: added to a rate before its logarithm. Default: 1e-8.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    __constants__ = ["log_input", "full", "eps", "reduction"]

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Any, target: Any) -> Any:
        return F.poisson_nll_loss(
            log_input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """``(log var + (x - y)^2 / var) / 2``, the negative log likelihood under a normal distribution.

    Args:
        full: add ``log(2 pi) / 2``. Default: ``False``.
        eps: the least variance. Default: 1e-6.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.

    Shape:
        Input and target: ``(N, *)``. Variance: the same, or its last dim absent or of size 1, or one number.
    """

    __constants__ = ["full", "eps", "reduction"]

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class SoftMarginLoss(_Loss):
    """``log(1 + exp(-y x))`` with targets y of 1 or -1; arguments as in :class:`MSELoss`.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


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

    def forward(self, input: Any, target: Any) -> Any:
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

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
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

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
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

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
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

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
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
        weight: Any = None,
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

    def forward(self, input: Any, target: Any) -> Any:
        return F.multi_margin_loss(
            input, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(_Loss):
    """``sum max(0, 1 - (x_t - x_j)) / C`` over target classes t and other classes j; arguments as in :class:`MSELoss`.

    Shape:
        Input and target: ``(N, C)`` or ``(C)``; targets are followed by -1. Output: 0-d, or ``(N)`` where nothing is
        reduced.
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """The mean over classes of :class:`BCEWithLogitsLoss`; arguments as in :class:`BCELoss`.

    Shape:
        Input and target: ``(N, C)`` or ``(C)``. Output: 0-d, or ``(N)`` where nothing is reduced.
    """

    def forward(self, input: Any, target: Any) -> Any:
        return F.multilabel_soft_margin_loss(input, target, weight=self.weight, reduction=self.reduction)

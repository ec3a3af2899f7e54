"""Losses as layers; the formulas stand at the functions of the same names in ember.nn.functional."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from ... import _C
from ..._C import Tensor
from ...types import Device
from .. import functional as F
from .._functional.loss import looks_like_probabilities
from ._loss import _Loss, _WeightedLoss
from .linear import Linear
from .linear_cross_entropy_options import LinearCrossEntropyOptions
from .ranking_loss import (
    CosineEmbeddingLoss as CosineEmbeddingLoss,
)
from .ranking_loss import (
    HingeEmbeddingLoss as HingeEmbeddingLoss,
)
from .ranking_loss import (
    MarginRankingLoss as MarginRankingLoss,
)
from .ranking_loss import (
    MultiLabelMarginLoss as MultiLabelMarginLoss,
)
from .ranking_loss import (
    MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss,
)
from .ranking_loss import (
    MultiMarginLoss as MultiMarginLoss,
)
from .ranking_loss import (
    TripletMarginLoss as TripletMarginLoss,
)
from .ranking_loss import (
    TripletMarginWithDistanceLoss as TripletMarginWithDistanceLoss,
)

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LinearCrossEntropyLoss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "NLLLoss2d",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Absolute error, ``|x - y|``; arguments and shapes as in :class:`MSELoss`.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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
    _input_was_seen = False  # only the first batch is looked at

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        if not self._input_was_seen:
            self._input_was_seen = True
            if looks_like_probabilities(input):
                warnings.warn(
                    "CrossEntropyLoss: the input looks like probabilities: each row lies in [0, 1] and sums to 1. It "
                    "expects logits, and takes their softmax itself; leave softmax away.",
                    stacklevel=2,
                )
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
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class NLLLoss2d(NLLLoss):
    """An older name of :class:`NLLLoss`; arguments as there.

    Shape:
        Input: ``(N, C, H, W)``. Target: ``(N, H, W)``. Output: 0-d, or as the target where nothing is reduced.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        warnings.warn("NLLLoss2d is an older name of NLLLoss, which does the same.", FutureWarning, stacklevel=2)
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


class LinearCrossEntropyLoss(_WeightedLoss):
    """:class:`CrossEntropyLoss` of a learned linear map of the input.

    Args:
        in_features: size of the input's last dim.
        num_classes: C, the number of classes.
        out_features: ``(d1, ...)``, where each sample has several targets. Default: ``()``.
        bias: add a bias to the logits. Default: ``False``.
        device, dtype: of the parameters. Default: the current ones.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``. Default: ``"mean"``.
        weight: one for each class. Default: 1.
        ignore_index: a target that counts for nothing; None is -100. Default: None.
        label_smoothing: share of the target that is spread evenly over all classes. Default: 0.
        options: work on a part of the batch at a time, which keeps the logits small. Default: None, all at once.

    Shape:
        Input: ``(N, in_features)`` or ``(in_features)``. Target: ``(N, *out_features)`` or ``()`` of class indices, or
        probabilities ``(N, C, *out_features)``. Output: 0-d, or ``(N, *out_features)`` where nothing is reduced.

    Example:
        >>> loss = ember.nn.LinearCrossEntropyLoss(5, 10)
        >>> loss(ember.zeros(2, 5), ember.tensor([0, 3]))
        tensor(2.3026, grad_fn=<CrossEntropyBackward0>)
    """

    __constants__ = ["num_classes", "out_features", "reduction", "ignore_index", "label_smoothing"]

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Device = None,
        dtype: _C.dtype | None = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        if not 0 <= label_smoothing <= 1:
            raise RuntimeError(
                f"LinearCrossEntropyLoss: label_smoothing is {label_smoothing}; expected a number in [0, 1]."
            )
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.options = options
        self.linear = Linear(in_features, num_classes * math.prod(out_features), bias, device=device, dtype=dtype)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        shape = (self.num_classes, *self.out_features)
        linear = self.linear
        return F.linear_cross_entropy(
            input,
            linear.weight.reshape(*shape, linear.in_features),
            target,
            linear_bias=None if linear.bias is None else linear.bias.reshape(shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self) -> str:
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, reduction={self.reduction}, "
            f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}, options={self.options}"
        )


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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
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

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
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

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class SoftMarginLoss(_Loss):
    """``log(1 + exp(-y x))`` with targets y of 1 or -1; arguments as in :class:`MSELoss`.

    Shape:
        Input and target: the same. Output: 0-d, or as the input where nothing is reduced.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class CTCLoss(_Loss):
    """``-log`` of the probability of a sequence of labels, over all ways to lay it along the time steps.

    Args:
        blank: the class that stands for no label. Default: 0.
        reduction: ``"mean"`` (of the losses, each over the length of its target), ``"sum"`` or ``"none"``.
            Default: ``"mean"``.
        zero_infinity: a target that does not fit into its steps costs 0 in place of infinity. Default: ``False``.

    Shape:
        Log probabilities: ``(T, N, C)`` or ``(T, C)``, as :class:`LogSoftmax` gives them. Targets: ``(N, S)`` or
        ``(sum of target lengths)``. Lengths of inputs and targets: ``(N)`` or ``()``; tensors or tuples.
        Output: 0-d, or ``(N)`` where nothing is reduced.

    Source: Graves et al. 2006.

    Example:
        >>> log_probs = ember.zeros(4, 1, 3).log_softmax(-1)  # 4 steps, 1 sample, blank and 2 labels
        >>> ember.nn.CTCLoss()(log_probs, ember.tensor([[1, 2]]), (4,), (2,))
        tensor(0.8432)
    """

    __constants__ = ["blank", "reduction"]

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self,
        log_probs: Tensor,
        targets: Tensor,
        input_lengths: Tensor | Sequence[int],
        target_lengths: Tensor | Sequence[int],
    ) -> Tensor:
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )

"""Functions that PyTorch has in `torch` too, but there with other signatures than in `torch.nn.functional`.

A reduction is a number in them: 0 is ``"none"``, 1 ``"mean"`` and 2 ``"sum"``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import _C
from ..._C import Tensor
from ..._composite import in_torch
from . import ctc_loss as ctc
from . import dropout as dropouts
from . import linear
from . import loss as losses
from . import normalization as norms
from . import ranking_loss as ranking
from .reduction import reduced


def _reduction(number: int) -> str:
    return ("none", "mean", "sum")[number] if number in (0, 1, 2) else str(number)


@in_torch
def embedding(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Tensor:
    """The rows of ``weight`` at ``indices``; ``padding_idx`` -1 is none."""
    padding = None if padding_idx == -1 else padding_idx
    return linear.embedding(indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)


@in_torch
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Scale the rows of a table at ``indices`` down to a norm, in place."""
    linear.limit_rows(input, indices, max_norm, norm_type)
    return input


# ---- dropout ----


@in_torch
def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero each element with probability ``p`` where ``train``."""
    return dropouts.dropout(input, p, train)


@in_torch
def dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """:func:`dropout` in place."""
    return dropouts.dropout(input, p, train, inplace=True)


@in_torch
def alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Dropout for selu where ``train``."""
    return dropouts.alpha_dropout(input, p, train)


@in_torch
def alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """:func:`alpha_dropout` in place."""
    return dropouts.alpha_dropout(input, p, train, inplace=True)


@in_torch
def feature_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero whole channels of ``(N, C, *)`` where ``train``."""
    return dropouts.feature_dropout(input, p, train)


@in_torch
def feature_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """:func:`feature_dropout` in place."""
    return dropouts.feature_dropout(input, p, train, inplace=True)


@in_torch
def feature_alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """:func:`alpha_dropout` of whole channels."""
    return dropouts.feature_alpha_dropout(input, p, train)


@in_torch
def feature_alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """:func:`feature_alpha_dropout` in place."""
    return dropouts.feature_alpha_dropout(input, p, train, inplace=True)


# ---- losses ----


@in_torch
def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: int = 0
) -> Tensor:
    """Binary cross entropy of ``sigmoid(input)``; see ``nn.functional``."""
    return losses.binary_cross_entropy_with_logits(
        input, target, weight, reduction=_reduction(reduction), pos_weight=pos_weight
    )


@in_torch
def kl_div(input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False) -> Tensor:
    """The divergence of ``target`` from log probabilities; see ``nn.functional``."""
    each = losses.kl_div(input, target, reduction="none", log_target=log_target)
    return reduced(each, _reduction(reduction))


@in_torch
def poisson_nll_loss(input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int) -> Tensor:
    """The negative log likelihood of counts; see ``nn.functional``."""
    return losses.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_reduction(reduction))


@in_torch
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, reduction: int = 0
) -> Tensor:
    """By the cosine between pairs; see ``nn.functional``."""
    return ranking.cosine_embedding_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@in_torch
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1, reduction: int = 0) -> Tensor:
    """By the distance of pairs; see ``nn.functional``."""
    return ranking.hinge_embedding_loss(input, target, margin, reduction=_reduction(reduction))


@in_torch
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, reduction: int = 0
) -> Tensor:
    """By which of two is larger; see ``nn.functional``."""
    return ranking.margin_ranking_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@in_torch
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 0,
) -> Tensor:
    """By which of two is nearer to an anchor; see ``nn.functional``."""
    return ranking.triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction=_reduction(reduction)
    )


@in_torch
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: int = 0,
    zero_infinity: bool = False,
) -> Tensor:
    """Of label sequences without places in time; see ``nn.functional``."""
    return ctc.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _reduction(reduction), zero_infinity)


# ---- normalisation ----


@in_torch
def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Each channel over the batch; see ``nn.functional``."""
    return _C.ops.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@in_torch
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:
    """Each sample over groups of channels; see ``nn.functional``."""
    return _C.ops.group_norm(input, num_groups, weight, bias, eps)


@in_torch
def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Each channel of each sample over its positions; see ``nn.functional``."""
    return norms.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)

"""Connectionist temporal classification; the loops are a kernel (csrc/ops/ctc.h)."""

from __future__ import annotations

from collections.abc import Sequence

from ... import _C
from ..._C import Tensor
from ...ops.from_data import as_tensor
from .reduction import reduced

__all__ = ["ctc_loss"]

_ops = _C.ops


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """``-log`` of the probability of a sequence of labels, over all ways to lay it along the time steps.

    Args:
        log_probs: logarithms of the class probabilities at each step, as :func:`log_softmax` gives them; the gradient
            takes it for granted that they are normalized.
        targets: class indices other than ``blank``, padded at the end or joined.
        input_lengths: how many steps of each sample count; a tensor or a tuple.
        target_lengths: how many labels each target has; a tensor or a tuple.
        blank: the class that stands for no label. Default: 0.
        reduction: ``"mean"`` (of the losses, each over the length of its target), ``"sum"`` or ``"none"``.
            Default: ``"mean"``.
        zero_infinity: a target that does not fit into its steps costs 0 in place of infinity, with a gradient of 0.
            Default: ``False``.

    Shape:
        log_probs ``(T, N, C)`` or ``(T, C)``; targets ``(N, S)`` or ``(sum of target_lengths)``; lengths ``(N)`` or
        ``()``; the result is 0-d, or ``(N)`` where nothing is reduced.

    Source: Graves et al. 2006.
    """
    batched = log_probs.dim() != 2
    lengths = as_tensor(target_lengths, device=log_probs.device)
    loss = _ops._ctc_loss(
        log_probs if batched else log_probs.unsqueeze(1),
        targets,
        as_tensor(input_lengths, device=log_probs.device),
        lengths,
        blank,
        zero_infinity,
    )
    if reduction == "mean":
        loss = loss / lengths.reshape(loss.shape).clamp_min(1).to(loss.dtype)
    return reduced(loss if batched else loss.squeeze(0), reduction)

"""Distances and similarities between vectors."""

from __future__ import annotations

from ..._C import Tensor
from ..._composite import in_torch

__all__ = ["cosine_similarity", "pairwise_distance"]


@in_torch
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """``x1 . x2 / (max(|x1|, eps) max(|x2|, eps))`` along ``dim``.

    Args:
        x1, x2: floating-point tensors whose shapes broadcast.
        dim: the dim of each vector. Default: 1.
        eps: the least length. Default: 1e-8.

    Shape: the broadcast shape without ``dim``.
    """
    if not (x1.is_floating_point() or x2.is_floating_point()):
        raise RuntimeError(
            f"cosine_similarity(): inputs are {x1.dtype} and {x2.dtype}; floating-point tensors are expected."
        )
    if x1.shape != x2.shape:
        shape = (x1.detach() + x2.detach()).shape
        x1, x2 = x1.expand(shape), x2.expand(shape)
    lengths = [each.norm(2, dim, keepdim=True).clamp_min(eps) for each in (x1, x2)]
    return ((x1 / lengths[0]) * (x2 / lengths[1])).sum(dim)


@in_torch
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """``norm(x1 - x2 + eps)`` along the last dim.

    Args:
        x1, x2: tensors whose shapes broadcast.
        p: which norm. Default: 2.
        eps: added to every difference, so that the gradient exists at 0. Default: 1e-6.
        keepdim: keep the last dim with size 1. Default: ``False``.

    Shape: ``(*, D)`` to ``(*)``.
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)

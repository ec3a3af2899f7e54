"""Distances between the rows of matrices, and slices held to a norm."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import composite

_ops = _C.ops

_MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")
_LARGE = 25  # rows from which one matrix product is faster than all differences; PyTorch's bound, too


def _check_rows(x1: Any, x2: Any, p: float, compute_mode: str) -> None:
    for name, tensor in (("x1", x1), ("x2", x2)):
        if not tensor.is_floating_point():
            raise RuntimeError(f"cdist(): {name} is of {tensor.dtype}; expected a floating-point dtype. Use float().")
        if tensor.dim() < 2:
            raise RuntimeError(f"cdist(): {name} has shape {tuple(tensor.shape)}; expected at least 2 dims.")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"cdist(): rows of x1 have {x1.shape[-1]} columns, those of x2 {x2.shape[-1]}; expected as many."
        )
    if p < 0:
        raise RuntimeError(f"cdist(): p is {p}; expected 0 or more.")
    if compute_mode not in _MODES:
        raise ValueError(f"cdist(): compute_mode is {compute_mode!r}; expected one of {', '.join(_MODES)}.")


def _euclidean_by_product(x1: Any, x2: Any) -> Any:
    """|a - b|^2 = |a|^2 - 2 a.b + |b|^2, as one product of wider matrices."""
    left, right = (x.pow(2).sum(-1, keepdim=True) for x in (x1, x2))
    wide1 = _ops.cat([-2 * x1, left, left.new_ones(left.shape)], -1)
    wide2 = _ops.cat([x2, right.new_ones(right.shape), right], -1)
    squared = wide1.matmul(wide2.transpose(-2, -1))
    # The root has gradient 0 where two rows are equal (and rounding may leave less than nothing).
    equal = squared <= 0
    return squared.masked_fill(equal, 1).sqrt().masked_fill(equal, 0)


@composite
@under_autocast("float32")
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = _MODES[0]) -> Tensor:
    """The p-norm distance between every row of `x1` and every row of `x2`.

    Args:
        x1: floating-point rows.
        x2: floating-point rows with as many columns.
        p: which norm; 0 counts the columns that differ.
        compute_mode: whether 2-norms may be computed by a matrix product, which loses digits where rows are close: by
            default above 25 rows.

    Shape: ``(*, P, M)`` and ``(*, R, M)`` give ``(*, P, R)``.

    Example:
        >>> ember.cdist(ember.tensor([[0., 0.]]), ember.tensor([[3., 4.], [0., 1.]]))
        tensor([[5., 1.]])
    """
    _check_rows(x1, x2, p, compute_mode)
    large = x1.shape[-2] > _LARGE or x2.shape[-2] > _LARGE
    if p == 2 and (compute_mode == _MODES[1] or (large and compute_mode == _MODES[0])):
        return _euclidean_by_product(x1, x2)
    differences = x1.unsqueeze(-2) - x2.unsqueeze(-3)  # (*, P, R, M)
    return differences.norm(p, -1)


@composite
def pdist(input: Tensor, p: float = 2) -> Tensor:
    """The p-norm distance between every two rows, in the order (0, 1), (0, 2), ..., (1, 2), ...

    Args:
        input: floating-point rows.
        p: which norm; 0 counts the columns that differ.

    Shape: ``(N, M)`` gives ``(N (N - 1) / 2)``.

    Example:
        >>> ember.pdist(ember.tensor([[0., 0.], [3., 4.], [0., 1.]]))
        tensor([5.0000, 1.0000, 4.2426])
    """
    if input.dim() != 2:
        raise RuntimeError(f"pdist(): input has shape {tuple(input.shape)}; expected (rows, columns).")
    if not input.is_floating_point():
        raise RuntimeError(f"pdist(): input is of {input.dtype}; expected a floating-point dtype. Use float().")
    if p < 0:
        raise RuntimeError(f"pdist(): p is {p}; expected 0 or more.")
    return _ops._pair_distances(input, p)


@composite
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of input - other.

    Shape: both broadcast together; the result is 0-d.
    """
    difference = input - other
    if not (difference.is_floating_point() or difference.is_complex()):
        difference = difference.to(_C.get_default_dtype())
    return difference.norm(p)


@composite
def renorm(input: Tensor, p: float, dim: int, maxnorm: float, *, out: Tensor | None = None) -> Tensor:
    """`input` with every slice along `dim` whose p-norm is above `maxnorm` scaled down to it."""
    if p <= 0 or maxnorm < 0 or input.dim() < 2:
        raise RuntimeError(
            f"renorm(): p is {p}, maxnorm is {maxnorm} and input has {input.dim()} dims; "
            "expected p above 0, maxnorm of 0 or more, at least 2 dims."
        )
    others = [each for each in range(input.dim()) if each != dim % input.dim()]
    norms = input.norm(p, others, keepdim=True)
    tiny = 1e-7  # keeps the quotient finite, as in PyTorch
    scale = _ops.where(norms > maxnorm, maxnorm / (norms + tiny), 1.0).to(input.dtype)
    return _ops.mul(input, scale, out=out)


@composite
def renorm_(self: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """:func:`renorm` in place."""
    return self.copy_(renorm(self.clone() if self.requires_grad else self, p, dim, maxnorm))

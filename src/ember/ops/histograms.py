"""Histograms over bins of any widths, in one dim and in several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._number_info import iinfo
from .creation import linspace, ones_like

if TYPE_CHECKING:
    from .. import return_types

_ops = _C.ops


def _need_floats(name: str, input: Any) -> None:
    if not input.is_floating_point():
        raise NotImplementedError(f"{name}(): not implemented for '{input.dtype}'; expected floating-point numbers.")


def _bounds(name: str, values: Any, range: Any, dim: int) -> tuple[float, float]:
    """The range of a dim: the given one, or that of the values."""
    if range is not None:
        low, high = range
    elif values.numel():
        low, high = (extreme.item() for extreme in _ops.aminmax(values))
    else:
        low, high = 0.0, 1.0
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"{name}(): dimension {dim}'s range [{low}, {high}] is not finite.")
    if low > high:
        raise RuntimeError(f"{name}(): min should not exceed max, but got min {low} max {high} for dimension {dim}.")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _edges(name: str, values: Any, bins: Any, range: Any, dim: int) -> Any:
    if isinstance(bins, _C.Tensor):
        if bins.dim() != 1 or not bins.numel():
            raise RuntimeError(
                f"{name}(): the bins of dimension {dim} have shape {tuple(bins.shape)}; "
                "a bins tensor should have one dimension and one element or more."
            )
        if bins.dtype != values.dtype:
            raise RuntimeError(
                f"{name}(): input is of {values.dtype}, the bins of dimension {dim} of {bins.dtype}; "
                "expected the same dtype."
            )
        return bins.detach().clone()
    if bins <= 0:
        raise RuntimeError(f"{name}(): bins must be > 0, but got {bins} for dimension {dim}.")
    low, high = _bounds(name, values, range, dim)
    return linspace(low, high, bins + 1, dtype=values.dtype, device=values.device)


def _counted(name: str, points: Any, edges: Sequence[Any], weight: Any, density: bool) -> Any:
    """How many of the points (N, D), or what sum of weights, lie in each bin; the last one has both its edges."""
    shape = [edge.numel() - 1 for edge in edges]
    if math.prod(shape) > iinfo(_C.int64).max:
        raise RuntimeError(f"{name}(): {shape} bins are too many.")
    place = points.new_zeros(points.shape[0], dtype=_C.int64)
    inside = points.new_ones(points.shape[0], dtype=_C.bool)
    for values, edge, bins in zip(points.unbind(1), edges, shape, strict=True):
        own = _ops._searchsorted(edge, values.contiguous(), True) - 1
        own = _ops.where(values == edge[-1], bins - 1, own)
        inside = inside & (values >= edge[0]) & (values <= edge[-1])
        place = place * bins + own.clamp(0, max(bins - 1, 0))
    counts = points.new_zeros(math.prod(shape))
    if counts.numel():
        counts = _ops.index_add(counts, 0, place[inside], weight[inside])
    counts = counts.reshape(shape)
    if density:
        counts = counts / counts.sum()
        for dim, edge in enumerate(edges):
            counts = counts / edge.diff().reshape([-1] + [1] * (len(shape) - 1 - dim))
    return counts


def _weights(name: str, points: Any, weight: Any, shape: Any) -> Any:
    if weight is None:
        return ones_like(points[:, 0]) if points.shape[1] else points.new_ones(points.shape[0])
    if weight.shape != shape:
        raise RuntimeError(
            f"{name}(): weight has shape {tuple(weight.shape)}; a weight tensor should have the shape "
            f"of the input without its innermost dimension, {tuple(shape)}."
        )
    if weight.dtype != points.dtype:
        raise RuntimeError(f"{name}(): input is of {points.dtype}, weight of {weight.dtype}; expected the same dtype.")
    return weight.detach().reshape(-1)


@composite
def histogram(
    input: Tensor,
    bins: int | Tensor,
    *,
    range: tuple[float, float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
    out: tuple[Tensor, Tensor] | None = None,
) -> return_types.histogram:
    """The number of elements in each bin.

    Args:
        input: floating-point numbers, any shape.
        bins: how many bins of equal width, or a tensor of ascending edges.
        range: the first and the last edge of equal bins (None: the least and the largest element).
        weight: how much each element counts, of input's shape (None: 1).
        density: divide by the total and the bins' widths, so that the integral is 1.

    Returns:
        A named tuple (hist, bin_edges): ``(n)`` counts and ``(n + 1)`` edges. A bin includes its left edge, the last
        one its right edge too; what lies outside is not counted.

    Example:
        >>> ember.histogram(ember.tensor([1., 2., 1.]), 2).hist
        tensor([2., 1.])
    """
    from ..return_types import OF_FUNCTIONS
    from .reductions import _into

    _need_floats("histogram", input)
    points = input.detach().reshape(-1, 1)
    edges = _edges("histogram", points[:, 0], bins, range, 0)
    counts = _counted("histogram", points, [edges], _weights("histogram", points, weight, input.shape), density)
    return _into(out, OF_FUNCTIONS["histogram"]((counts, edges)))


@composite
def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> return_types.histogramdd:
    """The number of points in each bin of a grid.

    Args:
        input: points ``(*, D)``.
        bins: how many bins in each dim (one number for all, or D of them), or D tensors of ascending edges.
        range: D pairs of first and last edges in one list (None: the range of the points).
        weight, density: as in :func:`histogram`; weight has the shape ``(*)``.

    Returns:
        A named tuple (hist, bin_edges): counts ``(n1, ..., nD)`` and a tuple of D tensors of edges.
    """
    from ..return_types import OF_FUNCTIONS

    _need_floats("histogramdd", input)
    if input.dim() < 2:
        raise RuntimeError(
            f"histogramdd(): input has shape {tuple(input.shape)}; input tensor should have at least 2 dimensions."
        )
    dims = input.shape[-1]
    points = input.detach().reshape(-1, dims)
    given = [bins] * dims if isinstance(bins, int) else list(bins)
    if len(given) != dims:
        raise RuntimeError(
            f"histogramdd(): there are bins for {len(given)} dims; the size of bins must be equal to the innermost "
            f"dimension of the input, {dims}."
        )
    if range is not None and len(range) != 2 * dims:
        raise RuntimeError(f"histogramdd(): range has {len(range)} numbers; expected {2 * dims}, two for each dim.")
    columns = points.unbind(1)
    ranges = [None if range is None else range[2 * i : 2 * i + 2] for i, _ in enumerate(columns)]
    edges = [
        _edges("histogramdd", column, each, own, i)
        for i, (column, each, own) in enumerate(zip(columns, given, ranges, strict=True))
    ]
    weights = _weights("histogramdd", points, weight, input.shape[:-1])
    return OF_FUNCTIONS["histogramdd"]((_counted("histogramdd", points, edges, weights, density), tuple(edges)))

"""Slopes, areas and covariances of sampled values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite, published
from ..types import _size

_ops = _C.ops


@composite
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The area below `y` along `dim`, by trapezoids between points at `x` (or `dx` apart)."""
    return _trapezoids(y, x, dx, dim).sum(dim)


@composite
def trapz(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """:func:`trapezoid`."""
    return trapezoid(y, x, dx=dx, dim=dim)


@composite
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The running sums of what :func:`trapezoid` adds up."""
    return _trapezoids(y, x, dx, dim).cumsum(dim)


def _trapezoids(y: Any, x: Any, dx: float, dim: int) -> Any:
    size = y.shape[dim]
    heights = y.narrow(dim, min(1, size), max(size - 1, 0)) + y.narrow(dim, 0, max(size - 1, 0))
    if x is None:
        return heights * (dx / 2)
    widths = x.diff() if x.dim() == 1 else x.diff(dim=dim)
    if x.dim() == 1:
        widths = widths.reshape([-1] + [1] * (y.dim() - 1 - dim % y.dim()))
    return heights * widths / 2


@composite
def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariance matrix of variables in rows, observed in columns.

    Args:
        correction: degrees of freedom lost.
        fweights: how often each observation counts, integers ``(N)``.
        aweights: how much each observation weighs, ``(N)``.

    Shape: ``(V, N)`` gives ``(V, V)``; ``(N)`` and ``(1, N)`` give 0-d.
    """
    if input.dim() > 2:
        raise RuntimeError(f"cov(): input has shape {tuple(input.shape)}; expected two or fewer dimensions.")
    rows = input if input.dim() == 2 else input.reshape(1, -1)
    if not (rows.is_floating_point() or rows.is_complex()):
        rows = rows.to(_C.get_default_dtype())
    count = rows.shape[1]
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            weights = given if weights is None else weights * given
    lost: int | Tensor
    if weights is None:
        centred = rows - rows.mean(1, keepdim=True)
        lost, weighted = count - correction, centred
    else:
        total = weights.sum()
        centred = rows - (rows * weights).sum(1, keepdim=True) / total
        weighted = centred * weights
        own = aweights * weights if aweights is not None else weights
        lost = (total - correction * own.sum() / total if aweights is not None else total - correction).clamp(min=0)
    divisor = max(lost, 0) if isinstance(lost, int) else lost
    result = weighted.matmul(centred.conj().t()) / divisor
    return result.squeeze()


@composite
def corrcoef(input: Tensor) -> Tensor:
    """The correlation coefficients of variables in rows, observed in columns, in [-1, 1].

    Shape: ``(V, N)`` gives ``(V, V)``; ``(N)`` and ``(1, N)`` give 0-d.
    """
    matrix = cov(input)
    if matrix.dim() == 0:
        return matrix / matrix
    deviations = matrix.diagonal().real.sqrt() if matrix.is_complex() else matrix.diagonal().sqrt()
    result = matrix / deviations.unsqueeze(1) / deviations.unsqueeze(0)
    return result if result.is_complex() else result.clamp(-1, 1)


def _spacings(input: Any, spacing: Any, dims: list[int]) -> list[Any]:
    if isinstance(spacing, (int, float)):
        return [spacing] * len(dims)
    given = list(spacing)
    if len(given) != len(dims):
        raise RuntimeError(f"gradient(): {len(given)} spacings for {len(dims)} dims; expected as many.")
    return given


def _gradient_along(input: Any, spacing: Any, dim: int, edge_order: int) -> Any:
    size = input.shape[dim]
    if size < edge_order + 1:
        raise RuntimeError(
            f"gradient(): dim {dim} has size {size}; expected each dimension size to be at least edge_order+1."
        )

    def at(start: int, length: int = 1) -> Any:
        return input.narrow(dim, start, length)

    if isinstance(spacing, _C.Tensor):
        steps = spacing.diff().to(input.dtype).reshape([-1] + [1] * (input.dim() - 1 - dim))
    else:
        steps = input.new_full([size - 1] + [1] * (input.dim() - 1 - dim), spacing)
    before, after = steps[:-1], steps[1:]
    inner = (at(2, size - 2) * before**2 - at(0, size - 2) * after**2 + at(1, size - 2) * (after**2 - before**2)) / (
        before * after * (before + after)
    )
    first, last = (at(1) - at(0)) / steps[:1], (at(size - 1) - at(size - 2)) / steps[-1:]
    if edge_order == 2:
        h1, h2 = steps[:1], steps[1:2]
        second = (at(2) - at(1)) / h2
        first = first + (first - second) * h1 / (h1 + h2)
        h1, h2 = steps[-2:-1], steps[-1:]
        second = (at(size - 2) - at(size - 3)) / h1
        last = last + (last - second) * h2 / (h1 + h2)
    return _ops.cat([first, inner, last], dim)


def gradient(
    input: Tensor,
    *,
    spacing: float | Sequence[float] | Tensor | Sequence[Tensor] = 1,
    dim: int | _size | None = None,
    edge_order: int = 1,
) -> tuple[Tensor, ...]:
    """The slope of sampled values along each dim, by central differences inside and one-sided ones at the edges.

    Args:
        input: samples.
        spacing: the distance of neighbours, one for each dim, or the coordinates of each dim.
        dim: the dim or dims (None: all).
        edge_order: 1 or 2, the order of the differences at the edges.

    Returns:
        A tuple with one tensor for each dim.
    """
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    dims = [each % input.dim() for each in dims]
    if not (input.is_floating_point() or input.is_complex()):
        input = input.to(_C.get_default_dtype())
    spacings = _spacings(input, spacing, dims)
    return tuple(_gradient_along(input, own, each, edge_order) for each, own in zip(dims, spacings, strict=True))


published["gradient"] = gradient  # not a method

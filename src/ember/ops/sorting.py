"""Order and counting, composed from sort, searchsorted and scatter."""

from __future__ import annotations

from typing import Any, Literal, overload

from .. import _C
from .._C import Tensor
from .._composite import composite

_ops = _C.ops


@composite
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The places from which the elements come in order along `dim`; equal ones keep their order."""
    return _ops.sort(input, dim, descending, stable).indices


@composite
def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements in order along dim 0."""
    result = _ops.sort(input, 0).values
    return result if out is None else out.resize_(result.shape).copy_(result)


# ---- unique ---------------------------------------------------------------------------------------------------------


def _changes(rows: Any) -> Any:
    """Where an element (a row, of a 2-d tensor) differs from the one before it; the first always does."""
    different = rows[1:] != rows[:-1]
    if different.dim() > 1:
        different = different.any(1)
    return _ops.cat([different.new_ones(min(1, rows.shape[0])), different])


def _runs(rows: Any, original: Any, return_inverse: bool, return_counts: bool) -> tuple[Any, Any, Any]:
    """The first element of each run of equal ones, the run of each element, and the lengths.

    `original` gives the place of each element before sorting (None: unsorted).
    """
    starts = _changes(rows)
    first = starts.nonzero().reshape(-1)
    inverse = counts = None
    if return_inverse:
        inverse = starts.cumsum(0) - 1
        if original is not None:
            inverse = _ops.scatter(inverse, 0, original, inverse)
    if return_counts:
        ends = _ops.cat([first[1:], first.new_full((min(1, first.shape[0]),), rows.shape[0])])
        counts = ends - first
    return rows.index_select(0, first), inverse, counts


def _ranks(rows: Any) -> Any:
    """For each row a number, in the order of the rows (first column first)."""
    count = rows.shape[0]
    rank = rows.new_zeros(count, dtype=_C.int64)
    for column in rows.unbind(1):
        own = _along("unique", column, None, True, False, in_order=False)[1]
        rank = _along("unique", rank * count + own, None, True, False, in_order=False)[1]
    return rank


def _results(values: Any, inverse: Any, counts: Any) -> Any:
    extra = [result for result in (inverse, counts) if result is not None]
    return (values, *extra) if extra else values


def _along(
    name: str, input: Any, dim: int | None, return_inverse: bool, return_counts: bool, in_order: bool
) -> tuple[Any, Any, Any]:
    if not isinstance(input, _C.Tensor):
        raise TypeError(f"{name}(): argument 'input' must be Tensor, not {input.__class__.__name__}.")
    if input.is_complex():
        raise NotImplementedError(f"{name}(): input is of {input.dtype}; complex numbers have no order.")
    input = input.detach()
    if dim is None:
        flat = input.reshape(-1)
        ordered, places = (flat, None) if in_order else _ops.sort(flat)
        values, inverse, counts = _runs(ordered, places, return_inverse, return_counts)
        return values, None if inverse is None else inverse.reshape(input.shape), counts
    if input.dim() == 0:
        raise RuntimeError(f"{name}(): dim is {dim}, but the input is 0-d; expected a tensor with dims.")
    moved = input.movedim(dim, 0)
    rows = moved.reshape(moved.shape[0], -1)
    places = None
    if not in_order:
        places = _ops.sort(_ranks(rows)).indices
        rows = rows.index_select(0, places)
    values, inverse, counts = _runs(rows, places, return_inverse, return_counts)
    return values.reshape(values.shape[0], *moved.shape[1:]).movedim(0, dim), inverse, counts


@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    dim: int | None = None,
) -> Tensor: ...


@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any: ...


@composite
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements in order (with `dim`: the different slices along it).

    Args:
        sorted: accepted for compatibility; the result always is.
        return_inverse: also give, for each element of input, where it stands in the result.
        return_counts: also give how often each occurs.

    Returns:
        The elements, or a tuple of them, inverse and counts, as far as asked for.
    """
    return _results(*_along("unique", input, dim, return_inverse, return_counts, in_order=False))


@overload
def unique_consecutive(
    input: Tensor, return_inverse: Literal[False] = False, return_counts: Literal[False] = False, dim: int | None = None
) -> Tensor: ...


@overload
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any: ...


@composite
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The first element of each run of equal ones; arguments and results as in :func:`unique`."""
    return _results(*_along("unique_consecutive", input, dim, return_inverse, return_counts, in_order=True))


# ---- places in what is sorted ---------------------------------------------------------------------------------------


@composite
def searchsorted(
    sorted_sequence: Tensor,
    input: Tensor | complex,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where each value would stand in `sorted_sequence`, so that the order is kept.

    Args:
        sorted_sequence: in ascending order along the last dim: ``(n)``, or ``(*, n)`` for values ``(*, m)``.
        input: the values, a tensor or a number.
        out_int32: give int32 places, not int64.
        right: after equal elements, not before them; `side` 'right' is the same.
        sorter: places that put an unsorted `sorted_sequence` in order.
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"searchsorted(): side is {side!r}; expected 'left' or 'right'.")
    if side == "left" and right:
        raise RuntimeError("searchsorted(): side and right can't be set to opposites: side is 'left', right is True.")
    if sorter is not None:
        sorted_sequence = sorted_sequence.gather(-1, sorter)
    if not isinstance(input, _C.Tensor):
        input = _C._tensor_from_data(input, None)
    result = _ops._searchsorted(sorted_sequence, input, right or side == "right")
    if out_int32:
        result = result.to(_C.int32)
    return result if out is None else out.resize_(result.shape).copy_(result)


@composite
def bucketize(
    input: Tensor | complex,
    boundaries: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The bucket between ascending 1-d `boundaries` in which each value lies: :func:`searchsorted`, turned round."""
    if boundaries.dim() != 1:
        raise RuntimeError(f"bucketize(): boundaries has shape {tuple(boundaries.shape)}; expected a 1-d tensor.")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)


@composite
def isin(
    elements: Tensor | complex, test_elements: Tensor | complex, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Whether each element occurs among `test_elements` (with `invert`: does not)."""
    like: Any = test_elements
    sought: Tensor = elements if isinstance(elements, _C.Tensor) else like.new_full((), elements)
    if not isinstance(test_elements, _C.Tensor):
        return sought != test_elements if invert else sought == test_elements
    known = _ops.sort(test_elements.reshape(-1)).values
    if known.numel() == 0:
        found = sought.new_zeros(sought.shape, dtype=_C.bool)
    else:
        places = _ops._searchsorted(known, sought).clamp(max=known.numel() - 1)
        found = known.index_select(0, places.reshape(-1)).reshape(sought.shape) == sought
    return ~found if invert else found


# ---- counting -------------------------------------------------------------------------------------------------------


@composite
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each integer from 0 on occurs, or the sum of its `weights`.

    Shape: input and weights ``(N)``; the result ``(max(max(input) + 1, minlength))``.
    """
    if input.is_floating_point() or input.is_complex() or input.dtype is _C.bool:
        raise NotImplementedError(f"bincount(): not implemented for '{input.dtype}'; expected integers.")
    if input.dim() != 1:
        raise RuntimeError(
            f"bincount(): input is of {input.dtype} and shape {tuple(input.shape)}; expected a 1-d tensor of integers."
        )
    if minlength < 0:
        raise RuntimeError(f"bincount(): minlength is {minlength}; expected 0 or more.")
    if weights is not None and weights.shape != input.shape:
        raise RuntimeError(
            f"bincount(): weights has shape {tuple(weights.shape)}; expected that of input, {tuple(input.shape)}."
        )
    length = minlength
    if input.numel():
        lowest, highest = (extreme.item() for extreme in _ops.aminmax(input))
        if lowest < 0:
            raise RuntimeError(f"bincount(): input holds {lowest}; expected integers of 0 or more.")
        length = max(int(highest) + 1, minlength)
    if weights is None:
        weights = input.new_ones(input.shape, dtype=_C.int64)
    elif weights.dtype is not _C.float32:
        weights = weights.to(_C.float64)
    return _ops.scatter_add(weights.new_zeros(length), 0, input.to(_C.int64), weights)


@composite
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0, *, out: Tensor | None = None) -> Tensor:
    """The number of elements in each of `bins` equal parts of [min, max] (of the elements' range if both are equal)."""
    if bins < 1:
        raise RuntimeError(f"histc(): bins is {bins}; expected 1 or more.")
    flat = input.reshape(-1)
    if min == max and flat.numel():
        min, max = (extreme.item() for extreme in _ops.aminmax(flat))
    if min == max:
        min, max = min - 1, max + 1
    if not (abs(min) < float("inf") and abs(max) < float("inf")):
        raise RuntimeError(f"histc(): range of [{min}, {max}] is not finite.")
    if min > max:
        raise RuntimeError(f"histc(): max must be larger than min; min is {min}, max is {max}.")
    flat = flat[(flat >= min) & (flat <= max)]
    places = ((flat - min) * (bins / (max - min))).to(_C.int64).clamp(max=bins - 1)
    result = _ops.scatter_add(input.new_zeros(bins), 0, places, flat.new_ones(flat.shape))
    return result if out is None else out.resize_(result.shape).copy_(result)

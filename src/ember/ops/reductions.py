"""Reductions whose Python form has more than one shape, and those composed from others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._number_info import iinfo
from ..types import _size

if TYPE_CHECKING:
    from .. import return_types

_ops = _C.ops


def _extreme(name: str, input: Any, dim: Any, keepdim: bool, out: Any) -> Any:
    if dim is None:
        return getattr(_ops, "a" + name)(input, (), keepdim, out=out)
    if isinstance(dim, _C.Tensor):
        return getattr(_ops, name + "imum")(input, dim, out=out)
    result = getattr(_ops, name + "_dim")(input, dim, keepdim)
    return _into(out, result)


def _into(out: Any, result: Any) -> Any:
    """Copy each of several results into the tensor given for it."""
    if out is None:
        return result
    if isinstance(out, _C.Tensor):
        raise TypeError("argument 'out' must be tuple of Tensors, not Tensor.")
    for target, value in zip(out, result, strict=True):
        if target.shape != value.shape:
            target.resize_(value.shape)
        target.copy_(value)
    return result.__class__(out)


@overload
def max(input: Tensor, *, out: Tensor | None = None) -> Tensor: ...


@overload
def max(input: Tensor, dim: int, keepdim: bool = False, *, out: Sequence[Tensor] | None = None) -> return_types.max: ...


@overload
def max(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor: ...


@composite  # type: ignore[misc]  # in the third form `other` stands where `dim` does
def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None, out: Any = None) -> Any:
    """The largest element; with `dim` a named tuple (values, indices); with a tensor the larger of both, by element.

    Shape: input of any shape; values and indices without `dim`, or with size 1 there (`keepdim`).

    Example:
        >>> ember.max(ember.tensor([1., 5., 3.]))
        tensor(5.)
    """
    return _extreme("max", input, dim if other is None else other, keepdim, out)


@overload
def min(input: Tensor, *, out: Tensor | None = None) -> Tensor: ...


@overload
def min(input: Tensor, dim: int, keepdim: bool = False, *, out: Sequence[Tensor] | None = None) -> return_types.min: ...


@overload
def min(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor: ...


@composite  # type: ignore[misc]  # as above
def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None, out: Any = None) -> Any:
    """The smallest element; with `dim` a named tuple (values, indices); with a tensor the smaller of both, by element.

    Shape: as in :func:`max`.
    """
    return _extreme("min", input, dim if other is None else other, keepdim, out)


def _least(dtype: Any) -> int:
    """What stands for nan in integers (the smallest) and bools (True)."""
    return True if dtype is _C.bool else iinfo(dtype).min


def _median(name: str, input: Any, dim: int | None, keepdim: bool, out: Any) -> Any:
    function = getattr(_ops, name + "_dim")
    if dim is not None:
        return _into(out, function(input, dim, keepdim))
    if input.numel() == 0:
        return input.sum() * math.nan if input.is_floating_point() else input.new_full((), _least(input.dtype))
    value = function(input.reshape(-1), 0).values
    recorded = input.requires_grad or _C._differs_by_sample(input)
    return _shared_by_ties(input, value.detach()) if recorded and input.is_floating_point() else value


def _shared_by_ties(input: Any, value: Any) -> Any:
    """A value of some elements, whose gradient goes to all of them in equal parts, as that of a maximum does."""
    is_finite = _ops.isfinite(value)
    ties = _ops.logical_or(_ops.eq(input, value), _ops.logical_and(_ops.isnan(input), _ops.isnan(value)))
    largest = _ops.amax(_ops.where(_ops.logical_and(ties, is_finite), input, -math.inf))
    mean = _ops.sum(_ops.where(ties, input, 0)) / _ops.sum(ties)  # of infinities or nan no rounding is felt
    return _ops.where(is_finite, largest, mean)


@overload
def median(input: Tensor) -> Tensor: ...


@overload
def median(
    input: Tensor, dim: int, keepdim: bool = False, *, out: Sequence[Tensor] | None = None
) -> return_types.median: ...


@composite
def median(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The median, the lower of the two middle elements; nan where there is a nan. With `dim`: (values, indices)."""
    return _median("median", input, dim, keepdim, out)


@overload
def nanmedian(input: Tensor) -> Tensor: ...


@overload
def nanmedian(
    input: Tensor, dim: int, keepdim: bool = False, *, out: Sequence[Tensor] | None = None
) -> return_types.nanmedian: ...


@composite
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The median of the elements that are not nan. With `dim`: (values, indices)."""
    return _median("nanmedian", input, dim, keepdim, out)


# ---- variance -------------------------------------------------------------------------------------------------------


def _moments(name: str, input: Any, dim: Any, unbiased: Any, keepdim: bool, correction: Any) -> tuple[Any, Any]:
    if isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    elif unbiased is not None:
        raise TypeError(f"{name}(): unbiased and correction were both given; expected one of them.")
    if input.is_complex():
        real, mean_real = _ops._moments(input.real, dim, keepdim, correction)
        imaginary, mean_imaginary = _ops._moments(input.imag, dim, keepdim, correction)
        return real + imaginary, mean_real + mean_imaginary * 1j
    if not input.is_floating_point():
        raise RuntimeError(
            f"{name}(): input is of {input.dtype}; expected a floating point or complex dtype. Use float()."
        )
    variance, mean = _ops._moments(input, dim, keepdim, correction)
    return variance, mean


def _root(variance: Any) -> Any:
    """The square root, with gradient 0 where the variance is 0."""
    if not variance.requires_grad:
        return variance.sqrt()
    flat = variance == 0
    return variance.masked_fill(flat, 1).sqrt().masked_fill(flat, 0)


def _given(out: Any, result: Any) -> Any:
    return result if out is None else out.resize_(result.shape).copy_(result)


@composite
def var(
    input: Tensor,
    dim: int | _size | bool | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The variance, sum((x - mean)^2) / max(0, n - correction), over `dim` (None: all).

    Args:
        dim: dims to fold.
        unbiased: the old form of `correction`: True is 1 (the default), False is 0.
        keepdim: keep the folded dims with size 1.
        correction: degrees of freedom lost; 1 gives the unbiased estimate.
    """
    return _given(out, _moments("var", input, dim, unbiased, keepdim, correction)[0])


@composite
def std(
    input: Tensor,
    dim: int | _size | bool | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The standard deviation: the square root of :func:`var`, whose arguments it takes."""
    return _given(out, _root(_moments("std", input, dim, unbiased, keepdim, correction)[0]))


@composite
def var_mean(
    input: Tensor,
    dim: int | _size | bool | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Variance and mean in one pass; arguments as in :func:`var`."""
    return _moments("var_mean", input, dim, unbiased, keepdim, correction)


@composite
def std_mean(
    input: Tensor,
    dim: int | _size | bool | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean in one pass; arguments as in :func:`var`."""
    variance, mean = _moments("std_mean", input, dim, unbiased, keepdim, correction)
    return _root(variance), mean


# ---- sums -----------------------------------------------------------------------------------------------------------


@composite
def nanmean(
    input: Tensor,
    dim: int | _size | None = None,
    keepdim: bool = False,
    *,
    dtype: _C.dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of the elements that are not nan, over `dim` (None: all)."""
    if not (input.is_floating_point() or input.is_complex()):
        raise RuntimeError(
            f"nanmean(): input is of {input.dtype}; expected a floating point or complex dtype. Use float()."
        )
    count = (input == input).sum(dim, keepdim)
    return _given(out, _ops.nansum(input, dim, keepdim, dtype=dtype) / count)


@composite
def count_nonzero(input: Tensor, dim: int | _size | None = None) -> Tensor:
    """The number of elements that are not 0, over `dim` (None: all)."""
    return _ops._count_nonzero(input, dim)


@composite
def logsumexp(input: Tensor, dim: int | _size, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """log(sum(exp(x))) over `dim`, without overflow."""
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    count = input.dim()
    if input.is_complex():
        return _given(out, _complex_logsumexp(input, dims or tuple(range(count)), keepdim))
    if not input.is_floating_point():
        input = input.to(_C.get_default_dtype())
    ordered = sorted((d + count if d < 0 else d for d in dims), reverse=True) if dims else list(range(count))[::-1]
    for each in ordered or [0]:
        input = _ops._logsumexp(input, each, keepdim)
    return _given(out, input)


def _complex_logsumexp(input: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    shift: int | Tensor = 0
    if input.numel():
        largest = _ops.amax(_ops.real(input.detach()), dims, True)
        shift = _ops.where(_ops.isfinite(largest), largest, 0)
    total = _ops.log(_ops.sum(_ops.exp(input - shift), dims, True)) + shift
    return total if keepdim else _ops.squeeze(total, dims)


# ---- norms ----------------------------------------------------------------------------------------------------------


def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: int | _size | None = None,
    keepdim: bool = False,
    *,
    dtype: _C.dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """(sum |x|^ord)^(1/ord) over `dim` (None: all), as if it were one vector.

    Args:
        ord: inf and -inf give the largest and smallest size, 0 the number of elements that are not 0.
        dtype: to compute in.
    """
    if dtype is not None:
        x = x.to(dtype)
    if not (x.is_floating_point() or x.is_complex()):
        raise RuntimeError(
            f"linalg.vector_norm(): input is of {x.dtype}; expected a floating point or complex dtype. Use float()."
        )
    dim = () if dim is None else dim
    if ord == 2:
        result = _ops._norm_2(x, dim, keepdim)
    elif ord == 0:
        result = (x != 0).sum(dim, keepdim).to(x.abs().dtype)
    elif ord == 1:
        result = x.abs().sum(dim, keepdim)
    elif math.isinf(ord):
        sizes = x.abs()
        result = sizes.amax(dim, keepdim) if ord > 0 else sizes.amin(dim, keepdim)
    else:
        sizes = x.abs()
        if ord < 1:  # the gradient of the power at 0 is infinite: such elements count as constants
            powers = (sizes.masked_fill(x == 0, 1) ** ord).masked_fill(x == 0, 0 if ord > 0 else math.inf)
        else:
            powers = sizes**ord
        total = powers.sum(dim, keepdim)
        # The gradient of a root at 0 is infinite: it is 0 where nothing was added.
        zero = total == 0
        result = (total.masked_fill(zero, 1) ** (1 / ord)).masked_fill(zero, 0 if ord > 0 else math.inf)
    return _given(out, result)


@composite
def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: int | _size | None = None,
    keepdim: bool = False,
    *,
    dtype: _C.dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The p-norm of the elements over `dim` (None: all); 'fro' is the 2-norm, 'nuc' the nuclear norm of matrices."""
    if p == "nuc":
        from ..linalg import matrix_norm

        dims: Any = range(input.dim()) if dim is None else dim
        return matrix_norm(input, "nuc", dims, keepdim, dtype=dtype, out=out)
    return vector_norm(input, 2 if p is None or isinstance(p, str) else p, dim, keepdim, dtype=dtype, out=out)


# ---- quantiles ------------------------------------------------------------------------------------------------------

_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _between(low: Any, high: Any, weight: Any, interpolation: str) -> Any:
    if interpolation == "midpoint":
        return (low + high) / 2
    return low + (high - low) * weight if interpolation == "linear" else low


def _quantile(
    name: str, input: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str, out: Any, skip_nan: bool
) -> Any:
    if interpolation not in _INTERPOLATIONS:
        raise RuntimeError(
            f"{name}(): interpolation is {interpolation!r}; expected one of {', '.join(_INTERPOLATIONS)}."
        )
    if input.dtype not in (_C.float32, _C.float64):
        raise RuntimeError(f"{name}(): input is of {input.dtype}; expected torch.float32 or torch.float64.")
    if not isinstance(q, _C.Tensor):
        q = input.new_full((), float(q))
    if q.dim() > 1:
        raise RuntimeError(f"{name}(): q has shape {tuple(q.shape)}; expected a number or a 1-d tensor.")
    if q.dtype != input.dtype:
        raise RuntimeError(f"{name}(): q is of {q.dtype}, input of {input.dtype}; expected the same dtype.")
    if input.numel() == 0:
        raise RuntimeError(f"{name}(): input of shape {tuple(input.shape)} has no elements; expected at least one.")
    if not bool(((q >= 0) & (q <= 1)).all()):
        raise RuntimeError(f"{name}(): q must be in [0, 1].")
    shape = [1] * input.dim() if dim is None else list(input.shape)
    if dim is None:
        flat = input.reshape(-1)
    else:
        shape[dim] = 1
        flat = input.movedim(dim, -1) if input.dim() else input.reshape(1)
    ordered = flat.sort(-1).values  # nan last
    numbers = (ordered == ordered).sum(-1, True)
    count = ordered.shape[-1]
    levels = q.reshape(-1)
    rank = levels * (numbers - 1).clamp(min=0) if skip_nan else levels.expand(*ordered.shape[:-1], -1) * (count - 1)
    if not skip_nan:  # a nan is the result wherever there is one: it stands last
        rank = rank.masked_fill(numbers < count, count - 1)
    if interpolation == "lower":
        rank = rank.floor()
    elif interpolation == "higher":
        rank = rank.ceil()
    elif interpolation == "nearest":
        rank = rank.round()
    below = rank.floor()
    low = ordered.gather(-1, below.to(_C.int64))
    high = ordered.gather(-1, rank.ceil().to(_C.int64))
    result = _between(low, high, rank - below, interpolation)  # (*others, levels)
    result = result.movedim(-1, 0)
    if keepdim:
        result = result.reshape([levels.shape[0], *shape])
    return _given(out, result if q.dim() else result.squeeze(0))


@composite
def quantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """The q-th quantiles along `dim` (None: of all elements), for q in [0, 1]; nan where there is a nan.

    Args:
        q: a number or a 1-d tensor of input's dtype; a tensor puts its dim in front.
        interpolation: between neighbours: linear, lower, higher, midpoint or nearest.
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, out, skip_nan=False)


@composite
def nanquantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """:func:`quantile` of the elements that are not nan."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, out, skip_nan=True)

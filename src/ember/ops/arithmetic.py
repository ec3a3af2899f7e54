"""Arithmetic whose Python form has more than one shape: rounding modes, bounds that may be absent, other names."""

from __future__ import annotations

from typing import Any, overload

from .. import _C
from .._C import Tensor
from .._composite import alias, composite, published

_ops = _C.ops


def _rounded(name: str, rounding_mode: str | None) -> Any:
    if rounding_mode is None:
        return getattr(_ops, name)
    suffix = "_" if name.endswith("_") else ""
    if rounding_mode == "floor":
        return getattr(_ops, "floor_divide" + suffix)
    if rounding_mode == "trunc":
        return getattr(_ops, "_trunc_divide" + suffix)
    raise RuntimeError(f"{name}(): rounding_mode is {rounding_mode!r}; expected None, 'trunc' or 'floor'.")


@composite
def div(
    input: Tensor, other: Tensor | complex, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """Divide; `rounding_mode` 'trunc' or 'floor' rounds the quotient.

    Shape: both broadcast together. Integers become the default floating type where no rounding is asked for.
    """
    return _rounded("div", rounding_mode)(input, other, out=out)


@composite
def div_(self: Tensor, other: Tensor | complex, *, rounding_mode: str | None = None) -> Tensor:
    """`div` in place."""
    return _rounded("div_", rounding_mode)(self, other)


@composite
def pow(input: Tensor | complex, exponent: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input to the power of exponent; either may be a number.

    Shape: both broadcast together. Integers to negative integer numbers are a RuntimeError.
    """
    if (
        exponent.__class__ in (int, float)
        and exponent == 2
        and isinstance(input, _C.Tensor)
        and _is_square(input, exponent)
    ):
        return _ops.square(input, out=out)
    return _ops.pow(input, exponent, out=out)


@composite
def pow_(self: Tensor, exponent: Tensor | complex) -> Tensor:
    """`pow` in place."""
    if exponent.__class__ in (int, float) and exponent == 2 and _is_square(self, exponent):
        return _ops.square_(self)
    return _ops.pow_(self, exponent)


def _is_square(input: Any, exponent: float) -> bool:
    """Whether the second power is of input's dtype: not of bools, nor of integers to the power 2.0."""
    return _is_inexact(input) or (exponent.__class__ is int and input.dtype is not _C.bool)


def _is_inexact(value: Any) -> bool:
    if isinstance(value, _C.Tensor):
        return value.is_floating_point() or value.is_complex()
    return isinstance(value, (float, complex))


def _clamp(suffix: str, input: Any, low: Any, high: Any, **out: Any) -> Any:
    if low is None and high is None:
        raise RuntimeError("clamp(): min and max are both None; expected at least one bound.")
    if low is None:
        return getattr(_ops, "clamp_max" + suffix)(input, high, **out)
    if high is None:
        return getattr(_ops, "clamp_min" + suffix)(input, low, **out)
    return getattr(_ops, "_clamp" + suffix)(input, low, high, **out)


@composite
def clamp(
    input: Tensor,
    min: Tensor | complex | None = None,
    max: Tensor | complex | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """input held between `min` and `max` (numbers or tensors, either may be None); max wins where min > max.

    Shape: all broadcast together.
    """
    return _clamp("", input, min, max, out=out)


@composite
def clamp_(self: Tensor, min: Tensor | complex | None = None, max: Tensor | complex | None = None) -> Tensor:
    """`clamp` in place."""
    return _clamp("_", self, min, max)


@composite
def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All bits of integers turned; of bool: not."""
    if input.dtype is _C.bool:
        return _ops.logical_not(input, out=out)
    return _ops.bitwise_not(input, out=out)


@composite
def bitwise_not_(self: Tensor) -> Tensor:
    """`bitwise_not` in place."""
    return _ops.logical_not_(self) if self.dtype is _C.bool else _ops.bitwise_not_(self)


@composite
def round(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """Round to the nearest multiple of 10^-decimals, halves to even."""
    if decimals == 0:
        return _ops.round(input, out=out)
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return _ops.div(_ops.round(_ops.mul(input, scale)), scale, out=out)
    return _ops.mul(_ops.round(_ops.div(input, scale)), scale, out=out)


@composite
def round_(self: Tensor, *, decimals: int = 0) -> Tensor:
    """`round` in place."""
    return self.copy_(round(self, decimals=decimals)) if decimals else _ops.round_(self)


@composite
def nan_to_num(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """NaN replaced by `nan` (0), infinities by `posinf` and `neginf` (the type's largest and smallest numbers)."""
    if not _is_inexact(input):
        return input.clone() if out is None else out.copy_(input)
    if input.is_complex():
        result = _ops.view_as_complex(nan_to_num(_ops.view_as_real(input), nan, posinf, neginf))
        return result if out is None else out.copy_(result)
    from .._number_info import finfo

    limits = finfo(input.dtype)
    return _ops._nan_to_num(
        input,
        0.0 if nan is None else nan,
        limits.max if posinf is None else posinf,
        limits.min if neginf is None else neginf,
        out=out,
    )


@composite
def nan_to_num_(
    self: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """`nan_to_num` in place."""
    return self.copy_(nan_to_num(self.clone() if self.requires_grad else self, nan, posinf, neginf))


@composite
def logit(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """log(p / (1 - p)), with p held in [eps, 1 - eps] where eps is given."""
    if eps is not None:
        input = _clamp("", input, eps, 1 - eps)
    return _ops._logit(input, out=out)


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...


@overload
def where(
    condition: Tensor, input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None
) -> Tensor: ...


def where(
    condition: Tensor,
    input: Tensor | complex | None = None,
    other: Tensor | complex | None = None,
    *,
    out: Tensor | None = None,
) -> Any:
    """`input` where `condition` holds, `other` elsewhere; with the condition alone, the indices of its true elements.

    Shape: all three broadcast together; `input` and `other` may be numbers.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.dtype is not _C.bool and condition.dtype is not _C.uint8:
        raise RuntimeError(f"where(): condition is {condition.dtype}; expected torch.bool.")
    given: Any = input, other  # whether one is missing, the operation says
    return _ops.where(condition, *given, out=out)


published["where"] = where


def _where_of(self: Tensor, condition: Tensor, other: Tensor | complex) -> Tensor:
    return where(condition, self, other)


setattr(_C.Tensor, "where", _where_of)  # noqa: B010, for type checkers it is there already


@composite
def diff(
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The n-th differences of neighbours along `dim`; `prepend` and `append` are joined on before."""
    parts = [part for part in (prepend, input, append) if part is not None] if n else [input]
    result = _ops.cat(parts, dim) if len(parts) > 1 else input
    if result.dim() == 0 or n < 0:
        raise RuntimeError(
            f"diff(): input has {result.dim()} dims and n is {n}; expected at least one dim and n of 0 or more."
        )
    for _ in range(min(n, result.shape[dim])):
        size = result.shape[dim]
        high, low = result.narrow(dim, min(1, size), max(size - 1, 0)), result.narrow(dim, 0, max(size - 1, 0))
        result = _ops.logical_xor(high, low) if result.dtype is _C.bool else high - low
    return result if out is None else out.copy_(result)


@composite
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether |input - other| <= atol + rtol * |other|, element by element."""
    if not isinstance(other, _C.Tensor):
        raise TypeError(f"isclose(): argument 'other' must be Tensor, not {other.__class__.__name__}.")
    if input.dtype != other.dtype:
        raise RuntimeError(f"isclose(): input is of {input.dtype}, other of {other.dtype}; expected the same dtype.")
    same = input == other
    if not (input.is_signed() or input.is_floating_point()):  # whose differences have no sign
        wide = _C.float64 if input.dtype is _C.uint64 else _C.int64
        input, other = input.to(wide), other.to(wide)
    close = (input - other).abs() <= atol + rtol * other.abs()
    close = _ops.logical_and(close, _ops.isfinite(other)) | same
    if equal_nan:
        close = close | (_ops.isnan(input) & _ops.isnan(other))
    return close


@composite
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` says."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@composite
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape and the same elements."""
    return input.shape == other.shape and bool((input == other).all())


for _name, _target in {
    "multiply": "mul",
    "subtract": "sub",
    "negative": "neg",
    "absolute": "abs",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "fix": "trunc",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
}.items():
    alias(_name, getattr(_ops, _target))
    alias(_name + "_", getattr(_ops, _target + "_"))
_function: Any
for _name, _function in {"divide": div, "true_divide": div, "clip": clamp}.items():
    alias(_name, _function)
for _name, _function in {"divide_": div_, "true_divide_": div_, "clip_": clamp_}.items():
    alias(_name, _function)

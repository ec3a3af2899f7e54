"""`make_tensor`: random numbers of any dtype in a range, for tests."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._composite import published
from .._number_info import finfo, iinfo

# Ranges where none is asked for.
_RANGES = {_C.bool: (0, 2), _C.uint8: (0, 10)}
_INTEGERS = (-9, 10)
_FLOATS = (-9.0, 9.0)


def make_tensor(
    *shape: Any,
    dtype: _C.dtype,
    device: Any = None,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Any:
    """A tensor of random numbers, uniform in [low, high).

    Args:
        shape: the shape, as integers or one sequence.
        dtype: the dtype; complex numbers have both parts in the range.
        device: the device. Default: the CPU.
        low: the least number. Default: -9 (0 for uint8 and bool).
        high: the bound above. Default: 9 for floating types, 10 for integers, 2 for bool.
        requires_grad: record operations on it.
        noncontiguous: give every second element of a larger tensor.
        exclude_zero: put a tiny number (1 for integers) in the place of each 0.
        memory_format: the order of the dims in memory.

    Example:
        >>> ember.testing.make_tensor(2, 3, dtype=ember.float32).shape
        torch.Size([2, 3])
    """
    sizes = list(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else list(shape)
    if noncontiguous and memory_format is not None:
        raise ValueError("make_tensor(): noncontiguous and memory_format were both given; expected one of them.")
    if dtype is _C.float8_e8m0fnu:
        raise TypeError("make_tensor(): float8_e8m0fnu is not supported; its numbers are powers of two, not uniform.")
    inexact = dtype.is_floating_point or dtype.is_complex
    default = _RANGES.get(dtype, _FLOATS if inexact else _INTEGERS)
    lowest, highest = default[0] if low is None else low, default[1] if high is None else high
    if not lowest < highest:
        raise ValueError(f"make_tensor(): low is {lowest}, high is {highest}; `low` must be less than `high`.")
    longer = noncontiguous and bool(sizes)
    wanted = [*sizes[:-1], 2 * sizes[-1]] if longer else sizes
    result = _uniform(wanted, dtype, lowest, highest)
    if exclude_zero:
        smallest = 1 if not inexact else finfo(dtype).smallest_normal
        result = _C.ops.where(result == 0, result.new_full((), smallest), result)
    result = result.to(device) if device is not None else result
    if longer:
        result = result[..., ::2]
    if memory_format is not None:
        result = result.contiguous(memory_format=memory_format)
    if requires_grad and not inexact:
        raise ValueError(f"make_tensor(): `requires_grad` must be False for {dtype}, which is not inexact.")
    return result.requires_grad_(requires_grad)


def _uniform(sizes: list[int], dtype: _C.dtype, low: float, high: float) -> Any:
    if dtype.is_complex:
        part = _C.float64 if dtype is _C.complex128 else _C.float32
        return published["complex"](_uniform(sizes, part, low, high), _uniform(sizes, part, low, high)).to(dtype)
    if dtype.is_floating_point:
        limits = finfo(dtype)
        low, high = max(low, limits.min), min(high, limits.max)
        unit = published["rand"](sizes, dtype=_C.float64)
        return (low + unit * (high - low)).to(dtype)
    if dtype is not _C.bool:
        low, high = max(low, iinfo(dtype).min), min(high, iinfo(dtype).max + 1)
    return published["randint"](int(low), int(high), sizes).to(dtype)

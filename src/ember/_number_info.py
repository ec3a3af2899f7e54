"""Limits of the number types: ``finfo`` for floating point, ``iinfo`` for integers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from . import _C


class _Format(NamedTuple):
    """A floating point format: its bits, the exponent of its smallest normal number, its ends, and the step after 1."""

    bits: int
    least_exponent: int
    max: float
    min: float
    eps: float


def _ieee(exponent_bits: int, fraction_bits: int) -> _Format:
    """A format of IEEE 754, whose largest exponent is that of inf and nan."""
    bias = 2 ** (exponent_bits - 1) - 1
    eps = 2.0**-fraction_bits
    largest = (2.0 - eps) * 2.0**bias
    return _Format(1 + exponent_bits + fraction_bits, 1 - bias, largest, -largest, eps)


# bfloat16 is float32 with 16 fraction bits cut off. 8-bit formats that IEEE 754 does not have: OCP 8-bit Floating Point
# Specification; OCP Microscaling Formats (e8m0fnu); Noune et al. 2022 (fnuz).
_FORMATS = {
    "float16": _ieee(5, 10),
    "bfloat16": _ieee(8, 7),
    "float32": _ieee(8, 23),
    "float64": _ieee(11, 52),
    "float8_e4m3fn": _Format(8, -6, 448.0, -448.0, 2.0**-3),
    "float8_e5m2": _ieee(5, 2),
    "float8_e4m3fnuz": _Format(8, -7, 240.0, -240.0, 2.0**-3),
    "float8_e5m2fnuz": _Format(8, -15, 57344.0, -57344.0, 2.0**-3),  # eps as PyTorch has it: 1.25 is a number too
    "float8_e8m0fnu": _Format(8, -127, 2.0**127, 2.0**-127, 1.0),
}


class _Limits:
    """What both kinds share: equality by dtype, no assignment, no hash."""

    __slots__ = ("bits", "dtype", "max", "min")
    __hash__ = None  # type: ignore[assignment]

    bits: int
    dtype: str
    max: Any
    min: Any

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch.{type(self).__name__}' objects is not writable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.dtype == self.dtype

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle 'torch.{type(self).__name__}' object")


def dtype_of(type: Any) -> Any:
    """The dtype that one of Python's types stands for wherever a dtype is taken; anything else as it is."""
    return _C._promote_types(type, type) if type in (bool, int, float, complex) else type


def _check_dtype(function: str, type: Any) -> None:
    if not isinstance(type, _C.dtype):
        given = type.__class__.__name__
        raise TypeError(f"{function}(): argument 'type' (position 1) must be torch.dtype, not {given}")


class finfo(_Limits):
    """Limits of a floating point type; of a complex type, those of its parts.

    Args:
        type: a floating point or complex dtype; default: the default dtype.

    Attributes:
        bits: size in bits.
        max, min: the largest finite number and the least; for types without a sign, the smallest.
        eps: distance from 1 to the next number, ``2 ** -fraction_bits``.
        tiny, smallest_normal: the smallest positive number that keeps full precision.
        resolution: ``10 ** -digits``, digits being the decimal ones that every number keeps.
        dtype: name of the type, without the module.

    Raises:
        TypeError: ``type`` is no dtype, or an integer or bool one.

    Example::

        >>> ember.finfo(ember.float32).eps
        1.1920928955078125e-07
    """

    __slots__ = ("eps", "resolution", "smallest_normal", "tiny")
    eps: float
    resolution: float
    smallest_normal: float
    tiny: float

    def __init__(self, type: Any = None) -> None:
        dtype = _C.get_default_dtype() if type is None else dtype_of(type)
        _check_dtype("finfo", dtype)
        if dtype.is_complex:
            dtype = dtype.to_real()
        if not dtype.is_floating_point:
            raise TypeError(
                f"finfo(): {dtype} is not a floating point type; expected a floating point or complex dtype. "
                "For integers use iinfo()."
            )
        name = str(dtype).removeprefix("torch.")
        limits = _FORMATS[name]
        smallest_normal = 2.0**limits.least_exponent
        # Decimal digits that survive: floor(fraction_bits * log10(2)); 0.30103 is log10(2) to the digits that matter.
        digits = int(-math.log2(limits.eps) * 0.30103)
        self._set(
            bits=limits.bits,
            dtype=name,
            eps=limits.eps,
            max=limits.max,
            min=limits.min,
            resolution=float(f"1e-{digits}"),
            smallest_normal=smallest_normal,
            tiny=smallest_normal,
        )

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{name}={getattr(self, name):g}' for name in names)}, dtype={self.dtype})"


class iinfo(_Limits):
    """Limits of an integer type.

    Args:
        type: an integer dtype.

    Attributes:
        bits: size in bits.
        max, min: the largest and the smallest number.
        dtype: name of the type, without the module.

    Raises:
        TypeError: ``type`` is no dtype, or a floating point, complex or bool one.

    Example::

        >>> ember.iinfo(ember.int8).max
        127
    """

    __slots__ = ()

    def __init__(self, type: Any) -> None:
        type = dtype_of(type)
        _check_dtype("iinfo", type)
        if type.is_floating_point or type.is_complex:
            raise TypeError(f"iinfo(): {type} is not an integer type. For floating point use finfo().")
        if type == _C.bool:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        bits = 8 * type.itemsize
        signed = type.is_signed
        smallest = -(2 ** (bits - 1)) if signed else 0
        largest = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
        self._set(bits=bits, dtype=str(type).removeprefix("torch."), min=smallest, max=largest)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

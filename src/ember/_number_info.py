"""Limits of the number types: ``finfo`` for floating point, ``iinfo`` for integers."""

from __future__ import annotations

from typing import Any

from . import _C

# Exponent bits and fraction bits of each format (IEEE 754; bfloat16 is float32 with 16 fraction bits cut off).
_FORMATS: dict[str, tuple[int, int]] = {
    "float16": (5, 10),
    "bfloat16": (8, 7),
    "float32": (8, 23),
    "float64": (11, 52),
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
        max, min: the largest finite number and its negative.
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
        dtype = _C.get_default_dtype() if type is None else type
        _check_dtype("finfo", dtype)
        if dtype.is_complex:
            dtype = dtype.to_real()
        if not dtype.is_floating_point:
            raise TypeError(
                f"finfo(): {dtype} is not a floating point type; expected a floating point or complex dtype. "
                "For integers use iinfo()."
            )
        name = str(dtype).removeprefix("torch.")
        exponent_bits, fraction_bits = _FORMATS[name]
        bias = 2 ** (exponent_bits - 1) - 1
        eps = 2.0**-fraction_bits
        largest = (2.0 - eps) * 2.0**bias
        smallest_normal = 2.0 ** (1 - bias)
        # Decimal digits that survive: floor(fraction_bits * log10(2)); 0.30103 is log10(2) to the digits that matter.
        digits = int(fraction_bits * 0.30103)
        self._set(
            bits=1 + exponent_bits + fraction_bits,
            dtype=name,
            eps=eps,
            max=largest,
            min=-largest,
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

"""NumPy's scalars and arrays in checkpoints, built from their bytes without running NumPy's own unpickling hooks."""

from __future__ import annotations

import math
import re
from typing import Any

# Booleans, numbers and fixed-width text: types whose values are nothing but bytes.
_PLAIN = re.compile(r"[<>|=]?(\?|[biufcSUV]\d+)")


def dtype(code: Any, align: Any = False, copy: Any = True) -> Any:
    """``numpy.dtype`` of a plain type."""
    import numpy

    if not isinstance(code, str) or not _PLAIN.fullmatch(code):
        raise TypeError(f"the NumPy type {code!r}")
    return numpy.dtype(code, copy=True)  # a copy, for its byte order may be set afterwards


def scalar(kind: Any, data: Any) -> Any:
    """``numpy.generic`` from its bytes."""
    return _array(data, kind, (), "C")[()]


def array_shell(cls: Any, shape: Any, code: Any) -> Any:
    """An empty array; its state gives it type, shape and values."""
    import numpy

    return numpy.ndarray((0,), dtype="b")


def array_of_buffer(data: Any, kind: Any, shape: Any, order: Any) -> Any:
    """An array as protocol 5 writes it."""
    return _array(data, kind, shape, order).copy(order)


def _array(data: Any, kind: Any, shape: Any, order: Any) -> Any:
    import numpy

    _check(kind, shape, data)
    return numpy.ndarray(shape, dtype=kind, buffer=data, order=order)


def _check(kind: Any, shape: Any, data: Any) -> None:
    import numpy

    if not isinstance(kind, numpy.dtype) or kind.hasobject:
        raise TypeError(f"the NumPy type {kind!r}")
    if not isinstance(shape, tuple) or not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"an array of shape {shape!r}")
    if not isinstance(data, (bytes, bytearray)) or math.prod(shape) * kind.itemsize != len(data):
        raise ValueError(f"an array of shape {shape!r} and type {kind} with other than its own number of bytes")


def set_state(target: Any, state: Any) -> bool:
    """Gives a NumPy type its byte order, or an array its values; False where ``target`` is neither."""
    module = type(target).__module__
    if module != "numpy" and not module.startswith("numpy."):
        return False
    import numpy

    if isinstance(target, numpy.dtype):
        # (version, byte order, subtypes, names, fields, size, alignment, flags)
        if state[1] not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
            raise TypeError(f"the state {state!r} of a NumPy type")
        target.__setstate__((3, state[1], None, None, None, target.itemsize, target.alignment, 0))  # type: ignore[attr-defined]
        return True
    if type(target) is numpy.ndarray:
        _, shape, kind, fortran, data = state
        _check(kind, shape, data)
        target.__setstate__((1, shape, kind, bool(fortran), bytes(data)))  # type: ignore[arg-type]
        return True
    return False


class ndarray:
    """Stands for ``numpy.ndarray`` where a file names it; never built."""


NAMES: dict[str, Any] = {"numpy.dtype": dtype, "numpy.ndarray": ndarray}
# NumPy 2 renamed numpy.core to numpy._core; files hold either.
for _core in ("numpy.core", "numpy._core"):
    NAMES[f"{_core}.multiarray.scalar"] = scalar
    NAMES[f"{_core}.multiarray._reconstruct"] = array_shell
    NAMES[f"{_core}.numeric._frombuffer"] = array_of_buffer

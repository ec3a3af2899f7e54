"""Calls on the arrays of any namespace of the array API standard, and what they give, to be compared."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8",)  # the namespace lists no wider ones
INTEGERS = SIGNED + UNSIGNED
REALS = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
FLOATING = REALS + COMPLEX
REAL_NUMERIC = INTEGERS + REALS
NUMERIC = INTEGERS + FLOATING
ALL = BOOL + NUMERIC

# In a case's name: how wide its result is, is the namespace's to choose.
DEFAULT = "default dtype"
Case = Callable[[Any], Any]
# Where functions change their rule: signed zeros, the ends of the domains of the inverse functions, infinities, nan.
SPECIAL = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.5, -3.5, math.inf, -math.inf, math.nan)


def sample(dtype: str, *shape: int, seed: int = 0) -> np.ndarray:
    """Small numbers of both signs, each kind of element by its own rule; the same for everybody who asks."""
    rng = np.random.default_rng([seed, *shape])
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith("uint"):
        return rng.integers(0, 9, shape).astype(dtype)
    if dtype.startswith("int"):
        return rng.integers(-8, 9, shape).astype(dtype)
    numbers = rng.uniform(-3, 3, shape)
    return (numbers + 1j * rng.uniform(-3, 3, shape) if dtype in COMPLEX else numbers).astype(dtype)


def special(dtype: str) -> np.ndarray:
    """Numbers at which a function of one element changes its rule."""
    if dtype in REALS:
        return np.array(SPECIAL, dtype)
    if dtype in INTEGERS:
        information = np.iinfo(dtype)
        return np.array([0, 1, 2, 7, information.max, information.min, *([-1, -2] if dtype in SIGNED else [])], dtype)
    if dtype == "bool":
        return np.array([False, True])
    return sample(dtype, 9)


def call(name: str, *arguments: Any, **options: Any) -> Case:
    """The function of that name (`linalg.det`: of an extension) on these, with NumPy's arrays made the namespace's."""

    def case(xp: Any) -> Any:
        function = operator.attrgetter(name)(xp)
        return function(*(give(xp, value) for value in arguments), **{key: give(xp, o) for key, o in options.items()})

    return case


def give(xp: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return xp.asarray(value)
    if isinstance(value, np.dtype):
        return getattr(xp, value.name)
    return [give(xp, one) for one in value] if isinstance(value, list) else value


def dtype(name: str) -> np.dtype:
    return np.dtype(name)


def apply(method: Callable[..., Any], *arguments: Any) -> Case:
    return lambda xp: method(*(give(xp, value) for value in arguments))


Cases = Iterator[tuple[str, Case]]


def meet(dtypes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The pairs whose common dtype the standard knows: of one kind, and floating with complex."""
    for one, other in itertools.product(dtypes, repeat=2):
        kinds = [next(k for k in (BOOL, INTEGERS, FLOATING) if name in k) for name in (one, other)]
        if kinds[0] is kinds[1]:
            yield one, other


# ---- outcomes -------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A result without its namespace: NumPy's array, the name of a dtype, numbers, and containers of them."""
    if isinstance(value, list | tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, str | bool | int | float | complex | np.ndarray | None):
        return value
    if hasattr(value, "__dlpack__") and hasattr(value, "shape"):
        return np.array(np.from_dlpack(value.resolve_conj() if hasattr(value, "resolve_conj") else value))
    return "a method" if callable(value) else str(value).rpartition(".")[2]


def function_of(label: str) -> str:
    return label.split("[")[0]


# The sign of a zero among equals, as the standard has it, is nobody's business there.
EQUAL_ZEROS = ("maximum", "minimum")


def difference(label: str, found: Any, wanted: Any) -> str:
    """What is wrong with `found`, or nothing; floating values are within 200 units of the dtype."""
    if isinstance(wanted, tuple):
        if not isinstance(found, tuple) or len(found) != len(wanted):
            return f"{found!r} for {wanted!r}"
        return "".join(difference(label, one, other) for one, other in zip(found, wanted, strict=True))
    if not isinstance(wanted, np.ndarray):
        return "" if type(found) is type(wanted) and repr(found) == repr(wanted) else f"{found!r} for {wanted!r}"
    if not isinstance(found, np.ndarray):
        return f"{found!r} for an array"
    same_type = found.dtype.kind == wanted.dtype.kind if DEFAULT in label else found.dtype == wanted.dtype
    if not same_type or found.shape != wanted.shape:
        return f"{found.dtype} {found.shape} for {wanted.dtype} {wanted.shape}"
    if wanted.dtype.kind not in "fc":
        return "" if np.array_equal(found, wanted) else f"{found} for {wanted}"
    unit = 200 * np.finfo(found.dtype).eps
    if not np.allclose(found, wanted, rtol=unit, atol=unit, equal_nan=True):
        return f"{found} for {wanted}"
    if wanted.dtype.kind == "c" or function_of(label) in EQUAL_ZEROS:
        return ""
    zeros = (found == 0) & (wanted == 0)
    return "a zero of the other sign" if (np.signbit(found[zeros]) != np.signbit(wanted[zeros])).any() else ""

"""Numbers that a tracer might not know, which are plain numbers here; checks that it would note."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

from ._absent import absent_class

_REASON = "sizes are plain numbers in Ember."

SymInt = absent_class("SymInt", _REASON)
SymFloat = absent_class("SymFloat", _REASON)
SymBool = absent_class("SymBool", _REASON)
for _class in (SymInt, SymFloat, SymBool):
    _class.__module__ = "ember"


def sym_int(a: Any) -> int:
    """A number as an int, rounded towards zero."""
    return int(a)


def sym_float(a: Any) -> float:
    """A number as a float."""
    return float(a)


def sym_not(a: Any) -> bool:
    """Not `a`."""
    return not a


def sym_max(a: Any, b: Any) -> Any:
    """The larger of two numbers; a float if one is."""
    return _as_widest(max(a, b), a, b)


def sym_min(a: Any, b: Any) -> Any:
    """The smaller of two numbers; a float if one is."""
    return _as_widest(min(a, b), a, b)


def _as_widest(value: Any, *numbers: Any) -> Any:
    return float(value) if any(isinstance(number, float) for number in numbers) else value


def sym_sum(args: Any) -> Any:
    """The sum of numbers."""
    return sum(args)


def sym_sqrt(a: Any) -> float:
    """The square root of a number."""
    return math.sqrt(a)


def sym_ite(b: Any, t: Any, f: Any) -> Any:
    """`t` where `b`, else `f`."""
    return t if b else f


def _check_with(error_type: type[Exception], cond: Any, message: Callable[[], Any] | None) -> None:
    """An error of that type with what `message` returns, unless `cond`."""
    if not isinstance(cond, (bool, builtins.bool)):
        raise TypeError(f"cond must be a bool, but got {type(cond)}")
    if not cond:
        raise error_type(str(message()) if message is not None else "Expected cond to be True, but got False.")


def _check(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """A RuntimeError with what `message` returns, unless `cond`."""
    _check_with(RuntimeError, cond, message)


def _check_value(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """A ValueError with what `message` returns, unless `cond`."""
    _check_with(ValueError, cond, message)


def _check_index(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """An IndexError with what `message` returns, unless `cond`."""
    _check_with(IndexError, cond, message)


def _check_type(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """A TypeError with what `message` returns, unless `cond`."""
    _check_with(TypeError, cond, message)


def _check_not_implemented(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """A NotImplementedError with what `message` returns, unless `cond`."""
    _check_with(NotImplementedError, cond, message)


def _check_is_size(i: Any, message: Callable[[], Any] | None = None, *, max: Any = None) -> None:
    """A RuntimeError unless `i` is a size: 0 or more, and at most `max`."""
    _check(bool(i >= 0 and (max is None or i <= max)), message)


def _check_tensor_all(cond: Any, message: Callable[[], Any] | None = None) -> None:
    """A RuntimeError with what `message` returns, unless all elements of a bool tensor are True."""
    _check(bool(cond.all()), message)


def _check_tensor_all_with(error_type: type[Exception], cond: Any, message: Callable[[], Any] | None = None) -> None:
    """An error of that type with what `message` returns, unless all elements of a bool tensor are True."""
    _check_with(error_type, bool(cond.all()), message)


def _assert_async(input: Any, assert_msg: str | None = None) -> None:
    """A RuntimeError unless the tensor's one element is not zero; on the CPU the check is done at once."""
    if input.numel() != 1:
        raise RuntimeError(f"_assert_async(): Boolean value of Tensor with {input.numel()} values is ambiguous.")
    if not input.item():
        raise RuntimeError(assert_msg or "Expected Tensor with single nonzero value, but got zero")


def _shape_as_tensor(input: Any) -> Any:
    """The sizes as a tensor of int64."""
    from ._C import int64
    from .ops.from_data import tensor

    return tensor(list(input.shape), dtype=int64)

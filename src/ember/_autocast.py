"""What autocast does with functions that are composed in Python, as `Record::autocast` says it of operations."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from . import _C

F = TypeVar("F", bound=Callable[..., Any])


def _cast(value: Any, dtype: Any) -> Any:
    if isinstance(value, _C.Tensor):
        floating = value.is_floating_point() and value.dtype != _C.float64
        return value.to(dtype) if floating and value.device.type == "cpu" else value
    if isinstance(value, (list, tuple)) and any(isinstance(each, _C.Tensor) for each in value):
        return [_cast(each, dtype) for each in value]
    return value


def under_autocast(policy: str) -> Callable[[F], F]:
    """Decorates a function that within autocast runs with autocast off.

    Args:
        policy: ``"float32"``, ``"lower"`` (the type of the mode) or ``"keep"``: what floating arguments are cast to.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            if not _C._is_autocast():
                return function(*args, **kwargs)
            _, lower, cached = _C._get_autocast()
            if policy != "keep":
                dtype = lower if policy == "lower" else _C.float32
                args = tuple(_cast(each, dtype) for each in args)
                kwargs = {name: _cast(each, dtype) for name, each in kwargs.items()}
            _C._set_autocast(False, lower, cached)
            try:
                return function(*args, **kwargs)
            finally:
                _C._set_autocast(True, lower, cached)

        return inside  # type: ignore[return-value]

    return decorate

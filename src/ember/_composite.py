"""Operations that are composed from others, written in Python.

A composite stands once, in a file of `ember/ops`; the decorator publishes it as `ember.<name>` and, where its first
parameter is called `input` (or `self`, for what exists only as a method), as a method of Tensor.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from . import _C

F = TypeVar("F", bound=Callable[..., Any])

# What `ember` publishes: filled by the decorator, read by ember/__init__.py.
published: dict[str, Callable[..., Any]] = {}
# What `ember` publishes too, once nn.functional is imported.
functional_in_torch: dict[str, Callable[..., Any]] = {}


# NumPy's names of parameters, which PyTorch takes as well.
_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def with_numpy_names(function: F) -> F:
    """`function`, which takes its keyword arguments under NumPy's names too."""
    own = _parameters(function)
    names = {theirs: ours for theirs, ours in _NUMPY_NAMES.items() if ours in own and theirs not in own}

    @functools.wraps(function)
    def accepting(*args: Any, **kwargs: Any) -> Any:
        for name in kwargs.keys() & names:
            kwargs[names[name]] = kwargs.pop(name)
        return function(*args, **kwargs)

    return accepting  # type: ignore[return-value]


def overridable(function: F, of_tensor: bool = False, module: str = "ember") -> F:
    """`function`, whose calls the classes of its arguments may take over (`ember.overrides`).

    Args:
        function: one that is published.
        of_tensor: its first argument is a tensor; a TypeError says so where it is not.
        module: where it is published: pickles name it there.
    """
    public = _C._overridable(function, of_tensor)
    public.__module__ = module
    return public


def composite(function: F) -> F:
    """Publish `function` under its name, as a function and (first parameter `input`) as a method."""
    name = function.__name__
    names = _parameters(function)
    first = names[0] if names else ""
    if "dim" in names:
        function = with_numpy_names(function)
    public = overridable(function, first == "input")
    if first != "self":
        published[name] = public
    if first in ("input", "self"):
        setattr(_C.Tensor, name, public)
    return function


def all_overridable() -> dict[str, Callable[..., Any]]:
    """What is published, with every function of Python overridable, those that make tensors too."""
    for name, value in published.items():
        if isinstance(value, FunctionType):
            published[name] = overridable(value)
    return published


def in_torch(function: F) -> F:
    """Mark a function of `nn.functional` that PyTorch has in `torch` as well: `ember.<name>` finds it."""
    functional_in_torch[function.__name__] = overridable(function)
    return function


def alias(name: str, function: Callable[..., Any]) -> None:
    """Publish another name of an operation that exists."""
    published[name] = function
    setattr(_C.Tensor, name, function)

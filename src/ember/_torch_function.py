"""What every subclass of Tensor inherits: results of operations are of the subclass, and it may take calls over.

Operations look at their arguments' classes themselves (csrc/bind/overrides.cpp). What else a Tensor has, methods that
are no operations and properties, is wrapped in the subclass when that is made: a plain Tensor pays nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, GetSetDescriptorType, MethodDescriptorType
from typing import Any

from . import _C

Tensor = _C.Tensor

# Asked for by the machinery itself, or of the object and not of what it holds.
_NOT_WRAPPED = {"__class__", "__dict__", "__weakref__", "_cdata", "as_subclass", "_make_subclass", "__init_subclass__"}


class _Disabled:
    """A context in which subclasses do not take calls over."""

    _level = 0

    def __enter__(self) -> None:
        self._before = _C._torch_function_disabled(self._level)

    def __exit__(self, *exception: object) -> None:
        _C._torch_function_disabled(self._before)


class DisableTorchFunctionSubclass(_Disabled):
    """Within the block the classes of arguments do not take calls over; modes do."""

    _level = 1


class DisableTorchFunction(_Disabled):
    """Within the block neither the classes of arguments nor modes take calls over."""

    _level = 2


def _disabled_torch_function_impl(func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """As a class's ``__torch_function__``: the class takes no calls over, and results are plain Tensors."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))


_nowrap: set[Any] = set()


def get_default_nowrap_functions() -> set[Any]:
    """The functions whose results keep their class: properties that give what is stored."""
    return _nowrap


def _as_class(value: Any, cls: type) -> Any:
    if isinstance(value, Tensor):
        return value if isinstance(value, cls) else value.as_subclass(cls)
    if isinstance(value, (tuple, list)) and not isinstance(value, _C.Size):
        # Named tuples of Python take their fields one by one, those of C all at once.
        make = getattr(type(value), "_make", type(value))
        return make([_as_class(each, cls) for each in value])
    return value


def _torch_function(cls: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """Call `func`, and give its results the class `cls`; NotImplemented if another class takes part."""
    if not all(issubclass(cls, each) for each in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        result = func(*args, **(kwargs or {}))
    return result if cls is Tensor or func in _nowrap else _as_class(result, cls)


def _method(name: str, function: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _C._overridden((self, *args)):
            return _C._call_overridden(function, (self, *args), (self, *args), kwargs)
        return function(self, *args, **kwargs)

    method.__doc__ = method.__doc__ or f"`Tensor.{name}`."
    return method


def _property(described: Any) -> property:
    read, write = described.__get__, described.__set__
    get = getattr(described, "fget", None) or read

    def getter(self: Any) -> Any:
        return _C._call_overridden(read, (self,), (self,), None) if _C._overridden((self,)) else get(self)

    def setter(self: Any, value: Any) -> None:
        write(self, value)

    return property(getter, setter, doc=described.__doc__)


_OPERATORS = (
    *("__getitem__", "__setitem__", "__len__", "__contains__", "__bool__", "__int__", "__float__"),
    *("__index__", "__repr__"),
)


@functools.cache
def _wrapped() -> dict[str, Any]:
    """The attributes of Tensor that are no operations, for a class that takes calls over."""
    wrapped: dict[str, Any] = {}
    for name, value in vars(Tensor).items():
        if name in _NOT_WRAPPED:
            continue
        if isinstance(value, (GetSetDescriptorType, property)):
            wrapped[name] = _property(value)
        elif name in _OPERATORS or (
            isinstance(value, (FunctionType, MethodDescriptorType)) and not name.startswith("__")
        ):
            wrapped[name] = _method(name, value)
    return wrapped


def _prepare_subclass(cls: Any, /, **keywords: Any) -> None:
    """Let a class that takes calls over do so for what is no operation, too."""
    super(Tensor, cls).__init_subclass__(**keywords)
    if getattr(cls, "__torch_function__", None) is _disabled_torch_function_impl:
        return
    for name, value in _wrapped().items():
        owner = next(base for base in cls.__mro__ if name in vars(base))
        if owner is Tensor:
            setattr(cls, name, value)


def install() -> None:
    """Put it on Tensor; called when its methods are all there."""
    _C._set_disabled_torch_function(_disabled_torch_function_impl)
    Tensor.__torch_function__ = classmethod(_torch_function)
    Tensor.__init_subclass__ = classmethod(_prepare_subclass)  # type: ignore
    for name in ("_base", "_grad", "grad"):
        _nowrap.add(vars(Tensor)[name].__get__)

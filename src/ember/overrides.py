"""Classes and modes that take part in every call: ``__torch_function__`` of an argument's class, `TorchFunctionMode`.

A call whose argument's class defines ``__torch_function__(cls, func, types, args=(), kwargs=None)`` is handed to it in
place of the operation. Subclasses of Tensor inherit one that calls the operation and gives the result their class.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from . import _C
from ._torch_function import get_default_nowrap_functions

__all__ = [
    "TorchFunctionMode",
    "get_default_nowrap_functions",
    "get_ignored_functions",
    "get_overridable_functions",
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]


def is_tensor_like(inp: Any) -> bool:
    """Whether an object is a Tensor, or of a class with ``__torch_function__``."""
    return type(inp) is _C.Tensor or hasattr(inp, "__torch_function__")


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether the class of one of the arguments, or a mode, takes calls over.

    Args:
        relevant_args: the arguments that may be tensors.
    """
    return _C._overridden(tuple(relevant_args))


def has_torch_function_unary(relevant_arg: Any) -> bool:
    """`has_torch_function` of one argument."""
    return _C._overridden((relevant_arg,))


def has_torch_function_variadic(*relevant_args: Any) -> bool:
    """`has_torch_function` of several arguments."""
    return _C._overridden(relevant_args)


def handle_torch_function(
    public_api: Callable[..., Any], relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """Hand a call to the modes, then to the classes of the arguments, until one does not return NotImplemented.

    Args:
        public_api: the function that was called.
        relevant_args: the arguments whose classes are asked, subclasses first.
        args, kwargs: those of the call.

    Raises:
        TypeError: all return NotImplemented.

    Example:
        >>> from ember.overrides import handle_torch_function, has_torch_function
        >>> def twice(x):
        ...     if has_torch_function((x,)):
        ...         return handle_torch_function(twice, (x,), x)
        ...     return x + x
        >>> twice(ember.ones(1))
        tensor([2.])
    """
    return _C._call_overridden(public_api, tuple(relevant_args), args, kwargs)


def wrap_torch_function(dispatcher: Callable[..., Iterable[Any]]) -> Callable[..., Any]:
    """A decorator: a function of tensors whose arguments' classes may take its calls over.

    Args:
        dispatcher: called with the function's arguments, returns those whose classes are asked.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            relevant = tuple(dispatcher(*args, **kwargs))
            if _C._overridden(relevant):
                return _C._call_overridden(wrapped, relevant, args, kwargs)
            return function(*args, **kwargs)

        return wrapped

    return decorate


class TorchFunctionMode:
    """Within ``with mode:`` every call of an operation goes through the mode's ``__torch_function__``.

    Inside the method the mode is off, so that ``func(*args, **kwargs)`` goes on to the mode outside it, to the classes
    of the arguments, and to the operation.

    Example:
        >>> from ember.overrides import TorchFunctionMode
        >>> class Count(TorchFunctionMode):
        ...     calls = 0
        ...     def __torch_function__(self, func, types, args=(), kwargs=None):
        ...         self.calls += 1
        ...         return func(*args, **(kwargs or {}))
        >>> with Count() as count:
        ...     y = ember.ones(2) + 1
        >>> count.calls
        2
    """

    inner: TorchFunctionMode

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __torch_function__(); a mode needs one.")

    def __enter__(self) -> Any:
        _C._push_function_mode(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _C._pop_function_mode()

    @classmethod
    def push(cls, *args: Any, **kwargs: Any) -> Any:
        """A new mode, to be entered."""
        return cls(*args, **kwargs)


class BaseTorchFunctionMode(TorchFunctionMode):
    """A mode that changes nothing."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}))


def _namespaces() -> dict[str, Any]:
    import ember

    from .nn import functional

    return {"torch": ember, "torch.nn.functional": functional, "torch.Tensor": _C.Tensor}


@functools.cache
def get_overridable_functions() -> dict[Any, list[Any]]:
    """The functions that classes of arguments may take over, by where they stand."""
    return {
        space: [each for each in vars(space).values() if isinstance(each, (_C.Function, _C.Overridable))]
        for space in _namespaces().values()
    }


@functools.cache
def get_ignored_functions() -> set[Any]:
    """The functions of tensors that classes of arguments cannot take over: those that make tensors from other data."""
    import ember

    names = ("as_tensor", "asarray", "from_dlpack", "from_numpy", "frombuffer", "is_tensor", "tensor")
    return {getattr(ember, name) for name in names}


def resolve_name(f: Any) -> str | None:
    """A function's name as programs write it: 'torch.add', 'torch.Tensor.numpy'; None for another's."""
    for prefix, space in _namespaces().items():
        for name, value in vars(space).items():
            if value is f:
                return f"{prefix}.{name}"
    return None


def is_tensor_method_or_property(func: Any) -> bool:
    """Whether a function is a method of Tensor, or the ``__get__`` of a property."""
    return getattr(func, "__name__", None) == "__get__" or func in vars(_C.Tensor).values()


def redispatch_function(func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Call `func`, which a class or a mode was handed, as the next one would be."""
    return func(*args, **(kwargs or {}))

"""Switches of recording, each a context manager and a decorator; they hold for the calling thread."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .. import _C

if TYPE_CHECKING:
    from typing_extensions import Self

F = TypeVar("F", bound=Callable[..., Any])


class _Mode:
    """Sets a switch on entering and restores it on leaving; as a decorator it holds during each call."""

    def __call__(self, function: F) -> F:
        if inspect.isclass(function):
            raise TypeError(
                f"{type(self).__name__}(): cannot decorate the class {function.__name__}; decorate its methods."
            )
        if inspect.isgeneratorfunction(function):
            return self._wrap_generator(function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self._clone():
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]

    def _clone(self) -> _Mode:
        return self.__class__()

    def _wrap_generator(self, function: Any) -> Any:
        # The mode holds while the generator runs, not while its consumer does.
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            sent: Any = None
            try:
                while True:
                    with self._clone():
                        try:
                            item = generator.send(sent)
                        except StopIteration as stop:
                            return stop.value
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        with self._clone():
                            item = generator.throw(error)
                        sent = yield item
            finally:
                generator.close()

        return inside

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *exception: object) -> None:
        raise NotImplementedError


class no_grad(_Mode):
    """Operations inside are not recorded; results do not require grad.

    Example:
        >>> x = ember.ones(2, requires_grad=True)
        >>> with ember.no_grad():
        ...     y = x * 2
        >>> y.requires_grad
        False
    """

    @overload
    def __new__(cls, function: None = None) -> Self: ...

    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]

    def __new__(cls, function: Any = None) -> Any:
        self = super().__new__(cls)
        return self if function is None else self(function)

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(False)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class enable_grad(_Mode):
    """Operations inside are recorded, also within `no_grad`."""

    @overload
    def __new__(cls, function: None = None) -> Self: ...

    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]

    def __new__(cls, function: Any = None) -> Any:
        self = super().__new__(cls)
        return self if function is None else self(function)

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(True)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class set_grad_enabled(_Mode):
    """Turns recording on or off: at once as a function, and until the end of the block as a context manager."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self._before = _C._set_grad_enabled(self.mode)

    def __call__(self, function: F) -> F:
        _C._set_grad_enabled(self._before)  # a decorator changes nothing until its function is called
        return super().__call__(function)

    def _clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.mode)

    def __enter__(self) -> None:
        _C._set_grad_enabled(self.mode)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class inference_mode(_Mode):
    """As `no_grad`, and results can never take part in recorded operations."""

    mode: bool

    @overload
    def __new__(cls, mode: bool = True) -> Self: ...

    @overload
    def __new__(cls, mode: F) -> F: ...  # type: ignore[misc]

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if isinstance(mode, bool):
            self.mode = mode
            return self
        self.mode = True
        return self(mode)

    def __init__(self, mode: Any = True) -> None:
        pass

    def _clone(self) -> inference_mode:
        return inference_mode(self.mode)

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(not self.mode), _C._set_inference_mode(self.mode)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before[0])
        _C._set_inference_mode(self._before[1])

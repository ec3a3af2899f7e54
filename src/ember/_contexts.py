"""What `no_grad` and its kind are made from: context managers that decorate functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from typing_extensions import Self

F = TypeVar("F", bound=Callable[..., Any])


class _DecoratorContextManager:
    """A context manager that is a decorator too: then the block is each call of the function.

    A subclass has `__enter__` and `__exit__`, and `clone` where it takes arguments.
    """

    def __call__(self, function: F) -> F:
        if inspect.isclass(function):
            raise TypeError(
                f"{type(self).__name__}(): cannot decorate the class {function.__name__}; decorate its methods."
            )
        if inspect.isgeneratorfunction(function):
            return self._wrap_generator(function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]

    def clone(self) -> Any:
        """Another context manager that does the same: calls may nest."""
        return self.__class__()

    def _wrap_generator(self, function: Any) -> Any:
        # The mode holds while the generator runs, not while its consumer does.
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            sent: Any = None
            try:
                while True:
                    with self.clone():
                        try:
                            item = generator.send(sent)
                        except StopIteration as stop:
                            return stop.value
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        with self.clone():
                            item = generator.throw(error)
                        sent = yield item
            finally:
                generator.close()

        return inside

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *exception: object) -> None:
        raise NotImplementedError


class _NoParamDecoratorContextManager(_DecoratorContextManager):
    """One without arguments, which decorates with parentheses or without."""

    @overload
    def __new__(cls, function: None = None) -> Self: ...

    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]

    def __new__(cls, function: Any = None) -> Any:
        self = super().__new__(cls)
        return self if function is None else self(function)

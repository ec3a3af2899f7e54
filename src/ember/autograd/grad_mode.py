"""Switches of recording, each a context manager and a decorator; they hold for the calling thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .. import _C
from .._contexts import _DecoratorContextManager, _NoParamDecoratorContextManager

if TYPE_CHECKING:
    from typing_extensions import Self

F = TypeVar("F", bound=Callable[..., Any])


class no_grad(_NoParamDecoratorContextManager):
    """Operations inside are not recorded; results do not require grad.

    Example:
        >>> x = ember.ones(2, requires_grad=True)
        >>> with ember.no_grad():
        ...     y = x * 2
        >>> y.requires_grad
        False
    """

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(False)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class enable_grad(_NoParamDecoratorContextManager):
    """Operations inside are recorded, also within `no_grad`."""

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(True)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class set_grad_enabled(_DecoratorContextManager):
    """Turns recording on or off: at once as a function, and until the end of the block as a context manager."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self._before = _C._set_grad_enabled(self.mode)

    def __call__(self, function: F) -> F:
        _C._set_grad_enabled(self._before)  # a decorator changes nothing until its function is called
        return super().__call__(function)

    def clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.mode)

    def __enter__(self) -> None:
        _C._set_grad_enabled(self.mode)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before)


class inference_mode(_DecoratorContextManager):
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

    def clone(self) -> inference_mode:
        return inference_mode(self.mode)

    def __enter__(self) -> None:
        self._before = _C._set_grad_enabled(not self.mode), _C._set_inference_mode(self.mode)

    def __exit__(self, *exception: object) -> None:
        _C._set_grad_enabled(self._before[0])
        _C._set_inference_mode(self._before[1])

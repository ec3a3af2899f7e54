"""Anomaly mode, in which nodes remember their forward calls, and the search for the first nan that appears."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from .. import _C
from .._contexts import _DecoratorContextManager

F = TypeVar("F", bound=Callable[..., Any])


class set_detect_anomaly:
    """Turns anomaly mode on or off, at once and until the end of a `with` block. It makes everything slower."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self._before)


class detect_anomaly:
    """Anomaly mode within a `with` block: errors of backward name the forward call, and NaN gradients are errors."""

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self._before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(True, self._check_nan)

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self._before)


class debug_nans(_DecoratorContextManager):
    """Stops at the first operation that makes a nan out of inputs without one, forward or backward.

    The error names the operation, the values that it was given, the line of the program and the module. At once as a
    function, until the end of the block as a context manager, during each call as a decorator; for the calling thread.
    Each result is read once more: it is for finding the fault, not for training.

    Args:
        mode: whether to search. Default: True.

    Raises:
        RuntimeError: by the operation that made the nan.

    Example:
        >>> with ember.debug_nans():
        ...     ember.tensor([1.0, -1.0]).log()  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        RuntimeError: log(): made nan out of inputs without nan: 1 of 2 values of its result of shape (2,), ...
    """

    def __init__(self, mode: bool = True) -> None:
        self.mode = bool(mode)
        self._before = _C._set_nan_search(self.mode)

    def __call__(self, function: F) -> F:
        _C._set_nan_search(self._before)  # a decorator changes nothing until its function is called
        return super().__call__(function)

    def clone(self) -> debug_nans:
        return debug_nans(self.mode)

    def __enter__(self) -> None:
        _C._set_nan_search(self.mode)

    def __exit__(self, *exception: object) -> None:
        _C._set_nan_search(self._before)

"""A result that is set once and waited for, with functions that are called then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any


class Future:
    """A value that will be there; any thread may set it and any may wait.

    Args:
        devices: devices of the tensors in the value; on the CPU nothing follows from them.

    Example:
        >>> future = ember.futures.Future()
        >>> doubled = future.then(lambda done: 2 * done.value())
        >>> future.set_result(21)
        >>> doubled.wait()
        42
    """

    def __class_getitem__(cls, types: Any) -> Any:
        return cls

    def __init__(self, *, devices: Any = None) -> None:
        self._condition = threading.Condition()
        self._done = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Future], None]] = []

    def done(self) -> bool:
        """Whether the value, or an exception, has been set."""
        return self._done

    def wait(self) -> Any:
        """The value, once it is there; raises the exception that was set in its place."""
        with self._condition:
            self._condition.wait_for(lambda: self._done)
        return self.value()

    def value(self) -> Any:
        """The value, which must be there; raises the exception that was set in its place."""
        if self._error is not None:
            raise self._error
        if not self._done:
            raise RuntimeError("value(): the future is not done; expected wait(), or a call after done() is True.")
        return self._value

    def set_result(self, result: Any) -> None:
        """Set the value, once, and call the callbacks."""
        self._finish(result, None)

    def set_exception(self, result: BaseException) -> None:
        """Set an exception, which `wait` raises."""
        if not isinstance(result, BaseException):
            raise AssertionError(f"set_exception(): {result!r} is of type {type(result).__name__}, not an Exception.")
        self._finish(None, result)

    def _finish(self, value: Any, error: BaseException | None) -> None:
        with self._condition:
            if self._done:
                raise RuntimeError("set_result(): the future is done already; a result is set once.")
            self._value, self._error, self._done = value, error, True
            self._condition.notify_all()
        for callback in self._callbacks:
            callback(self)

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        """Call ``callback(future)`` when it is done, at once if it is."""
        with self._condition:
            if not self._done:
                self._callbacks.append(callback)
                return
        callback(self)

    def then(self, callback: Callable[[Future], Any]) -> Future:
        """A future of ``callback(self)``, which is called when this one is done."""
        result = Future()

        def go_on(done: Future) -> None:
            try:
                result.set_result(callback(done))
            except Exception as error:
                result.set_exception(error)

        self.add_done_callback(go_on)
        return result


def collect_all(futures: list[Future]) -> Future:
    """A future of the list of the futures, done when all are; an exception stays in its own."""
    result = Future()
    missing = len(futures)
    lock = threading.Lock()

    def count(done: Future) -> None:
        nonlocal missing
        with lock:
            missing -= 1
            last = missing == 0
        if last:
            result.set_result(futures)

    for future in futures:
        future.add_done_callback(count)
    if not futures:
        result.set_result(futures)
    return result


def wait_all(futures: Iterable[Future]) -> list[Any]:
    """The values of all, once they are there."""
    return [future.wait() for future in futures]

"""A profile of one block: every operation and every node of the backward pass with its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from .. import _C
from .._contexts import _DecoratorContextManager
from .profiler_util import EventList, FunctionEvent, FunctionEventAvg

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "emit_nvtx", "profile", "record_function"]


class record_function(_DecoratorContextManager):
    """Names a stretch of the program in a profile; as a decorator, each call. Outside a profile it does nothing.

    Args:
        name: as it stands in the table.
        args: more about it; not shown.

    Example:
        >>> with ember.profiler.profile() as profile, ember.profiler.record_function("mine"):
        ...     x = ember.ones(3).exp()
        >>> [event.name for event in profile.events()]
        ['mine', 'aten::full', 'aten::exp']
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name
        self.args = args
        self._open: list[int] = []

    def __enter__(self) -> record_function:
        self._open.append(_C._open_range(self.name))
        return self

    def __exit__(self, *exception: object) -> None:
        _C._close_range(self._open.pop())

    def clone(self) -> record_function:
        return type(self)(self.name, self.args)


def _linked(facts: list[tuple[Any, ...]], start: int, thread: int) -> list[FunctionEvent]:
    events = [FunctionEvent(index, each, start, thread) for index, each in enumerate(facts)]
    for event, each in zip(events, facts, strict=True):
        if each[2] >= 0:
            event.cpu_parent = events[each[2]]
            event.cpu_parent.cpu_children.append(event)
    return events


class profile:
    """Profiles a `with` block on the thread that runs it. :class:`ember.profiler.profile` does more.

    Args:
        enabled: False profiles nothing. Default: True.
        record_shapes: keep the shapes of all arguments. Default: False.
        with_flops: count the operations of matrix products; records shapes, too. Default: False.
        profile_memory: count the bytes that each event takes and gives back. Default: False.
        with_stack: keep the lines of Python that led to each event. Default: False.
        use_cuda, use_device, with_modules, use_kineto, use_cpu, experimental_config, acc_events,
            custom_trace_id_callback, post_processing_timeout_s, activity_filters: accepted.

    Attributes:
        function_events: an :class:`EventList`, after the block.
    """

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        experimental_config: Any = None,
        acc_events: bool = False,
        custom_trace_id_callback: Any = None,
        post_processing_timeout_s: float | None = None,
        activity_filters: Any = None,
    ) -> None:
        self.enabled = enabled
        self.record_shapes = record_shapes or with_flops
        self.with_flops = with_flops
        self.profile_memory = profile_memory
        self.with_stack = with_stack
        self.entered = False
        self.began = 0, 0  # nanoseconds of the wall clock and of the monotonic clock
        self.facts: dict[str, Any] = {}
        self.function_events: EventList | None = None

    def __enter__(self) -> profile:
        if not self.enabled:
            return self
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self.entered = True
        self.began = time.time_ns(), time.monotonic_ns()
        _C._start_profile(self.record_shapes, self.profile_memory, self.with_stack)
        return self

    def __exit__(self, *exception: object) -> None:
        if not self.enabled:
            return
        wall, monotonic = self.began
        self.function_events = EventList(
            _linked(_C._stop_profile(), monotonic, threading.get_native_id()),
            profile_memory=self.profile_memory,
            with_flops=self.with_flops,
            baseTimeNanoseconds=wall,
            **self.facts,
        )

    def _events(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def __str__(self) -> str:
        return "<unfinished torch.autograd.profile>" if self.function_events is None else str(self.function_events)

    def table(self, *args: Any, **kwargs: Any) -> str:
        """:meth:`EventList.table`."""
        return self._events().table(*args, **kwargs)

    def export_chrome_trace(self, path: str) -> None:
        """:meth:`EventList.export_chrome_trace`."""
        self._events().export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """:meth:`EventList.export_stacks`."""
        self._events().export_stacks(path, metric)

    def key_averages(self, *args: Any, **kwargs: Any) -> EventList:
        """:meth:`EventList.key_averages`."""
        return self._events().key_averages(*args, **kwargs)

    def total_average(self) -> FunctionEventAvg:
        """:meth:`EventList.total_average`."""
        return self._events().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """The sum of the events' own times, in microseconds."""
        return self._events().self_cpu_time_total


class emit_nvtx:
    """Marks operations for NVIDIA's tools; entering it says that there is no CUDA device."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled = enabled

    def __enter__(self) -> emit_nvtx:
        if self.enabled:
            raise RuntimeError("emit_nvtx(): this build of Ember has no CUDA device. Use ember.profiler.profile().")
        return self

    def __exit__(self, *exception: object) -> None:
        pass

"""The profiler: records some steps of a training loop, and hands each recorded cycle to a function."""

from __future__ import annotations

import json
import os
import socket
import time
import warnings
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from ..autograd import profiler as _block
from ..autograd.profiler_util import EventList

Profile = _block.profile


class ProfilerActivity(Enum):
    """What can be profiled; here, the CPU."""

    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(Enum):
    """What a step is: skipped, run to get warm, recorded, or recorded as the last one of a cycle."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3
    DEVICE_STOPPED = 4


_RECORDING = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def _default_schedule_fn(_: int) -> ProfilerAction:
    """Every step is recorded."""
    return ProfilerAction.RECORD


def supported_activities() -> set[ProfilerActivity]:
    """The CPU."""
    return {ProfilerActivity.CPU}


def kineto_available() -> bool:
    """True: traces can be written."""
    return True


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """Which steps :class:`profile` records: cycles of `wait` skipped, `warmup` unrecorded and `active` recorded steps.

    Args:
        wait, warmup, active: numbers of steps.
        repeat: number of cycles; 0 for as many as there are. Default: 0.
        skip_first: steps before the first cycle. Default: 0.
        skip_first_wait: 1 leaves `wait` out of the first cycle. Default: 0.

    Example:
        >>> plan = ember.profiler.schedule(wait=1, warmup=1, active=2)
        >>> [plan(step).name for step in range(4)]
        ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE']
    """
    assert wait >= 0 and warmup >= 0 and active > 0 and repeat >= 0 and skip_first >= 0, (
        f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), "
        f"active={active} (need > 0), repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
    )
    if warmup == 0:
        warnings.warn("Profiler won't be using warmup, this can skew profiler results", stacklevel=2)

    def plan(step: int) -> ProfilerAction:
        assert step >= 0, f"Step number must be non-negative. Got {step}."
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait:
            step += wait
        cycle = wait + warmup + active
        if repeat and step // cycle >= repeat:
            return ProfilerAction.NONE
        place = step % cycle
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return plan


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False, use_python_export: bool = False
) -> Callable[[Any], None]:
    """A function for `on_trace_ready` that writes each trace into a folder, named as TensorBoard's plugin expects.

    Args:
        dir_name: the folder; made if need be.
        worker_name: part of the file's name. Default: host and process.
        use_gzip: compress the file. Default: False.
    """

    def write(profile: Any) -> None:
        os.makedirs(dir_name, exist_ok=True)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        name = f"{worker}.{time.time_ns()}.pt.trace.json{'.gz' if use_gzip else ''}"
        profile.export_chrome_trace(os.path.join(dir_name, name))

    return write


class profile:
    """Profiles the operations and backward passes of the thread that runs the block.

    Args:
        activities: what to profile; the CPU is what there is. Default: all of :func:`supported_activities`.
        schedule: from a step's number to what it is, as :func:`schedule` makes it; call :meth:`step` after each step.
            Default: record everything.
        on_trace_ready: called with the profile after each recorded cycle.
        record_shapes: keep the shapes of all arguments. Default: False.
        profile_memory: count the bytes that each event takes and gives back. Default: False.
        with_stack: keep the lines of Python that led to each event. Default: False.
        with_flops: count the operations of matrix products; records shapes, too. Default: False.
        with_modules, experimental_config, execution_trace_observer, use_cuda, custom_trace_id_callback,
            post_processing_timeout_s: accepted.
        acc_events: keep the events of all cycles, not only of the last. Default: False.

    Example:
        >>> model, x = ember.nn.Linear(4, 2), ember.randn(3, 4)
        >>> with ember.profiler.profile(record_shapes=True) as profile:
        ...     y = model(x)
        >>> print(profile.key_averages().table(sort_by="cpu_time_total", row_limit=5))  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        activities: Iterable[Any] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        experimental_config: Any = None,
        execution_trace_observer: Any = None,
        acc_events: bool = False,
        use_cuda: bool | None = None,
        custom_trace_id_callback: Callable[[], str] | None = None,
        post_processing_timeout_s: float | None = None,
    ) -> None:
        self.activities = set(activities) if activities is not None else supported_activities()
        assert self.activities, "No valid profiler activities found"
        if ProfilerActivity.CUDA in self.activities or use_cuda:
            warnings.warn("profile(): CUDA is not available, disabling CUDA profiling", stacklevel=2)
        self.schedule = schedule or _default_schedule_fn
        self.on_trace_ready = on_trace_ready
        self.record_shapes = record_shapes
        self.profile_memory = profile_memory
        self.with_stack = with_stack
        self.with_flops = with_flops
        self.acc_events = acc_events
        self.step_num = 0
        self.current_action = self.schedule(0)
        self.profiler: Profile | None = None
        self._steps = schedule is not None
        self._step_range: Any = None
        self._facts: dict[str, Any] = {}
        self._earlier: list[Any] = []  # events of earlier cycles, with acc_events

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin; `with` does it."""
        if self.current_action in _RECORDING:
            self._begin()
        self._open_step()

    def stop(self) -> None:
        """End; `with` does it."""
        self._close_step()
        if self.current_action in _RECORDING:
            self._finish()

    def step(self) -> None:
        """Say that the next step of the schedule begins."""
        self._close_step()
        before = self.current_action
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        goes_on = before is ProfilerAction.RECORD and self.current_action in _RECORDING
        if before in _RECORDING and not goes_on:
            self._finish()
        if self.current_action in _RECORDING and not goes_on:
            self._begin()
        self._open_step()

    def _open_step(self) -> None:
        if self._steps and self.current_action in _RECORDING:
            self._step_range = _block.record_function(f"ProfilerStep#{self.step_num}")
            self._step_range.__enter__()

    def _close_step(self) -> None:
        if self._step_range is not None:
            self._step_range.__exit__()
            self._step_range = None

    def _begin(self) -> None:
        before = self.profiler
        self.profiler = Profile(
            record_shapes=self.record_shapes,
            profile_memory=self.profile_memory,
            with_stack=self.with_stack,
            with_flops=self.with_flops,
        )
        self.profiler.facts = self._facts
        self.profiler.__enter__()
        if before is not None and self.acc_events:
            self._earlier = list(before.function_events or [])
            self.profiler.began = before.began  # times count from the start of the first cycle

    def _finish(self) -> None:
        assert self.profiler is not None
        self.profiler.__exit__()
        if self._earlier and self.profiler.function_events is not None:
            self.profiler.function_events[:0] = self._earlier
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def _finished(self, purpose: str) -> Profile:
        assert self.profiler is not None, f"Profiler must be initialized before {purpose}"
        return self.profiler

    def events(self) -> EventList:
        """All events of the last recorded cycle."""
        return self._finished("accessing events")._events()

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """The events' sums by name, and by input shapes or lines of Python; see :meth:`EventList.key_averages`."""
        block = self._finished("getting key averages")
        return block.key_averages(group_by_input_shape, group_by_stack_n, group_by_overload_name)

    def export_chrome_trace(self, path: str, use_python_export: bool = False) -> None:
        """Write the last recorded cycle for chrome://tracing, Perfetto or TensorBoard; .gz at the end compresses."""
        self._finished("exporting chrome trace").export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write the stacks, weighed by `metric`, for flame graphs; needs `with_stack`."""
        self._finished("exporting stacks").export_stacks(path, metric)

    def add_metadata(self, key: str, value: str) -> None:
        """Write a text into the traces that are made from now on."""
        self._facts[key] = value

    def add_metadata_json(self, key: str, value: str) -> None:
        """Write a value, given as JSON, into the traces that are made from now on."""
        self._facts[key] = json.loads(value)

    preset_metadata_json = add_metadata_json

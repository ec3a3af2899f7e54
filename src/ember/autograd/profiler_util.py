"""What a profile holds: its events, and their sums by name."""

from __future__ import annotations

import ast
import gzip
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from .._places import users_frames
from ._profiler_table import memory_text, table_of, time_text

# The scopes of csrc/op/watch.h: an operation, a node of the backward pass, a range that the user named.
OPERATION, BACKWARD, USER = range(3)

_CATEGORIES = {OPERATION: "cpu_op", BACKWARD: "cpu_op", USER: "user_annotation"}
_PRODUCTS = {"linear", "matmul", "mm", "bmm", "addmm", "baddbmm"}


class Interval:
    """A stretch of time, in microseconds."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.end = end

    def elapsed_us(self) -> float:
        """Its length in microseconds."""
        return self.end - self.start


def _count_of_products(name: str, shapes: list[Any]) -> int:
    """Multiplications and additions of a matrix product, from the shapes of its arguments; 0 of anything else."""
    operation = name.removeprefix("aten::").rstrip("_")
    given = [shape for shape in shapes if shape]
    if operation in _PRODUCTS and len(given) >= 2:
        first, second = (given[1], given[2]) if "add" in operation and len(given) > 2 else (given[0], given[1])
        columns = 1 if len(second) == 1 else second[-2] if operation == "linear" else second[-1]
        total = 2 * columns
        for size in first:
            total *= size
        return int(total)
    return 0


class _Times:
    """What an event and a sum of events both have: their times and memory as texts and averages."""

    count: int
    cpu_time_total: float
    self_cpu_time_total: float

    # There is no device beside the CPU.
    device_time_total = self_device_time_total = device_time = 0
    cuda_time_total = self_cuda_time_total = cuda_time = 0
    device_memory_usage = self_device_memory_usage = 0

    @property
    def cpu_time(self) -> float:
        """Microseconds of one call, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def cpu_time_str(self) -> str:
        """:attr:`cpu_time` with its unit."""
        return time_text(self.cpu_time)

    @property
    def cpu_time_total_str(self) -> str:
        """`cpu_time_total` with its unit."""
        return time_text(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self) -> str:
        """`self_cpu_time_total` with its unit."""
        return time_text(self.self_cpu_time_total)


class FunctionEvent(_Times):
    """One call of an operation, one node of a backward pass, or one range of `record_function`.

    Attributes:
        name, key: `aten::` and the operation's name; the node's name; the range's name.
        time_range: from start to end, in microseconds.
        cpu_parent, cpu_children: the event that it ran in, those that ran in it.
        cpu_time_total, self_cpu_time_total: microseconds with and without the children.
        cpu_memory_usage, self_cpu_memory_usage: bytes allocated less bytes freed, if the profile counts memory.
        input_shapes: of the arguments, if the profile records shapes; [] for what is no tensor.
        stack: `file(line): function`, the innermost first, if the profile records stacks.
    """

    node_id = -1
    is_async = is_remote = is_legacy = False
    device_type = "cpu"
    device_index = 0
    overload_name = ""
    use_device = None

    def __init__(self, id: int, facts: tuple[Any, ...], origin: int, thread: int) -> None:
        name, scope, _, start, end, memory, number, shapes, dtypes, frames = facts
        self.id = id
        self.scope = scope
        self.trace_name = "aten::" + name if scope == OPERATION else name
        # Steps of a schedule count as calls of one thing.
        self.name = self.key = "ProfilerStep*" if name.startswith("ProfilerStep#") else self.trace_name
        self.count = 1
        self.thread = self.fwd_thread = thread
        self.time_range = Interval((start - origin) / 1000, (end - origin) / 1000)
        self.sequence_nr = number
        self.is_user_annotation = scope == USER
        self.cpu_parent: FunctionEvent | None = None
        self.cpu_children: list[FunctionEvent] = []
        self.cpu_memory_usage = memory
        self.input_shapes = [_as_lists(ast.literal_eval(shape)) if shape else [] for shape in shapes]
        self.input_dtypes = dtypes
        self.concrete_inputs: list[Any] = []
        self.kernels: list[Any] = []
        self.stack = [f"{path}({line}): {function}" for path, line, function in users_frames(frames)]
        self.flops = _count_of_products(self.name, self.input_shapes)

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """Microseconds from start to end."""
        return self.time_range.elapsed_us()

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        """Microseconds outside the children."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def self_cpu_memory_usage(self) -> int:
        """Bytes outside the children."""
        return int(self.cpu_memory_usage - sum(child.cpu_memory_usage for child in self.cpu_children))

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} cpu_time={self.cpu_time_str} "
            f"start_us={self.time_range.start:.3f} end_us={self.time_range.end:.3f} "
            f"cpu_children={[child.id for child in self.cpu_children]} thread={self.thread} "
            f"input_shapes={self.input_shapes} cpu_memory_usage={self.cpu_memory_usage}>"
        )


def _as_lists(shape: Any) -> Any:
    return [_as_lists(each) for each in shape] if isinstance(shape, (tuple, list)) else shape


class FunctionEventAvg(_Times):
    """The sum of all events of one key; its attributes are those of an event, and `count`."""

    is_async = is_remote = is_legacy = False
    device_type = "cpu"
    node_id = -1
    overload_name = ""
    use_device = None

    def __init__(self) -> None:
        self.key: str | None = None
        self.count = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = self.self_cpu_memory_usage = 0
        self.input_shapes: list[Any] | None = None
        self.stack: list[str] | None = None
        self.scope: int | None = None
        self.cpu_parent: FunctionEvent | None = None
        self.cpu_children: list[FunctionEvent] = []
        self.is_user_annotation = False
        self.flops = 0

    def add(self, other: Any) -> FunctionEventAvg:
        """Count an event, or another sum, in."""
        if self.key is None:
            self.key, self.scope = other.key, other.scope
            self.input_shapes, self.stack = other.input_shapes, other.stack
            self.cpu_parent, self.is_user_annotation = other.cpu_parent, other.is_user_annotation
        self.count += other.count
        self.cpu_time_total += other.cpu_time_total
        self.self_cpu_time_total += other.self_cpu_time_total
        self.cpu_memory_usage += other.cpu_memory_usage
        self.self_cpu_memory_usage += other.self_cpu_memory_usage
        self.flops += other.flops
        return self

    def __iadd__(self, other: Any) -> FunctionEventAvg:
        return self.add(other)

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str} count={self.count} input_shapes={self.input_shapes} "
            f"cpu_memory_usage={memory_text(self.cpu_memory_usage)}>"
        )


class EventList(list[Any]):
    """Events, or their sums, with what can be made of them: a table, averages, files for other tools."""

    def __init__(self, *events: Any, profile_memory: bool = False, with_flops: bool = False, **facts: Any) -> None:
        super().__init__(*events)
        self._profile_memory = profile_memory
        self._with_flops = with_flops
        self._facts = facts  # of the process, for the trace

    def __str__(self) -> str:
        return self.table()

    @property
    def self_cpu_time_total(self) -> float:
        """The sum of the events' own times, in microseconds."""
        return float(sum(event.self_cpu_time_total for event in self))

    def _top_level(self) -> Iterator[Any]:
        return (event for event in self if event.cpu_parent is None)

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as a table.

        Args:
            sort_by: the attribute whose largest values come first: "cpu_time_total", "self_cpu_time_total", "cpu_time",
                "cpu_memory_usage", "self_cpu_memory_usage", "count", "flops". Default: in the order of their starts.
            row_limit: the most rows; -1 for all. Default: 100.
            max_src_column_width, max_name_column_width, max_shapes_column_width: longer texts are cut.
            header: a line above.
            top_level_events_only: leave out what ran within other events.
            time_unit: "s", "ms" or "us" for all times. Default: what fits each.
        """
        rows = list(self._top_level()) if top_level_events_only else list(self)
        if sort_by is not None:
            name = sort_by.replace("cuda", "device")
            rows.sort(key=lambda event: float(getattr(event, name) or 0), reverse=True)
        return table_of(
            rows if row_limit < 0 else rows[:row_limit],
            total=self.self_cpu_time_total,
            memory=self._profile_memory,
            flops=self._with_flops,
            widths=(max_name_column_width, max_src_column_width, max_shapes_column_width),
            header=header,
            unit=time_unit,
        )

    def key_averages(
        self, group_by_input_shapes: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """The sums over events of one name.

        Args:
            group_by_input_shapes: and one shape of all arguments.
            group_by_stack_n: and the same innermost `n` lines of Python.
        """
        sums: dict[Any, FunctionEventAvg] = {}
        for event in self:
            shapes = str(event.input_shapes) if group_by_input_shapes else ""
            key = event.key, event.is_user_annotation, shapes, tuple(event.stack[:group_by_stack_n])
            sums.setdefault(key, FunctionEventAvg()).add(event)
        for each in sums.values():
            each.stack = (each.stack or [])[:group_by_stack_n]
            if not group_by_input_shapes:
                each.input_shapes = None
        return EventList(sums.values(), profile_memory=self._profile_memory, with_flops=self._with_flops, **self._facts)

    def total_average(self) -> FunctionEventAvg:
        """The sum over all events."""
        total = FunctionEventAvg()
        for event in self:
            total += event
        total.key = None
        return total

    def export_chrome_trace(self, path: str) -> None:
        """Write a file for chrome://tracing, Perfetto or TensorBoard; compressed if its name ends with .gz."""
        process = os.getpid()
        events: list[dict[str, Any]] = [
            {"ph": "M", "name": "process_name", "pid": process, "tid": 0, "args": {"name": "python"}}
        ]
        for event in self:
            facts: dict[str, Any] = {"External id": event.id}
            if event.input_shapes:
                facts |= {"Input Dims": event.input_shapes, "Input type": event.input_dtypes}
            if event.sequence_nr >= 0:
                facts["Sequence number"] = event.sequence_nr
            if event.stack:
                facts["Call stack"] = ";".join(event.stack)
            if self._profile_memory:
                facts["Bytes"] = event.cpu_memory_usage
            events.append(
                {
                    "ph": "X",
                    "cat": _CATEGORIES[event.scope],
                    "name": event.trace_name,
                    "pid": process,
                    "tid": event.thread,
                    "ts": round(event.time_range.start, 3),
                    "dur": round(event.time_range.elapsed_us(), 3),
                    "args": facts,
                }
            )
        trace = {"schemaVersion": 1, "displayTimeUnit": "ms", "deviceProperties": [], **self._facts}
        opener: Callable[..., Any] = gzip.open if str(path).endswith(".gz") else open
        with opener(path, "wt", encoding="utf-8") as file:
            json.dump({**trace, "traceName": str(path), "traceEvents": events}, file, default=str)

    def supported_export_stacks_metrics(self) -> list[str]:
        """What :meth:`export_stacks` can weigh by."""
        return ["self_cpu_time_total", "self_cuda_time_total", "self_xpu_time_total", "self_privateuse1_time_total"]

    def export_stacks(self, path: str, metric: str) -> None:
        """Write `outermost;...;innermost weight` for each stack, as flame graph tools read it."""
        if metric not in self.supported_export_stacks_metrics():
            raise ValueError(f"metric should be one of: {self.supported_export_stacks_metrics()}")
        with open(path, "w", encoding="utf-8") as file:
            for event in self:
                weight = int(getattr(event, metric, 0))
                if event.stack and weight > 0:
                    lines = [line.replace(";", ",").replace(" ", "_") for line in reversed(event.stack)]
                    file.write(f"{';'.join(lines)} {weight}\n")

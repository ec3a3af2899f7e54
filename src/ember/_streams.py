"""Queues of work and marks in them: on the CPU work is done when it is asked for, and nothing waits."""

from __future__ import annotations

from typing import Any

from . import _C


class Event:
    """A mark in a queue of work; on the CPU it is reached at once.

    Args:
        device: a CPU. Default: it.
        enable_timing, blocking, interprocess: of devices with queues.
    """

    def __init__(
        self, device: Any = None, *, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False
    ) -> None:
        self.device = _C.device("cpu" if device is None else device)

    def record(self, stream: Any = None) -> None:
        """Put the mark into a queue: nothing, on the CPU."""

    def query(self) -> bool:
        """True: the mark is reached."""
        return True

    def wait(self, stream: Any = None) -> None:
        """Nothing to wait for."""

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def __repr__(self) -> str:
        return f"torch.Event device_type={self.device.type}, device_index=-1, event_flag=0, event_id=0"


class Stream:
    """A queue of work; that of the CPU is always empty.

    Args:
        device: a CPU. Default: it.
        priority: of devices with queues.
    """

    def __init__(self, device: Any = None, *, priority: int = 0) -> None:
        self.device = _C.device("cpu" if device is None else device)
        self.stream_id = 0

    def query(self) -> bool:
        """True: all work is done."""
        return True

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def wait_event(self, event: Event) -> None:
        """Nothing to wait for."""

    def wait_stream(self, stream: Stream) -> None:
        """Nothing to wait for."""

    def record_event(self, event: Event | None = None) -> Event:
        """A mark behind all work so far, which is done."""
        return event if event is not None else Event(self.device)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.device == other.device

    def __hash__(self) -> int:
        return hash(self.device)

    def __repr__(self) -> str:
        return f"torch.Stream device_type={self.device.type}, device_index=-1, stream_id={self.stream_id}"

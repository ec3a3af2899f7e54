"""The CPU as a device: its memory."""

from __future__ import annotations

from typing import Any

from .. import _C


def empty_cache() -> None:
    """Give the memory that the allocator keeps for reuse back to the system."""
    _C._empty_cache()


def memory_stats() -> dict[str, int]:
    """Bytes `allocated` (in use) and `reserved` (from the system), their peaks, `requests` and `cache_hits`."""
    return _C._memory_statistics()


def memory_allocated() -> int:
    """Bytes in use by tensors."""
    return _C._memory_statistics()["allocated"]


def max_memory_allocated() -> int:
    """The most bytes in use since the last `reset_peak_memory_stats`."""
    return _C._memory_statistics()["peak_allocated"]


def reset_peak_memory_stats() -> None:
    """Start counting the peaks anew."""
    _C._reset_peak_memory()


_fraction = 1.0


def set_per_process_memory_fraction(fraction: float, device: object = None) -> None:
    """Bound the memory that tensors take to a part of the machine's, or of the control group's, memory.

    A request beyond it raises :class:`ember.OutOfMemoryError`, as one that the machine cannot serve does.

    Args:
        fraction: from 0 to 1; 1 lifts the bound.
        device: the CPU; for scripts written for other devices.

    Raises:
        ValueError: the fraction is outside [0, 1].
    """
    global _fraction
    if not 0 <= fraction <= 1:
        raise ValueError(f"set_per_process_memory_fraction(): fraction is {fraction}; expected a number from 0 to 1.")
    _C._set_memory_limit(0 if fraction == 1 else max(1, int(fraction * _C._total_memory())))
    _fraction = float(fraction)


def get_per_process_memory_fraction(device: object = None) -> float:
    """What :func:`set_per_process_memory_fraction` was last told; 1 if it never was."""
    return _fraction


def memory_summary() -> str:
    """The statistics as a table."""
    rows = [f"{name:<16}{value:>20,}" for name, value in memory_stats().items()]
    return "\n".join(rows)


def is_available() -> bool:
    """True."""
    return True


def device_count() -> int:
    """1."""
    return 1


def current_device() -> str:
    """'cpu'."""
    return "cpu"


def synchronize(device: object = None) -> None:
    """Nothing to wait for: operations on the CPU are done when they return."""


def __getattr__(name: str) -> Any:
    if name == "amp":  # imported when first used
        import importlib

        return importlib.import_module(f"{__name__}.amp")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The device beside the CPU, of whatever kind: this build has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._absent import absent_class, refusing

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...  # what refuses


_REASON = "this build of Ember has no accelerator; ask is_available() first, or use device 'cpu'."


def is_available() -> bool:
    """False: this build computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None: there is no accelerator, available or not."""


for _name in (
    "current_device_idx",
    "current_device_index",
    "current_stream",
    "empty_cache",
    "empty_host_cache",
    "get_device_capability",
    "get_memory_info",
    "max_memory_allocated",
    "max_memory_reserved",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "reset_accumulated_memory_stats",
    "reset_peak_memory_stats",
    "set_device_idx",
    "set_device_index",
    "set_stream",
    "synchronize",
):
    globals()[_name] = refusing(f"accelerator.{_name}", _REASON)

Graph = absent_class("Graph", _REASON)
device_index = absent_class("device_index", _REASON)

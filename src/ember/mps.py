"""Apple's GPUs, of which this build has none: what scripts ask answers so, what needs them fails clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._absent import refusing

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...  # what refuses


_REASON = "this build of Ember has no MPS devices; use device 'cpu'."


def is_available() -> bool:
    """False: this build computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing to seed; PyTorch scripts call it whether or not there is a device."""


for _name in (
    "current_allocated_memory",
    "driver_allocated_memory",
    "empty_cache",
    "get_rng_state",
    "recommended_max_memory",
    "seed",
    "set_per_process_memory_fraction",
    "set_rng_state",
    "synchronize",
):
    globals()[_name] = refusing(f"mps.{_name}", _REASON)

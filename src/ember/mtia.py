"""Meta's accelerators, of which this build has none: what scripts ask answers so, what needs them fails clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._absent import refusing

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...  # what refuses


_REASON = "this build of Ember has no MTIA devices; use device 'cpu'."


def is_available() -> bool:
    """False: this build computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def is_initialized() -> bool:
    """False."""
    return False


for _name in ("current_device", "current_stream", "get_device_capability", "get_device_properties", "synchronize"):
    globals()[_name] = refusing(f"mtia.{_name}", _REASON)

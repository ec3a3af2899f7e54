"""What the module of a device that this build lacks answers: `ember.cuda`, `ember.xpu`."""

from __future__ import annotations

import collections
from typing import Any

from ._absent import absent_class, refusing

# What needs a device; the name of each follows that of the device's module in the error.
_NEED_A_DEVICE = (
    "can_device_access_peer",
    "current_device",
    "current_stream",
    "default_stream",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_stream_from_external",
    "init",
    "initial_seed",
    "ipc_collect",
    "mem_get_info",
    "memory_snapshot",
    "set_per_process_memory_fraction",
    "synchronize",
)
_COUNTERS = ("memory_allocated", "max_memory_allocated", "memory_reserved", "max_memory_reserved")


class device:
    """``with device(index):`` makes a device the current one; without devices it does nothing."""

    def __init__(self, device: Any) -> None:
        self.idx = device
        self.prev_idx = -1

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        return None


class device_of(device):
    """``with device_of(tensor):`` makes its device the current one; without devices it does nothing."""


class StreamContext:
    """``with stream(s):`` queues work on `s`; without devices there is nothing to queue."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        return None


def stream(stream: Any) -> StreamContext:
    """A context in which work is queued on `stream`; None changes nothing."""
    return StreamContext(stream)


def is_available() -> bool:
    """False: this build computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False: there is no device."""
    return False


def is_tf32_supported() -> bool:
    """False: there is no device."""
    return False


def manual_seed(seed: int) -> None:
    """Nothing to seed; PyTorch scripts call it whether or not there is a device."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed; PyTorch scripts call it whether or not there is a device."""


def seed() -> None:
    """Nothing to seed."""


def seed_all() -> None:
    """Nothing to seed."""


def empty_cache() -> None:
    """Nothing is cached."""


def get_rng_state_all() -> list[Any]:
    """The states of no generators: []."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Nothing to set."""


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing is counted."""


def reset_accumulated_memory_stats(device: Any = None) -> None:
    """Nothing is counted."""


def get_arch_list() -> list[str]:
    """The architectures that kernels were compiled for: []."""
    return []


def memory_stats(device: Any = None) -> dict[str, Any]:
    """The statistics of no memory: empty."""
    return collections.OrderedDict()


def _counter(name: str) -> Any:
    def count(device: Any = None) -> int:
        return 0

    count.__name__ = count.__qualname__ = name
    count.__doc__ = "0: there is no device."
    return count


def _set_device(kind: str, reason: str) -> Any:
    def set_device(device: Any) -> None:
        """Make a device the current one; a negative number changes nothing, as in PyTorch."""
        index = device if isinstance(device, int) else getattr(device, "index", None)
        if index is None or index >= 0:
            raise AssertionError(f"{kind}.set_device(): {reason}")

    return set_device


def _set_rng_state(kind: str) -> Any:
    def set_rng_state(new_state: Any, device: Any = kind) -> None:
        """Nothing to set; PyTorch keeps it for when there is a device."""

    return set_rng_state


def names_of(kind: str, title: str) -> dict[str, Any]:
    """The names of the module of `kind` ("cuda"), whose devices are called `title` ("CUDA")."""
    reason = f"this build of Ember has no {title} devices; use device 'cpu'."
    names: dict[str, Any] = {name: value for name, value in globals().items() if name in _SHARED}
    names.update({name: refusing(f"{kind}.{name}", reason, AssertionError) for name in _NEED_A_DEVICE})
    names.update({name: _counter(name) for name in _COUNTERS})
    names["set_device"] = _set_device(kind, reason)
    names["set_rng_state"] = _set_rng_state(kind)
    for name in ("Stream", "Event"):
        methods = (
            *("query", "record", "record_event", "elapsed_time"),
            *("synchronize", "wait", "wait_event", "wait_stream"),
        )
        names[name] = absent_class(name, f"{kind}.{name}: {reason}", methods=methods)
        names[name].__module__ = f"ember.{kind}"
    return names


_SHARED = {
    name
    for name, value in globals().items()
    if getattr(value, "__module__", None) == __name__ and not name.startswith("_") and name != "names_of"
}

"""CUDA, of which this build has none: what scripts ask before they use it answers so, what needs it fails clearly."""

from __future__ import annotations

from typing import Any


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


def manual_seed(seed: int) -> None:
    """Nothing to seed; PyTorch scripts call it whether or not there is a device."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed; PyTorch scripts call it whether or not there is a device."""


def empty_cache() -> None:
    """Nothing is cached."""


def _refuse(name: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"cuda.{name}(): this build of Ember has no CUDA devices; use device 'cpu'.")

    refuse.__name__ = name
    refuse.__doc__ = "RuntimeError: there is no CUDA device."
    return refuse


for _name in (
    "current_device",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "max_memory_allocated",
    "memory_allocated",
    "set_device",
    "synchronize",
):
    globals()[_name] = _refuse(_name)


def __getattr__(name: str) -> Any:
    if name == "amp":  # imported when first used
        import importlib

        return importlib.import_module(f"{__name__}.amp")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

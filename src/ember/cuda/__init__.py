"""CUDA, of which this build has none: what scripts ask before they use it answers so, what needs it fails clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._absent import absent_class
from .._C import _DTYPES
from .._no_device import names_of

if TYPE_CHECKING:
    from .._no_device import *  # noqa: F403

_REASON = "this build of Ember has no CUDA devices; use device 'cpu'."

globals().update(names_of("cuda", "CUDA"))

default_generators: tuple[Any, ...] = ()
CUDAGraph = absent_class("CUDAGraph", _REASON)
graph = absent_class("graph", _REASON)
ExternalStream = absent_class("ExternalStream", _REASON)
for _stem, _ in _DTYPES.values():  # FloatTensor and its like: the types of tensors that are not there
    globals()[f"{_stem}Tensor"] = absent_class(f"{_stem}Tensor", _REASON, TypeError)


def is_current_stream_capturing() -> bool:
    """False: nothing is captured into a graph."""
    return False


def reset_max_memory_allocated(device: Any = None) -> None:
    """Nothing is counted."""


def reset_max_memory_cached(device: Any = None) -> None:
    """Nothing is counted."""


def memory_cached(device: Any = None) -> int:
    """0: there is no device."""
    return 0


def max_memory_cached(device: Any = None) -> int:
    """0: there is no device."""
    return 0


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """The statistics as a table: there is no device, and no row."""
    return ""


def _is_in_bad_fork() -> bool:
    """False: a forked child has lost nothing, as there was no device."""
    return False


def __getattr__(name: str) -> Any:
    if name in ("amp", "random", "memory"):  # imported when first used
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

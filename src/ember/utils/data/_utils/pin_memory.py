"""Moving batches into memory that a device can read directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .... import _C
from .collate import _like_mapping, _like_sequence


def pin_memory(data: Any, device: Any = None) -> Any:
    """Pin the tensors in ``data``, however nested, and whatever has a ``pin_memory`` method of its own."""
    if isinstance(data, _C.Tensor):
        return data.pin_memory()
    if isinstance(data, (str, bytes)):
        return data
    if isinstance(data, Mapping):
        return _like_mapping(data, {key: pin_memory(data[key], device) for key in data})
    if isinstance(data, tuple):
        items = [pin_memory(item, device) for item in data]
        return type(data)(*items) if hasattr(data, "_fields") else items
    if isinstance(data, Sequence):
        return _like_sequence(data, [pin_memory(item, device) for item in data])
    return data.pin_memory() if hasattr(data, "pin_memory") else data

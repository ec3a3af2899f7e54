"""Tensors shared with other libraries through DLPack."""

from __future__ import annotations

from typing import Any

from ..ops.from_data import from_dlpack as from_dlpack


def to_dlpack(tensor: Any) -> Any:
    """A capsule on the tensor's memory, which one consumer may take."""
    return tensor.__dlpack__()

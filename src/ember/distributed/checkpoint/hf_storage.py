"""Checkpoints of several processes as safetensors."""

from __future__ import annotations

from .._names import absent_classes

globals().update(
    absent_classes("distributed.checkpoint.hf_storage", ("HuggingFaceStorageReader", "HuggingFaceStorageWriter"))
)

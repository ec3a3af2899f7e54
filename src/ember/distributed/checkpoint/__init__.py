"""Checkpoints that several processes write."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(
    absent_functions("distributed.checkpoint", ("async_save", "load", "load_state_dict", "save", "save_state_dict"))
)
globals().update(
    absent_classes(
        "distributed.checkpoint",
        (
            "DefaultLoadPlanner",
            "DefaultSavePlanner",
            "FileSystemReader",
            "FileSystemWriter",
            "StorageReader",
            "StorageWriter",
        ),
    )
)

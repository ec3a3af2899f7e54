"""Checkpoints of several processes as one file."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(absent_functions("distributed.checkpoint.format_utils", ("dcp_to_torch_save", "torch_save_to_dcp")))
globals().update(absent_classes("distributed.checkpoint.format_utils", ("_EmptyStateDictLoadPlanner",)))

"""Tensors that lie on several devices, of which one process has none."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(absent_functions("distributed.tensor", ("distribute_tensor", "distribute_module")))
globals().update(absent_classes("distributed.tensor", ("DeviceMesh", "Partial", "Placement", "Replicate", "Shard")))
globals().update(absent_classes("distributed.tensor", ("DTensor",), methods=("from_local",)))

"""Arrangements of devices, of which one process has none."""

from __future__ import annotations

from ._names import absent_classes, absent_functions

globals().update(absent_functions("distributed.device_mesh", ("init_device_mesh",)))
_METHODS = ("get_all_groups", "get_coordinate", "get_group", "get_local_rank", "get_rank", "size")
globals().update(absent_classes("distributed.device_mesh", ("DeviceMesh",), _METHODS))

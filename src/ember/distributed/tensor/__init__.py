"""Tensors that lie on several devices, of which one process has none."""

from __future__ import annotations

from .._names import absent_classes, absent_functions
from .placement_types import Partial as Partial
from .placement_types import Placement as Placement
from .placement_types import Replicate as Replicate
from .placement_types import Shard as Shard

globals().update(absent_functions("distributed.tensor", ("distribute_tensor", "distribute_module")))
globals().update(absent_classes("distributed.tensor", ("DeviceMesh",)))
globals().update(absent_classes("distributed.tensor", ("DTensor",), methods=("from_local",)))

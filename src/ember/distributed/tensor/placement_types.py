"""Where the parts of a distributed tensor lie."""

from __future__ import annotations

from .._names import absent_classes
from . import Partial as Partial  # type: ignore[attr-defined]
from . import Placement as Placement  # type: ignore[attr-defined]
from . import Replicate as Replicate  # type: ignore[attr-defined]
from . import Shard as Shard  # type: ignore[attr-defined]

globals().update(absent_classes("distributed.tensor.placement_types", ("_StridedShard",)))

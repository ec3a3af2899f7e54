"""An older name of `distributed.tensor`."""

from __future__ import annotations

from .tensor import DTensor as DTensor  # type: ignore[attr-defined]
from .tensor import Replicate as Replicate
from .tensor import Shard as Shard
from .tensor import distribute_tensor as distribute_tensor  # type: ignore[attr-defined]

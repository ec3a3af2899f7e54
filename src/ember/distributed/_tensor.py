"""An older name of `distributed.tensor`."""

from __future__ import annotations

from .tensor import DTensor as DTensor  # type: ignore[attr-defined]
from .tensor import Replicate as Replicate  # type: ignore[attr-defined]
from .tensor import Shard as Shard  # type: ignore[attr-defined]
from .tensor import distribute_tensor as distribute_tensor  # type: ignore[attr-defined]

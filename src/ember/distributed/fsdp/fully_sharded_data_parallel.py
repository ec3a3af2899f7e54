"""The inner module of `distributed.fsdp` from which packages import."""

from __future__ import annotations

from . import BackwardPrefetch as BackwardPrefetch  # type: ignore[attr-defined]
from . import CPUOffload as CPUOffload  # type: ignore[attr-defined]
from . import FullOptimStateDictConfig as FullOptimStateDictConfig  # type: ignore[attr-defined]
from . import FullStateDictConfig as FullStateDictConfig  # type: ignore[attr-defined]
from . import FullyShardedDataParallel as FullyShardedDataParallel
from . import MixedPrecision as MixedPrecision  # type: ignore[attr-defined]
from . import ShardedStateDictConfig as ShardedStateDictConfig  # type: ignore[attr-defined]
from . import ShardingStrategy as ShardingStrategy
from . import StateDictType as StateDictType

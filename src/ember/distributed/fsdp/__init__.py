"""Modules whose parameters are shared out over processes, of which there is one."""

from __future__ import annotations

import dataclasses

from ..._absent import absent_class
from ..._C import dtype
from ...nn.modules.module import Module
from .._names import REASON, absent_classes, absent_functions
from .api import BackwardPrefetch as BackwardPrefetch
from .api import CPUOffload as CPUOffload
from .api import FullOptimStateDictConfig as FullOptimStateDictConfig
from .api import FullStateDictConfig as FullStateDictConfig
from .api import LocalOptimStateDictConfig as LocalOptimStateDictConfig
from .api import LocalStateDictConfig as LocalStateDictConfig
from .api import MixedPrecision as MixedPrecision
from .api import OptimStateDictConfig as OptimStateDictConfig
from .api import ShardedOptimStateDictConfig as ShardedOptimStateDictConfig
from .api import ShardedStateDictConfig as ShardedStateDictConfig
from .api import ShardingStrategy as ShardingStrategy
from .api import StateDictConfig as StateDictConfig
from .api import StateDictSettings as StateDictSettings
from .api import StateDictType as StateDictType

globals().update(absent_functions("distributed.fsdp", ("fully_shard", "register_fsdp_forward_method")))
globals().update(absent_classes("distributed.fsdp", ("FSDPModule",)))


@dataclasses.dataclass(frozen=True)
class MixedPrecisionPolicy:
    """The types to compute in, to exchange gradients in and of results; None: as they are."""

    param_dtype: dtype | None = None
    reduce_dtype: dtype | None = None
    output_dtype: dtype | None = None
    cast_forward_inputs: bool = True


@dataclasses.dataclass
class OffloadPolicy:
    """Nothing would wait elsewhere."""


@dataclasses.dataclass
class CPUOffloadPolicy(OffloadPolicy):
    """Parameters, gradients and states would wait in the CPU's memory."""

    pin_memory: bool = True


FullyShardedDataParallel = absent_class(
    "FullyShardedDataParallel",
    REASON,
    methods=(
        *("full_optim_state_dict", "fsdp_modules", "optim_state_dict", "optim_state_dict_to_load"),
        *("set_state_dict_type", "shard_full_optim_state_dict", "state_dict_type", "summon_full_params"),
    ),
    base=Module,
)

"""Modules whose parameters are shared out over processes, of which there is one."""

from __future__ import annotations

import enum

from ..._absent import absent_class
from ...nn.modules.module import Module
from .._names import REASON, absent_classes, absent_functions

globals().update(absent_functions("distributed.fsdp", ("fully_shard", "register_fsdp_forward_method")))
globals().update(
    absent_classes(
        "distributed.fsdp",
        (
            "BackwardPrefetch",
            "CPUOffload",
            "CPUOffloadPolicy",
            "FSDPModule",
            "FullOptimStateDictConfig",
            "FullStateDictConfig",
            "LocalStateDictConfig",
            "MixedPrecision",
            "MixedPrecisionPolicy",
            "OffloadPolicy",
            "ShardedOptimStateDictConfig",
            "ShardedStateDictConfig",
        ),
    )
)


class ShardingStrategy(enum.Enum):
    """What of a module would be shared out."""

    FULL_SHARD = enum.auto()
    SHARD_GRAD_OP = enum.auto()
    NO_SHARD = enum.auto()
    HYBRID_SHARD = enum.auto()
    _HYBRID_SHARD_ZERO2 = enum.auto()


class StateDictType(enum.Enum):
    """Which parts a state dict would hold."""

    FULL_STATE_DICT = enum.auto()
    LOCAL_STATE_DICT = enum.auto()
    SHARDED_STATE_DICT = enum.auto()


FullyShardedDataParallel = absent_class(
    "FullyShardedDataParallel",
    REASON,
    methods=(
        *("full_optim_state_dict", "fsdp_modules", "optim_state_dict", "optim_state_dict_to_load"),
        *("set_state_dict_type", "shard_full_optim_state_dict", "state_dict_type", "summon_full_params"),
    ),
    base=Module,
)

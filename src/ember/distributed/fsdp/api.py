"""What a module that is shared out would be told: plain data."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from ..._C import dtype
from ...nn.modules.batchnorm import _BatchNorm
from ...nn.modules.module import Module


class ShardingStrategy(enum.Enum):
    """What of a module would be shared out."""

    FULL_SHARD = enum.auto()
    SHARD_GRAD_OP = enum.auto()
    NO_SHARD = enum.auto()
    HYBRID_SHARD = enum.auto()
    _HYBRID_SHARD_ZERO2 = enum.auto()


class BackwardPrefetch(enum.Enum):
    """When the next parameters of a backward pass would be gathered."""

    BACKWARD_PRE = enum.auto()
    BACKWARD_POST = enum.auto()


class StateDictType(enum.Enum):
    """Which parts a state dict would hold."""

    FULL_STATE_DICT = enum.auto()
    LOCAL_STATE_DICT = enum.auto()
    SHARDED_STATE_DICT = enum.auto()


@dataclasses.dataclass
class MixedPrecision:
    """The types to compute in, to exchange gradients in and to keep buffers in; None: as they are."""

    param_dtype: dtype | None = None
    reduce_dtype: dtype | None = None
    buffer_dtype: dtype | None = None
    keep_low_precision_grads: bool = False
    cast_forward_inputs: bool = False
    cast_root_forward_inputs: bool = True
    _module_classes_to_ignore: Sequence[type[Module]] = (_BatchNorm,)


@dataclasses.dataclass
class CPUOffload:
    """Whether parameters would wait in the CPU's memory."""

    offload_params: bool = False


@dataclasses.dataclass
class StateDictConfig:
    """How a state dict would be made."""

    offload_to_cpu: bool = False


@dataclasses.dataclass
class FullStateDictConfig(StateDictConfig):
    """How one of whole tensors would be made."""

    rank0_only: bool = False


@dataclasses.dataclass
class LocalStateDictConfig(StateDictConfig):
    """How one of each process's own part would be made."""


@dataclasses.dataclass
class ShardedStateDictConfig(StateDictConfig):
    """How one of parts that know their place would be made."""

    _use_dtensor: bool = False


@dataclasses.dataclass
class OptimStateDictConfig:
    """How an optimizer's state dict would be made."""

    offload_to_cpu: bool = True


@dataclasses.dataclass
class FullOptimStateDictConfig(OptimStateDictConfig):
    """How one of whole tensors would be made."""

    rank0_only: bool = False


@dataclasses.dataclass
class LocalOptimStateDictConfig(OptimStateDictConfig):
    """How one of each process's own part would be made."""

    offload_to_cpu: bool = False


@dataclasses.dataclass
class ShardedOptimStateDictConfig(OptimStateDictConfig):
    """How one of parts that know their place would be made."""

    _use_dtensor: bool = False


@dataclasses.dataclass
class StateDictSettings:
    """The kind of state dicts, and how those of modules and optimizers would be made."""

    state_dict_type: StateDictType
    state_dict_config: StateDictConfig
    optim_state_dict_config: OptimStateDictConfig

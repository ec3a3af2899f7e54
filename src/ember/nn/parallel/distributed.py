"""A module that several processes train, of which there is one."""

from __future__ import annotations

from ..._absent import absent_class
from ..modules.module import Module

DistributedDataParallel = absent_class(
    "DistributedDataParallel",
    "Ember computes in one process; train the module itself where torch.distributed.is_available() is False.",
    ValueError,  # as PyTorch's, where there is no group of processes
    base=Module,
)

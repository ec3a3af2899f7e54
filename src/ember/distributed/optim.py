"""Optimizers whose state is shared out over processes."""

from __future__ import annotations

from ._names import absent_classes

globals().update(
    absent_classes("distributed.optim", ("DistributedOptimizer", "PostLocalSGDOptimizer", "ZeroRedundancyOptimizer"))
)

"""Layers whose weights lie on several devices."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(absent_functions("distributed.tensor.parallel", ("parallelize_module",)))
globals().update(
    absent_classes(
        "distributed.tensor.parallel",
        (
            "ColwiseParallel",
            "ParallelStyle",
            "PrepareModuleInput",
            "PrepareModuleOutput",
            "RowwiseParallel",
            "SequenceParallel",
        ),
    )
)

"""Exchanges between processes that return tensors."""

from __future__ import annotations

from ._names import absent_classes, absent_functions

globals().update(
    absent_functions(
        "distributed._functional_collectives",
        (
            "all_gather_tensor",
            "all_reduce",
            "all_to_all_single",
            "all_to_all_single_autograd",
            "reduce_scatter_tensor",
            "wait_tensor",
        ),
    )
)
globals().update(absent_classes("distributed._functional_collectives", ("AsyncCollectiveTensor",)))

"""Exchanges between processes with gradients."""

from __future__ import annotations

from .._names import absent_functions

globals().update(
    absent_functions(
        "distributed.nn",
        (
            "all_gather",
            "all_reduce",
            "all_to_all",
            "all_to_all_single",
            "broadcast",
            "gather",
            "reduce",
            "reduce_scatter",
            "scatter",
        ),
    )
)

"""Exchanges between processes with gradients."""

from __future__ import annotations

from .._names import of_a_group

globals().update(
    of_a_group(
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
        )
    )
)

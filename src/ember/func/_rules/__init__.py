"""What operations do with the batches of vmap."""

from __future__ import annotations

from ... import _C
from . import along, copies, indexing, layers, losses, products, sampling
from .registry import compositions, rules, run_rule

__all__ = ["along", "copies", "indexing", "layers", "losses", "products", "rules", "sampling"]

_C._set_batching_rules(run_rule, compositions)

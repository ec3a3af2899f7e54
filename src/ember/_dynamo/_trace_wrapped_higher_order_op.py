"""A mode of PyTorch's tracer that packages enter around vmap."""

from __future__ import annotations

from ..overrides import TorchFunctionMode


class TransformGetItemToIndex(TorchFunctionMode):
    """Makes ``x[index]`` with a batched index an operation, for a tracer; indexing is one already."""

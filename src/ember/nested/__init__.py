"""Batches of tensors of different lengths: `torch.nested`, with the layouts strided and jagged.

A nested tensor takes part in operations element by element, in products with dense matrices, norms, reductions, softmax
and attention as a batch without padding; gradients flow to what it was made from. An operation that has no rule for it
says so.
"""

from __future__ import annotations

from . import _products, _reductions, _shapes  # those who register rules alone
from ._construction import as_nested_tensor, narrow, nested_tensor, nested_tensor_from_jagged
from ._padding import masked_select, to_padded_tensor

__all__ = [
    "as_nested_tensor",
    "masked_select",
    "narrow",
    "nested_tensor",
    "nested_tensor_from_jagged",
    "to_padded_tensor",
]

"""Attention whose scores a function changes, which Ember does not have yet: the names that packages import."""

from __future__ import annotations

from ..._absent import absent_class, refusing

_REASON = "Ember has no flexible attention. Hint: scaled_dot_product_attention() takes any mask."
_DEFAULT_SPARSE_BLOCK_SIZE = 128

AuxRequest = absent_class("AuxRequest", _REASON)
BlockMask = absent_class("BlockMask", _REASON)
create_block_mask = refusing("create_block_mask", _REASON)
flex_attention = refusing("flex_attention", _REASON)

__all__ = ["AuxRequest", "BlockMask", "create_block_mask", "flex_attention"]

"""Sparse tensors in pickles, in files and in deep copies."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

from .. import _rebuild
from ._tensor import CoordinateTensor, SparseTensor, attributes_of_user


def reduced(tensor: Any) -> Any:
    """``__reduce_ex__``: the components, as PyTorch's files have them."""
    if isinstance(tensor, CoordinateTensor):
        parts = (tensor._positions, tensor._elements, tensor.shape, tensor._coalesced)
    else:
        parts = (*tensor.parts(), tensor._elements, tensor.shape)
    detached = tuple(each.detach() if each is tensor._elements else each for each in parts)
    if getattr(tensor, "_is_param", False):
        return _rebuild._rebuild_parameter, (tensor.detach(), tensor.requires_grad, OrderedDict())
    return _rebuild._rebuild_sparse_tensor, (tensor.layout, detached)


def rebuilt(layout: Any, parts: Any) -> Any:
    """The tensor of a pickle, its components checked."""
    from .._layout import sparse_coo
    from ._construction import sparse_compressed_tensor, sparse_coo_tensor

    if layout is sparse_coo:
        # Files from before PyTorch 2.1 do not say whether the tensor is coalesced.
        indices, values, size, *known = parts
        return sparse_coo_tensor(indices, values, size, is_coalesced=known[0] if known else None, check_invariants=True)
    compressed, plain, values, size = parts
    return sparse_compressed_tensor(compressed, plain, values, size, layout=layout)


def deep_copy(tensor: Any, memo: dict[int, Any]) -> Any:
    """``__deepcopy__``.

    Raises:
        RuntimeError: the tensor was computed from others; its history cannot be copied.
    """
    if id(tensor) in memo:
        return memo[id(tensor)]
    if not tensor.is_leaf:
        raise RuntimeError(
            f"deepcopy(): the tensor was made by {tensor.grad_fn.name()}; only tensors created by the user (graph "
            "leaves) can "
            "be deep-copied. Copy tensor.detach() instead."
        )
    copied: SparseTensor = tensor.detach().clone()
    memo[id(tensor)] = copied
    if tensor.requires_grad:
        copied.requires_grad_()
    if tensor.grad is not None:
        copied.grad = copy.deepcopy(tensor.grad, memo)
    copied.__dict__.update(copy.deepcopy(attributes_of_user(tensor), memo))
    return copied

"""Tensors of which only some elements are stored: `torch.sparse`, with the layouts COO, CSR and CSC.

``sparse_coo_tensor``, ``sparse_csr_tensor`` and ``sparse_csc_tensor`` make them, ``Tensor.to_sparse`` does from strided
ones. Operations that have a rule for them take them like other tensors, with gradients by the values; all others say
that they have none.
"""

from __future__ import annotations

from . import _elementwise, _indexing, _methods, _steps  # those who register rules alone
from ._construction import check_sparse_tensor_invariants
from ._functions import (
    BFloat16Tensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    addmm,
    log_softmax,
    mm,
    sampled_addmm,
    softmax,
    spdiags,
    spsolve,
    sum,
)

__all__ = [
    "BFloat16Tensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "addmm",
    "check_sparse_tensor_invariants",
    "log_softmax",
    "mm",
    "sampled_addmm",
    "softmax",
    "spdiags",
    "spsolve",
    "sum",
]

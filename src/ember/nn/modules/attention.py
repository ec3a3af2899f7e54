"""Attention of several heads."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import empty
from ...types import Device
from .. import init
from .._functional.attention import multi_head_attention
from ..parameter import Parameter
from .linear import NonDynamicallyQuantizableLinear
from .module import Module

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """``concat(head_1, ..., head_h) W_out``, each head the attention of a projection of its own.

    ``head_i = softmax(Q_i K_i^T / sqrt(E / h)) V_i`` with ``Q_i = query W_i^Q``, ``K_i = key W_i^K``,
    ``V_i = value W_i^V``.

    Args:
        embed_dim: E, the number of features of query and result.
        num_heads: h, into how many heads E is cut; a divisor of E.
        dropout: the probability with which a weight is dropped in training. Default: 0.
        bias: add biases to the projections. Default: ``True``.
        add_bias_kv: append a learnt key and value. Default: ``False``.
        add_zero_attn: append a key and a value of 0. Default: ``False``.
        kdim, vdim: numbers of features of key and value. Default: ``embed_dim``.
        batch_first: the batch is the first dim, not the second. Default: ``False``.
        device, dtype: of the parameters. Default: the current ones.

    Attributes:
        in_proj_weight: ``(3 E, E)``, the three projections one below the other; None where ``kdim`` or ``vdim`` differ.
        q_proj_weight, k_proj_weight, v_proj_weight: ``(E, E)``, ``(E, kdim)``, ``(E, vdim)`` there.
        in_proj_bias: ``(3 E)``, 0 at first.
        bias_k, bias_v: ``(1, 1, E)`` with ``add_bias_kv``.
        out_proj: the linear layer behind the heads.

    Shape:
        Query ``(L, N, E)``, key ``(S, N, kdim)``, value ``(S, N, vdim)``; N first with ``batch_first``; or without N.
        Results: ``(L, N, E)`` in the same order, and weights ``(N, L, S)``.

    Source: Vaswani et al. 2017, arXiv 1706.03762.

    Example:
        >>> attention = ember.nn.MultiheadAttention(16, 4, batch_first=True)
        >>> x = ember.zeros(2, 5, 16)
        >>> result, weights = attention(x, x, x)
        >>> result.shape, weights.shape
        (torch.Size([2, 5, 16]), torch.Size([2, 5, 5]))
    """

    __constants__ = ["batch_first"]

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"MultiheadAttention(): embed_dim is {embed_dim} and num_heads {num_heads}; expected positive numbers."
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if embed_dim % num_heads:
            raise AssertionError(
                f"MultiheadAttention(): embed_dim {embed_dim} is not divisible by num_heads {num_heads}."
            )

        def parameter(*shape: int) -> Parameter:
            return Parameter(empty(shape, device=device, dtype=dtype))

        same = self._qkv_same_embed_dim
        self.register_parameter("in_proj_weight", parameter(3 * embed_dim, embed_dim) if same else None)
        for name, width in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            self.register_parameter(f"{name}_proj_weight", None if same else parameter(embed_dim, width))
        self.register_parameter("in_proj_bias", parameter(3 * embed_dim) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name in ("bias_k", "bias_v"):
            if add_bias_kv:
                self.register_parameter(name, parameter(1, 1, embed_dim))
            else:
                setattr(self, name, None)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The result and the weights; masks as in :func:`ember.nn.functional.multi_head_attention_forward`.

        Args:
            query, key, value: what attends, to what, and what is gathered.
            key_padding_mask: keys to leave out, ``(N, S)``. Default: none.
            need_weights: return the weights; without them memory stays linear in L and S. Default: ``True``.
            attn_mask: ``(L, S)`` or ``(N num_heads, L, S)``. Default: none.
            average_attn_weights: the mean of the heads' weights. Default: ``True``.
            is_causal: a hint that ``attn_mask`` is the causal one. Default: ``False``.
        """
        separate = None if self._qkv_same_embed_dim else (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        return multi_head_attention(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            separate,
            None,
            None,
            average_attn_weights,
            is_causal,
            self.batch_first,
        )

    def merge_masks(self, attn_mask: Any, key_padding_mask: Any, query: Any) -> tuple[Any, int | None]:
        """Both masks as one of shape ``(N, num_heads, L, L)``, and what it is made of.

        Args:
            attn_mask: ``(L, L)`` or ``(N num_heads, L, L)``, or None.
            key_padding_mask: ``(N, L)``, or None.
            query: ``(N, L, E)``.

        Returns:
            The mask, and 2; ``key_padding_mask`` as it is, and 1, where that is the only one; or None twice.
        """
        if attn_mask is None:
            return key_padding_mask, None if key_padding_mask is None else 1
        batch, length = query.shape[:2]
        shape = (batch, self.num_heads, length, length)
        merged = attn_mask.reshape(1, 1, length, length) if attn_mask.dim() == 2 else attn_mask.reshape(shape)
        if key_padding_mask is not None:
            merged = merged + key_padding_mask.reshape(batch, 1, 1, length)
        return merged.expand(shape), 2


MultiheadAttention.__module__ = "ember.nn.modules.activation"  # where PyTorch's files look for it

"""Attention: of queries to keys and values, and of several heads between learnt projections."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import zeros
from .dropout import dropout
from .padding import pad

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]

_ops = _C.ops


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(Q K^T scale + mask) V``, in memory linear in the number of queries and keys.

    A query to which all keys are masked gets 0.

    Args:
        query: ``(*, L, E)``.
        key: ``(*, S, E)``.
        value: ``(*, S, Ev)``.
        attn_mask: broadcasts to ``(*, L, S)``; bool, where ``True`` takes part, or floating, added to the scores.
            Default: none.
        dropout_p: the probability with which a weight is dropped, whether a module trains or not. Default: 0.
        is_causal: query i sees the keys 0 to i; not together with ``attn_mask``. Default: ``False``.
        scale: of the scores. Default: ``1 / sqrt(E)``.
        enable_gqa: key and value may have fewer heads in dim -3 than query, each shared by a group of neighbours.
            Default: ``False``.

    Shape:
        Result: ``(*, L, Ev)``. The leading dims broadcast.

    Raises:
        RuntimeError: where sizes or dtypes do not fit.

    Source: Vaswani et al. 2017, arXiv 1706.03762; Dao et al. 2022, arXiv 2205.14135.

    Example:
        >>> query, key, value = ember.zeros(2, 4, 5, 8), ember.zeros(2, 4, 7, 8), ember.ones(2, 4, 7, 3)
        >>> ember.nn.functional.scaled_dot_product_attention(query, key, value).shape
        torch.Size([2, 4, 5, 3])
    """
    return _ops.scaled_dot_product_attention(
        query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
    )


def additive_mask(operation: str, mask: Any, name: str, like: Any, beside: Any = None, beside_name: str = "") -> Any:
    """A mask as numbers to add: -inf where a bool one is ``True``. ``beside`` is a mask that should be of its dtype."""
    if mask is None:
        return None
    if mask.dtype != _C.bool and not mask.is_floating_point():
        raise AssertionError(f"{operation}(): {name} is {mask.dtype}; expected a bool or floating dtype.")
    if beside is not None and beside.dtype != mask.dtype:
        warnings.warn(
            f"{operation}(): {name} is {mask.dtype} and {beside_name} {beside.dtype}; two dtypes are deprecated, give "
            "both one.",
            UserWarning,
            stacklevel=3,
        )
    if mask.dtype != _C.bool:
        return mask
    return zeros(mask.shape, dtype=like, device=mask.device).masked_fill_(mask, -math.inf)


def _check_dims(query: Any, key: Any, value: Any, key_padding_mask: Any, attn_mask: Any, heads: int) -> bool:
    """Whether the inputs are a batch."""
    if query.dim() not in (2, 3):
        raise AssertionError(
            f"multi_head_attention_forward(): query has shape {tuple(query.shape)}; expected 2 dims, or 3 for a batch."
        )
    batched: bool = query.dim() == 3
    for name, tensor, dims in (("key", key, 0), ("value", value, 0), ("key_padding_mask", key_padding_mask, -1)):
        if tensor is not None and tensor.dim() != query.dim() + dims:
            raise AssertionError(
                f"multi_head_attention_forward(): {name} has shape {tuple(tensor.shape)}; a {query.dim()}-D query "
                f"expects {query.dim() + dims} dims."
            )
    if attn_mask is not None and attn_mask.dim() not in (2, 3):
        raise AssertionError(
            f"multi_head_attention_forward(): attn_mask has shape {tuple(attn_mask.shape)}; expected 2 or 3 dims."
        )
    expected = (heads, query.shape[0], key.shape[0])
    if not batched and attn_mask is not None and attn_mask.dim() == 3 and tuple(attn_mask.shape) != expected:
        raise AssertionError(
            f"multi_head_attention_forward(): attn_mask has shape {tuple(attn_mask.shape)}; expected {expected}."
        )
    return batched


def _check_sizes(query: Any, key: Any, value: Any, embed_dim: int, heads: int, separate: bool) -> None:
    if query.shape[-1] != embed_dim:
        raise AssertionError(
            f"multi_head_attention_forward(): query has {query.shape[-1]} features in its last dim; expected the "
            f"embedding dimension {embed_dim}."
        )
    if embed_dim % heads:
        raise AssertionError(
            f"multi_head_attention_forward(): embed_dim {embed_dim} is not divisible by num_heads {heads}."
        )
    if (key.shape[:-1] != value.shape[:-1]) if separate else (key.shape != value.shape):
        raise AssertionError(
            f"multi_head_attention_forward(): key has shape {tuple(key.shape)} and value {tuple(value.shape)}; "
            f"expected the same{' but for the last dim' if separate else ''}."
        )


def _project(
    query: Any, key: Any, value: Any, packed: Any, bias: Any, separate: tuple[Any, Any, Any] | None
) -> tuple[Any, Any, Any]:
    """Queries, keys and values; one product where they come from the same tensor."""
    if separate is not None:
        biases = (None, None, None) if bias is None else bias.chunk(3)
        for name, weight in zip("qkv", separate, strict=True):
            if weight is None:
                raise AssertionError(
                    f"multi_head_attention_forward(): {name}_proj_weight is None; use_separate_proj_weight needs it."
                )
        q, k, v = (_ops.linear(x, w, b) for x, w, b in zip((query, key, value), separate, biases, strict=True))
        return q, k, v
    if packed is None:
        raise AssertionError("multi_head_attention_forward(): in_proj_weight is None; expected the packed projections.")
    if query is key and key is value:
        q, k, v = _ops.linear(query, packed, bias).chunk(3, -1)
        return q, k, v
    width = query.shape[-1]
    first, rest = packed.split([width, 2 * width])
    first_bias, *biases = (None, None, None) if bias is None else bias.chunk(3)
    q = _ops.linear(query, first, first_bias)
    if key is value:
        k, v = _ops.linear(key, rest, None if bias is None else bias[width:]).chunk(2, -1)
    else:
        k, v = (_ops.linear(x, w, b) for x, w, b in zip((key, value), rest.chunk(2), biases, strict=True))
    return q, k, v


def _merged_mask(attn_mask: Any, key_padding_mask: Any, batch: int, heads: int, queries: int, keys: int) -> Any:
    """Both additive masks as one that broadcasts to ``(batch, heads, queries, keys)``."""
    if attn_mask is not None:
        shape = (queries, keys) if attn_mask.dim() == 2 else (batch * heads, queries, keys)
        if tuple(attn_mask.shape) != shape:
            raise RuntimeError(
                f"multi_head_attention_forward(): the {attn_mask.dim()}-D attn_mask has shape "
                f"{tuple(attn_mask.shape)}; expected {shape}."
            )
        if attn_mask.dim() == 3:
            attn_mask = attn_mask.reshape(batch, heads, queries, keys)
    if key_padding_mask is None:
        return attn_mask
    if tuple(key_padding_mask.shape) != (batch, keys):
        raise AssertionError(
            f"multi_head_attention_forward(): key_padding_mask has shape {tuple(key_padding_mask.shape)}; expected "
            f"{(batch, keys)}: the batch and the length of key."
        )
    padding = key_padding_mask.reshape(batch, 1, 1, keys)
    return padding if attn_mask is None else attn_mask + padding


def _static(tensor: Any, name: str, batch: int, heads: int, width: int) -> Any:
    if tensor.shape[0] != batch * heads or tensor.shape[2] != width:
        raise AssertionError(
            f"multi_head_attention_forward(): {name} has shape {tuple(tensor.shape)}; expected "
            f"({batch * heads}, length, {width})."
        )
    return tensor.reshape(batch, heads, -1, width)


def _weighted(q: Any, k: Any, v: Any, mask: Any, dropout_p: float) -> tuple[Any, Any]:
    """Attention that keeps its weights, (batch, heads, queries, keys)."""
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.transpose(-2, -1)
    weights = _ops.softmax(scores if mask is None else scores + mask, -1)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return weights @ v, weights


def multi_head_attention(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool,
    key_padding_mask: Any,
    need_weights: bool,
    attn_mask: Any,
    separate: tuple[Any, Any, Any] | None,
    static_k: Any,
    static_v: Any,
    average_attn_weights: bool,
    is_causal: bool,
    batch_first: bool,
) -> tuple[Any, Any]:
    """:func:`multi_head_attention_forward` for both orders of batch and positions, neither of which is copied."""
    batched = _check_dims(query, key, value, key_padding_mask, attn_mask, num_heads)
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, separate is not None)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "multi_head_attention_forward(): is_causal is a hint that attn_mask is causal, and attn_mask is None. "
            "Make one with Transformer.generate_square_subsequent_mask()."
        )
    is_causal = is_causal and key_padding_mask is None and not need_weights
    name = "multi_head_attention_forward"
    key_padding_mask = additive_mask(name, key_padding_mask, "key_padding_mask", query.dtype, attn_mask, "attn_mask")
    attn_mask = additive_mask(name, attn_mask, "attn_mask", query.dtype)
    q, k, v = _project(query, key, value, in_proj_weight, in_proj_bias, separate)
    at = 1 if batch_first or not batched else 0  # the dim of positions, once there is a batch
    if not batched:
        q, k, v = (x.unsqueeze(0) for x in (q, k, v))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    batch, queries = q.shape[1 - at], q.shape[at]
    if k.shape[1 - at] != batch:
        raise RuntimeError(
            f"multi_head_attention_forward(): query of shape {tuple(query.shape)} has a batch of {batch}, key of shape "
            f"{tuple(key.shape)} one of {k.shape[1 - at]}; expected the same."
        )
    if (bias_k is None) != (bias_v is None):
        raise AssertionError("multi_head_attention_forward(): one of bias_k and bias_v is None; expected both or none.")
    mask = _merged_mask(
        attn_mask, key_padding_mask, batch, num_heads, queries, k.shape[at] if static_k is None else static_k.shape[1]
    )
    appended = 0
    if bias_k is not None:
        shape = (batch, 1, embed_dim_to_check) if at else (1, batch, embed_dim_to_check)
        k, v = (_ops.cat([x, bias.expand(shape)], at) for x, bias in ((k, bias_k), (v, bias_v)))
        appended += 1
    width = embed_dim_to_check // num_heads
    order = (0, 2, 1, 3) if at else (1, 2, 0, 3)
    q, k, v = (x.unflatten(-1, (num_heads, width)).permute(order) for x in (q, k, v))  # (batch, heads, length, width)
    if static_k is not None:
        k = _static(static_k, "static_k", batch, num_heads, width)
    if static_v is not None:
        v = _static(static_v, "static_v", batch, num_heads, width)
    if add_zero_attn:
        k, v = (pad(x, (0, 0, 0, 1)) for x in (k, v))
        appended += 1
    if mask is not None and appended:
        mask = pad(mask, (0, appended))
    drop = dropout_p if training else 0.0
    weights = None
    if need_weights:
        result, weights = _weighted(q, k, v, mask, drop)
    elif is_causal:
        result = scaled_dot_product_attention(q, k, v, None, drop, True)
    else:
        result = scaled_dot_product_attention(q, k, v, mask, drop)
    result = result.permute((0, 2, 1, 3) if at else (2, 0, 1, 3)).flatten(-2)
    result = _ops.linear(result, out_proj_weight, out_proj_bias)
    if weights is not None and average_attn_weights:
        weights = weights.mean(1)
    if not batched:
        result, weights = result.squeeze(0), None if weights is None else weights.squeeze(0)
    return result, weights


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention of several heads between linear projections: ``concat(head_1, ..., head_h) W_out + b_out``.

    Args:
        query, key, value: ``(L, N, E)``, ``(S, N, Ek)``, ``(S, N, Ev)``, or without N.
        embed_dim_to_check: E.
        num_heads: into how many heads E is cut.
        in_proj_weight, in_proj_bias: the projections of query, key and value, ``(3 E, E)`` and ``(3 E)``.
        bias_k, bias_v: appended to keys and values, ``(1, 1, E)``; or None.
        add_zero_attn: append a key and a value of 0.
        dropout_p: the probability with which a weight is dropped in training.
        out_proj_weight, out_proj_bias: ``(E, E)`` and ``(E)``.
        training: drop weights. Default: ``True``.
        key_padding_mask: ``(N, S)``; bool, where ``True`` is left out, or floating, added. Default: none.
        need_weights: return the weights too, for which all of them are computed at once. Default: ``True``.
        attn_mask: ``(L, S)`` or ``(N num_heads, L, S)``; as ``key_padding_mask``. Default: none.
        use_separate_proj_weight: project by the next three in place of ``in_proj_weight``. Default: ``False``.
        q_proj_weight, k_proj_weight, v_proj_weight: ``(E, E)``, ``(E, Ek)``, ``(E, Ev)``.
        static_k, static_v: in place of the projected ones, ``(N num_heads, S, E / num_heads)``. Default: none.
        average_attn_weights: the mean of the heads' weights. Default: ``True``.
        is_causal: a hint that ``attn_mask`` is the causal one. Default: ``False``.

    Returns:
        The result ``(L, N, E)``, and the weights ``(N, L, S)``, without average ``(N, num_heads, L, S)``, or None.

    Source: Vaswani et al. 2017, arXiv 1706.03762.
    """
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    return multi_head_attention(
        query,
        key,
        value,
        embed_dim_to_check,
        num_heads,
        in_proj_weight,
        in_proj_bias,
        bias_k,
        bias_v,
        add_zero_attn,
        dropout_p,
        out_proj_weight,
        out_proj_bias,
        training,
        key_padding_mask,
        need_weights,
        attn_mask,
        separate,
        static_k,
        static_v,
        average_attn_weights,
        is_causal,
        batch_first=False,
    )

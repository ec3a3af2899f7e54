"""Attention whose scores a function changes, and whose mask is a function."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

from ... import _C
from ...ops.creation import zeros
from ._block_mask import _DEFAULT_SPARSE_BLOCK_SIZE as _DEFAULT_SPARSE_BLOCK_SIZE
from ._block_mask import (
    BlockMask,
    MaskFunction,
    create_block_mask,
    evaluated,
    indices,
    noop_mask,
)

__all__ = [
    "AuxOutput",
    "AuxRequest",
    "BlockMask",
    "FlexKernelOptions",
    "and_masks",
    "create_block_mask",
    "create_mask",
    "flex_attention",
    "noop_mask",
    "or_masks",
]

ScoreFunction = Callable[[Any, Any, Any, Any, Any], Any]


class AuxRequest(NamedTuple):
    """What :func:`flex_attention` is to return beside its output."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """What it returned: log(sum(exp(scores))) and the largest score of each query, or None."""

    lse: Any = None
    max_scores: Any = None


class FlexKernelOptions(TypedDict, total=False):
    """How PyTorch's kernels are to run; accepted."""

    BACKEND: str
    BLOCK_M: int
    BLOCK_N: int
    num_stages: int
    num_warps: int


def and_masks(*mask_mods: MaskFunction) -> MaskFunction:
    """The function of a mask in which those keys count that count in all."""

    def mask(b: Any, h: Any, q_idx: Any, kv_idx: Any) -> Any:
        result = noop_mask(b, h, q_idx, kv_idx)
        for each in mask_mods:
            result = result & each(b, h, q_idx, kv_idx)
        return result

    return mask


def or_masks(*mask_mods: MaskFunction) -> MaskFunction:
    """The function of a mask in which those keys count that count in one of them."""

    def mask(b: Any, h: Any, q_idx: Any, kv_idx: Any) -> Any:
        result = ~noop_mask(b, h, q_idx, kv_idx)
        for each in mask_mods:
            result = result | each(b, h, q_idx, kv_idx)
        return result

    return mask


def create_mask(
    mod_fn: Callable[..., Any], B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None
) -> Any:
    """A mask's function at all places: (B, H, Q_LEN, KV_LEN) of bool; of a score's function, where it is not -inf."""
    sizes, device = (B or 1, H or 1, Q_LEN, KV_LEN), device or _C.device("cpu")
    if len(inspect.signature(mod_fn).parameters) == 5:
        scores = zeros(sizes, device=device)
        return _scored(mod_fn, scores) != -math.inf
    return evaluated(mod_fn, sizes, device).contiguous()


def _scored(score_mod: ScoreFunction, scores: Any) -> Any:
    changed = score_mod(scores, *indices(scores.shape, scores.device))
    if changed.dim() > 4:
        raise RuntimeError(
            f"flex_attention(): score_mod returned a tensor of shape {tuple(changed.shape)}; expected one that "
            f"broadcasts to {tuple(scores.shape)}. It is called once with the numbers of batch, head, query and key "
            "each along a dim of its own: index a table with all of them at once, as table[b, h]."
        )
    return changed.expand(scores.shape)


def _check(query: Any, key: Any, value: Any, enable_gqa: bool, return_lse: bool, return_aux: Any) -> None:
    if not query.dim() == key.dim() == value.dim() == 4:
        raise NotImplementedError("NYI: query, key, and value must be 4D tensors")
    heads, shared = query.shape[1], key.shape[1]
    if heads != shared and not enable_gqa:
        raise ValueError(
            f"Expect query and key/value to have the same number of heads but got Hq={heads} and Hkv={shared}. Try "
            "setting enable_gqa=True for GQA."
        )
    if heads % shared:
        raise ValueError(
            f"Expect number of query heads to be a multiple of kv heads for GQA but got Hq={heads} and Hkv={shared}."
        )
    if return_lse and return_aux is not None:
        raise ValueError(
            "Cannot specify both return_lse and return_aux. return_lse is deprecated, please use "
            "return_aux=AuxRequest(lse=True) instead."
        )


def _mask_of(block_mask: BlockMask, sizes: tuple[int, int, int, int], device: Any) -> Any:
    lengths = block_mask.seq_lengths
    if lengths[0] < sizes[2] or lengths[1] < sizes[3]:
        raise ValueError(
            f"block_mask was created for block_mask.shape={block_mask.shape} but got q_len={sizes[2]} and "
            f"kv_len={sizes[3]}. As the block mask was created for a smaller length than you're using it for, you "
            "likely need to create a new block mask."
        )
    return block_mask._scores(sizes, device)


def flex_attention(
    query: Any,
    key: Any,
    value: Any,
    score_mod: ScoreFunction | None = None,
    block_mask: BlockMask | None = None,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_lse: bool = False,
    kernel_options: FlexKernelOptions | None = None,
    *,
    return_aux: AuxRequest | None = None,
) -> Any:
    """softmax(score_mod(query key^T scale), where block_mask says so) value; queries without keys get 0.

    Without `score_mod` and what else is returned it is :func:`scaled_dot_product_attention`, in memory linear in the
    numbers of queries and keys but for the mask; otherwise all scores exist. Gradients reach what the functions use.

    Args:
        query: (B, Hq, L, E).
        key: (B, Hkv, S, E).
        value: (B, Hkv, S, Ev).
        score_mod: ``score_mod(score, b, h, q, kv)``, a score in place of each. It is called once, with all scores and
            the numbers of batch, head, query and key each along a dim of its own. Default: none.
        block_mask: which keys count. Default: all.
        scale: factor of the products. Default: 1 / sqrt(E).
        enable_gqa: several heads of queries share one of keys. Default: False.
        return_lse: return ``(output, log(sum(exp(scores))))``. Default: False.
        kernel_options: accepted.
        return_aux: return ``(output, AuxOutput)`` with what is asked for. Default: None.

    Returns:
        (B, Hq, L, Ev), and what was asked for, (B, Hq, L).

    Source: Dong et al. 2024, Flex Attention

    Example:
        >>> from ember.nn.attention.flex_attention import flex_attention
        >>> q, k, v = (ember.randn(1, 2, 5, 8) for _ in range(3))
        >>> slopes = ember.tensor([0.5, 0.25])
        >>> flex_attention(q, k, v, score_mod=lambda score, b, h, i, j: score - slopes[h] * (i - j).abs()).shape
        torch.Size([1, 2, 5, 8])
    """
    _check(query, key, value, enable_gqa, return_lse, return_aux)
    sizes = (query.shape[0], query.shape[1], query.shape[2], key.shape[2])
    mask = None if block_mask is None else _mask_of(block_mask, sizes, query.device)
    request = return_aux or AuxRequest(lse=return_lse)
    if score_mod is None and not any(request):
        from ..functional import scaled_dot_product_attention

        output = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale, enable_gqa=enable_gqa)
        return output if return_aux is None else (output, AuxOutput())
    output, lse, largest = _dense(query, key, value, score_mod, mask, scale)
    if return_aux is not None:
        return output, AuxOutput(lse if request.lse else None, largest if request.max_scores else None)
    return (output, lse) if return_lse else output


def _dense(
    query: Any, key: Any, value: Any, score_mod: ScoreFunction | None, mask: Any, scale: float | None
) -> tuple[Any, Any, Any]:
    """Output, log of the sums and largest scores, with all scores at once; float16 and bfloat16 are computed wider."""
    dtype = query.dtype
    wide = _C.float64 if dtype == _C.float64 else _C.float32
    group = query.shape[1] // key.shape[1]
    query, key, value = (each.to(wide) for each in (query, key, value))
    if group > 1:
        key, value = (each.repeat_interleave(group, 1) for each in (key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = (query @ key.transpose(-2, -1)) * scale
    if score_mod is not None:
        scores = _scored(score_mod, scores)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    lse = scores.logsumexp(-1)
    # A query without keys has -inf, from which nothing can be taken.
    weights = (scores - lse.masked_fill(lse == -math.inf, 0).unsqueeze(-1)).exp()
    return (weights @ value).to(dtype), lse, scores.detach().amax(-1)

"""Attention with functions for scores and masks against its formula; tables of blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ember
from ember.autograd import gradcheck, gradgradcheck
from ember.nn.attention.flex_attention import (
    AuxRequest,
    BlockMask,
    and_masks,
    create_block_mask,
    create_mask,
    flex_attention,
    noop_mask,
    or_masks,
)

RANDOM = np.random.default_rng(0)


def draw(*shape, dtype=ember.float64):
    return ember.tensor(RANDOM.standard_normal(shape), dtype=dtype)


def causal(b, h, q, kv):
    return q >= kv


def expected(query, key, value, change=None, mask=None, scale=None):
    """Place by place, as the functions are written."""
    q, k, v = (x.detach().numpy() for x in (query, key, value))
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    group = q.shape[1] // k.shape[1]
    scores = q @ np.repeat(k, group, 1).swapaxes(-1, -2) * scale
    for place in np.ndindex(scores.shape):
        if change is not None:
            scores[place] = change(scores[place], *place)
        if mask is not None and not mask(*place):
            scores[place] = -np.inf
    top = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isinf(top), 0, top))
    total = weights.sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        lse = (np.log(total) + np.where(np.isinf(top), 0, top))[..., 0]
    return weights / np.where(total == 0, 1, total) @ np.repeat(v, group, 1), lse


def test_scores_masks_and_sums():
    query, key, value = draw(2, 4, 7, 8), draw(2, 4, 9, 8), draw(2, 4, 9, 3)
    slopes = np.array([0.5, 0.25, 0.125, 0.0625])
    tensor = ember.tensor(slopes)
    mask = create_block_mask(lambda b, h, q, kv: (q + b >= kv) & (kv != 4), 2, None, 7, 9, BLOCK_SIZE=4)

    def change(score, b, h, q, kv):
        return score - tensor[h] * (q - kv).abs()

    wanted, sums = expected(
        *(query, key, value),
        lambda score, b, h, q, kv: score - slopes[h] * abs(q - kv),
        lambda b, h, q, kv: q + b >= kv and kv != 4,
    )
    found, lse = flex_attention(query, key, value, score_mod=change, block_mask=mask, return_lse=True)
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    np.testing.assert_allclose(lse.numpy(), sums, atol=1e-12)
    found, aux = flex_attention(query, key, value, change, mask, return_aux=AuxRequest(max_scores=True))
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    assert aux.lse is None and aux.max_scores.shape == (2, 4, 7)


def test_without_a_function_of_scores_it_is_the_kernel():
    query, key, value = draw(2, 6, 5, 8), draw(2, 3, 9, 8), draw(2, 3, 9, 8)
    mask = create_block_mask(causal, None, None, 5, 9)
    found = flex_attention(query, key, value, block_mask=mask, enable_gqa=True, scale=0.3)
    wanted, _ = expected(query, key, value, mask=causal, scale=0.3)
    wanted = wanted if isinstance(wanted, np.ndarray) else wanted.numpy()
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    none = create_block_mask(lambda b, h, q, kv: q < 0, None, None, 5, 9)
    found, lse = flex_attention(query, key, value, block_mask=none, enable_gqa=True, return_lse=True)
    assert not found.any() and bool((lse == -math.inf).all())


def test_gradients_reach_what_the_functions_use():
    inputs = [draw(1, 2, 3, 4).requires_grad_(), draw(1, 2, 5, 4).requires_grad_(), draw(1, 2, 5, 2).requires_grad_()]
    bias = draw(2, 9).requires_grad_()
    mask = create_block_mask(causal, None, None, 3, 5)

    def attend(query, key, value, bias):
        return flex_attention(query, key, value, lambda s, b, h, q, kv: s + bias[h, q - kv + 4], mask)

    assert gradcheck(attend, (*inputs, bias))
    assert gradgradcheck(attend, (*inputs, bias))
    half = [x.detach().bfloat16() for x in inputs]
    assert attend(*half, bias.detach().float()).dtype == ember.bfloat16


def test_tables_of_blocks():
    mask = create_block_mask(causal, 2, None, 200, 300, BLOCK_SIZE=(64, 128))
    assert mask.shape == (2, 1, 200, 300) and mask.numel() == 2 * 200 * 300 and mask.BLOCK_SIZE == (64, 128)
    assert mask.to_dense()[1, 0].tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    assert mask.kv_num_blocks[0, 0].tolist() == [1, 1, 1, 2] and mask.full_kv_num_blocks[0, 0].tolist() == [0, 0, 1, 0]
    assert mask.kv_indices[0, 0, 2].tolist() == [1, 0, 2]
    assert mask.sparsity() == pytest.approx(100 * (1 - 6 * 64 * 128 / (200 * 300)))
    assert str(create_block_mask(causal, 1, 1, 256, 256)) == (
        "BlockMask(shape=(1, 1, 256, 256), sparsity=25.00%, \n(0, 0)\n██  \n████\n)"
    )
    assert "mask_mod=causal" in repr(mask)
    assert create_block_mask(causal, 5, 1, 8, 8).to_string().endswith("...\n")
    part = mask[1]
    assert part.shape == (1, 1, 200, 300) and part.to("cpu").shape == part.shape
    query = ember.ones(1, 1, 200, 4), ember.ones(1, 1, 300, 4)
    with pytest.raises(RuntimeError, match="this is a part of a mask"):
        flex_attention(query[0], query[1], query[1], block_mask=part)
    whole = create_block_mask(causal, 2, None, 200, 300, separate_full_blocks=False)
    assert whole.full_kv_indices is None and whole.to_dense()[0, 0].tolist() == [[1, 0, 0], [1, 1, 0]]


def test_masks_by_their_blocks_alone():
    counts = ember.tensor([[[1, 2]]], dtype=ember.int32)
    order = ember.tensor([[[[1, 0], [0, 1]]]], dtype=ember.int32)
    mask = BlockMask.from_kv_blocks(counts, order, BLOCK_SIZE=2)
    assert mask.shape == (1, 1, 4, 4) and mask.q_num_blocks.tolist() == [[[1, 2]]]
    query, key, value = draw(1, 1, 4, 4), draw(1, 1, 4, 4), draw(1, 1, 4, 4)
    wanted, _ = expected(query, key, value, mask=lambda b, h, q, kv: q >= 2 or kv >= 2)
    np.testing.assert_allclose(flex_attention(query, key, value, block_mask=mask).numpy(), wanted, atol=1e-12)
    assert BlockMask.from_kv_blocks(counts, order, compute_q_blocks=False).q_indices is None
    assert len(mask.as_tuple()) == 17 and len(mask.as_tuple(flatten=False)) == 15


def test_masks_from_functions():
    assert create_mask(causal, None, 2, 2, 3).tolist() == 1 * [2 * [[[True, False, False], [True, True, False]]]]
    both = and_masks(causal, lambda b, h, q, kv: kv > 0)
    assert create_mask(both, 1, 1, 2, 3).tolist() == [[[[False, False, False], [False, True, False]]]]
    either = or_masks(causal, lambda b, h, q, kv: kv > 1)
    assert create_mask(either, 1, 1, 2, 3).tolist() == [[[[True, False, True], [True, True, True]]]]
    hiding = create_mask(lambda s, b, h, q, kv: ember.where(q >= kv, s, -math.inf), 1, 1, 2, 2)
    assert hiding.tolist() == [[[[True, False], [True, True]]]]
    assert create_mask(noop_mask, 1, 1, 1, 2).all()


def test_errors():
    query, key = ember.ones(1, 4, 6, 8), ember.ones(1, 2, 6, 8)
    with pytest.raises(NotImplementedError, match="must be 4D tensors"):
        flex_attention(query[0], query[0], query[0])
    with pytest.raises(ValueError, match=r"Hq=4 and Hkv=2\. Try setting enable_gqa=True"):
        flex_attention(query, key, key)
    with pytest.raises(ValueError, match="multiple of kv heads for GQA but got Hq=4 and Hkv=3"):
        flex_attention(query, ember.ones(1, 3, 6, 8), ember.ones(1, 3, 6, 8), enable_gqa=True)
    with pytest.raises(ValueError, match="got q_len=6 and kv_len=6"):
        flex_attention(query, query, query, block_mask=create_block_mask(causal, 1, 1, 4, 6))
    with pytest.raises(ValueError, match="Cannot specify both return_lse and return_aux"):
        flex_attention(query, query, query, return_lse=True, return_aux=AuxRequest())
    with pytest.raises(TypeError, match="not a callable"):
        create_block_mask(3, 1, 1, 2, 2)
    table = ember.zeros(1, 6)
    with pytest.raises(RuntimeError, match=r"index a table with all of them at once, as table\[b, h\]"):
        flex_attention(query, query, query, lambda s, b, h, q, kv: s + table[b])

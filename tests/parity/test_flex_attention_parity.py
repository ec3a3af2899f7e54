"""Attention with functions for scores and masks beside PyTorch's: signatures, tables, values."""

from __future__ import annotations

import inspect
import warnings

import pytest
import torch
import torch.nn.attention.flex_attention as theirs

import ember
import ember.nn.attention.flex_attention as ours

BOTH = ((ember, ours), (torch, theirs))


def causal(b, h, q, kv):
    return q >= kv


def test_names_and_signatures():
    assert set(theirs.__all__) == set(ours.__all__)
    for name in ("flex_attention", "create_block_mask", "create_mask", "noop_mask", "and_masks", "or_masks"):
        parameters = [inspect.signature(getattr(module, name)).parameters.values() for _, module in BOTH]
        described = [[(p.name, p.kind, p.default) for p in each] for each in parameters]
        assert described[0] == described[1]
    for name in ("__init__", "from_kv_blocks", "to_string", "as_tuple", "to"):
        parameters = [inspect.signature(getattr(module.BlockMask, name)).parameters for _, module in BOTH]
        assert list(parameters[0]) == list(parameters[1])
    assert (ours.AuxRequest(), ours.AuxOutput()) == (theirs.AuxRequest(), theirs.AuxOutput())


@pytest.mark.parametrize("lengths", [(200, 300), (256, 256), (4000, 4000)])
@pytest.mark.parametrize("block", [128, (64, 128)])
def test_tables_of_blocks(lengths, block):
    masks = [module.create_block_mask(causal, 2, None, *lengths, device="cpu", BLOCK_SIZE=block) for _, module in BOTH]
    assert str(masks[0]) == str(masks[1]) and repr(masks[0]) == repr(masks[1])
    for name in ("kv_num_blocks", "kv_indices", "full_kv_num_blocks", "full_kv_indices", "q_num_blocks", "q_indices"):
        found, expected = (getattr(mask, name) for mask in masks)
        assert found.tolist() == expected.tolist() and str(found.dtype) == str(expected.dtype)
    assert masks[0].shape == masks[1].shape and masks[0].sparsity() == masks[1].sparsity()
    assert masks[0].to_dense().tolist() == masks[1].to_dense().tolist() and masks[0][0].shape == masks[1][0].shape


def test_values():
    query, key, value = (torch.randn(2, 4, length, 16) for length in (20, 30, 30))
    bias = torch.randn(4)
    results = []
    for library, module in BOTH:
        inputs = [library.from_numpy(x.numpy()) for x in (query, key, value)]
        table = library.from_numpy(bias.numpy())
        mask = module.create_block_mask(causal, None, None, 20, 30, device="cpu", BLOCK_SIZE=16)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's about being slow
            output, aux = module.flex_attention(
                *inputs,
                score_mod=lambda s, b, h, q, kv, table=table: s + table[h] * (q - kv),
                block_mask=mask,
                scale=0.3,
                return_aux=module.AuxRequest(lse=True),
            )
        results.append((output.numpy(), aux.lse.numpy()))
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(torch.from_numpy(found), torch.from_numpy(expected))

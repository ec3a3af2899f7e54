"""Attention against its formula in NumPy, gradients against differences, memory, randomness, masks and errors."""

from __future__ import annotations

import math

import numpy
import pytest

import ember
import ember.nn.functional as F
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn.attention import SDPBackend, sdpa_kernel

RANDOM = numpy.random.default_rng(0)


def draw(*shape: int) -> numpy.ndarray:
    return RANDOM.standard_normal(shape)


def leaf(*shape: int) -> ember.Tensor:
    return ember.tensor(draw(*shape), requires_grad=True)


def softmax(scores: numpy.ndarray) -> numpy.ndarray:
    """Along the last dim, 0 where all is -inf."""
    top = scores.max(-1, keepdims=True, initial=-numpy.inf)
    weights = numpy.exp(scores - numpy.where(numpy.isinf(top), 0, top))
    total = weights.sum(-1, keepdims=True)
    return weights / numpy.where(total == 0, 1, total)


def attention(query, key, value, mask=None, causal=False, scale=None):
    """softmax(Q K^T scale + mask) V with all scores at once."""
    group = query.shape[-3] // key.shape[-3] if query.ndim > 2 and key.shape[-3] > 1 else 1
    if group > 1:
        key, value = (numpy.repeat(x, group, -3) for x in (key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ numpy.swapaxes(key, -1, -2) * scale
    if causal:
        mask = numpy.tri(*scores.shape[-2:], dtype=bool)
    if mask is not None:
        scores = numpy.where(mask, scores, -numpy.inf) if mask.dtype == bool else scores + mask
    return softmax(scores) @ value


# ---- values ----

SHAPES = [
    ((5, 8), (7, 8), (7, 3)),
    ((3, 5, 8), (3, 7, 8), (3, 7, 3)),
    ((2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 8)),
    ((2, 3, 130, 16), (2, 3, 200, 16), (2, 3, 200, 32)),  # several tiles, the last ones not full
    ((2, 1, 70, 5), (1, 3, 65, 5), (2, 3, 65, 17)),  # broadcast; widths that fill no vector
    ((2, 2, 2, 9, 64), (2, 2, 2, 9, 64), (2, 2, 2, 9, 64)),
    ((1, 1, 300, 16), (1, 1, 260, 16), (1, 1, 260, 16)),  # one head: its blocks are what threads share
    ((2, 6, 66, 8), (2, 3, 70, 8), (2, 3, 70, 8)),  # enable_gqa
    ((2, 6, 66, 8), (2, 1, 70, 8), (2, 1, 70, 8)),
    ((6, 5, 8), (2, 7, 8), (2, 7, 8)),
    ((2, 4, 1, 80), (2, 2, 100, 80), (2, 2, 100, 24)),  # one query, as when text is generated
    ((3, 2, 8, 131), (3, 2, 33, 131), (3, 2, 33, 67)),  # the most that count as few
]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("shapes", SHAPES)
def test_values_and_gradients(shapes, causal):
    arrays = [draw(*shape) for shape in shapes]
    gqa = len(shapes[0]) > 2 and shapes[0][-3] not in (1, shapes[1][-3])
    for dtype, bound in ((ember.float64, 1e-12), (ember.float32, 1e-5)):
        inputs = [ember.tensor(x, dtype=dtype, requires_grad=True) for x in arrays]
        found = F.scaled_dot_product_attention(*inputs, is_causal=causal, enable_gqa=gqa)
        assert found.dtype == dtype
        expected = attention(*arrays, causal=causal)
        assert found.shape == expected.shape
        numpy.testing.assert_allclose(found.detach().numpy(), expected, rtol=bound, atol=bound)
        # The fused gradient beside the one of recorded operations, which gradcheck has checked.
        weights = ember.tensor(draw(*expected.shape), dtype=dtype)
        fused = ember.autograd.grad(found, inputs, weights, retain_graph=True)
        recorded = ember.autograd.grad(found, inputs, weights, create_graph=True)
        for x, y in zip(fused, recorded, strict=True):
            numpy.testing.assert_allclose(x.numpy(), y.detach().numpy(), rtol=20 * bound, atol=20 * bound)


@pytest.mark.parametrize("length", [3, 70])
@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_half_precision_is_computed_in_float32(dtype, length):
    inputs = [ember.tensor(draw(2, 2, length, 16)).to(dtype).requires_grad_() for _ in range(3)]
    wide = [x.detach().float().requires_grad_() for x in inputs]
    found, expected = F.scaled_dot_product_attention(*inputs), F.scaled_dot_product_attention(*wide)
    assert found.dtype == dtype
    assert found.detach().float().equal(expected.detach().to(dtype).float())
    found.sum().backward()
    epsilon = ember.finfo(dtype).eps
    expected.sum().backward()
    for x, y in zip(inputs, wide, strict=True):
        numpy.testing.assert_allclose(x.grad.float().numpy(), y.grad.numpy(), rtol=4 * epsilon, atol=4 * epsilon)


MASKS = {
    "bool": lambda: RANDOM.random((130, 200)) > 0.5,
    "float": lambda: draw(2, 3, 130, 200),
    "padding": lambda: RANDOM.random((2, 1, 1, 200)) > 0.3,
    "queries": lambda: draw(1, 3, 130, 1),
    "one": lambda: draw(1, 1),
}


@pytest.mark.parametrize("queries", [3, 130])
@pytest.mark.parametrize("name", MASKS)
def test_masks(name, queries):
    mask = MASKS[name]()[..., :queries, :]
    arrays = [draw(2, 3, length, 16) for length in (queries, 200, 200)]
    inputs = [ember.tensor(x, requires_grad=True) for x in arrays]
    found = F.scaled_dot_product_attention(*inputs, attn_mask=ember.tensor(mask))
    expected = attention(*arrays, mask=mask)
    numpy.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-12, atol=1e-12)
    fused = ember.autograd.grad(found.sum(), inputs, retain_graph=True)
    recorded = ember.autograd.grad(found.sum(), inputs, create_graph=True)
    for x, y in zip(fused, recorded, strict=True):
        numpy.testing.assert_allclose(x.numpy(), y.detach().numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", ["bool", "float"])
def test_a_query_without_keys_gets_0_and_gives_no_gradient(kind):
    mask = numpy.ones((5, 6), dtype=bool)
    mask[2] = False
    given = ember.tensor(mask if kind == "bool" else numpy.where(mask, 0.0, -numpy.inf))
    query, key, value = leaf(1, 2, 5, 4), leaf(1, 2, 6, 4), leaf(1, 2, 6, 4)
    result = F.scaled_dot_product_attention(query, key, value, given)
    assert not result[..., 2, :].any()
    for create_graph in (False, True):
        gradients = ember.autograd.grad(result.sum(), (query, key, value), retain_graph=True, create_graph=create_graph)
        assert all(bool(x.isfinite().all()) for x in gradients)
        assert not gradients[0][..., 2, :].any()


def test_special_inputs():
    nothing = F.scaled_dot_product_attention(ember.ones(2, 3, 4), ember.ones(2, 0, 4), ember.ones(2, 0, 5))
    assert nothing.shape == (2, 3, 5)
    assert not nothing.any()
    assert F.scaled_dot_product_attention(ember.ones(2, 0, 4), ember.ones(2, 3, 4), ember.ones(2, 3, 5)).shape == (
        2,
        0,
        5,
    )
    query = ember.ones(1, 3, 4)
    query[0, 1, 0] = math.nan
    result = F.scaled_dot_product_attention(query, ember.ones(1, 3, 4), ember.ones(1, 3, 4))
    assert result.isnan().any(-1).tolist() == [[False, True, False]]
    large = F.scaled_dot_product_attention(
        ember.full((1, 2, 4), 1e18), ember.full((1, 2, 4), 1e18), ember.ones(1, 2, 4)
    )
    assert large.tolist() == [[[1.0] * 4] * 2]
    meta = F.scaled_dot_product_attention(*[ember.empty(2, 3, 4, 8, device="meta") for _ in range(3)])
    assert meta.shape == (2, 3, 4, 8)


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (1, 2, 0, 3)])
def test_the_result_is_dense_in_the_order_of_the_query(order):
    back = numpy.argsort(order).tolist()
    query = ember.ones(2, 3, 4, 8).permute(order).requires_grad_()
    result = F.scaled_dot_product_attention(query, query, query)
    assert result.permute(back).is_contiguous()
    assert ember.autograd.grad(result.sum(), query)[0].permute(back).is_contiguous()


# ---- gradients ----


@pytest.mark.parametrize("causal", [False, True])
def test_gradcheck(causal):
    def function(query, key, value):
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal, scale=0.7, enable_gqa=True)

    inputs = (leaf(1, 4, 5, 3), leaf(1, 2, 6, 3), leaf(1, 2, 6, 2))
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


def test_gradcheck_of_the_mask():
    inputs = (leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 4), leaf(1, 3, 5))
    assert gradcheck(F.scaled_dot_product_attention, inputs)
    assert gradgradcheck(F.scaled_dot_product_attention, inputs)


def test_gradcheck_with_dropout():
    def function(query, key, value):
        ember.manual_seed(3)
        return F.scaled_dot_product_attention(query, key, value, dropout_p=0.4)

    inputs = (leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 4))
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


# ---- dropout, threads, memory ----


@pytest.mark.parametrize("sizes", [(70, 130), (128, 64)])
def test_fused_and_recorded_gradients_drop_the_same_weights(sizes):
    queries, keys = sizes
    inputs = [leaf(2, 3, length, 16) for length in (queries, keys, keys)]
    result = F.scaled_dot_product_attention(*inputs, dropout_p=0.3)
    fused = ember.autograd.grad(result.square().sum(), inputs, retain_graph=True)
    recorded = ember.autograd.grad(result.square().sum(), inputs, create_graph=True)
    for x, y in zip(fused, recorded, strict=True):
        numpy.testing.assert_allclose(x.numpy(), y.detach().numpy(), rtol=1e-10, atol=1e-10)


def test_dropout_drops_weights():
    ones = ember.ones(1, 4, 128, 16)
    ember.manual_seed(1)
    weights = F.scaled_dot_product_attention(ones, ones, ember.eye(128).expand(1, 4, 128, 128), dropout_p=0.25)
    values = weights.unique()
    numpy.testing.assert_allclose(values.numpy(), [0, 1 / (128 * 0.75)], rtol=1e-6)
    share = float((weights == 0).float().mean())
    assert abs(share - 0.25) < 5 * math.sqrt(0.25 * 0.75 / weights.numel())
    assert not F.scaled_dot_product_attention(ones, ones, ones, dropout_p=1.0).any()


@pytest.mark.parametrize("heads", [1, 5])
@pytest.mark.parametrize("causal", [False, True])
def test_bits_do_not_depend_on_threads(heads, causal):
    before = ember.get_num_threads()
    results = []
    arrays = [draw(1, heads, length, 32) for length in (300, 330, 330)]
    try:
        for threads in (1, 2, 3):
            ember.set_num_threads(threads)
            ember.manual_seed(0)
            inputs = [ember.tensor(x, dtype=ember.float32, requires_grad=True) for x in arrays]
            result = F.scaled_dot_product_attention(*inputs, dropout_p=0.1, is_causal=causal)
            result.square().sum().backward()
            results.append([result.detach(), *(x.grad for x in inputs)])
    finally:
        ember.set_num_threads(before)
    for others in results[1:]:
        assert all(x.equal(y) for x, y in zip(results[0], others, strict=True))


def test_memory_is_linear_in_the_length():
    def peak(length: int) -> int:
        inputs = [ember.ones(1, 2, length, 16, requires_grad=True) for _ in range(3)]
        mask = ember.zeros(1, 1, 1, length)
        ember.cpu.reset_peak_memory_stats()
        begin = ember.cpu.memory_stats()["allocated"]
        F.scaled_dot_product_attention(*inputs, attn_mask=mask, dropout_p=0.1).sum().backward()
        return ember.cpu.memory_stats()["peak_allocated"] - begin

    short, long = peak(1024), peak(4096)
    assert long < 5 * short
    assert long < 4096 * 4096 * 4  # one float for each score of one head


# ---- errors ----

ONE = (2, 3, 4, 8)
ERRORS = {
    "too few dims": (RuntimeError, lambda q: F.scaled_dot_product_attention(q[0, 0, 0], q, q)),
    "features": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q[..., :7], q)),
    "lengths": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q[:, :, :3])),
    "batch": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q[:, :2], q[:, :2])),
    "heads": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q[:, :2], q[:, :2], enable_gqa=True)),
    "no heads": (IndexError, lambda q: F.scaled_dot_product_attention(*[q[0, 0]] * 3, enable_gqa=True)),
    "dtypes": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q.double(), q)),
    "integers": (RuntimeError, lambda q: F.scaled_dot_product_attention(*[q.int()] * 3)),
    "complex": (NotImplementedError, lambda q: F.scaled_dot_product_attention(*[q.to(ember.complex64)] * 3)),
    "mask dtype": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q, ember.ones(4, 4).int())),
    "mask shape": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q, ember.ones(4, 5))),
    "larger mask": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q, ember.ones(5, 2, 3, 4, 4))),
    "1-d mask": (IndexError, lambda q: F.scaled_dot_product_attention(q, q, q, ember.ones(4))),
    "mask and causal": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q, ember.ones(4, 4), 0.0, True)),
    "dropout": (RuntimeError, lambda q: F.scaled_dot_product_attention(q, q, q, dropout_p=1.5)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    kind, call = ERRORS[name]
    with pytest.raises(kind, match=r"^scaled_dot_product_attention\(\): "):
        call(ember.ones(*ONE))


def test_kernels_can_be_named():
    x = ember.ones(1, 2, 4)
    with sdpa_kernel([SDPBackend.MATH, SDPBackend.FLASH_ATTENTION], set_priority=True):
        assert F.scaled_dot_product_attention(x, x, x).equal(x)
    assert sdpa_kernel(SDPBackend.MATH)(lambda: 3)() == 3
    with pytest.raises(AssertionError, match="expected a SDPBackend"), sdpa_kernel("math"):
        pass
    assert (int(SDPBackend.FLASH_ATTENTION), repr(SDPBackend.MATH)) == (1, "<SDPBackend.MATH: 0>")


# ---- MultiheadAttention ----


def project(x, weight, bias):
    return x @ weight.T + (0 if bias is None else bias)


def heads_of(x, heads):
    """(N, L, E) as (N, heads, L, E / heads)."""
    return numpy.swapaxes(x.reshape(*x.shape[:2], heads, -1), 1, 2)


def expected_of(layer, query, key, value, mask=None):
    """Result (N, L, E) and weights (N, heads, L, S) of a layer, for a batch that comes first."""
    state = {name: each.numpy() for name, each in layer.state_dict().items()}
    width, heads = layer.embed_dim, layer.num_heads
    packed = state.get("in_proj_weight")
    weights = [state[f"{name}_proj_weight"] for name in "qkv"] if packed is None else numpy.split(packed, 3)
    biases = numpy.split(state["in_proj_bias"], 3) if "in_proj_bias" in state else [None] * 3
    q, k, v = (project(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True))
    if "bias_k" in state:
        k, v = (
            numpy.concatenate([x, numpy.broadcast_to(state[name], (len(x), 1, width))], 1)
            for x, name in ((k, "bias_k"), (v, "bias_v"))
        )
    if layer.add_zero_attn:
        k, v = (numpy.concatenate([x, numpy.zeros((len(x), 1, width))], 1) for x in (k, v))
    q, k, v = (heads_of(x, heads) for x in (q, k, v))
    scores = q @ numpy.swapaxes(k, -1, -2) / math.sqrt(width // heads)
    if mask is not None:
        appended = scores.shape[-1] - mask.shape[-1]
        mask = numpy.broadcast_to(mask, (*numpy.broadcast_shapes(mask.shape[:-1], scores.shape[:-1]), mask.shape[-1]))
        scores = scores + numpy.pad(mask, [(0, 0)] * 3 + [(0, appended)])
    weights = softmax(scores)
    merged = numpy.swapaxes(weights @ v, 1, 2).reshape(*query.shape[:2], width)
    return project(merged, state["out_proj.weight"], state.get("out_proj.bias")), weights


OPTIONS = [
    {},
    {"bias": False},
    {"kdim": 5, "vdim": 7},
    {"kdim": 5, "vdim": 7, "bias": False},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"add_bias_kv": True, "add_zero_attn": True, "kdim": 3},
]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("options", OPTIONS)
def test_multihead_attention(options, batch_first):
    layer = nn.MultiheadAttention(12, 3, batch_first=batch_first, dtype=ember.float64, **options)
    with ember.no_grad():
        for each in layer.parameters():
            each.uniform_(-1, 1)
    arrays = [draw(2, 4, 12), draw(2, 6, layer.kdim), draw(2, 6, layer.vdim)]
    inputs = [ember.tensor(x if batch_first else numpy.swapaxes(x, 0, 1).copy()) for x in arrays]
    padding = numpy.array([[False] * 6, [False] * 4 + [True] * 2])
    for mask in (None, draw(4, 6), draw(6, 4, 6)):
        total = numpy.where(padding, -numpy.inf, 0)[:, None, None]
        if mask is not None:
            total = total + (mask if mask.ndim == 2 else mask.reshape(2, 3, 4, 6))
        expected, weights = expected_of(layer, *arrays, total)
        given = {
            "attn_mask": None if mask is None else ember.tensor(mask),
            "key_padding_mask": ember.tensor(numpy.where(padding, -numpy.inf, 0)),
        }
        for need_weights in (True, False):
            found, found_weights = layer(*inputs, need_weights=need_weights, average_attn_weights=False, **given)
            found = found.detach().numpy()
            found = found if batch_first else numpy.swapaxes(found, 0, 1)
            numpy.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)
            if need_weights:
                numpy.testing.assert_allclose(found_weights.detach().numpy(), weights, rtol=1e-10, atol=1e-12)
            else:
                assert found_weights is None
        averaged = layer(*inputs, **given)[1].detach().numpy()
        numpy.testing.assert_allclose(averaged, weights.mean(1), rtol=1e-10, atol=1e-12)


def test_multihead_attention_of_one_tensor_and_of_shared_keys():
    layer = nn.MultiheadAttention(8, 2, batch_first=True, dtype=ember.float64)
    x, y = draw(2, 5, 8), draw(2, 6, 8)
    ours, others = ember.tensor(x), ember.tensor(y)
    for inputs, arrays in (((ours, ours, ours), (x, x, x)), ((ours, others, others), (x, y, y))):
        for need_weights in (True, False):
            found = layer(*inputs, need_weights=need_weights)[0].detach().numpy()
            numpy.testing.assert_allclose(found, expected_of(layer, *arrays)[0], rtol=1e-10, atol=1e-12)


def test_multihead_attention_without_batch():
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = ember.tensor(draw(5, 8), dtype=ember.float32)
    padding = ember.tensor([False, False, False, True, True])
    for need_weights in (True, False):
        one, weights = layer(x, x, x, key_padding_mask=padding, need_weights=need_weights)
        batch, many = layer(x[None], x[None], x[None], key_padding_mask=padding[None], need_weights=need_weights)
        assert one.shape == (5, 8)
        assert one.equal(batch[0])
        assert weights is None if many is None else weights.equal(many[0])


def test_multihead_attention_causal_hint():
    layer, x = nn.MultiheadAttention(8, 2, batch_first=True), ember.tensor(draw(2, 70, 8), dtype=ember.float32)
    mask = nn.Transformer.generate_square_subsequent_mask(70)
    masked = layer(x, x, x, attn_mask=mask, need_weights=False)[0]
    hinted = layer(x, x, x, attn_mask=mask, is_causal=True, need_weights=False)[0]
    numpy.testing.assert_allclose(hinted.detach().numpy(), masked.detach().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("need_weights", [False, True])
def test_multihead_attention_gradients(need_weights):
    layer = nn.MultiheadAttention(4, 2, add_bias_kv=True, dtype=ember.float64)
    inputs = (leaf(3, 1, 4), leaf(2, 1, 4), leaf(2, 1, 4))
    assert gradcheck(lambda *x: layer(*x, need_weights=need_weights)[0], inputs)


def test_multihead_attention_begins_as_pytorchs():
    layer = nn.MultiheadAttention(64, 4, add_bias_kv=True)
    assert float(layer.in_proj_weight.abs().max()) <= math.sqrt(6 / (64 + 192))
    assert not layer.in_proj_bias.any()
    assert not layer.out_proj.bias.any()
    assert abs(float(layer.bias_k.std()) / math.sqrt(2 / (64 + 64)) - 1) < 0.5


def test_static_keys():
    layer = nn.MultiheadAttention(8, 2)
    x, static = ember.tensor(draw(3, 2, 8), dtype=ember.float32), ember.tensor(draw(4, 5, 4), dtype=ember.float32)
    found, weights = F.multi_head_attention_forward(
        x, x, x, 8, 2, layer.in_proj_weight, layer.in_proj_bias, None, None, False, 0.0, layer.out_proj.weight,
        layer.out_proj.bias, static_k=static, static_v=static,
    )  # fmt: skip
    query = F.linear(x, layer.in_proj_weight[:8]).unflatten(-1, (2, 4)).permute(1, 2, 0, 3)
    keys = static.reshape(2, 2, 5, 4)
    expected = F.scaled_dot_product_attention(query, keys, keys).permute(2, 0, 1, 3).flatten(2)
    expected = F.linear(expected, layer.out_proj.weight, layer.out_proj.bias)
    assert weights.shape == (2, 3, 5)
    numpy.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_merge_masks():
    layer, query = nn.MultiheadAttention(8, 2), ember.zeros(3, 5, 8)
    mask, padding = ember.zeros(5, 5), ember.ones(3, 5)
    assert layer.merge_masks(None, None, query) == (None, None)
    assert layer.merge_masks(None, padding, query)[1] == 1
    merged, kind = layer.merge_masks(mask, padding, query)
    assert (merged.shape, kind, bool((merged == 1).all())) == ((3, 2, 5, 5), 2, True)
    assert layer.merge_masks(ember.zeros(6, 5, 5), None, query)[0].shape == (3, 2, 5, 5)


def mha_errors():
    layer, x, y = nn.MultiheadAttention(8, 2), ember.zeros(5, 3, 8), ember.zeros(6, 3, 8)
    bool_mask = ember.zeros(3, 6).bool()
    yield "heads", AssertionError, lambda: nn.MultiheadAttention(8, 3)
    yield "sizes", ValueError, lambda: nn.MultiheadAttention(0, 3)
    yield "features", AssertionError, lambda: layer(x[..., :7], y, y)
    yield "key features", RuntimeError, lambda: layer(x, y[..., :7], y[..., :7])
    yield "lengths", AssertionError, lambda: layer(x, y, ember.zeros(7, 3, 8))
    yield "batches", RuntimeError, lambda: layer(x, y[:, :2], y[:, :2])
    yield "dims of key", AssertionError, lambda: layer(x, y[:, 0], y[:, 0])
    yield "dims of query", AssertionError, lambda: layer(x[0, 0], y[0], y[0])
    yield "mask", RuntimeError, lambda: layer(x, y, y, attn_mask=ember.zeros(6, 6))
    yield "3-d mask", RuntimeError, lambda: layer(x, y, y, attn_mask=ember.zeros(3, 5, 6))
    yield "1-d mask", AssertionError, lambda: layer(x, y, y, attn_mask=ember.zeros(5))
    yield "mask dtype", AssertionError, lambda: layer(x, y, y, attn_mask=ember.zeros(5, 6).long())
    yield "padding dtype", AssertionError, lambda: layer(x, y, y, key_padding_mask=bool_mask.long())
    yield "padding length", AssertionError, lambda: layer(x, y, y, key_padding_mask=bool_mask[:, :5])
    yield "padding dims", AssertionError, lambda: layer(x, y, y, key_padding_mask=bool_mask[0])
    yield "hint alone", RuntimeError, lambda: layer(x, y, y, is_causal=True)
    yield "one mask", AssertionError, lambda: layer(x[:, 0], y[:, 0], y[:, 0], attn_mask=ember.zeros(3, 5, 6))


@pytest.mark.parametrize(("kind", "call"), [each[1:] for each in mha_errors()], ids=[each[0] for each in mha_errors()])
def test_errors_of_multihead_attention(kind, call):
    with pytest.raises(kind):
        call()


def test_masks_of_two_dtypes_warn():
    layer, x = nn.MultiheadAttention(8, 2), ember.zeros(5, 3, 8)
    with pytest.warns(UserWarning, match="deprecated"):
        layer(x, x, x, attn_mask=ember.zeros(5, 5), key_padding_mask=ember.zeros(3, 5).bool())


# ---- transformers ----


def stack_of(kind, **options):
    layer = getattr(nn, f"Transformer{kind}Layer")(8, 2, 16, dropout=0.0, batch_first=True, **options)
    return getattr(nn, f"Transformer{kind}")(layer, 2)


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_layer_is_its_formula(norm_first):
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", batch_first=True, norm_first=norm_first)
    x = ember.tensor(draw(3, 5, 8), dtype=ember.float32)

    def attend(x):
        return layer.self_attn(x, x, x, need_weights=False)[0]

    def feed(x):
        return layer.linear2(F.gelu(layer.linear1(x)))

    if norm_first:
        y = x + attend(layer.norm1(x))
        y = y + feed(layer.norm2(y))
    else:
        y = layer.norm1(x + attend(x))
        y = layer.norm2(y + feed(y))
    assert layer(x).equal(y)


@pytest.mark.parametrize("norm_first", [False, True])
def test_decoder_layer_is_its_formula(norm_first):
    layer = nn.TransformerDecoderLayer(8, 2, 16, 0.0, F.silu, batch_first=True, norm_first=norm_first)
    x, memory = ember.tensor(draw(3, 5, 8), dtype=ember.float32), ember.tensor(draw(3, 7, 8), dtype=ember.float32)
    blocks = [
        (layer.norm1, lambda x: layer.self_attn(x, x, x, need_weights=False)[0]),
        (layer.norm2, lambda x: layer.multihead_attn(x, memory, memory, need_weights=False)[0]),
        (layer.norm3, lambda x: layer.linear2(F.silu(layer.linear1(x)))),
    ]
    y = x
    for norm, block in blocks:
        y = y + block(norm(y)) if norm_first else norm(y + block(y))
    assert layer(x, memory).equal(y)


def test_causal_mask_hides_what_comes_later():
    encoder, mask = stack_of("Encoder"), nn.Transformer.generate_square_subsequent_mask(6)
    x = ember.tensor(draw(2, 6, 8), dtype=ember.float32)
    changed = x.clone()
    changed[:, 4] += 1
    for options in ({}, {"is_causal": True}, {"is_causal": False}):
        before, after = (encoder(each, mask=mask, **options) for each in (x, changed))
        assert before[:, :4].equal(after[:, :4])
        assert not before[:, 4:].equal(after[:, 4:])


def test_encoder_leaves_0_at_padding_in_evaluation():
    encoder, x = stack_of("Encoder").eval(), ember.tensor(draw(2, 5, 8), dtype=ember.float32)
    padding = ember.tensor([[False] * 5, [False, False, True, True, True]])
    with ember.no_grad():
        found = encoder(x, src_key_padding_mask=padding)
        inside = encoder(x, src_key_padding_mask=padding.flip(1))  # not at the end: computed as it is
    expected = encoder(x, src_key_padding_mask=padding)
    assert not found[1, 2:].any()
    assert found[1, :2].equal(expected[1, :2])
    assert inside[1].any(-1).all()


def test_stacks_are_copies_of_a_layer():
    layer = nn.TransformerDecoderLayer(8, 2, 16)
    stack = nn.TransformerDecoder(layer, 3, nn.LayerNorm(8))
    assert len(stack.layers) == 3
    assert all(each is not layer and each.linear1.weight.equal(layer.linear1.weight) for each in stack.layers)


def test_transformer():
    model = nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True)
    src, tgt = ember.tensor(draw(2, 5, 8), dtype=ember.float32), ember.tensor(draw(2, 4, 8), dtype=ember.float32)
    mask = model.generate_square_subsequent_mask(4)
    whole = model(src, tgt, tgt_mask=mask)
    assert whole.equal(model.decoder(tgt, model.encoder(src), tgt_mask=mask))
    one = model(src[0], tgt[0], tgt_mask=mask)
    numpy.testing.assert_allclose(one.detach().numpy(), whole[0].detach().numpy(), rtol=1e-4, atol=1e-5)
    bounds = {p.shape: math.sqrt(6 / sum(p.shape)) for p in model.parameters() if p.dim() == 2}
    assert all(float(p.abs().max()) <= bounds[p.shape] for p in model.parameters() if p.dim() == 2)


def test_errors_of_transformers():
    with pytest.warns(UserWarning, match="batch_first is False"):
        model = nn.Transformer(8, 2, 1, 1, 16)
    x, y = ember.zeros(5, 3, 8), ember.zeros(6, 3, 8)
    for src, tgt in ((x, y[:, :2]), (x[..., :7], y), (x, y[..., :7]), (x, y[:, 0])):
        with pytest.raises(RuntimeError, match=r"^Transformer\(\): "):
            model(src, tgt)
    with pytest.raises(RuntimeError, match="is_causal"):
        model(x, y, tgt_is_causal=True)
    with pytest.raises(RuntimeError, match="expected 'relu', 'gelu' or a function"):
        nn.TransformerEncoderLayer(8, 2, activation="tanh")
    with pytest.raises(AssertionError, match=r"TransformerEncoderLayer\(\): src_mask is"):
        nn.TransformerEncoderLayer(8, 2, 16)(x, src_mask=ember.zeros(5, 5).long())


def test_training_a_transformer_lowers_its_loss():
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    model = nn.Sequential(nn.Embedding(10, 16), nn.TransformerEncoder(layer, 1), nn.Linear(16, 10))
    optimizer = ember.optim.AdamW(model.parameters(), lr=0.01)
    x = ember.randint(0, 10, (8, 12))
    losses = []
    for _ in range(60):
        loss = F.cross_entropy(model(x).flatten(0, 1), x.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]

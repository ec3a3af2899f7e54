"""Attention beside PyTorch: values, gradients, strides, dtypes, masks, layers with the same state dict, errors' types."""

from __future__ import annotations

import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

RANDOM = numpy.random.default_rng(0)
LIBRARIES = (ember, torch)


def draw(*shape):
    return RANDOM.standard_normal(shape)


def tensors(array, dtype="float32"):
    """The same leaf in both; bool stays bool."""
    if array is None:
        return None, None
    kind = "bool" if array.dtype == bool else dtype
    return tuple(
        library.tensor(array, dtype=getattr(library, kind)).requires_grad_(array.dtype != bool) for library in LIBRARIES
    )


def close(ours, theirs, bound):
    ours, theirs = (each.detach().double().numpy() for each in (ours, theirs))
    numpy.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound)


BOUNDS = {"float64": 1e-12, "float32": 1e-5, "float16": 4e-3, "bfloat16": 4e-2}
CASES = {
    "2-d": (((5, 8), (7, 8), (7, 3)), {}),
    "3-d": (((3, 5, 8), (3, 7, 8), (3, 7, 3)), {}),
    "4-d": (((2, 3, 70, 16), (2, 3, 90, 16), (2, 3, 90, 16)), {}),
    "5-d": (((2, 2, 3, 5, 8), (2, 2, 3, 7, 8), (2, 2, 3, 7, 8)), {}),
    "broadcast": (((2, 1, 5, 8), (1, 3, 7, 8), (2, 3, 7, 8)), {}),
    "causal": (((2, 3, 90, 16), (2, 3, 70, 16), (2, 3, 70, 16)), {"is_causal": True}),
    "scale": (((2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 8)), {"scale": 0.3}),
    "gqa": (((2, 6, 5, 8), (2, 3, 7, 8), (2, 3, 7, 8)), {"enable_gqa": True}),
    "mqa": (((2, 6, 5, 8), (2, 1, 7, 8), (2, 1, 7, 8)), {"enable_gqa": True}),
    "no keys": (((2, 3, 5, 8), (2, 3, 0, 8), (2, 3, 0, 8)), {}),
    "no queries": (((2, 3, 0, 8), (2, 3, 5, 8), (2, 3, 5, 8)), {}),
}


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("name", CASES)
def test_attention(name, dtype):
    shapes, options = CASES[name]
    inputs = list(zip(*[tensors(draw(*shape), dtype) for shape in shapes], strict=True))
    ours, theirs = (
        library.nn.functional.scaled_dot_product_attention(*given, **options)
        for library, given in zip(LIBRARIES, inputs, strict=True)
    )
    assert (tuple(ours.shape), str(ours.dtype)) == (tuple(theirs.shape), str(theirs.dtype))
    close(ours, theirs, BOUNDS[dtype])
    ours.square().sum().backward()
    theirs.square().sum().backward()
    for x, y in zip(*inputs, strict=True):
        close(x.grad, y.grad, 10 * BOUNDS[dtype])


def bool_mask(*shape):
    mask = RANDOM.random(shape) > 0.4
    mask[..., 0, :] = False
    return mask


MASKS = [bool_mask(5, 7), bool_mask(2, 1, 5, 7), bool_mask(2, 3, 1, 7), draw(5, 7), draw(1, 3, 5, 7), draw(1, 1)]


@pytest.mark.parametrize("mask", MASKS, ids=[f"{mask.dtype}{mask.shape}" for mask in MASKS])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_masks(mask, dtype):
    arrays = [*(draw(2, 3, length, 8) for length in (5, 7, 7)), mask]
    inputs = list(zip(*[tensors(array, dtype) for array in arrays], strict=True))
    results = [
        library.nn.functional.scaled_dot_product_attention(*given)
        for library, given in zip(LIBRARIES, inputs, strict=True)
    ]
    close(*results, BOUNDS[dtype])
    for result in results:
        result.square().sum().backward()
    for x, y in zip(*inputs, strict=True):
        if x.requires_grad:
            close(x.grad, y.grad, 10 * BOUNDS[dtype])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3)])
def test_strides(order):
    back = numpy.argsort(order).tolist()
    x = draw(2, 3, 4, 8)
    found = []
    for leaf in tensors(numpy.transpose(x, back).copy()):
        query = leaf.permute(order)
        result = (ember if isinstance(leaf, ember.Tensor) else torch).nn.functional.scaled_dot_product_attention(
            query, query, query
        )
        found.append(tuple(result.stride()))
    assert found[0] == found[1]


ERRORS = {
    "1-d": lambda f, q, t: f(q[0, 0, 0], q, q),
    "features": lambda f, q, t: f(q, q[..., :7], q),
    "batch": lambda f, q, t: f(q, q[:, :2], q[:, :2]),
    "heads": lambda f, q, t: f(q, q[:, :2], q[:, :2], enable_gqa=True),
    "no heads": lambda f, q, t: f(q[0, 0], q[0, 0], q[0, 0], enable_gqa=True),
    "dtypes": lambda f, q, t: f(q, q.double(), q),
    "integers": lambda f, q, t: f(q.int(), q.int(), q.int()),
    "complex": lambda f, q, t: f(*[q.to(t.complex64)] * 3),
    "mask dtype": lambda f, q, t: f(q, q, q, t.ones(4, 4).int()),
    "mask of float64": lambda f, q, t: f(q, q, q, t.ones(4, 4).double()),
    "mask shape": lambda f, q, t: f(q, q, q, t.ones(4, 5)),
    "larger mask": lambda f, q, t: f(q, q, q, t.ones(5, 2, 3, 4, 4)),
    "1-d mask": lambda f, q, t: f(q, q, q, t.ones(4)),
    "mask and causal": lambda f, q, t: f(q[0], q[0], q[0], t.ones(4, 4), is_causal=True),
    "dropout": lambda f, q, t: f(q, q, q, dropout_p=1.5),
}


def error_of(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return ""


@pytest.mark.parametrize("name", ERRORS)
def test_error_types(name):
    ours, theirs = (
        error_of(
            lambda library=library: ERRORS[name](
                library.nn.functional.scaled_dot_product_attention, library.ones(2, 3, 4, 8), library
            )
        )
        for library in LIBRARIES
    )
    assert ours == theirs != ""


# ---- layers ----


def quiet(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def twins(make):
    """The layer of both with the same weights."""
    ours, theirs = (quiet(lambda library=library: make(library.nn)).double() for library in LIBRARIES)
    with torch.no_grad():
        for each in theirs.parameters():
            each.uniform_(-1, 1)
    ours.load_state_dict({name: ember.tensor(each.numpy()) for name, each in theirs.state_dict().items()})
    return ours, theirs


def compare(layers, arrays, options=None, pick=lambda result: result):
    """Results and gradients; of the weights too."""
    given = list(zip(*[tensors(array, "float64") for array in arrays], strict=True))
    extra = {name: tensors(value, "float64") for name, value in (options or {}).items() if not isinstance(value, bool)}
    plain = {name: value for name, value in (options or {}).items() if isinstance(value, bool)}
    results = []
    for i, layer in enumerate(layers):
        keywords = {name: value[i] for name, value in extra.items()} | plain
        results.append(pick(quiet(lambda layer=layer, i=i, keywords=keywords: layer(*given[i], **keywords))))
        results[-1].square().sum().backward()
    close(*results, 1e-10)
    for x, y in zip(*given, strict=True):
        close(x.grad, y.grad, 1e-9)
    ours, theirs = (dict(layer.named_parameters()) for layer in layers)
    assert list(ours) == list(theirs)
    for name, each in theirs.items():
        close(ours[name].grad, each.grad, 1e-8)


MHA = [
    ((12, 3), {}),
    ((12, 3), {"bias": False, "batch_first": True}),
    ((12, 3), {"kdim": 5, "vdim": 7}),
    ((12, 3), {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True}),
]


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("masked", ["", "attn", "padding", "both"])
@pytest.mark.parametrize(("args", "options"), MHA)
def test_multihead_attention(args, options, masked, need_weights):
    layers = twins(lambda nn: nn.MultiheadAttention(*args, **options))
    shapes = [(4, 2, 12), (6, 2, options.get("kdim", 12)), (6, 2, options.get("vdim", 12))]
    if options.get("batch_first"):
        shapes = [(b, a, c) for a, b, c in shapes]
    padding = numpy.array([[False] * 6, [False] * 4 + [True] * 2])
    given = {"need_weights": need_weights}
    if masked in ("attn", "both"):
        given["attn_mask"] = numpy.triu(numpy.ones((4, 6), dtype=bool), 3)
    if masked in ("padding", "both"):
        given["key_padding_mask"] = padding
    compare(layers, [draw(*shape) for shape in shapes], given, lambda result: result[0])


@pytest.mark.parametrize("average", [False, True])
def test_weights(average):
    layers = twins(lambda nn: nn.MultiheadAttention(12, 3))
    ours, theirs = (
        layer(*tensor, average_attn_weights=average)[1]
        for layer, tensor in zip(
            layers, zip(*[tensors(x, "float64") for x in [draw(4, 2, 12)] * 3], strict=True), strict=True
        )
    )
    assert ours.shape == theirs.shape
    close(ours, theirs, 1e-12)


LAYERS = {
    "encoder": (lambda nn: nn.TransformerEncoderLayer(8, 2, 16, 0.0), [(5, 3, 8)], {}),
    "encoder, norm first": (
        lambda nn: nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", 1e-3, True, True, False),
        [(3, 5, 8)],
        {"src_mask": numpy.triu(numpy.ones((5, 5), dtype=bool), 1)},
    ),
    "encoders": (
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, 0.0), 2, nn.LayerNorm(8)),
        [(5, 3, 8)],
        {"src_key_padding_mask": numpy.arange(5) >= numpy.array([[5], [3], [2]])},
    ),
    "decoder": (
        lambda nn: nn.TransformerDecoderLayer(8, 2, 16, 0.0, norm_first=True),
        [(5, 3, 8), (6, 3, 8)],
        {"memory_key_padding_mask": numpy.arange(6) >= numpy.array([[5], [3], [6]])},
    ),
    "decoders": (
        lambda nn: nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, 0.0, batch_first=True), 2),
        [(3, 5, 8), (3, 6, 8)],
        {"tgt_mask": numpy.triu(numpy.ones((5, 5), dtype=bool), 1)},
    ),
    "transformer": (
        lambda nn: nn.Transformer(8, 2, 1, 1, 16, 0.0),
        [(5, 3, 8), (6, 3, 8)],
        {"tgt_mask": numpy.triu(numpy.full((6, 6), -numpy.inf), 1), "tgt_is_causal": True},
    ),
    "transformer without batch": (lambda nn: nn.Transformer(8, 2, 1, 1, 16, 0.0), [(5, 8), (6, 8)], {}),
}


@pytest.mark.parametrize("name", LAYERS)
def test_transformers(name):
    make, shapes, options = LAYERS[name]
    compare(twins(make), [draw(*shape) for shape in shapes], options)


@pytest.mark.parametrize("padding_last", [False, True])
def test_encoder_in_evaluation(padding_last):
    layers = twins(
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, nn.LayerNorm(8))
    )
    padding = numpy.arange(5) >= numpy.array([[5], [3], [2]])
    padding = padding if padding_last else padding[:, ::-1].copy()
    x = draw(3, 5, 8)
    results = []
    for library, layer in zip(LIBRARIES, layers, strict=True):
        layer.eval()
        with library.no_grad():
            results.append(quiet(lambda t=library, m=layer: m(t.tensor(x), src_key_padding_mask=t.tensor(padding))))
    ours, theirs = (each.double().numpy() for each in results)
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_same_members():
    theirs = {name: int(each) for name, each in torch.nn.attention.SDPBackend.__members__.items()}
    assert {name: int(each) for name, each in ember.nn.attention.SDPBackend.__members__.items()} == theirs

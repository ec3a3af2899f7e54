"""Borders beside PyTorch: values, gradients, second gradients, dtypes, strides, errors' types."""

from __future__ import annotations

import itertools

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

BOTH = (ember, torch)
MODES = ["constant", "reflect", "replicate", "circular"]
SHAPES = {2: (3, 5), 3: (2, 4, 5), 4: (2, 3, 4, 5), 5: (2, 2, 3, 4, 5)}
CASES = [
    (mode, dims, pad)
    for mode, (dims, pad) in itertools.product(
        MODES,
        [
            (2, (2, 1)),
            (3, (0, 3)),
            (3, (-1, -2)),
            (3, (2, 1, 1, 2)),
            (4, (2, 1, 0, 3)),
            (4, (-1, -1, 1, 2)),
            (4, (0, 0, 1, 0)),
            (4, (1, 2, 3, 0, 2, 1)),
            (5, (1, 2, 3, 0, 2, 1)),
            (5, (0, 0, 0, 0, 1, 1)),
        ],
    )
]
# A cut on one side and a border on the other; PyTorch's circular mode reads beside the tensor for some of these.
MIXED = [
    *[
        (mode, 2, pad)
        for mode in ("reflect", "replicate")
        for pad in [(-3, 4), (4, -3), (-5, 1), (2, -6), (-1, -1), (2, -5)]
    ],
    *[("constant", 2, pad) for pad in [(-3, 4), (-5, 6), (5, -5), (-2, -3)]],
    *[("circular", 2, pad) for pad in [(2, -1), (-1, 2), (-1, 4), (-2, 3)]],
    *[("constant", 5, pad) for pad in [(1, 0, 2, 1, 0, 1, 2, 2, 1, 1), (0, 0, 0, 0, 0, 0, 1, 2), ()]],
    *[("constant", 1, pad) for pad in [(3, 1), ()]],
]


def run(library, array, pad, mode, **options):
    x = library.tensor(array).requires_grad_()
    result = library.nn.functional.pad(x, pad, mode, **options)
    weights = library.tensor(numpy.cos(numpy.arange(result.numel())).reshape(tuple(result.shape))).requires_grad_()
    (gradient,) = library.autograd.grad(result, x, weights, create_graph=True)
    again = library.tensor(numpy.sin(numpy.arange(x.numel())).reshape(array.shape))
    (second,) = library.autograd.grad(gradient, weights, again)
    return [result.detach(), gradient.detach(), second.detach()]


@pytest.mark.parametrize(("mode", "dims", "pad"), [*CASES, *MIXED])
def test_values_and_gradients(mode, dims, pad):
    array = numpy.random.default_rng(0).standard_normal({**SHAPES, 1: (5,)}[dims])
    for ours, theirs in zip(*[run(library, array, pad, mode) for library in BOTH], strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape)
        numpy.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "complex64"])
def test_dtypes(mode, dtype):
    if dtype == "bool" and mode in ("reflect", "replicate"):
        pytest.skip("refused by both, see the errors")
    array = numpy.random.default_rng(0).integers(0, 2, (2, 3, 4, 5))
    results = []
    for library in BOTH:
        x = library.tensor(array).to(getattr(library, dtype))
        results.append(library.nn.functional.pad(x, (2, 1, 1, 3), mode))
    assert str(results[0].dtype) == str(results[1].dtype)
    wide = "complex64" if "complex" in dtype else "float64"
    ours, theirs = (each.to(getattr(t, wide)).numpy() for each, t in zip(results, BOTH, strict=True))
    assert (ours == theirs).all()


@pytest.mark.parametrize("value", [None, 0, 2, -1.5, float("inf"), True])
def test_value(value):
    for dtype in ("float32", "int64", "bool"):
        if value == float("inf") and dtype == "int64":
            continue
        ours, theirs = (t.nn.functional.pad(t.ones(2, 3).to(getattr(t, dtype)), (1, 2), value=value) for t in BOTH)
        assert str(ours.dtype) == str(theirs.dtype) and ours.tolist() == theirs.tolist()
    ours, theirs = (t.constant_pad_nd(t.ones(2, 3), (1, 2, 0, 1), 2.5) for t in BOTH)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate"])
def test_memory_format_is_kept(mode):
    results = []
    for library in BOTH:
        x = library.arange(120, dtype=library.float32).reshape(2, 3, 4, 5).to(memory_format=library.channels_last)
        x.requires_grad_()
        result = library.nn.functional.pad(x, (1, 2, 1, 0), mode)
        (gradient,) = library.autograd.grad((result * result).sum(), x)
        results.append((result.detach(), gradient))
    assert results[0][0].stride() == results[1][0].stride()
    for ours, theirs in zip(*results, strict=True):
        assert ours.tolist() == theirs.tolist()


ERRORS = """
F.pad(x, (1,))
F.pad(x, (1, 1, 1))
F.pad(x, (1,) * 10)
F.pad(x, (-3, -3))
F.pad(x, (-6, 7))
F.pad(x, (2, -6))
F.pad(x, (1, 1), "foo")
F.pad(x, (1, 1), None)
F.pad(x, (1.0, 1))
F.pad(x, None)
F.pad(x, "ab")
F.pad(x, (1, 1), value="a")
F.pad(x, (1, 1), value=2j)
F.pad(3, (1, 1))
F.pad(x, (5, 5, 4, 4), "reflect")
F.pad(x, (5, 0, 0, 0), "reflect")
F.pad(x, (0, 0, 6, 0), "circular")
F.pad(x, (1, 1, 1, 1), "reflect", 3.0)
F.pad(x, (1, 1), "reflect")
F.pad(x, (), "reflect")
F.pad(x, (1,) * 8, "replicate")
F.pad(x[0, 0, 0], (1, 1), "circular")
F.pad(x[0, 0], (1, 1, 1, 1), "replicate")
F.pad(x[None], (1, 1), "reflect")
F.pad(x[:, :0], (1, 1, 1, 1), "reflect")
F.pad(x[:, :, :0], (1, 1, 1, 1), "replicate")
F.pad(x[:, :, :0], (1, 1, 1, 1), "circular")
F.pad(x > 0, (1, 1, 1, 1), "reflect")
F.pad(x > 0, (1, 1, 1, 1), "replicate")
F.pad(x[0], (-3, -3), "replicate")
F.pad(x, (-3, -3, 1, 1), "replicate")
F.pad(x[0], (-2, -3), "reflect")
t.constant_pad_nd(x, (1,))
nn.ReflectionPad1d(1)(x)
nn.ReflectionPad2d(1)(x[0, 0])
nn.ReflectionPad2d(9)(x)
nn.ReplicationPad3d(1)(x[0])
nn.CircularPad1d(1)(x)
nn.CircularPad2d(1)(x[0, 0])
nn.CircularPad3d(1)(x[0])
""".strip().splitlines()


@pytest.mark.parametrize("expression", ERRORS)
def test_types_of_errors(expression):
    types = []
    for t in BOTH:
        scope = {"t": t, "F": t.nn.functional, "nn": t.nn, "x": t.zeros(2, 3, 4, 5)}
        with pytest.raises(Exception) as caught:
            eval(expression, scope)
        types.append(caught.type.__name__)
    assert types[0] == types[1]


LAYERS = [
    f"{kind}Pad{dims}d" for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular") for dims in (1, 2, 3)
]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    ours, theirs = (getattr(library.nn, name) for library in BOTH)
    for base in LAYERS:
        assert issubclass(ours, getattr(ember.nn, base)) == issubclass(theirs, getattr(torch.nn, base))
    dims = int(name[-2])
    for width in (1, tuple(range(2 * dims))):
        layers = [kind(width, 2.5) if "Constant" in name else kind(width) for kind in (ours, theirs)]
        assert repr(layers[0]) == repr(layers[1])
        attributes = [{key: value for key, value in vars(layer).items() if key[0] != "_"} for layer in layers]
        assert attributes[0] == attributes[1]
        assert list(layers[0].__constants__) == list(layers[1].__constants__)
        for shape in ((2, 5, 6, 7, 8)[: dims + 2], (3, 6, 7, 8)[: dims + 1]):
            array = numpy.random.default_rng(0).standard_normal(shape)
            results = [layer(library.tensor(array)).numpy() for layer, library in zip(layers, BOTH, strict=True)]
            assert (results[0] == results[1]).all()

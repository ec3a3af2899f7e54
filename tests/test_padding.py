"""nn.functional.pad against numpy.pad; borders with cuts, gradients, layouts, dtypes, layers, errors."""

from __future__ import annotations

import pickle

import numpy
import pytest

import ember
from ember import _C, nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)
NUMPY_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
PADS = {
    (4, 5): [(2, 1), (0, 4)],
    (2, 4, 5): [(3, 0), (2, 1, 0, 3)],
    (2, 3, 4, 5): [(1, 2, 3, 0), (0, 0, 2, 2), (1, 2, 3, 0, 2, 1)],
    (2, 3, 3, 4, 5): [(1, 2, 3, 0, 2, 1), (0, 0, 0, 0, 1, 0)],
}
CASES = [(mode, shape, pad) for mode in NUMPY_MODES for shape, pads in PADS.items() for pad in pads]


def pairs(pad, dims):
    """As numpy.pad takes it."""
    widths = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (dims - len(widths)) + widths[::-1]


def identical(found, expected):
    numpy.testing.assert_array_equal(found.detach().numpy(), expected)


@pytest.mark.parametrize(("mode", "shape", "pad"), CASES)
def test_borders(mode, shape, pad):
    x = RANDOM.standard_normal(shape)
    identical(F.pad(ember.tensor(x), pad, mode), numpy.pad(x, pairs(pad, len(shape)), mode=NUMPY_MODES[mode]))


@pytest.mark.parametrize(("mode", "shape", "pad"), CASES)
def test_layouts_agree(mode, shape, pad):
    x = RANDOM.standard_normal(shape)
    expected = numpy.pad(x, pairs(pad, len(shape)), mode=NUMPY_MODES[mode])
    given = ember.tensor(x)
    identical(F.pad(given.transpose(-1, -2).contiguous().transpose(-1, -2), pad, mode), expected)
    identical(F.pad(ember.stack([given, given], -1)[..., 0], pad, mode), expected)
    if len(shape) in (4, 5):
        last = ember.channels_last if len(shape) == 4 else ember.channels_last_3d
        found = F.pad(given.to(memory_format=last), pad, mode)
        identical(found, expected)
        assert found.is_contiguous(memory_format=last)


# Before: the elements named by number, for an input of 0, 1, 2, 3, 4. A border mirrors or repeats what was cut off too;
# circular borders go around what is left.
CUTS = [
    ("constant", (-1, -2), [1, 2]),
    ("constant", (-3, 2), [3, 4, 9, 9]),
    ("constant", (2, -4), [9, 9, 0]),
    ("constant", (-5, 1), [9]),
    ("constant", (-2, -3), []),
    ("reflect", (-3, 4), [3, 4, 3, 2, 1, 0]),
    ("reflect", (4, -3), [4, 3, 2, 1, 0, 1]),
    ("reflect", (-6, 2), [2]),
    ("reflect", (-1, -1), [1, 2, 3]),
    ("replicate", (-3, 2), [3, 4, 4, 4]),
    ("replicate", (2, -5), [0, 0]),
    ("replicate", (-6, 7), [4] * 6),
    ("circular", (-1, 2), [1, 2, 3, 4, 1, 2]),
    ("circular", (2, -1), [2, 3, 0, 1, 2, 3]),
    ("circular", (-1, 4), [1, 2, 3, 4, 1, 2, 3, 4]),
    ("circular", (-2, -3), []),
]


@pytest.mark.parametrize(("mode", "pad", "expected"), CUTS)
def test_cuts(mode, pad, expected):
    found = F.pad(ember.arange(5)[None], pad, mode, 9 if mode == "constant" else None)
    assert found.tolist() == [expected]


@pytest.mark.parametrize(("mode", "shape", "pad"), [case for case in CASES if len(case[1]) < 5])
def test_gradients(mode, shape, pad):
    x = ember.randn(*shape, dtype=ember.float64, requires_grad=True)
    assert gradcheck(lambda x: F.pad(x, pad, mode), (x,))
    assert gradgradcheck(lambda x: F.pad(x, pad, mode), (x,))


@pytest.mark.parametrize(("mode", "pad"), [case[:2] for case in CUTS if case[2]])
def test_gradients_of_cuts(mode, pad):
    x = ember.randn(2, 5, dtype=ember.float64, requires_grad=True)
    assert gradcheck(lambda x: F.pad(x, pad, mode), (x,))
    assert gradgradcheck(lambda x: F.pad(x, pad, mode), (x,))


@pytest.mark.parametrize("mode", NUMPY_MODES)
def test_gradient_of_channels_last(mode):
    """Also where a result of one pixel lies in both orders at once."""
    for pad in ((1, 2, 0, 1), (-2, -2, -1, -2)):
        x = ember.randn(2, 3, 4, 5, requires_grad=True)
        weights = ember.randn(*F.pad(x, pad, mode).shape)
        (plain,) = ember.autograd.grad(F.pad(x, pad, mode), x, weights)
        (last,) = ember.autograd.grad(F.pad(x.to(memory_format=ember.channels_last), pad, mode), x, weights)
        identical(last, plain.numpy())


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int64", "float16", "bfloat16", "complex64", "complex128"])
@pytest.mark.parametrize("mode", NUMPY_MODES)
def test_dtypes(mode, dtype):
    x = RANDOM.integers(0, 2, (2, 3, 4))
    if dtype == "bool" and mode in ("reflect", "replicate"):
        with pytest.raises(NotImplementedError, match=r"^pad\(\): mode '\w+' is not implemented for 'bool' tensors"):
            F.pad(ember.tensor(x).bool(), (1, 2), mode)
        return
    found = F.pad(ember.tensor(x).to(getattr(ember, dtype)), (1, 2), mode)
    assert found.dtype is getattr(ember, dtype)
    identical(found.to(ember.complex128), numpy.pad(x, pairs((1, 2), 3), mode=NUMPY_MODES[mode]))


def test_value():
    assert F.pad(ember.zeros(1), (1, 1), value=2.5).tolist() == [2.5, 0, 2.5]
    assert F.pad(ember.zeros(1), (0, 1), value=float("-inf")).tolist() == [0, float("-inf")]
    assert F.pad(ember.zeros(1, dtype=ember.bool), (0, 1), value=1).tolist() == [False, True]
    assert ember.constant_pad_nd(ember.zeros(1, 1, dtype=ember.complex64), (0, 1), 2j).tolist() == [[0, 2j]]
    x = ember.ones(2, 2, requires_grad=True)
    ember.constant_pad_nd(x, (1, -1, 0, 1), 3).sum().backward()
    assert x.grad.tolist() == [[1, 0], [1, 0]]


def test_what_needs_no_border():
    x = ember.randn(2, 3, requires_grad=True)
    for pad in ((), (0, 0), (0, 0, 0, 0)):
        result = F.pad(x, pad)
        identical(result, x.detach().numpy())
        assert result.data_ptr() != x.data_ptr()
    assert F.pad(ember.tensor(2.0), ()).item() == 2
    (F.pad(x, (0, 0), "reflect") * 2).sum().backward()
    assert (x.grad == 2).all()


def test_nothing_inside():
    assert F.pad(ember.zeros(2, 0), (1, 2), value=7).tolist() == [[7, 7, 7]] * 2
    assert F.pad(ember.zeros(0, 3, 4), (1, 1), "reflect").shape == (0, 3, 6)
    assert F.pad(ember.zeros(2, 3, 0), (0, 0), "circular").shape == (2, 3, 0)
    x = ember.zeros(2, 2, requires_grad=True)
    F.pad(x, (-2, 0)).sum().backward()
    assert x.grad.tolist() == [[0, 0]] * 2


def test_results_do_not_depend_on_threads():
    x = ember.randn(20, 30, 40, 10, requires_grad=True)
    threads = ember.get_num_threads()
    results = []
    try:
        for count in (1, 3):
            ember.set_num_threads(count)
            result = F.pad(x, (3, 4, 5, 6), "reflect")
            results.append((result, *ember.autograd.grad(result.sin().sum(), x)))
    finally:
        ember.set_num_threads(threads)
    for alone, together in zip(*results, strict=True):
        assert (alone == together).all()


def test_meta():
    x = ember.zeros(2, 3, 4, device="meta")
    assert F.pad(x, (1, 2), "reflect").shape == (2, 3, 7)
    assert F.pad(x, (1, 2, -1, 0)).shape == (2, 2, 7)


def test_the_gradient_operation_refuses_nonsense():
    for arguments in [((1,), "reflect", [2, 3]), ((1, 1), "reflect", [2, 3]), ((9, -6), "reflect", [2, 3])]:
        with pytest.raises(RuntimeError, match=r"^pad"):
            _C.ops._pad_gradient(ember.zeros(2, 4), *arguments)


LAYERS = {
    "Constant": "constant",
    "Zero": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("kind", LAYERS)
def test_layers(kind, dims):
    value = {"Constant": 2.5}.get(kind)
    for width in (1, tuple(range(2 * dims))):
        layer = getattr(nn, f"{kind}Pad{dims}d")(width, *([] if value is None else [value]))
        pad = (width,) * 2 * dims if width == 1 else width
        assert repr(layer) == (f"ConstantPad{dims}d(padding={pad}, value=2.5)" if value else f"{kind}Pad{dims}d({pad})")
        for shape in ((2, 3, 7, 8, 9)[: dims + 2], (3, 7, 8, 9)[: dims + 1]):
            x = ember.randn(*shape)
            assert (pickle.loads(pickle.dumps(layer))(x) == F.pad(x, pad, LAYERS[kind], value)).all()


def test_zero_layers_are_constant_layers():
    assert isinstance(nn.ZeroPad2d(1), nn.ConstantPad2d) and nn.ZeroPad2d(1).value == 0


ERRORS = [
    (RuntimeError, "pad has 3 numbers; an even number", (1, 1, 1), "constant"),
    (RuntimeError, r"pad has 8 numbers; input of shape \(2, 4, 5\) takes at most 6", (1,) * 8, "constant"),
    (RuntimeError, r"\(-3, -3\) cuts off more than dim 2 has, 5", (-3, -3), "constant"),
    (RuntimeError, r"\(2, -6\) cuts off more", (2, -6), "constant"),
    (RuntimeError, r"expected numbers below 2\*\*31", (2**40, 1), "constant"),
    (NotImplementedError, "unknown mode 'mirror'", (1, 1), "mirror"),
    (NotImplementedError, r"mode 'reflect' with 6 numbers for input of shape \(2, 4, 5\)", (1,) * 6, "reflect"),
    (RuntimeError, r"mode 'reflect' with \(5, 0\) in dim 2 of size 5; less", (5, 0), "reflect"),
    (RuntimeError, r"mode 'circular' with \(0, 6\) in dim 2, of which 5", (0, 6), "circular"),
    (RuntimeError, r"mode 'circular' with \(-3, 4\) in dim 2, of which 2", (-3, 4), "circular"),
    (RuntimeError, r"mode 'replicate' .* leaves \(2, 4, 0\)", (-3, -2), "replicate"),
    (TypeError, "", (1.0, 1), "constant"),
    (TypeError, "", None, "constant"),
    (TypeError, "", (1, 1), None),
]


@pytest.mark.parametrize(("error", "message", "pad", "mode"), ERRORS)
def test_errors(error, message, pad, mode):
    with pytest.raises(error, match=r"^pad\(\): .*" + message):
        F.pad(ember.zeros(2, 4, 5), pad, mode)


def test_more_errors():
    with pytest.raises(RuntimeError, match=r"^pad\(\): value is 3.* with mode 'reflect'"):
        F.pad(ember.zeros(2, 4), (1, 1), "reflect", 3.0)
    with pytest.raises(RuntimeError, match=r"^pad\(\): mode 'reflect' .* expected no empty dim but the first"):
        F.pad(ember.zeros(2, 0, 4), (1, 1), "reflect")
    with pytest.raises(RuntimeError, match=r"^constant_pad_nd\(\): pad has 1 numbers"):
        ember.constant_pad_nd(ember.zeros(2), (1,))
    with pytest.raises(ValueError, match=r"^CircularPad1d: input is 4-d .* expected 2-d or 3-d"):
        nn.CircularPad1d(1)(ember.zeros(1, 1, 2, 2))

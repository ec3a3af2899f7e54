"""Copies between layouts and types, tensors joined and rearranged: against NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import ember
from ember.autograd import gradcheck, gradgradcheck

random = np.random.default_rng(0)
A, B = random.standard_normal((3, 4)), random.standard_normal((3, 4))
V = random.standard_normal(5)


def tensor(array):
    return ember.from_numpy(np.array(array))


LAYOUTS = {
    "dense": lambda a: a,
    "transposed": lambda a: a.swapaxes(-1, -2),
    "reversed order": lambda a: a.T,
    "steps": lambda a: a[..., ::2],
    "offset": lambda a: a[1:],
    "outer": lambda a: a[:, :1],
}


@pytest.mark.parametrize("to", LAYOUTS)
@pytest.mark.parametrize("source", LAYOUTS)
@pytest.mark.parametrize("shape", [(33, 40, 70), (4, 5, 6), (2, 130, 9)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64, np.complex128])
def test_copy_between_layouts(to, source, shape, dtype):
    from_array = LAYOUTS[source](random.integers(0, 100, shape).astype(dtype))
    memory = np.zeros([2 * size + 3 for size in shape], dtype)
    to_array = LAYOUTS[to](memory)[tuple(slice(0, size) for size in from_array.shape)]
    if to_array.shape != from_array.shape:
        return
    ember.from_numpy(to_array).copy_(ember.from_numpy(from_array))
    np.testing.assert_array_equal(to_array, from_array)
    assert np.count_nonzero(memory) == np.count_nonzero(from_array)


DTYPES = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize("source, to", itertools.product(DTYPES, DTYPES))
def test_casts(source, to):
    values = np.array([0, 1, 2, 3, 100, 0, 77, 5]).astype(source)
    for array in (values, values[::2], np.broadcast_to(values[1], (9,))):
        with np.errstate(all="ignore"):
            real = array.real if np.iscomplexobj(array) and not to.startswith("complex") else array
            expect = (array != 0) if to == "bool" else real.astype(to)
        np.testing.assert_array_equal(tensor(array).to(getattr(ember, to)).numpy(), expect)


def test_bfloat16_round_trip():
    x = ember.tensor([1.0, 1 / 3, -2.5, float("inf")])
    assert x.bfloat16().float().tolist() == [1.0, 0.333984375, -2.5, float("inf")]
    assert x.t().bfloat16().dtype is ember.bfloat16


def test_overlapping_copy():
    x = ember.arange(10)
    x[1:].copy_(x[:-1])
    assert x.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]


def test_clone_keeps_order():
    x = ember.zeros(2, 3, 4, 5)
    assert x.permute(0, 2, 3, 1).clone().stride() == x.permute(0, 2, 3, 1).stride()
    assert x[..., ::2].clone().is_contiguous()
    last = x.contiguous(memory_format=ember.channels_last)
    assert last.stride() == (60, 1, 15, 3)
    assert last.is_contiguous(memory_format=ember.channels_last)
    assert not last.is_contiguous()
    assert ember.cat([last, last], 1).stride() == (120, 1, 30, 6)
    with pytest.raises(RuntimeError, match="required rank 4"):
        ember.zeros(2, 3).clone(memory_format=ember.channels_last)


def test_fill():
    x = ember.zeros(3, 4, dtype=ember.int32)
    x.t()[1].fill_(2.9)
    assert x.tolist() == [[0, 2, 0, 0]] * 3
    assert x.zero_().sum().item() == 0
    with pytest.raises(RuntimeError, match="0-dimensional"):
        x.fill_(ember.zeros(2))
    with pytest.raises(RuntimeError, match="imaginary part"):
        x.fill_(2j)


REARRANGED = {
    "cat": (lambda x, y: ember.cat([x, y]), lambda a, b: np.concatenate([a, b])),
    "cat columns": (lambda x, y: ember.cat((x, y.t().contiguous().t()), -1), lambda a, b: np.concatenate([a, b], -1)),
    "stack": (lambda x, y: ember.stack([x, y], 1), lambda a, b: np.stack([a, b], 1)),
    "hstack": (lambda x, y: ember.hstack([x, y]), lambda a, b: np.hstack([a, b])),
    "vstack": (lambda x, y: ember.vstack([x, y[0]]), lambda a, b: np.vstack([a, b[0]])),
    "dstack": (lambda x, y: ember.dstack([x, y]), lambda a, b: np.dstack([a, b])),
    "column_stack": (lambda x, y: ember.column_stack([x, y[:, 0]]), lambda a, b: np.column_stack([a, b[:, 0]])),
    "repeat": (lambda x, y: x.repeat(2, 1, 3), lambda a, b: np.tile(a, (2, 1, 3))),
    "tile": (lambda x, y: ember.tile(x, (2,)), lambda a, b: np.tile(a, 2)),
    "repeat_interleave": (lambda x, y: x.repeat_interleave(2, dim=1), lambda a, b: a.repeat(2, 1)),
    "repeat_interleave flat": (lambda x, y: x.repeat_interleave(3), lambda a, b: a.repeat(3)),
    "repeat_interleave each": (
        lambda x, y: x.repeat_interleave(ember.tensor([2, 0, 3]), dim=0),
        lambda a, b: a.repeat([2, 0, 3], 0),
    ),
    "flip": (lambda x, y: x.flip(0, 1), lambda a, b: np.flip(a)),
    "flip transposed": (lambda x, y: x.t().flip(1), lambda a, b: np.flip(a.T, 1)),
    "roll": (lambda x, y: x.roll((1, -6), (0, 1)), lambda a, b: np.roll(a, (1, -6), (0, 1))),
    "roll flat": (lambda x, y: x.roll(5), lambda a, b: np.roll(a, 5)),
    "tril": (lambda x, y: x.tril(-1), lambda a, b: np.tril(a, -1)),
    "triu": (lambda x, y: x.t().triu(1), lambda a, b: np.triu(a.T, 1)),
    "rot90": (lambda x, y: ember.rot90(x, -1), lambda a, b: np.rot90(a, -1)),
    "meshgrid": (
        lambda x, y: ember.meshgrid(x[0], y[:, 0], indexing="ij")[1],
        lambda a, b: np.meshgrid(a[0], b[:, 0], indexing="ij")[1],
    ),
    "meshgrid xy": (
        lambda x, y: ember.meshgrid(x[0], y[:, 0], indexing="xy")[0],
        lambda a, b: np.meshgrid(a[0], b[:, 0])[0],
    ),
    "diag": (lambda x, y: ember.diag(x[0], 1), lambda a, b: np.diag(a[0], 1)),
    "diag of a matrix": (lambda x, y: ember.diag(x, -1), lambda a, b: np.diag(a, -1)),
    "diagflat": (lambda x, y: ember.diagflat(x), lambda a, b: np.diagflat(a)),
    "vander": (lambda x, y: ember.vander(x[0], 3), lambda a, b: np.vander(a[0], 3)),
    "cast": (lambda x, y: x.to(ember.complex128).real, lambda a, b: a),
    "contiguous": (lambda x, y: x.t().contiguous(), lambda a, b: a.T),
    "copy": (lambda x, y: (x * 1).copy_(y[0]) * x, lambda a, b: b[0] * a),
    "fill": (lambda x, y: (x * 1).fill_(y[0, 0]) * x, lambda a, b: b[0, 0] * a),
}


@pytest.mark.parametrize("function, expect", REARRANGED.values(), ids=REARRANGED)
def test_rearranged(function, expect):
    x, y = tensor(A).requires_grad_(), tensor(B).requires_grad_()
    np.testing.assert_allclose(function(x, y).detach().numpy(), expect(A, B), rtol=1e-15)
    assert gradcheck(function, (x, y))
    assert gradgradcheck(lambda x, y: function(x, y) ** 2, (x, y))


def test_joining_of_types_and_empty_tensors():
    integers, floats = ember.arange(3), ember.zeros(2)
    assert ember.cat([integers, floats]).dtype is ember.float32
    assert ember.cat([ember.zeros(0), ember.ones(2, 2)]).shape == (2, 2)
    assert ember.stack([integers, integers.bool()]).dtype is ember.int64
    assert ember.cat([ember.zeros(0, 3), ember.zeros(0, 3)]).shape == (0, 3)


def test_grids_of_tuples():
    v, w = ember.arange(2), ember.arange(3)
    assert ember.cartesian_prod(v, w).tolist() == [list(pair) for pair in itertools.product(range(2), range(3))]
    assert ember.combinations(w).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert ember.block_diag(ember.ones(1, 2), ember.ones(2, 1)).tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 1]]
    assert ember.repeat_interleave(ember.tensor([1, 0, 2])).tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda x: ember.cat([]), ValueError, "non-empty list"),
        (lambda x: ember.cat([x, x[:, 1:]]), RuntimeError, "Expected size 4 but got size 3 for tensor number 1"),
        (lambda x: ember.cat([x[0, 0], x[0, 0]]), RuntimeError, "zero-dimensional tensor"),
        (lambda x: ember.cat([x], 2), IndexError, "dim 2 of a 2-d tensor"),
        (lambda x: ember.stack([x, x.t()]), RuntimeError, "at entry 1"),
        (lambda x: x.repeat(2), RuntimeError, "can not be smaller"),
        (lambda x: x.copy_(x.t()), RuntimeError, "does not broadcast"),
        (lambda x: x.expand(2, 3, 4).fill_(1), RuntimeError, "single memory location"),
        (lambda x: x.roll((1, 2), 0), RuntimeError, "must align"),
        (lambda x: x[0].tril(), RuntimeError, "at least 2 dimensions"),
        (lambda x: x.repeat_interleave(ember.tensor([1, 2]), 0), RuntimeError, "same size as input along dim"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(ember.zeros(3, 4))

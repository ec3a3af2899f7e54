"""Histograms, parts of floating numbers, and the function forms of methods."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ember


@pytest.mark.parametrize("density", [False, True])
@pytest.mark.parametrize("bins", [1, 7, [-1.0, 0.0, 0.25, 2.0]])
def test_histogram(bins, density):
    random = np.random.default_rng(0)
    values, weights = random.normal(size=(20, 5)), random.uniform(size=(20, 5))
    given = bins if isinstance(bins, int) else ember.tensor(bins, dtype=ember.float64)
    for weight in (None, weights):
        found = ember.histogram(
            ember.tensor(values), given, weight=None if weight is None else ember.tensor(weight), density=density
        )
        hist, edges = np.histogram(values, bins, weights=weight, density=density)
        assert np.allclose(found.hist.numpy(), hist, rtol=1e-13) and np.allclose(found.bin_edges.numpy(), edges)


def test_histogram_edges():
    x = ember.tensor([0.0, 1.0, 1.0, 2.0, 5.0, math.nan])
    assert ember.histogram(x, ember.tensor([0.0, 1.0, 2.0])).hist.tolist() == [1, 3]
    assert x.histogram(2, range=(0.0, 2.0)).hist.tolist() == [1, 3]
    hist, edges = ember.histogram(ember.ones(3), 2)
    assert hist.tolist() == [0, 3] and edges.tolist() == [0.5, 1, 1.5]
    assert ember.histogram(ember.zeros(0), 2).hist.tolist() == [0, 0]


@pytest.mark.parametrize("bins", [3, [2, 4], [[-1.0, 0.0, 2.0], [-3.0, 3.0]]])
def test_histogramdd(bins):
    points = np.random.default_rng(0).normal(size=(50, 2))
    given = bins
    if not isinstance(bins, int) and isinstance(bins[0], list):
        given = [ember.tensor(edges, dtype=ember.float64) for edges in bins]
    found = ember.histogramdd(ember.tensor(points), given)
    hist, edges = np.histogramdd(points, bins)
    assert np.array_equal(found.hist.numpy(), hist)
    assert all(np.allclose(a.numpy(), b) for a, b in zip(found.bin_edges, edges, strict=True))


FLOATS = {ember.float64: np.float64, ember.float32: np.float32, ember.float16: np.float16}
POINTS = [0.0, -0.0, 1.0, -3.0, 10.0, 0.1, 1e-7, -65504.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_frexp(dtype):
    limits = np.finfo(FLOATS[dtype])
    values = np.array([*POINTS, limits.smallest_subnormal, limits.smallest_normal, limits.max], FLOATS[dtype])
    mantissa, exponent = ember.frexp(ember.from_numpy(values))
    expected = np.frexp(values)
    assert mantissa.dtype is dtype and exponent.dtype is ember.int32
    assert np.array_equal(mantissa.numpy(), expected[0], equal_nan=True)
    assert np.array_equal(exponent.numpy(), expected[1])


def test_gradient_of_frexp():
    x = ember.tensor([3.0, 0.1, -40.0], dtype=ember.float64, requires_grad=True)
    ember.autograd.gradcheck(lambda x: ember.frexp(x).mantissa, (x,))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_nextafter(dtype):
    values = np.array(POINTS, FLOATS[dtype])
    x, y = (each.reshape(-1) for each in np.meshgrid(values, values))
    found = ember.nextafter(ember.from_numpy(x), ember.from_numpy(y)).numpy()
    with np.errstate(over="ignore"):
        expected = np.nextafter(x, y)
    assert np.array_equal(found, expected, equal_nan=True)
    zeros = (expected == 0) & (x != y)  # between zeros NumPy gives the first for float16, the second for others
    assert np.array_equal(np.signbit(found[zeros]), np.signbit(expected[zeros]))


def test_nextafter_of_bfloat16():
    x = ember.tensor([1.0, 0.0], dtype=ember.bfloat16)
    assert ember.nextafter(x, -x - 1).double().tolist() == [1 - 2**-8, -(2.0**-133)]


def test_gradient_of_nextafter():
    x = ember.tensor([1.0, 2.0], requires_grad=True)
    ember.nextafter(x, ember.tensor([[3.0], [0.0]])).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_function_forms():
    x = ember.tensor([-1.0, 2.0])
    assert ember.clamp_(x, min=0) is x and x.tolist() == [0, 2]
    assert ember.detach(x) is not x and ember.is_signed(x) and not ember.is_neg(x)
    assert ember.resize_as_(x, ember.ones(1, 2)).shape == (1, 2)
    assert x.apply_(lambda v: v + 1).tolist() == [[1, 3]]
    assert x.map_(ember.tensor(2.0), lambda a, b: a * b).tolist() == [[2, 6]]
    assert ember.zeros(2, 3, 4).permute(2, 0, 1).dim_order() == (1, 2, 0)
    assert ember.typename(x) == "torch.FloatTensor" and ember.typename(3) == "int"
    assert ember.nonzero_static(ember.tensor([0, 1, 2]), size=4).tolist() == [[1], [2], [-1], [-1]]
    assert ember.nonzero_static(ember.tensor([[0, 1], [2, 0]]), size=1, fill_value=7).tolist() == [[0, 1]]


def test_resize_is_an_old_name_of_reshape():
    x = ember.arange(6.0)
    with pytest.warns(UserWarning, match="deprecated"):
        assert x.resize(2, 3).shape == (2, 3) and x.resize((3, 2)).shape == (3, 2)
    with pytest.warns(UserWarning, match="deprecated"), pytest.raises(RuntimeError, match="number of elements"):
        x.resize_as(ember.ones(2, 2))


ERRORS = {
    "histogram(ember.ones(3), 0)": (RuntimeError, "bins must be > 0"),
    "histogram(ember.ones(3).long(), 2)": (NotImplementedError, "torch.int64"),
    "histogram(ember.ones(3), 2, range=(4.0, 0.0))": (RuntimeError, "min should not exceed max"),
    "histogram(ember.ones(3) * ember.nan, 2)": (RuntimeError, "is not finite"),
    "histogram(ember.ones(3), 2, weight=ember.ones(2))": (RuntimeError, "weight has shape"),
    "histogramdd(ember.ones(3), 2)": (RuntimeError, "at least 2 dimensions"),
    "histogramdd(ember.ones(3, 2), [2])": (RuntimeError, "innermost dimension"),
    "frexp(ember.ones(3).long())": (RuntimeError, "floating-point"),
    "nextafter(ember.ones(3).long(), ember.ones(3).long())": (NotImplementedError, "floating-point"),
    "nonzero_static(ember.ones(3), size=-1)": (RuntimeError, "non-negative"),
    "tensor_split(ember.zeros(0), 2**40)": (RuntimeError, "do not fit into memory"),
    "ones(2, requires_grad=True).apply_(abs)": (RuntimeError, "requires grad"),
    "clamp_(3, min=0)": (TypeError, "must be Tensor"),
}


@pytest.mark.parametrize(("call", "error"), ERRORS.items())
def test_errors(call, error):
    kind, text = error
    with pytest.raises(kind) as caught:
        eval("ember." + call)
    assert text in str(caught.value)

"""Order and counting against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import ember
from ember.autograd import gradcheck, gradgradcheck

KINDS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def draw(*shape: int, kind: str = "float64", seed: int = 0) -> np.ndarray:
    array = np.random.default_rng([seed, *shape]).standard_normal(shape) * 3
    return (array > 0) if kind == "bool" else (np.abs(array) if kind == "uint8" else array).astype(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1,), (40,), (5000,), (30, 20), (3, 2500), (4, 5, 6)])
def test_sort_is_stable(shape, kind):
    array = draw(*shape, kind=kind)
    x = ember.from_numpy(array)
    for dim in range(len(shape)):
        values, indices = ember.sort(x, dim)
        order = np.argsort(array, dim, kind="stable")
        assert (indices.numpy() == order).all()
        assert (values.numpy() == np.take_along_axis(array, order, dim)).all()
        values, indices = x.sort(dim, descending=True)
        keys = -array.astype(np.float64)
        assert (indices.numpy() == np.argsort(keys, dim, kind="stable")).all()
        assert (x.argsort(dim).numpy() == order).all()


def test_sort_of_what_is_special():
    nan, inf = float("nan"), float("inf")
    x = ember.tensor([1.0, nan, -inf, 0.0, -0.0, inf])
    assert x.sort().indices.tolist() == [2, 3, 4, 0, 5, 1]
    assert x.sort(descending=True).indices.tolist() == [1, 5, 0, 3, 4, 2]
    assert ember.tensor(3.0).sort().indices.item() == 0 and ember.zeros(2, 0).sort().values.shape == (2, 0)
    large = np.random.default_rng(0).integers(-(2**62), 2**62, 5000)
    assert (ember.from_numpy(large).sort().values.numpy() == np.sort(large)).all()
    near = large % 1000 - 500 + 2**40
    assert (ember.from_numpy(near).sort(descending=True).indices.numpy() == np.argsort(-near, kind="stable")).all()
    turned = ember.from_numpy(draw(30, 20)).t()
    assert (turned.sort(0).values.numpy() == np.sort(turned.numpy(), 0)).all()
    assert (ember.msort(turned).numpy() == np.sort(turned.numpy(), 0)).all()
    with pytest.raises(RuntimeError, match="complex"):
        ember.zeros(2, dtype=ember.complex64).sort()


@pytest.mark.parametrize("shape", [(7,), (3000,), (20, 50), (50, 20), (3, 40, 5)])
def test_topk_is_the_start_of_sort(shape):
    array = np.round(draw(*shape))
    x = ember.from_numpy(array)
    for dim in range(len(shape)):
        for k in (0, 1, 3, shape[dim]):
            for largest in (True, False):
                values, indices = x.topk(k, dim, largest)
                expected = x.sort(dim, descending=largest)
                assert ember.equal(values, expected.values.narrow(dim, 0, k))
                assert ember.equal(indices, expected.indices.narrow(dim, 0, k))
    assert ember.tensor([1.0, float("nan"), 2.0]).topk(2).indices.tolist() == [1, 2]
    with pytest.raises(RuntimeError, match=r"topk\(\): k is 8, but dim 0"):
        ember.zeros(7).topk(8)


def test_medians_and_their_kin():
    array = draw(6, 7)
    x = ember.from_numpy(array)
    lower = np.sort(array, 1)[:, 3]
    assert (x.median(1).values.numpy() == lower).all()
    assert (array[np.arange(6), x.median(1).indices.numpy()] == lower).all()
    assert x.median().item() == np.sort(array.ravel())[20]
    assert (x.kthvalue(2, 1, True).values.numpy() == np.sort(array, 1)[:, 1:2]).all()
    array[0, 0] = np.nan
    x = ember.from_numpy(array)
    assert x.median(1).values[0].isnan() and x.median(1).indices[0].item() == 0
    assert x.nanmedian(1).values[0].item() == np.sort(array[0])[2]
    values, indices = ember.tensor([[3, 1, 3, 1], [2, 2, 5, 4]]).mode()
    assert values.tolist() == [1, 2] and indices.tolist() == [3, 1]
    with pytest.raises(RuntimeError, match="out of range"):
        x.kthvalue(8, 1)
    assert ember.zeros(0).median().isnan()


@pytest.mark.parametrize("name", ["sort", "topk", "kthvalue", "median", "mode"])
def test_gradients_go_back_where_elements_came_from(name):
    x = ember.from_numpy(draw(3, 5, 2)).requires_grad_()
    arguments = {"topk": (3, 1), "kthvalue": (2, 1)}.get(name, (1,))
    assert gradcheck(lambda x: getattr(x, name)(*arguments).values, x)
    assert gradgradcheck(lambda x: getattr(x, name)(*arguments).values ** 2, x)


@pytest.mark.parametrize("shape", [(0,), (1,), (200,), (6, 7)])
def test_unique(shape):
    array = np.round(draw(*shape)).astype(np.int64)
    values, inverse, counts = ember.unique(ember.from_numpy(array), return_inverse=True, return_counts=True)
    expected, expected_inverse, expected_counts = np.unique(array, return_inverse=True, return_counts=True)
    assert (values.numpy() == expected).all() and (counts.numpy() == expected_counts).all()
    assert (inverse.numpy() == expected_inverse.reshape(shape)).all()
    assert ember.equal(ember.unique(ember.from_numpy(array)), values)


def test_unique_rows():
    array = np.round(draw(30, 3) / 3).astype(np.int64)
    for dim in (0, 1):
        values, inverse, counts = ember.unique(
            ember.from_numpy(array), return_inverse=True, return_counts=True, dim=dim
        )
        expected, expected_inverse, expected_counts = np.unique(array, False, True, True, axis=dim)
        assert (values.numpy() == expected).all() and (counts.numpy() == expected_counts).all()
        assert (inverse.numpy() == expected_inverse.reshape(-1)).all()
    runs, inverse, counts = ember.unique_consecutive(ember.tensor([1, 1, 2, 1, 1, 1]), True, True)
    assert runs.tolist() == [1, 2, 1] and inverse.tolist() == [0, 0, 1, 2, 2, 2] and counts.tolist() == [2, 1, 3]


@pytest.mark.parametrize("right", [False, True])
def test_searchsorted(right):
    side = "right" if right else "left"
    edges, values = np.sort(np.round(draw(50))), np.round(draw(4, 9))
    x, y = ember.from_numpy(edges), ember.from_numpy(values)
    expected = np.searchsorted(edges, values, side)
    assert (ember.searchsorted(x, y, right=right).numpy() == expected).all()
    assert (ember.searchsorted(x, y, side=side).numpy() == expected).all()
    assert (ember.bucketize(y, x, right=right).numpy() == expected).all()
    rows = np.sort(np.round(draw(4, 20)), 1)
    found = ember.searchsorted(ember.from_numpy(rows), y, right=right, out_int32=True)
    assert found.dtype is ember.int32
    assert (found.numpy() == [np.searchsorted(a, b, side) for a, b in zip(rows, values, strict=True)]).all()
    assert ember.searchsorted(x, 1e9).item() == 50
    mixed = np.random.default_rng(0).permutation(edges)
    found = ember.searchsorted(ember.from_numpy(mixed), y, right=right, sorter=ember.from_numpy(np.argsort(mixed)))
    assert (found.numpy() == expected).all()
    with pytest.raises(RuntimeError, match=r"searchsorted\(\): sorted_sequence of shape"):
        ember.searchsorted(ember.zeros(3, 4), ember.zeros(2, 4))
    with pytest.raises(RuntimeError, match="opposites"):
        ember.searchsorted(x, y, side="left", right=True)


def test_counting():
    array = np.random.default_rng(0).integers(0, 9, 100)
    x = ember.from_numpy(array)
    assert (x.bincount().numpy() == np.bincount(array)).all()
    weights = draw(100)
    np.testing.assert_allclose(
        ember.bincount(x, ember.from_numpy(weights), 20).numpy(), np.bincount(array, weights, 20)
    )
    assert ember.zeros(0, dtype=ember.int64).bincount().shape == (0,)
    for wrong in (ember.tensor([-1]), ember.zeros(2), ember.zeros(2, 2, dtype=ember.int64)):
        with pytest.raises(RuntimeError, match=r"bincount\(\)"):
            wrong.bincount()
    y = ember.from_numpy(weights)
    assert (y.histc(10).numpy() == np.histogram(weights, 10)[0]).all()
    assert (y.histc(7, -1, 2).numpy() == np.histogram(weights, 7, (-1, 2))[0]).all()
    assert ember.count_nonzero(ember.tensor([[0, 1], [2, 0], [3, 3]]), 0).tolist() == [2, 2]


def test_isin():
    elements, known = ember.tensor([[1, 2], [3, 4]]), ember.tensor([4, 2, 9])
    assert ember.isin(elements, known).tolist() == [[False, True], [False, True]]
    assert ember.isin(elements, known, invert=True).tolist() == [[True, False], [True, False]]
    assert ember.isin(elements, 3).tolist() == [[False, False], [True, False]]
    assert ember.isin(3, known).item() is False and not ember.isin(elements, known[:0]).any()

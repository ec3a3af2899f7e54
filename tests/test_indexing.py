"""Indexing: tensor[...] and the operations that read and write named elements, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import ember
from ember.autograd import gradcheck, gradgradcheck

random = np.random.default_rng(0)
A = random.standard_normal((2, 3, 4))
M = random.standard_normal((3, 4))
MASK = random.random((3, 4)) < 0.5
ROWS = np.array([2, 0, 2])
GRID = random.integers(0, 3, (3, 4))


def tensor(array):
    return ember.from_numpy(np.array(array))


def as_tensors(index):
    if isinstance(index, tuple):
        return tuple(as_tensors(each) for each in index)
    return tensor(index) if isinstance(index, np.ndarray) and index.ndim else index


INDICES = {
    "integer": 1,
    "negative": -1,
    "slice": slice(1, None),
    "step": (slice(None), slice(None, None, 2)),
    "bounds beyond": slice(-100, 100),
    "none": (None, 0, None),
    "ellipsis": (..., 1),
    "empty tuple": (),
    "ellipsis between": (0, ..., slice(1, 3)),
    "true": True,
    "false": False,
    "true inside": (slice(None), True, 1),
    "list": [1, 0],
    "two lists": ([1, 0], [2, 2]),
    "rows": (slice(None), ROWS),
    "negative rows": (slice(None), -ROWS),
    "outer": (0, ROWS[:, None], np.array([1, 3])),
    "pairs": (slice(None), ROWS, ROWS),
    "apart": (np.array([0, 1]), slice(None), np.array([1, 2])),
    "apart by none": (np.array([0, 1]), None, np.array([1, 2])),
    "last": (..., ROWS),
    "grid": (1, GRID),
    "no indices": np.array([], dtype=np.int64),
    "mask": (1, MASK),
    "mask inside": (slice(None), MASK),
    "mask of rows": (slice(None), np.array([True, False, True]), 1),
    "mask and rows": (0, np.array([True, False, True]), np.array([1, 2])),
    "none true": np.zeros((2, 3), bool),
    "numpy integer": np.int64(1),
    "numpy array": (0, np.array([0, 2])),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("layout", [lambda a: a, lambda a: np.array(a.T).T, lambda a: np.repeat(a, 2, -1)[..., ::2]])
def test_get(index, layout):
    array = layout(A)
    expect = array[index]
    for given in (index, as_tensors(index)):
        got = ember.from_numpy(array)[given]
        assert got.shape == expect.shape
        np.testing.assert_array_equal(got.numpy(), expect)


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_get_gradient(index):
    x, given = tensor(A).requires_grad_(), as_tensors(index)
    assert gradcheck(lambda x: (x * 1)[given], (x,))
    assert gradgradcheck(lambda x: (x * 1)[given] ** 2, (x,))


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_set(index):
    value = random.standard_normal(A[index].shape)
    expect = A.copy()
    expect[index] = value
    repeated = isinstance(index, tuple) and any(
        each is ROWS or (isinstance(each, np.ndarray) and each is GRID) for each in index
    )
    if not repeated:  # of places named twice any value may stay
        got = tensor(A)
        got[as_tensors(index)] = tensor(value)
        np.testing.assert_array_equal(got.numpy(), expect)
    expect[index] = 3
    got = tensor(expect)
    got[as_tensors(index)] = 3
    np.testing.assert_array_equal(got.numpy(), expect)


@pytest.mark.parametrize(
    "index", [1, (0, 1), (..., 2), (slice(None), np.array([2, 0])), (0, MASK), (slice(None), slice(1, 2))]
)
def test_set_gradient(index):
    given = as_tensors(index)
    x = tensor(A).requires_grad_()
    value = tensor(random.standard_normal(A[index].shape)).requires_grad_()

    def function(x, value):
        y = x * 1
        y[given] = value * 1
        return y**2

    assert gradcheck(function, (x, value))
    assert gradgradcheck(function, (x, value))


def test_set_casts_and_broadcasts():
    x = ember.zeros(2, 3, dtype=ember.int64)
    x[0] = ember.tensor([1.7, 2.2, 3.9])
    x[1] = 5.5
    assert x.tolist() == [[1, 2, 3], [5, 5, 5]]
    x[:] = ember.arange(3).reshape(1, 1, 3)
    x[ember.tensor([1])] = 7.9
    assert x.tolist() == [[0, 1, 2], [7, 7, 7]]
    x[x > 1] += 1
    assert x.tolist() == [[0, 1, 3], [8, 8, 8]]
    x[0] = x[1]
    assert x.tolist() == [[8, 8, 8]] * 2


def test_integers_are_views_and_lists_are_not():
    x = ember.zeros(3, 3)
    assert x[0]._base is x and x[ember.tensor(1)]._base is x and x[:]._base is x
    assert x[[0]]._base is None
    before = x._version
    x[0] = 1
    assert x._version == before + 1


@pytest.mark.parametrize(
    "index, error, text",
    [
        (5, IndexError, "index 5 is out of bounds for dimension 0 with size 3"),
        ((0, -5), IndexError, "index -5 is out of bounds for dimension 1 with size 4"),
        ((0, 0, 0), IndexError, "too many indices for tensor of dimension 2"),
        (1.5, IndexError, "only integers, slices"),
        (slice(None, None, -1), ValueError, "step must be greater than zero"),
        (slice(0, 2, 0), ValueError, "slice step cannot be zero"),
        (np.array([7]), IndexError, "index 7 is out of bounds for dimension 0 with size 3"),
        (np.array([1.0]), IndexError, "must be long, int, byte or bool"),
        (np.array([True, False]), IndexError, r"mask \(2,\) at index 0 does not match"),
        ((np.array([0, 1]), np.array([0, 1, 2])), IndexError, "could not be broadcast together"),
    ],
)
def test_index_errors(index, error, text):
    x = ember.zeros(3, 4)
    with pytest.raises(error, match=text):
        x[as_tensors(index)]
    with pytest.raises(error, match=text):
        x[as_tensors(index)] = 1


def test_set_errors():
    x = ember.zeros(3, 4)
    with pytest.raises(RuntimeError, match=r"expanded size of the tensor \(4\) must match the existing size \(3\)"):
        x[0] = ember.ones(3)
    with pytest.raises(RuntimeError, match="shape mismatch: value tensor"):
        x[ember.tensor([0])] = ember.ones(3)
    with pytest.raises(TypeError, match="can't assign a list"):
        x[0] = [1, 2, 3, 4]
    with pytest.raises(TypeError, match="deleting"):
        del x[0]
    with pytest.raises(IndexError, match="0-dim tensor"):
        ember.tensor(1.0)[0]
    with pytest.raises(RuntimeError, match="leaf Variable"):
        ember.zeros(2, requires_grad=True)[0] = 1


# ---- operations ----

index = tensor(np.array([2, 0]))
grid = tensor(GRID)
mask = tensor(MASK)


def added(a, rows, b):
    result = a.copy()
    np.add.at(result, rows, b)
    return result


def replaced(a, where, b):
    result = a.copy()
    result[where] = b
    return result


B = random.standard_normal((3, 4))
COLUMNS = np.broadcast_to(np.arange(4), (3, 4))

OPERATIONS = {
    "index_select": (lambda x, y: x.index_select(1, index), lambda a, b: a[:, [2, 0]]),
    "index_select transposed": (lambda x, y: x.t().index_select(0, index), lambda a, b: a.T[[2, 0]]),
    "index_add": (lambda x, y: x.index_add(0, tensor(ROWS), y, alpha=2), lambda a, b: added(a, ROWS, 2 * b)),
    "index_copy": (lambda x, y: x.index_copy(0, index, y[:2]), lambda a, b: replaced(a, [2, 0], b[:2])),
    "index_fill": (
        lambda x, y: x.index_fill(1, index, y[0, 0]),
        lambda a, b: replaced(a, (slice(None), [2, 0]), b[0, 0]),
    ),
    "index_put": (
        lambda x, y: x.index_put((index, index), y[0, :2]),
        lambda a, b: replaced(a, ([2, 0], [2, 0]), b[0, :2]),
    ),
    "index_put adds": (lambda x, y: x.index_put((tensor(ROWS),), y, accumulate=True), lambda a, b: added(a, ROWS, b)),
    "gather": (lambda x, y: x.gather(0, grid), lambda a, b: np.take_along_axis(a, GRID, 0)),
    "gather last": (lambda x, y: x.gather(1, grid[:2]), lambda a, b: np.take_along_axis(a[:2], GRID[:2], 1)),
    "scatter": (lambda x, y: x.scatter(0, grid[:1], y), lambda a, b: replaced(a, (GRID[0], np.arange(4)), b[0])),
    "scatter number": (lambda x, y: x.scatter(0, grid[:1], 3.0), lambda a, b: replaced(a, (GRID[0], np.arange(4)), 3)),
    "scatter_add": (lambda x, y: x.scatter_add(0, grid, y), lambda a, b: added(a, (GRID, COLUMNS), b)),
    "scatter_add part": (
        lambda x, y: x.scatter_add(0, grid[:2], y),
        lambda a, b: added(a, (GRID[:2], COLUMNS[:2]), b[:2]),
    ),
    "masked_fill": (lambda x, y: x.masked_fill(mask, y[0, 0]), lambda a, b: np.where(MASK, b[0, 0], a)),
    "masked_fill rows": (lambda x, y: x.t().masked_fill(mask.t(), -1), lambda a, b: np.where(MASK, -1, a).T),
    "masked_select": (lambda x, y: x.masked_select(mask), lambda a, b: a[MASK]),
    "masked_scatter": (lambda x, y: x.masked_scatter(mask, y), lambda a, b: replaced(a, MASK, b.ravel()[: MASK.sum()])),
    "take": (lambda x, y: x.take(ember.tensor([[0, -1], [5, 5]])), lambda a, b: a.ravel()[[[0, -1], [5, 5]]]),
    "take_along_dim": (
        lambda x, y: x.take_along_dim(grid[:, :1], 1),
        lambda a, b: np.take_along_axis(a, GRID[:, :1], 1),
    ),
    "put": (
        lambda x, y: x.put(ember.tensor([0, -1]), y[0, :2]),
        lambda a, b: replaced(a.ravel(), [0, -1], b[0, :2]).reshape(3, 4),
    ),
}


@pytest.mark.parametrize("function, expect", OPERATIONS.values(), ids=OPERATIONS)
def test_operations(function, expect):
    x, y = tensor(M).requires_grad_(), tensor(B).requires_grad_()
    np.testing.assert_allclose(function(x, y).detach().numpy(), expect(M, B), rtol=1e-14)
    assert gradcheck(function, (x, y))
    assert gradgradcheck(lambda x, y: function(x, y) ** 2, (x, y))
    if function(x, y).shape == x.shape:  # a result of another layout, and integers
        transposed = tensor(M.T).t()
        np.testing.assert_allclose(function(transposed, y).detach().numpy(), expect(M, B), rtol=1e-14)


REDUCE = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}


@pytest.mark.parametrize("reduce", REDUCE)
@pytest.mark.parametrize("include_self", [True, False])
def test_scatter_reduce(reduce, include_self):
    expect = M.copy()
    for i in range(3):
        for j in range(4):
            named = B[:, j][GRID[:, j] == i]
            if len(named):
                expect[i, j] = REDUCE[reduce](np.append(named, M[i, j]) if include_self else named)

    def function(x, y):
        return x.scatter_reduce(0, grid, y, reduce, include_self=include_self)

    x, y = tensor(M).requires_grad_(), tensor(B).requires_grad_()
    np.testing.assert_allclose(function(x, y).detach().numpy(), expect, rtol=1e-14)
    assert gradcheck(function, (x, y))
    assert gradgradcheck(lambda x, y: function(x, y) ** 2, (x, y))


def test_product_with_zeros():
    y = ember.tensor([0.0, 2.0, 0.0, 3.0, 0.0, 5.0], dtype=ember.float64, requires_grad=True)
    groups = ember.tensor([0, 0, 1, 1, 1, 2])
    out = ember.ones(3, dtype=ember.float64).scatter_reduce(0, groups, y, "prod")
    assert out.tolist() == [0, 0, 5]
    out.sum().backward()
    assert y.grad.tolist() == [2, 0, 0, 0, 0, 1]


def test_nonzero():
    assert mask.nonzero().tolist() == np.argwhere(MASK).tolist()
    for got, expect in zip(tensor(A > 0).nonzero(as_tuple=True), np.nonzero(A > 0), strict=True):
        assert got.tolist() == expect.tolist()
    assert ember.tensor(3.0).nonzero().shape == (1, 0)
    long = random.random(100_003) < 0.3
    np.testing.assert_array_equal(tensor(long).nonzero()[:, 0].numpy(), np.flatnonzero(long))
    np.testing.assert_array_equal(tensor(np.arange(100_003))[tensor(long)].numpy(), np.flatnonzero(long))


def test_embedding():
    weight = tensor(M).requires_grad_()
    rows = tensor(np.array([[2, 0], [2, 1]]))
    assert gradcheck(lambda w: ember._C.ops.embedding(rows, w), (weight,))
    assert gradgradcheck(lambda w: ember._C.ops.embedding(rows, w) ** 2, (weight,))
    ember._C.ops.embedding(rows, weight, padding_idx=2).sum().backward()
    assert weight.grad.tolist() == [[1] * 4, [1] * 4, [0] * 4]
    weight.grad = None
    ember._C.ops.embedding(rows, weight, scale_grad_by_freq=True).sum().backward()
    assert weight.grad.tolist() == [[1] * 4] * 3
    with pytest.raises(IndexError, match=r"index 3 at position 1 is outside \[0, 3\)"):
        ember._C.ops.embedding(ember.tensor([0, 3]), weight)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int64", "float16", "bfloat16", "float32", "complex64"])
def test_types(dtype):
    x = ember.arange(12).reshape(3, 4).to(getattr(ember, dtype))
    expect = x.float() if dtype != "complex64" else x.real
    rows = ember.tensor([2, 0])
    for function in (
        lambda t: t[rows],
        lambda t: t[:, rows],
        lambda t: t.gather(0, ember.zeros(1, 4, dtype=ember.int32)),
        lambda t: t.index_put((rows,), t[:2]),
        lambda t: t.masked_fill(ember.tensor([True, False, True, False]), 0),
    ):
        got = function(x)
        assert got.dtype is x.dtype
        assert (got.float() if dtype != "complex64" else got.real).tolist() == function(expect).tolist()


def test_in_place_on_views():
    x = ember.zeros(4, 4)
    x[:, 1:3].index_add_(1, ember.tensor([0, 0]), ember.ones(4, 2))
    assert x[:, 1].tolist() == [2] * 4 and x.sum().item() == 8
    x.t().scatter_(0, ember.tensor([[0, 1, 2, 3]]), 9.0)
    assert x.diagonal().tolist() == [9] * 4
    x.t()[2:].masked_fill_(ember.tensor([True, False, False, True]), -1)
    assert (x == -1).sum().item() == 4


def test_sums_do_not_depend_on_threads():
    rows = tensor(random.integers(0, 50, 200_000))
    values = tensor(random.standard_normal((200_000, 4)).astype(np.float32))
    threads = ember.get_num_threads()
    try:
        results = []
        for count in (1, 2, 3):
            ember.set_num_threads(count)
            results.append(ember.zeros(50, 4).index_add_(0, rows, values))
            results.append(ember.zeros(50, 4).scatter_add_(0, rows[:, None].expand(-1, 4), values))
    finally:
        ember.set_num_threads(threads)
    assert all((result == results[0]).all() for result in results)


@pytest.mark.parametrize(
    "call, error, text",
    [
        (
            lambda x: x.index_select(0, ember.tensor([0, 1, 2, 12])),
            IndexError,
            r"index 12 at position 3 is outside \[0, 3\)",
        ),
        (lambda x: x.index_select(0, ember.tensor([-1])), IndexError, "index -1 at position 0"),
        (lambda x: x.index_select(0, ember.tensor([[0]])), IndexError, "supposed to be a vector"),
        (lambda x: x.index_select(0, ember.tensor([0.0])), RuntimeError, "int32 or int64"),
        (
            lambda x: x.gather(1, ember.tensor([[9]])),
            RuntimeError,
            "index 9 is out of bounds for dimension 1 with size 4",
        ),
        (lambda x: x.gather(1, ember.tensor([0])), RuntimeError, "same number of dimensions"),
        (lambda x: x.scatter(0, ember.tensor([[7]]), 1.0), RuntimeError, "index 7 is out of bounds"),
        (lambda x: x.scatter(0, ember.tensor([[0]]), x.double()), RuntimeError, "same dtype"),
        (lambda x: x.scatter_reduce(0, ember.tensor([[0]]), x, "median"), RuntimeError, "must be either sum"),
        (lambda x: x.masked_fill(ember.ones(3, 4), 1), RuntimeError, "boolean masks"),
        (lambda x: x.masked_fill(ember.ones(2, 4).bool(), 1), RuntimeError, "do not broadcast"),
        (lambda x: x[0].masked_fill_(ember.ones(3, 4).bool(), 1), RuntimeError, "broadcast shape"),
        (lambda x: x.masked_scatter(x == 0, x[0]), RuntimeError, "Number of elements of source"),
        (lambda x: x.take(ember.tensor([12])), IndexError, "tried to access index 12 on a tensor of 12 elements"),
        (lambda x: x.index_add(0, ember.tensor([0]), x), RuntimeError, r"\(1, 4\) is expected"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(ember.zeros(3, 4))


@pytest.mark.parametrize(("rows", "indices"), [((0, 3), (0, 3)), ((2, 3), (0, 3)), ((2, 3), (0, 1)), ((2, 1), (4, 3))])
def test_take_along_dim_of_any_size(rows, indices):
    taken = ember.take_along_dim(ember.ones(rows), ember.zeros(indices, dtype=ember.int64), 0)
    assert taken.shape == (indices[0], max(rows[1], indices[1]))
    assert ember.equal(taken, ember.ones(taken.shape))

"""Reductions and scans against NumPy and SciPy, over layouts, element types and threads."""

from __future__ import annotations

import warnings
from itertools import chain, combinations

import numpy as np
import pytest
import scipy.special

import ember
from ember.autograd import gradcheck, gradgradcheck

SHAPES = [(), (1,), (5,), (3, 4), (70, 130), (2, 3, 4, 5), (300, 7, 65)]
NUMPY = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "amax": np.max,
    "amin": np.min,
    "nansum": np.nansum,
    "any": np.any,
    "all": np.all,
}


def dims_of(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    dims = range(len(shape))
    return list(chain.from_iterable(combinations(dims, count) for count in range(1, len(shape) + 1)))


def draw(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def same(result: ember.Tensor, expected: np.ndarray, tolerance: float = 1e-11) -> None:
    expected = np.asarray(expected)
    assert tuple(result.shape) == expected.shape
    np.testing.assert_allclose(result.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


def layouts(array: np.ndarray) -> list[tuple[str, ember.Tensor]]:
    """The same values contiguous, with dims in the other order in memory, with gaps, and behind an offset."""
    found = [("contiguous", ember.from_numpy(array.copy()))]
    if array.ndim:
        wide = np.zeros([2 * n + 1 for n in array.shape])
        wide[tuple(slice(1, 2 * n + 1, 2) for n in array.shape)] = array
        gaps = ember.from_numpy(wide)[tuple(slice(1, 2 * n + 1, 2) for n in array.shape)]
        turned = ember.from_numpy(np.ascontiguousarray(array.T)).permute(*reversed(range(array.ndim)))
        found += [("gaps", gaps), ("turned", turned)]
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NUMPY)
def test_any_dims_of_any_layout(name, shape):
    array = draw(shape)
    if name in ("any", "all"):
        array = (array > 0.5).astype(float) if name == "any" else (array > -2).astype(float)
    for _, tensor in layouts(array):
        same(getattr(ember, name)(tensor), NUMPY[name](array))
        for dims in dims_of(shape):
            same(getattr(tensor, name)(dims), NUMPY[name](array, axis=dims))
            same(getattr(tensor, name)(dim=dims, keepdim=True), NUMPY[name](array, axis=dims, keepdims=True))


@pytest.mark.parametrize("shape", SHAPES)
def test_variance_and_its_root(shape):
    array = draw(shape)
    for _, tensor in layouts(array):
        for correction in (0, 1, 2):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = [np.var(array, ddof=correction)]
                expected += [np.var(array, axis=dims, ddof=correction) for dims in dims_of(shape)]
            found = [tensor.var(correction=correction)]
            found += [tensor.var(dims, correction=correction) for dims in dims_of(shape)]
            for a, b in zip(found, expected, strict=True):
                if np.isfinite(b).all():
                    same(a, b)
                    same(tensor.std(correction=correction), np.sqrt(expected[0]))
    assert ember.ones(1).var().isnan()
    assert ember.equal(ember.var(ember.arange(4.0), unbiased=False), ember.tensor(1.25))
    variance, mean = ember.var_mean(ember.arange(6.0).reshape(2, 3), dim=1)
    assert variance.tolist() == [1, 1] and mean.tolist() == [1, 4]


@pytest.mark.parametrize("shape", [s for s in SHAPES if s])
def test_largest_and_smallest_with_their_places(shape):
    array = np.round(draw(shape) * 2)  # with equal elements: the first counts
    for _, tensor in layouts(array):
        assert tensor.argmax().item() == array.argmax()
        assert tensor.argmin().item() == array.argmin()
        for dim in range(len(shape)):
            assert (tensor.argmax(dim).numpy() == array.argmax(dim)).all()
            assert (tensor.argmin(dim, keepdim=True).numpy() == array.argmin(dim, keepdims=True)).all()
            values, indices = tensor.max(dim)
            same(values, array.max(dim))
            assert (indices.numpy() == array.argmax(dim)).all()
            same(tensor.min(dim).values, array.min(dim))
            same(tensor.aminmax(dim=dim).max, array.max(dim))


def test_nan_is_the_largest_and_the_smallest():
    for shape in [(200,), (40, 100), (100, 40)]:
        array = draw(shape)
        array[(17,) * len(shape)] = np.nan
        tensor = ember.from_numpy(array)
        for dim in range(len(shape)):
            same(tensor.amax(dim), array.max(dim))
            same(tensor.amin(dim), array.min(dim))
            assert (tensor.argmax(dim).numpy() == array.argmax(dim)).all()
            assert (tensor.min(dim).indices.numpy() == array.argmin(dim)).all()
            same(tensor.nansum(dim), np.nansum(array, dim))
            same(tensor.nanmean(dim), np.nanmean(array, dim))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64", "bool"])
def test_integers_add_up_in_int64(dtype):
    array = (np.abs(draw((40, 50))) * 30).astype(dtype)
    tensor = ember.from_numpy(array)
    for dim in (0, 1):
        assert tensor.sum(dim).dtype is ember.int64
        assert (tensor.sum(dim).numpy() == array.sum(dim, dtype=np.int64)).all()
        assert (tensor.amax(dim).numpy() == array.max(dim)).all()
        assert tensor.amax(dim).dtype is tensor.dtype
        assert (tensor.cumsum(dim).numpy() == array.cumsum(dim, dtype=np.int64)).all()
    assert tensor.sum(dtype=ember.float64).dtype is ember.float64
    assert ember.any(tensor).dtype is (ember.uint8 if dtype == "uint8" else ember.bool)
    with pytest.raises(RuntimeError, match=r"mean\(\): input is of dtype"):
        tensor.mean()


def test_sums_are_accurate():
    exact = np.random.default_rng(0).random(1 << 20).astype(np.float32)
    expected = exact.astype(np.float64).sum()
    for tensor in (ember.from_numpy(exact), ember.from_numpy(exact).reshape(1024, 1024)):
        assert abs(tensor.sum().item() - expected) <= 1e-7 * expected
    assert ember.ones(1 << 20, dtype=ember.float16).mean().item() == 1
    assert ember.full((1 << 16,), 1e4, dtype=ember.bfloat16).sum(dtype=ember.float32).item() == (1 << 16) * 9984
    far = 1e6 + np.random.default_rng(0).random((500, 80)).astype(np.float32)
    assert np.allclose(ember.from_numpy(far).var(0).numpy(), far.astype(np.float64).var(0, ddof=1), rtol=1e-4)


@pytest.mark.parametrize("name", ["sum", "prod", "amax", "var", "argmax", "norm", "logsumexp"])
def test_threads_do_not_change_a_bit(name):
    before = ember.get_num_threads()
    tensor = ember.from_numpy(draw((1000, 700)).astype(np.float32))
    results = []
    try:
        for threads in (1, 2, 3, 4):
            ember.set_num_threads(threads)
            found = [] if name == "logsumexp" else [getattr(tensor, name)()]
            results.append([r.numpy().tobytes() for r in [*found, *(getattr(tensor, name)(dim=d) for d in (0, 1))]])
    finally:
        ember.set_num_threads(before)
    assert all(result == results[0] for result in results)


def test_no_elements():
    empty = ember.zeros(0, 3)
    assert empty.sum().item() == 0 and empty.prod(0).tolist() == [1, 1, 1] and empty.sum(1).shape == (0,)
    assert empty.mean().isnan() and ember.zeros(0).var().isnan() and not empty.any() and empty.all()
    assert empty.amax(1).shape == (0,)
    for call in (lambda: empty.amax(), lambda: empty.max(), lambda: empty.amin(())):
        with pytest.raises(RuntimeError, match="has no elements"):
            call()
    for call in (lambda: empty.amax(0), lambda: empty.max(0), lambda: empty.argmin(0), lambda: empty.argmax()):
        with pytest.raises(IndexError):
            call()


def test_dims_that_do_not_exist():
    x = ember.zeros(2, 3)
    with pytest.raises(IndexError, match=r"sum\(\): Dimension out of range: dim 2 of a 2-d tensor"):
        x.sum(2)
    with pytest.raises(RuntimeError, match="appears multiple times"):
        x.sum((0, -2))
    with pytest.raises(NotImplementedError, match=r"max\(\): not implemented for 'complex64'"):
        x.to(ember.complex64).max(0)
    assert x.sum(()).shape == () and x.any(()).shape == (2, 3)


@pytest.mark.parametrize("order", [0, 0.5, 1, 2, 3, float("inf"), -float("inf")])
def test_norms(order):
    array = draw((4, 5))
    same(ember.from_numpy(array).norm(order, dim=1), np.linalg.norm(array, order, axis=1))
    same(ember.from_numpy(array).norm(order), np.linalg.norm(array.ravel(), order))
    if order:
        assert gradcheck(lambda x: x.norm(order, dim=1), ember.from_numpy(array).requires_grad_())
    zero = ember.zeros(3, requires_grad=True)
    if order and order not in (0.5, -float("inf")):
        zero.norm(order).backward()
        assert zero.grad.isfinite().all()


def test_complex_sums_and_norms():
    array = draw((6, 7)) + 1j * draw((6, 7), seed=1)
    tensor = ember.from_numpy(array)
    for dim in (0, 1):
        same(tensor.sum(dim), array.sum(dim))
        same(tensor.prod(dim), array.prod(dim))
        same(tensor.norm(dim=dim), np.linalg.norm(array, axis=dim))
        same(tensor.var(dim), array.var(dim, ddof=1))
    assert gradcheck(lambda x: x.norm(dim=1), tensor.requires_grad_())


@pytest.mark.parametrize("dim", [0, 1, (0, 1)])
def test_logsumexp(dim):
    array = draw((4, 5)) * 300
    same(ember.from_numpy(array).logsumexp(dim), scipy.special.logsumexp(array, dim))
    same(ember.from_numpy(array).logsumexp(dim, True), scipy.special.logsumexp(array, dim, keepdims=True))
    assert ember.full((3,), -float("inf")).logsumexp(0).item() == -float("inf")
    assert ember.full((3,), float("inf")).logsumexp(0).item() == float("inf")


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "midpoint", "nearest"])
def test_quantiles(interpolation):
    array, levels = draw((6, 7)), np.array([0, 0.1, 0.5, 0.77, 1])
    tensor, q = ember.from_numpy(array), ember.from_numpy(levels)
    same(tensor.quantile(q, 1, interpolation=interpolation), np.quantile(array, levels, 1, method=interpolation))
    same(
        tensor.quantile(q, 0, True, interpolation=interpolation),
        np.quantile(array, levels, 0, keepdims=True, method=interpolation),
    )
    same(tensor.quantile(0.3, interpolation=interpolation), np.quantile(array, 0.3, method=interpolation))
    array[0, 0] = np.nan
    same(tensor.clone().quantile(0.5, 1), np.quantile(ember.from_numpy(array).numpy(), 0.5, 1))
    same(ember.from_numpy(array).nanquantile(0.4, 1), np.nanquantile(array, 0.4, 1))


@pytest.mark.parametrize("shape", [(1,), (300,), (20, 30), (3, 4, 5)])
def test_scans(shape):
    array = draw(shape)
    for _, tensor in layouts(array):
        for dim in range(len(shape)):
            same(tensor.cumsum(dim), array.cumsum(dim))
            same(tensor.cumprod(dim), array.cumprod(dim))
            same(tensor.logcumsumexp(dim), np.logaddexp.accumulate(array, dim))
            values, indices = tensor.cummax(dim)
            same(values, np.maximum.accumulate(array, dim))
            same(tensor.gather(dim, indices), values.numpy())
            same(tensor.cummin(dim).values, np.minimum.accumulate(array, dim))


GRADIENTS = {
    "sum": lambda x: x.sum((0, 2)),
    "mean": lambda x: x.mean(1, True),
    "prod": lambda x: x.prod(1),
    "amax": lambda x: x.amax((0, 1)),
    "amin": lambda x: x.amin(),
    "var": lambda x: x.var((0, 2)),
    "var_mean": lambda x: ember.var_mean(x, 1),
    "std": lambda x: x.std(1),
    "nansum": lambda x: x.nansum(2),
    "norm": lambda x: x.norm(dim=1),
    "logsumexp": lambda x: x.logsumexp((0, 2)),
    "max": lambda x: x.max(1).values,
    "aminmax": lambda x: tuple(x.aminmax(dim=1)),
    "quantile": lambda x: x.quantile(0.3, 1),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(1),
    "logcumsumexp": lambda x: x.logcumsumexp(1),
    "cummax": lambda x: x.cummax(1).values,
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_of_both_orders(name):
    x = ember.from_numpy(draw((2, 3, 4))).requires_grad_()
    assert gradcheck(GRADIENTS[name], x)
    assert gradgradcheck(GRADIENTS[name], x)


@pytest.mark.parametrize("name", ["prod", "cumprod"])
def test_gradients_of_products_with_zeros(name):
    array = draw((2, 4, 3))
    array[0, 1, 0] = array[0, 2, 1] = array[0, 3, 1] = 0
    x = ember.from_numpy(array).requires_grad_()
    assert gradcheck(GRADIENTS[name], x)
    assert gradgradcheck(GRADIENTS[name], x)


def test_equal_extremes_share_the_gradient():
    x = ember.tensor([1.0, 3.0, 3.0], requires_grad=True)
    x.amax().backward()
    assert x.grad.tolist() == [0, 0.5, 0.5]
    x.grad = None
    x.max(0).values.backward()
    assert x.grad.tolist() == [0, 1, 0]


def test_results_have_pytorchs_names():
    result = ember.max(ember.tensor([[1.0, 5.0]]), 1)
    assert repr(result) == "torch.return_types.max(\nvalues=tensor([5.]),\nindices=tensor([1]))"
    values, indices = result
    assert values is result[0] is result.values and indices.item() == 1
    out = ember.empty(0), ember.empty(0, dtype=ember.int64)
    ember.max(ember.tensor([[1.0, 5.0]]), 1, out=out)
    assert out[0].item() == 5 and out[1].item() == 1


@pytest.mark.parametrize("dim", [0, (0, 1), -1])
def test_logsumexp_of_complex_numbers(dim):
    rng = np.random.default_rng(3)
    array = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    np.testing.assert_allclose(
        ember.from_numpy(array).logsumexp(dim).numpy(), np.log(np.exp(array).sum(axis=dim)), rtol=2**-48
    )
    x = ember.from_numpy(array).requires_grad_()
    assert gradcheck(lambda x: x.logsumexp(dim), (x,)) and gradgradcheck(lambda x: x.logsumexp(dim), (x,))
    assert ember.full((3,), complex(-float("inf"), 0)).logsumexp(0).real == -float("inf")


@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_the_gradient_of_a_median_is_shared_by_ties(name):
    nan, inf = float("nan"), float("inf")
    cases = {
        (1, 2, 2, 2, 3): [0, 1 / 3, 1 / 3, 1 / 3, 0],
        (5, 1, 3): [0, 0, 1],
        (-inf, -inf, 2): [0.5, 0.5, 0],
        (1, inf, inf): [0, 0.5, 0.5],
        (1, nan, 2, 2, 3): [0, 1, 0, 0, 0] if name == "median" else [0, 0, 0.5, 0.5, 0],
    }
    for numbers, expected in cases.items():
        x = ember.tensor([float(each) for each in numbers], requires_grad=True)
        value = getattr(x, name)()
        np.testing.assert_equal(value.item(), getattr(x.detach(), name)(0).values.item())
        value.backward()
        np.testing.assert_allclose(x.grad.numpy(), np.float32(expected))
    x = ember.tensor([[3.0, 1.0], [2.0, 2.0]], dtype=ember.float64, requires_grad=True)
    assert getattr(x, name)(1).values.tolist() == [1, 2]

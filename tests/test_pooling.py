"""Pooling against its definition: every output is taken from its window, one by one, in NumPy."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy as np
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

SIZES = {1: (9,), 2: (6, 7), 3: (4, 5, 6)}


def numbers(dims, batched=True, dtype=np.float64, channels=3):
    """Different numbers, so that the largest is one."""
    shape = (2, channels, *SIZES[dims]) if batched else (channels, *SIZES[dims])
    return np.random.default_rng(0).permutation(math.prod(shape)).reshape(shape).astype(dtype) - 60


def spread(value, dims):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * dims


def regular_windows(size, kernel, stride, padding, dilation, ceil_mode):
    """For each output of a dim: the positions of the input, and how many there would be with the padding."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    windows = []
    for o in range(count):
        places = [o * stride - padding + i * dilation for i in range(kernel)]
        windows.append(([p for p in places if 0 <= p < size], sum(p < size + padding for p in places)))
    return windows


def adaptive_windows(size, out):
    return [(list(range(o * size // out, -(-(o + 1) * size // out))), None) for o in range(out)]


def pooled(x, windows, dims, reduce):
    """reduce(values, flat positions, counts with padding) for each window of each plane."""
    planes = x.reshape(-1, *x.shape[-dims:])
    shape = tuple(map(len, windows))
    result = np.empty((len(planes), *shape))
    flat = np.arange(math.prod(x.shape[-dims:])).reshape(x.shape[-dims:])
    for n, plane in enumerate(planes):
        for at in itertools.product(*map(range, shape)):
            chosen = np.ix_(*[windows[d][o][0] for d, o in enumerate(at)])
            padded = [windows[d][o][1] for d, o in enumerate(at)]
            result[(n, *at)] = reduce(plane[chosen].ravel(), flat[chosen].ravel(), padded)
    return result.reshape(*x.shape[:-dims], *shape)


def largest(values, positions, padded):
    return values.max()


def largest_position(values, positions, padded):
    return positions[values.argmax()]


def mean(values, positions, padded):
    return values.mean()


def mean_with_padding(values, positions, padded):
    return values.sum() / math.prod(padded)


OPTIONS = [
    (2, None, 0, 1, False),
    (3, 2, 1, 1, False),
    (3, 1, 1, 1, True),
    (2, 3, 0, 1, True),
    (2, 1, 1, 2, False),
    (3, 2, 0, 1, True),
    (4, 3, 2, 1, True),
]
LAYOUTS = [(1, True), (2, True), (3, True), (1, False), (2, False), (3, False)]


def function(name, dims):
    return getattr(F, f"{name}{dims}d")


def inputs(x, dims):
    """The tensor in the orders of memory that it can have; strided ones too."""
    tensor = ember.from_numpy(x)
    yield tensor
    yield ember.from_numpy(np.repeat(x, 2, axis=-1))[..., ::2]
    if x.ndim == dims + 2:
        yield tensor.movedim(1, -1).contiguous().movedim(-1, 1)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("dims", "batched"), LAYOUTS)
def test_max_pool(dims, batched, options):
    kernel, stride, padding, dilation, ceil_mode = options
    x = numbers(dims, batched)
    windows = [regular_windows(n, kernel, stride or kernel, padding, dilation, ceil_mode) for n in SIZES[dims]]
    values, positions = pooled(x, windows, dims, largest), pooled(x, windows, dims, largest_position)
    for tensor in inputs(x, dims):
        found, indices = function("max_pool", dims)(tensor, *options, return_indices=True)
        assert indices.dtype == ember.int64
        assert np.array_equal(found.numpy(), values) and np.array_equal(indices.numpy(), positions)
        assert ember.equal(function("max_pool", dims)(tensor, *options), found)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("options", [each for each in OPTIONS if each[3] == 1], ids=str)
@pytest.mark.parametrize(("dims", "batched"), LAYOUTS)
def test_avg_pool(dims, batched, options, include):
    kernel, stride, padding, dilation, ceil_mode = options
    x = numbers(dims, batched)
    windows = [regular_windows(n, kernel, stride or kernel, padding, dilation, ceil_mode) for n in SIZES[dims]]
    expected = pooled(x, windows, dims, mean_with_padding if include else mean)
    for tensor in inputs(x, dims):
        found = function("avg_pool", dims)(tensor, kernel, stride, padding, ceil_mode, include)
        np.testing.assert_allclose(found.numpy(), expected, rtol=4 * 2.0**-52)


def test_divisor_override():
    x = numbers(2)
    windows = [regular_windows(n, 3, 3, 0, 1, False) for n in SIZES[2]]
    found = F.avg_pool2d(ember.from_numpy(x), 3, divisor_override=-5)
    assert np.array_equal(found.numpy(), pooled(x, windows, 2, lambda values, *_: values.sum() / -5))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8])
@pytest.mark.parametrize(("dims", "batched"), LAYOUTS)
def test_adaptive_pools(dims, batched, size):
    x = numbers(dims, batched)
    windows = [adaptive_windows(n, size) for n in SIZES[dims]]
    for tensor in inputs(x, dims):
        values, indices = function("adaptive_max_pool", dims)(tensor, size, return_indices=True)
        assert np.array_equal(values.numpy(), pooled(x, windows, dims, largest))
        assert np.array_equal(indices.numpy(), pooled(x, windows, dims, largest_position))
        means = function("adaptive_avg_pool", dims)(tensor, size)
        np.testing.assert_allclose(means.numpy(), pooled(x, windows, dims, mean), rtol=1e-14, atol=1e-13)


def test_none_keeps_a_size():
    x = ember.from_numpy(numbers(2))
    assert F.adaptive_avg_pool2d(x, (None, 2)).shape == (2, 3, 6, 2)
    assert nn.AdaptiveMaxPool2d((3, None))(x).shape == (2, 3, 3, 7)
    assert ember.equal(F.adaptive_avg_pool2d(x, (None, None)), x)


@pytest.mark.parametrize("norm", [1, 2, 3, 0.5, math.inf])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_lp_pool(dims, norm):
    x = np.abs(numbers(dims))
    windows = [regular_windows(n, 2, 2, 0, 1, False) for n in SIZES[dims]]
    expected = pooled(x, windows, dims, lambda values, *_: np.linalg.norm(values, norm))
    np.testing.assert_allclose(function("lp_pool", dims)(ember.from_numpy(x), norm, 2).numpy(), expected, rtol=1e-13)


def test_gradient_of_the_norm_of_zeros_is_zero():
    x = ember.zeros(1, 1, 4, requires_grad=True)
    F.lp_pool1d(x, 2, 2).sum().backward()
    assert x.grad.tolist() == [[[0.0] * 4]]


@pytest.mark.parametrize("dims", [2, 3])
def test_fractional_windows(dims):
    """Window o begins at floor((o + u) a) - floor(u a), a = (n - kernel) / (out - 1); in 2-d the width is drawn first."""
    x = numbers(dims)
    samples = np.random.default_rng(1).uniform(0, 1, (2, 3, dims))
    values, indices = getattr(F, f"fractional_max_pool{dims}d")(
        ember.from_numpy(x), 2, output_size=3, return_indices=True, _random_samples=ember.from_numpy(samples)
    )
    for n, c in itertools.product(range(2), range(3)):
        windows = []
        for d, size in enumerate(SIZES[dims]):
            u, a = samples[n, c, 1 - d if dims == 2 else d], (size - 2) / 2
            begins = [int((o + u) * a) - int(u * a) for o in range(2)] + [size - 2]
            windows.append([([begin, begin + 1], None) for begin in begins])
        assert np.array_equal(values[n, c].numpy(), pooled(x[n, c], windows, dims, largest))
        assert np.array_equal(indices[n, c].numpy(), pooled(x[n, c], windows, dims, largest_position))


def test_fractional_pools_draw_their_windows():
    x = ember.from_numpy(numbers(2))
    ember.manual_seed(1)
    first = F.fractional_max_pool2d(x, 2, output_ratio=0.5)
    assert first.shape == (2, 3, 3, 3)
    ember.manual_seed(1)
    assert ember.equal(F.fractional_max_pool2d(x, 2, output_ratio=0.5), first)


@pytest.mark.parametrize(("dims", "batched"), LAYOUTS)
def test_unpooling_puts_back(dims, batched):
    x = numbers(dims, batched)
    values, indices = function("max_pool", dims)(ember.from_numpy(x), 2, return_indices=True)
    back = getattr(nn, f"MaxUnpool{dims}d")(2)(values, indices, output_size=x.shape if batched else SIZES[dims])
    windows = [regular_windows(n, 2, 2, 0, 1, False) for n in SIZES[dims]]
    kept = np.isin(x, pooled(x, windows, dims, largest))
    assert np.array_equal(back.numpy(), np.where(kept, x, 0))
    assert function("max_unpool", dims)(values, indices * 0, 2).shape[-1] == SIZES[dims][-1] // 2 * 2


# ---- gradients


@pytest.mark.parametrize("options", [(2, None, 0, 1, False), (3, 2, 1, 1, True), (2, 1, 1, 2, False)], ids=str)
@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("last", [False, True])
def test_gradients_of_windows(dims, options, last):
    x = ember.from_numpy(numbers(dims)[:1, :2] / 10)
    if last:
        x = x.movedim(1, -1).contiguous().movedim(-1, 1)
    x.requires_grad_()
    kernel, stride, padding, _, ceil_mode = options
    for f in (
        lambda x: function("max_pool", dims)(x, *options),
        lambda x: function("max_pool", dims)(x, *options, return_indices=True)[0],
        lambda x: function("avg_pool", dims)(x, kernel, stride, padding, ceil_mode, False),
        lambda x: function("adaptive_avg_pool", dims)(x, 3),
        lambda x: function("adaptive_max_pool", dims)(x, 3),
    ):
        assert gradcheck(f, x) and gradgradcheck(f, x)


def test_gradients_of_other_pools():
    x = ember.from_numpy(numbers(2)[:1, :2] / 10 + 0.03).requires_grad_()
    samples = ember.from_numpy(np.full((1, 2, 2), 0.4))
    values, indices = F.max_pool2d(x.detach(), 2, return_indices=True)
    values.requires_grad_()
    for f, argument in (
        (lambda x: F.fractional_max_pool2d(x, 2, 3, _random_samples=samples), x),
        (lambda x: F.lp_pool2d(x.abs() + 1, 3, 2), x),
        (lambda v: F.max_unpool2d(v, indices, 2, output_size=(6, 7)), values),
        (lambda x: F.max_pool2d(x[0], 2), x),
        (lambda x: F.avg_pool2d(x, 5, 1, 2), x),
    ):
        assert gradcheck(f, argument) and gradgradcheck(f, argument)


@pytest.mark.parametrize("last", [False, True])
def test_windows_of_many_places(last):
    """Their places do not fit a byte; means are added in parts."""
    x = np.random.default_rng(0).permutation(2 * 5 * 40 * 40).reshape(2, 5, 40, 40).astype(np.float64)
    tensor = ember.from_numpy(x)
    if last:
        tensor = tensor.contiguous(memory_format=ember.channels_last)
    tensor.requires_grad_()
    windows = [regular_windows(40, 20, 7, 10, 1, False)] * 2
    found = F.max_pool2d(tensor, 20, 7, 10)
    assert np.array_equal(found.detach().numpy(), pooled(x, windows, 2, largest))
    (gradient,) = ember.autograd.grad(found.sum(), tensor)
    counts = np.zeros(x.size)
    np.add.at(counts, np.argsort(x.ravel())[found.detach().numpy().ravel().astype(int)], 1)
    assert np.array_equal(gradient.numpy(), counts.reshape(x.shape))
    means = F.avg_pool2d(tensor, 20, 7, 10, False, False)
    np.testing.assert_allclose(means.detach().numpy(), pooled(x, windows, 2, mean), rtol=1e-13)
    (gradient,) = ember.autograd.grad(F.adaptive_avg_pool2d(tensor, 1).sum(), tensor)
    np.testing.assert_allclose(gradient.numpy(), np.full(x.shape, 1 / 1600), rtol=1e-15)


def test_gradient_through_an_empty_output():
    x = ember.ones(1, 2, 3, 3, requires_grad=True)
    (F.adaptive_avg_pool2d(x, 0).sum() + F.adaptive_max_pool2d(x, 0).sum()).backward()
    assert x.grad.abs().sum() == 0


# ---- orders of memory


def both_pools(x):
    yield F.max_pool2d(x, 3, 2, 1)
    yield F.avg_pool2d(x, 2)
    yield F.adaptive_avg_pool2d(x, 3)
    yield F.max_pool2d(x, 2, return_indices=True)[0]
    yield F.adaptive_avg_pool2d(x, 1)
    yield F.max_pool2d(x, (x.shape[2], x.shape[3]))


@pytest.mark.parametrize("channels", [1, 3, 16, 37])
def test_results_lie_as_the_input_lies(channels):
    plain = ember.randn(2, channels, 9, 12, requires_grad=True)
    last = plain.detach().contiguous(memory_format=ember.channels_last).requires_grad_()
    for a, b in zip(both_pools(plain), both_pools(last), strict=True):
        assert a.is_contiguous() and b.is_contiguous(memory_format=ember.channels_last)
        ember.testing.assert_close(a.contiguous(), b.contiguous())
        weight = ember.rand(a.shape)
        (x,), (y,) = ember.autograd.grad((a * weight).sum(), plain), ember.autograd.grad((b * weight).sum(), last)
        assert x.is_contiguous() and y.is_contiguous(memory_format=ember.channels_last)
        ember.testing.assert_close(x.contiguous(), y.contiguous())


def test_after_convolutions():
    """Their results lie channels-last behind row-major strides; so do those of pools, and the gradients."""
    x, weight = ember.randn(2, 3, 12, 10), ember.randn(8, 3, 3, 3)
    hidden = F.conv2d(x, weight, padding=1).requires_grad_()
    plain = ember.from_numpy(F.conv2d(x, weight, padding=1).numpy().copy()).requires_grad_()
    for a, b in zip(both_pools(hidden), both_pools(plain), strict=True):
        assert a.is_contiguous() and a.stride() == b.stride()
        (left,), (right,) = (ember.autograd.grad((each * each).sum(), y) for each, y in ((a, hidden), (b, plain)))
        assert left.is_contiguous()
        ember.testing.assert_close(left, right)
        ember.testing.assert_close(a.view(-1), b.view(-1))
    ember.testing.assert_close(F.max_pool2d(hidden[0], 2), F.max_pool2d(plain[0], 2))
    ember.testing.assert_close(F.max_pool3d(hidden.unsqueeze(0), 2), F.max_pool3d(plain.unsqueeze(0), 2))
    line = F.conv1d(ember.randn(4, 3, 9), ember.randn(6, 3, 3))  # (N, C, L) may also be meant as (C, H, W)
    ember.testing.assert_close(F.max_pool2d(line, 2), F.max_pool2d(line.clone().contiguous() + 0, 2))


@pytest.mark.parametrize("last", [False, True])
def test_any_number_of_threads_gives_the_same(last):
    x = ember.randn(3, 24, 33, 41)
    if last:
        x = x.contiguous(memory_format=ember.channels_last)
    x.requires_grad_()
    results = []
    before = ember.get_num_threads()
    try:
        for threads in (1, 2, 5):
            ember.set_num_threads(threads)
            results.append([t for y in both_pools(x) for t in (y, *ember.autograd.grad(y.exp().sum(), x))])
    finally:
        ember.set_num_threads(before)
    for other in results[1:]:
        assert all(ember.equal(a, b) for a, b in zip(results[0], other, strict=True))


# ---- numbers


@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_16_bit_floats_are_pooled_in_float32(dtype):
    short = ember.randn(2, 3, 8, 8).to(dtype)
    for f in (lambda x: F.max_pool2d(x, 2), lambda x: F.avg_pool2d(x, 3), lambda x: F.adaptive_avg_pool2d(x, 3)):
        assert f(short).dtype == dtype and ember.equal(f(short), f(short.float()).to(dtype))


@pytest.mark.parametrize("dtype", [ember.uint8, ember.int8, ember.int16, ember.int32, ember.int64])
def test_integers(dtype):
    x = ember.arange(64).reshape(1, 1, 8, 8).to(dtype)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    assert values.dtype == dtype and ember.equal(values.long(), indices)


def test_integer_means_are_cut_off():
    x = ember.tensor([[[-7, 2, 3, 4]]])
    assert F.avg_pool1d(x, 2).tolist() == [[[-2, 3]]]
    least = ember.full((1, 1, 2, 2), -(2**63))
    assert F.avg_pool2d(least, 1, divisor_override=-1).tolist() == least.tolist()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("width", [4, 23])
def test_nan_is_the_largest(last, width):
    x = ember.randn(2, 5, 6, width)
    x[0, :, 1, 2] = math.nan
    x[1, :, 2:4, 2] = math.nan
    x[1, :, 4:6] = -math.inf
    if last:
        x = x.contiguous(memory_format=ember.channels_last)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    assert values[0, :, 0, 1].isnan().all() and (indices[0, :, 0, 1] == width + 2).all()
    assert values[1, :, 1, 1].isnan().all() and (indices[1, :, 1, 1] == 3 * width + 2).all()  # the last of two
    assert (values[1, :, 2] == -math.inf).all() and (indices[1, :, 2, 0] == 4 * width).all()
    assert values.isnan().sum() == 10


def test_the_first_of_equals_is_taken():
    assert F.max_pool1d(ember.tensor([[[1.0, 2, 2, 2]]]), 4, return_indices=True)[1].item() == 1


# ---- shapes and layers


def test_meta_has_the_shapes():
    x = ember.zeros(2, 3, 9, 9)
    for f in (lambda x: F.max_pool2d(x, 3, 2, 1), lambda x: F.avg_pool2d(x, 2), lambda x: F.adaptive_avg_pool2d(x, 4)):
        y = x.to("meta").requires_grad_()
        assert f(y).shape == f(x).shape
        assert ember.autograd.grad(f(y).sum(), y)[0].shape == x.shape


def test_empty_batches_and_enormous_kernels():
    assert F.max_pool2d(ember.zeros(0, 3, 8, 8), 2).shape == (0, 3, 4, 4)
    x = ember.arange(4.0).reshape(1, 1, 4).requires_grad_()
    found = F.max_pool1d(x, 2**30, 1, 2**29)  # windows that reach far beyond both ends
    assert found.tolist() == [[[3.0] * 5]]
    found.sum().backward()
    assert x.grad.tolist() == [[[0.0, 0.0, 0.0, 5.0]]]
    assert F.avg_pool1d(x, 2**30, 1, 2**29, count_include_pad=False).tolist() == [[[1.5] * 5]]


def test_layers_call_the_functions():
    x = ember.from_numpy(numbers(2))
    assert ember.equal(nn.MaxPool2d(3, 2, 1)(x), F.max_pool2d(x, 3, 2, 1))
    assert ember.equal(nn.AvgPool2d((2, 3), divisor_override=2)(x), F.avg_pool2d(x, (2, 3), divisor_override=2))
    assert ember.equal(nn.LPPool2d(2, 2, 1, True)(x), F.lp_pool2d(x, 2, 2, 1, True))
    assert isinstance(nn.MaxPool2d(2, return_indices=True)(x), tuple)
    assert nn.FractionalMaxPool2d(2, output_ratio=0.5)(x).shape == (2, 3, 3, 3)
    assert nn.FractionalMaxPool3d(2, 2)(ember.zeros(1, 4, 4, 4)).shape == (1, 2, 2, 2)
    line = x[:, :, 0]
    assert ember.equal(nn.AvgPool1d(2)(line), ember.avg_pool1d(line, 2))
    assert ember.equal(nn.AdaptiveAvgPool1d(3)(line), ember.adaptive_avg_pool1d(line, 3))
    assert ember.equal(nn.AdaptiveMaxPool1d(3)(line), ember.adaptive_max_pool1d(line, 3)[0])
    assert repr(pickle.loads(pickle.dumps(nn.MaxPool2d(2)))) == repr(nn.MaxPool2d(2))

"""unfold and fold against their definition, in NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

# kernel_size, dilation, padding, stride
OPTIONS = [
    (2, 1, 0, 1),
    (3, 1, 1, 1),
    (3, 1, 1, 2),
    ((2, 3), 1, 0, (1, 2)),
    (2, (2, 1), (0, 2), 3),
    (1, 1, 0, 2),
    ((3, 1), 2, 4, 1),
]
IMAGE = (6, 7)


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def blocks(x, options):
    """(N, C kernel kernel, blocks), taken one by one out of the padded image."""
    kernel, dilation, padding, stride = map(pair, options)
    padded = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    counts = [(padded.shape[2 + d] - dilation[d] * (kernel[d] - 1) - 1) // stride[d] + 1 for d in range(2)]
    columns = []
    for block in itertools.product(*map(range, counts)):
        cut = [slice(block[d] * stride[d], block[d] * stride[d] + dilation[d] * (kernel[d] - 1) + 1) for d in range(2)]
        columns.append(padded[:, :, cut[0], cut[1]][:, :, :: dilation[0], :: dilation[1]].reshape(len(x), -1))
    return np.stack(columns, -1)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.complex64, np.complex128, np.bool_])
def test_unfold(options, dtype):
    x = np.random.default_rng(0).integers(0, 9, (2, 3, *IMAGE)).astype(dtype)
    expected = blocks(x, options)
    for tensor in (ember.from_numpy(x), ember.from_numpy(x.swapaxes(2, 3).copy()).transpose(2, 3)):
        assert np.array_equal(F.unfold(tensor, *options).numpy(), expected)
        assert np.array_equal(nn.Unfold(*options)(tensor[1]).numpy(), expected[1])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.complex64, np.complex128])
def test_fold_adds_the_blocks(options, dtype):
    """It is the transpose of unfold: <fold(y), x> = <y, unfold(x)> for all x."""
    random = np.random.default_rng(0)
    x = random.integers(0, 9, (2, 3, *IMAGE)).astype(np.float64)
    y = random.integers(0, 9, blocks(x, options).shape).astype(dtype)
    folded = F.fold(ember.from_numpy(y), IMAGE, *options)
    assert folded.shape == x.shape
    assert (folded.numpy().astype(np.complex128) * x).sum() == (y.astype(np.complex128) * blocks(x, options)).sum()
    assert np.array_equal(nn.Fold(IMAGE, *options)(ember.from_numpy(y[1])).numpy(), folded[1].numpy())


def test_fold_undoes_unfold_where_blocks_do_not_overlap():
    x = ember.randn(2, 3, 6, 8)
    assert ember.equal(F.fold(F.unfold(x, 2, stride=2), (6, 8), 2, stride=2), x)
    assert F.fold(ember.ones(1, 4, 4, dtype=ember.bool), (4, 4), 2, stride=2).dtype == ember.bool


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_gradients(options):
    x = ember.randn(1, 2, *IMAGE, dtype=ember.float64, requires_grad=True)
    y = F.unfold(x.detach(), *options).requires_grad_()
    for f, argument in ((lambda x: F.unfold(x, *options), x), (lambda y: F.fold(y, IMAGE, *options), y)):
        assert gradcheck(f, argument) and gradgradcheck(f, argument)


def test_convolution_is_a_product_with_blocks():
    x, weight = ember.randn(2, 3, 8, 9, dtype=ember.float64), ember.randn(4, 3, 3, 2, dtype=ember.float64)
    product = (weight.reshape(4, -1) @ F.unfold(x, (3, 2), padding=1, stride=2)).reshape(2, 4, 4, 5)
    ember.testing.assert_close(product, F.conv2d(x, weight, padding=1, stride=2))


def test_shapes():
    assert F.unfold(ember.zeros(0, 3, 6, 7), 2).shape == (0, 12, 30)
    assert F.fold(ember.zeros(0, 12, 30), (6, 7), 2).shape == (0, 3, 6, 7)
    assert F.unfold(ember.zeros(2, 3, 6, 7, device="meta"), 3, padding=1).shape == (2, 27, 42)


def test_any_number_of_threads_gives_the_same():
    x = ember.randn(4, 8, 50, 60)
    results = []
    before = ember.get_num_threads()
    try:
        for threads in (1, 3):
            ember.set_num_threads(threads)
            results.append(F.fold(F.unfold(x, 3, padding=1), (50, 60), 3, padding=1))
    finally:
        ember.set_num_threads(before)
    assert ember.equal(*results)

"""Softmax, the losses on it, layer_norm and batch_norm against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

import ember
import ember.nn.functional as F
from ember.autograd import gradcheck, gradgradcheck


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def tensor(array: np.ndarray) -> ember.Tensor:
    return ember.from_numpy(array.copy()).requires_grad_()


@pytest.mark.parametrize("shape", [(7,), (3, 4), (100, 33), (5, 300), (2, 5, 3, 150), (3, 5000)])
def test_softmax_over_any_dim(shape):
    array = draw(*shape) * 5
    for dim in range(-len(shape), len(shape)):
        for dtype, tolerance in ((ember.float64, 1e-13), (ember.float32, 4e-6)):
            x = ember.from_numpy(array).to(dtype)
            exact = x.to(ember.float64).numpy()
            np.testing.assert_allclose(ember.softmax(x, dim).numpy(), scipy.special.softmax(exact, dim), rtol=tolerance)
            np.testing.assert_allclose(
                ember.log_softmax(x, dim).numpy(), scipy.special.log_softmax(exact, dim), rtol=tolerance, atol=tolerance
            )


def test_softmax_of_extremes_and_types():
    assert ember.softmax(ember.tensor([1e4, 0.0, -1e4]), 0).tolist() == [1, 0, 0]
    assert ember.softmax(ember.tensor([-float("inf"), 0.0]), 0).tolist() == [0, 1]
    assert ember.softmax(ember.full((2,), -float("inf")), 0).isnan().all()
    half = ember.softmax(ember.zeros(3, 4, dtype=ember.float16), 1)
    assert half.dtype is ember.float16 and half.tolist() == [[0.25] * 4] * 3
    assert ember.softmax(ember.zeros(2, dtype=ember.int64), 0, dtype=ember.float32).tolist() == [0.5, 0.5]
    assert ember.softmax(ember.tensor(3.0), 0).item() == 1 and ember.softmax(ember.zeros(0, 3), 1).shape == (0, 3)
    with pytest.raises(NotImplementedError, match=r"softmax\(\): not implemented for 'int64'"):
        ember.softmax(ember.zeros(2, dtype=ember.int64), 0)
    with pytest.raises(IndexError, match=r"softmax\(\): Dimension out of range"):
        ember.softmax(ember.zeros(2), 1)


@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_gradients(name, dim):
    x = tensor(draw(3, 4, 5))
    assert gradcheck(lambda x: getattr(ember, name)(x, dim), x)
    assert gradgradcheck(lambda x: getattr(ember, name)(x, dim), x)


def expected_loss(x, target, weight, ignored, smoothing, reduction):
    x = np.moveaxis(x, 1, -1)
    classes = x.shape[-1]
    logs = scipy.special.log_softmax(x, -1)
    weight = np.ones(classes) if weight is None else weight
    kept = target != ignored
    index = np.where(kept, target, 0)
    weights = np.where(kept, weight[index], 0)
    loss = -(1 - smoothing) * weights * np.take_along_axis(logs, index[..., None], -1)[..., 0]
    loss -= np.where(kept, smoothing / classes * (logs * weight).sum(-1), 0)
    return {"none": loss, "sum": loss.sum(), "mean": loss.sum() / weights.sum()}[reduction]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(7, 5), (3, 5, 4, 2), (6, 50)])
def test_cross_entropy(shape, weighted, smoothing, reduction):
    random = np.random.default_rng(1)
    x, target = draw(*shape), random.integers(0, 5, (shape[0], *shape[2:]))
    weight = random.random(shape[1]) + 0.1 if weighted else None
    arguments = {"ignore_index": 2, "label_smoothing": smoothing, "reduction": reduction}
    arguments["weight"] = ember.from_numpy(weight) if weighted else None

    def loss(x):
        return F.cross_entropy(x, ember.from_numpy(target), **arguments)

    expected = expected_loss(x, target, weight, 2, smoothing, reduction)
    np.testing.assert_allclose(loss(tensor(x)).detach().numpy(), expected, rtol=1e-12)
    assert gradcheck(loss, tensor(x))
    if shape != (6, 50):
        assert gradgradcheck(loss, tensor(x))


def test_cross_entropy_is_nll_of_log_softmax():
    x, target = tensor(draw(6, 4)), ember.tensor([0, 1, 2, 3, 1, -100])
    same = F.nll_loss(ember.log_softmax(x, 1), target)
    ember.testing.assert_close(F.cross_entropy(x, target), same)
    assert gradcheck(lambda x: F.nll_loss(x, target, ember.arange(1.0, 5.0, dtype=ember.float64)), x)
    assert F.cross_entropy(ember.zeros(5), ember.tensor(2)).item() == pytest.approx(np.log(5))
    large = F.cross_entropy(ember.tensor([[1e4, -1e4]]), ember.tensor([1]))
    assert large.item() == 2e4


def test_cross_entropy_errors():
    x = ember.zeros(20, 10)
    target = ember.zeros(20, dtype=ember.int64)
    target[17] = 12
    with pytest.raises(IndexError) as caught:
        F.cross_entropy(x, target)
    assert str(caught.value) == "cross_entropy(): target 12 at position 17 is outside [0, 10)."
    with pytest.raises(ValueError, match="expects a target of shape"):
        F.cross_entropy(x, ember.zeros(19, dtype=ember.int64))
    with pytest.raises(RuntimeError, match="weight has shape"):
        F.cross_entropy(x, target * 0, weight=ember.ones(3))
    with pytest.raises(ValueError, match="reduction"):
        F.cross_entropy(x, target * 0, reduction="max")


# ---- normalisation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (4, 5), (700,)])
def test_layer_norm(shape):
    array = draw(9, 4, 5) if shape != (700,) else draw(130, 700)
    dims = tuple(range(array.ndim - len(shape), array.ndim))
    weight, bias = draw(*shape, seed=1), draw(*shape, seed=2)
    expected = (array - array.mean(dims, keepdims=True)) / np.sqrt(array.var(dims, keepdims=True) + 1e-5)
    found = F.layer_norm(tensor(array), shape, tensor(weight), tensor(bias))
    np.testing.assert_allclose(found.detach().numpy(), expected * weight + bias, rtol=1e-11, atol=1e-11)
    single = F.layer_norm(ember.from_numpy(array.astype(np.float32)) + 1000, shape)
    np.testing.assert_allclose(single.numpy(), expected, atol=1e-3)
    if shape != (700,):
        inputs = tensor(array[:2]), tensor(weight), tensor(bias)
        assert gradcheck(lambda x, w, b: F.layer_norm(x, shape, w, b), inputs)
        assert gradgradcheck(lambda x, w, b: F.layer_norm(x, shape, w, b), inputs)
        assert gradcheck(lambda x: F.layer_norm(x, shape), inputs[:1])


def test_layer_norm_checks_shapes():
    with pytest.raises(RuntimeError, match=r"layer_norm\(\): input of shape \(2, 3\) does not end with"):
        F.layer_norm(ember.zeros(2, 3), (4,))
    with pytest.raises(RuntimeError, match="weight has shape"):
        F.layer_norm(ember.zeros(2, 3), (3,), ember.zeros(2))
    assert F.layer_norm(ember.zeros(0, 3), (3,)).shape == (0, 3)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5), (3, 4, 5, 2), (200, 3, 2, 2)])
def test_batch_norm(shape, channels_last):
    if channels_last and len(shape) != 4:
        pytest.skip("a layout of 4-d tensors")
    array, channels = draw(*shape) * 3 + 1, shape[1]
    others = tuple(i for i in range(len(shape)) if i != 1)
    like = [1, channels, *[1] * (len(shape) - 2)]
    weight, bias = draw(channels, seed=1), draw(channels, seed=2)
    running_mean, running_var = ember.zeros(channels, dtype=ember.float64), ember.ones(channels, dtype=ember.float64)
    arrange = (lambda x: x.contiguous(memory_format=ember.channels_last)) if channels_last else (lambda x: x)

    x = arrange(tensor(array))
    found = F.batch_norm(x, running_mean, running_var, tensor(weight), tensor(bias), True, 0.2)
    assert found.stride() == x.stride()
    mean, variance = array.mean(others), array.var(others)
    expected = (array - mean.reshape(like)) / np.sqrt(variance.reshape(like) + 1e-5)
    expected = expected * weight.reshape(like) + bias.reshape(like)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(running_mean.numpy(), 0.2 * mean)
    np.testing.assert_allclose(running_var.numpy(), 0.8 + 0.2 * array.var(others, ddof=1))
    if shape[0] > 10:
        return
    inputs = tensor(array), tensor(weight), tensor(bias)
    for training in (True, False):

        def norm(x, w, b, training=training):
            return F.batch_norm(arrange(x), running_mean.clone(), running_var.clone(), w, b, training)

        assert gradcheck(norm, inputs)
        assert gradgradcheck(norm, inputs, atol=1e-4)


def test_batch_norm_in_half_precision_keeps_its_type():
    x = ember.from_numpy(draw(8, 3, 4).astype(np.float32)).to(ember.bfloat16)
    result = F.batch_norm(x, None, None, ember.ones(3), ember.zeros(3), True)
    assert result.dtype is ember.bfloat16
    assert result.to(ember.float32).mean().abs().item() < 0.02

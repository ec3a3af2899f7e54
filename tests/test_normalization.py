"""Group, instance, RMS and local response normalisation, and what batch normalisation does with its options."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import ember
import ember.nn.functional as F
from ember import nn
from ember.autograd import gradcheck, gradgradcheck


def array(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def tensor(x, dtype=ember.float64, requires_grad=False):
    return ember.tensor(x, dtype=dtype, requires_grad=requires_grad)


def normalized(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def by_channel(values, x):
    return values.reshape(-1, *[1] * (x.ndim - 2))


def grouped(x, groups, eps=1e-5):
    return normalized(x.reshape(len(x), groups, -1), 2, eps).reshape(x.shape)


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(found.detach().double().numpy(), expected, rtol=tolerance, atol=tolerance)


# ---- group_norm -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 6, 5, 4), (3, 6), (2, 6, 1), (2, 12, 3, 2, 3), (1, 6, 300)])
@pytest.mark.parametrize("groups", [1, 3, 6])
@pytest.mark.parametrize(("dtype", "tolerance"), [(ember.float64, 1e-12), (ember.float32, 1e-5)])
def test_group_norm(shape, groups, dtype, tolerance):
    x, weight, bias = array(*shape), array(shape[1], seed=1), array(shape[1], seed=2)
    expected = grouped(x, groups, eps=0.1)
    rest = [tensor(values, dtype) for values in (weight, bias)]
    close(F.group_norm(tensor(x, dtype), groups, eps=0.1), expected, tolerance)
    close(F.group_norm(tensor(x, dtype), groups, rest[0], eps=0.1), expected * by_channel(weight, x), tolerance)
    expected = expected * by_channel(weight, x) + by_channel(bias, x)
    close(F.group_norm(tensor(x, dtype), groups, *rest, eps=0.1), expected, tolerance)
    close(
        F.group_norm(tensor(x, dtype), groups, None, rest[1], 0.1),
        grouped(x, groups, 0.1) + by_channel(bias, x),
        tolerance,
    )


def test_group_norm_of_a_large_mean_keeps_its_digits():
    x = array(4, 8, 50)
    found = F.group_norm(tensor(x + 1000, ember.float32), 2)
    close(found, grouped((x + 1000).astype(np.float32).astype(np.float64), 2), 1e-4)


@pytest.mark.parametrize("shape", [(3, 4, 3), (2, 4), (2, 4, 2, 2)])
@pytest.mark.parametrize("groups", [1, 2])
def test_group_norm_gradients(shape, groups):
    x, weight, bias = (tensor(a, requires_grad=True) for a in (array(*shape), array(4, seed=1), array(4, seed=2)))
    for inputs in ((x, weight, bias), (x, weight), (x,)):
        assert gradcheck(lambda x, *rest: F.group_norm(x, groups, *rest), inputs)
        assert gradgradcheck(lambda x, *rest: F.group_norm(x, groups, *rest), inputs)


@pytest.mark.parametrize("dtype", [ember.bfloat16, ember.float16])
def test_group_norm_of_short_floats_is_computed_in_float32(dtype):
    x = tensor(array(3, 4, 10), dtype)
    weight = tensor(array(4, seed=1), ember.float32)
    expected = F.group_norm(x.float(), 2, weight)
    assert ember.equal(F.group_norm(x, 2, weight), expected.to(dtype))


def test_group_norm_follows_layouts():
    x = tensor(array(2, 4, 3, 5)).to(memory_format=ember.channels_last)
    found = F.group_norm(x, 2)
    assert found.stride() == x.stride()
    close(found, grouped(x.numpy(), 2))
    gradients = []
    for layout in (ember.channels_last, ember.contiguous_format):
        leaf = x.detach().clone(memory_format=layout).requires_grad_()
        (F.group_norm(leaf, 2) * tensor(array(2, 4, 3, 5, seed=3))).sum().backward()
        gradients.append(leaf.grad.contiguous())
    assert ember.equal(*gradients)
    close(F.group_norm(tensor(array(3, 2, 4)).transpose(1, 2), 2), grouped(array(3, 2, 4).transpose(0, 2, 1), 2))


def test_group_norm_of_nothing():
    for shape in ((0, 4, 3), (2, 4, 0)):
        x, weight = ember.zeros(shape, requires_grad=True), ember.ones(4, requires_grad=True)
        F.group_norm(x, 2, weight).sum().backward()
        assert x.grad.shape == shape
        assert weight.grad.tolist() == [0] * 4


@pytest.mark.parametrize("threads", [1, 2])
def test_group_norm_is_the_same_on_any_number_of_threads(threads):
    before = ember.get_num_threads()
    x, g = tensor(array(8, 32, 900), ember.float32), tensor(array(8, 32, 900, seed=1), ember.float32)
    results = []
    for count in (threads, 1):
        ember.set_num_threads(count)
        leaf, weight = x.clone().requires_grad_(), ember.ones(32, requires_grad=True)
        y = F.group_norm(leaf, 4, weight)
        y.backward(g)
        results.append((y, leaf.grad, weight.grad))
    ember.set_num_threads(before)
    assert all(ember.equal(a, b) for a, b in zip(*results, strict=True))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: F.group_norm(ember.ones(2, 4), 3),
            RuntimeError,
            r"group_norm\(\): input of shape \(2, 4\) with 3 groups",
        ),
        (
            lambda: F.group_norm(ember.ones(4), 2),
            RuntimeError,
            r"group_norm\(\): input is 1-d \(shape \(4,\)\); expected",
        ),
        (lambda: F.group_norm(ember.ones(1, 4), 4), ValueError, r"Expected more than 1 value per channel .* \(1, 4\)"),
        (lambda: F.group_norm(ember.ones(2, 4), 2, ember.ones(3)), RuntimeError, r"weight has shape \(3,\); .* \(4,\)"),
        (lambda: F.group_norm(ember.ones(2, 4).int(), 2), NotImplementedError, "not implemented for 'int32'"),
        (lambda: nn.GroupNorm(3, 4), ValueError, r"num_channels \(4\) must be divisible by num_groups \(3\)"),
    ],
)
def test_group_norm_errors(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


# ---- instance_norm --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shape"), [(nn.InstanceNorm1d, (5,)), (nn.InstanceNorm2d, (5, 3)), (nn.InstanceNorm3d, (2, 3, 2))]
)
def test_instance_norm(kind, shape):
    x = array(4, 3, *shape)
    axes = tuple(range(2, x.ndim))
    layer = kind(3)
    assert list(layer.state_dict()) == []
    close(layer(tensor(x)), normalized(x, axes))
    close(layer(tensor(x[0])), normalized(x[0], tuple(axis - 1 for axis in axes)))

    layer = kind(3, affine=True, track_running_stats=True, momentum=0.25, dtype=ember.float64)
    assert list(layer.state_dict()) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    with ember.no_grad():
        layer.weight.copy_(tensor(array(3, seed=1)))
        layer.bias.copy_(tensor(array(3, seed=2)))
    weight, bias = (by_channel(p.detach().numpy(), x) for p in (layer.weight, layer.bias))
    close(layer(tensor(x)), normalized(x, axes) * weight + bias)
    mean = 0.25 * x.mean(axes).mean(0)
    variance = 0.75 + 0.25 * x.var(axes, ddof=1).mean(0)
    close(layer.running_mean, mean)
    close(layer.running_var, variance)
    expected = (x - by_channel(mean, x)) / np.sqrt(by_channel(variance, x) + 1e-5) * weight + bias
    close(layer.eval()(tensor(x)), expected)


def test_instance_norm_gradients():
    x, weight, bias = (tensor(a, requires_grad=True) for a in (array(2, 3, 4), array(3, seed=1), array(3, seed=2)))
    assert gradcheck(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), (x, weight, bias))
    assert gradgradcheck(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), (x, weight, bias))


def test_instance_norm_errors():
    with pytest.raises(ValueError, match=r"Expected more than 1 spatial element when training, got .*\(\[2, 4, 1\]\)"):
        F.instance_norm(ember.ones(2, 4, 1))
    with pytest.raises(ValueError, match="must either both be None or neither be None"):
        F.instance_norm(ember.ones(2, 4, 3), ember.ones(4))
    with pytest.raises(ValueError, match=r"size at dim=1 to match num_features \(3\), but got: 4"):
        nn.InstanceNorm1d(3, affine=True)(ember.ones(2, 4, 5))
    with pytest.warns(UserWarning, match="input's size at dim=0 does not match num_features"):
        nn.InstanceNorm1d(3)(ember.ones(4, 5))
    with pytest.raises(ValueError, match="expected 3D or 4D input"):
        nn.InstanceNorm2d(3)(ember.ones(4, 5))


# ---- rms_norm -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize(
    ("dtype", "tolerance", "eps"), [(ember.float64, 1e-13, 2.0**-52), (ember.float32, 1e-6, 2.0**-23)]
)
def test_rms_norm(dims, dtype, tolerance, eps):
    x = array(3, 4, 50)
    shape, axes = x.shape[-dims:], tuple(range(-dims, 0))
    weight = array(*shape, seed=1)
    expected = x / np.sqrt((x**2).mean(axes, keepdims=True) + eps)
    close(F.rms_norm(tensor(x, dtype), shape), expected, tolerance)
    close(F.rms_norm(tensor(x, dtype), shape, tensor(weight, dtype)), expected * weight, tolerance)
    expected = x / np.sqrt((x**2).mean(axes, keepdims=True) + 0.5)
    close(F.rms_norm(tensor(x, dtype), shape, eps=0.5), expected, tolerance)
    if dims == 1:
        found = ember.rms_norm(tensor(x, dtype).transpose(0, 1), shape, eps=0.5)
        close(found, expected.transpose(1, 0, 2), tolerance)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
def test_rms_norm_gradients(shape):
    x, weight = (tensor(a, requires_grad=True) for a in (array(2, 3, 4), array(*shape, seed=1)))
    assert gradcheck(lambda x, w: F.rms_norm(x, shape, w), (x, weight))
    assert gradgradcheck(lambda x, w: F.rms_norm(x, shape, w), (x, weight))
    assert gradcheck(lambda x: F.rms_norm(x, shape), (x,))


def test_rms_norm_of_short_floats_and_of_nothing():
    x, weight = tensor(array(3, 40), ember.bfloat16), tensor(array(40, seed=1), ember.bfloat16)
    assert ember.equal(F.rms_norm(x, (40,), weight), F.rms_norm(x.float(), (40,), weight.float()).bfloat16())
    empty, scale = ember.zeros(0, 4, requires_grad=True), ember.ones(4, requires_grad=True)
    F.rms_norm(empty, (4,), scale).sum().backward()
    assert scale.grad.tolist() == [0] * 4
    assert F.rms_norm(ember.zeros(2, 0), (0,)).shape == (2, 0)


def test_rms_norm_sums_the_weight_over_many_rows():
    x, g = array(1000, 7), array(1000, 7, seed=1)
    weight = ember.ones(7, requires_grad=True)
    F.rms_norm(tensor(x, ember.float32), (7,), weight).backward(tensor(g, ember.float32))
    close(weight.grad, (g * x / np.sqrt((x**2).mean(1, keepdims=True))).sum(0), 1e-4)


def test_rms_norm_errors():
    with pytest.raises(RuntimeError, match=r"rms_norm\(\): input of shape \(2, 4\) does not end with .* \(3,\)"):
        F.rms_norm(ember.ones(2, 4), (3,))
    with pytest.raises(RuntimeError, match=r"rms_norm\(\): weight has shape \(3,\); .* expects \(4,\)"):
        F.rms_norm(ember.ones(2, 4), (4,), ember.ones(3))


# ---- local response normalisation -----------------------------------------------------------------------------------


def local_response(x, size, alpha, beta, k):
    total = np.zeros_like(x)
    for c in range(x.shape[1]):
        first = max(0, c - size // 2)
        total[:, c] = (x[:, first : c - size // 2 + size] ** 2).sum(1)
    return x / (k + alpha * total / size) ** beta


@pytest.mark.parametrize("size", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("shape", [(2, 7, 3), (2, 7, 3, 2), (1, 3, 2, 2, 2)])
def test_local_response_norm(size, shape):
    x = array(*shape)
    layer = nn.LocalResponseNorm(size, alpha=0.3, beta=0.6, k=2.0)
    close(layer(tensor(x)), local_response(x, size, 0.3, 0.6, 2.0))
    assert repr(layer) == f"LocalResponseNorm({size}, alpha=0.3, beta=0.6, k=2.0)"


def test_local_response_norm_gradients_and_errors():
    x = tensor(array(1, 4, 3), requires_grad=True)
    assert gradcheck(lambda x: F.local_response_norm(x, 3, 0.5), (x,))
    assert F.local_response_norm(ember.zeros(2, 0, 3), 2).shape == (2, 0, 3)
    with pytest.raises(ValueError, match=r"Expected 3D or higher dimensionality input \(got 2 dimensions\)"):
        F.local_response_norm(ember.ones(2, 4), 2)


def test_cross_map_norm_keeps_the_first_channel():
    x = ember.arange(8.0).reshape(2, 4, 1, 1)
    found = nn.CrossMapLRN2d(3, alpha=1.0, beta=1.0, k=0.0)(x)[1].flatten()
    # Channel 2 sums 16 + 25 + 36 + 49, channel 3 again 16 + 36 + 49.
    close(found, np.array([4 * 3 / 41, 5 * 3 / 77, 6 * 3 / 126, 7 * 3 / 101]), 1e-6)
    with pytest.raises(ValueError, match="CrossMapLRN2d: Expected input to be 4D, got 2D instead"):
        nn.CrossMapLRN2d(3)(ember.ones(2, 3))


# ---- batch normalisation --------------------------------------------------------------------------------------------

BATCH_NORMS = [
    (nn.BatchNorm1d, (4,)),
    (nn.BatchNorm2d, (4, 3)),
    (nn.BatchNorm3d, (2, 3, 2)),
    (nn.SyncBatchNorm, (5, 2)),
]


@pytest.mark.parametrize(("kind", "shape"), BATCH_NORMS)
@pytest.mark.parametrize("momentum", [0.1, 0.5, None])
def test_running_statistics(kind, shape, momentum):
    layer = kind(3, momentum=momentum, affine=False, dtype=ember.float64)
    mean, variance = np.zeros(3), np.ones(3)
    for step in range(1, 4):
        x = array(6, 3, *shape, seed=step)
        axes = (0, *range(2, x.ndim))
        close(layer(tensor(x)), normalized(x, axes))
        share = 1 / step if momentum is None else momentum
        mean = (1 - share) * mean + share * x.mean(axes)
        variance = (1 - share) * variance + share * x.var(axes, ddof=1)
        assert layer.num_batches_tracked.item() == step
    close(layer.running_mean, mean)
    close(layer.running_var, variance)
    x = array(2, 3, *shape, seed=9)
    close(layer.eval()(tensor(x)), (x - by_channel(mean, x)) / np.sqrt(by_channel(variance, x) + 1e-5))
    close(layer.running_mean, mean)
    layer.reset_running_stats()
    assert layer.running_var.tolist() == [1, 1, 1]
    assert layer.num_batches_tracked.item() == 0


@pytest.mark.parametrize(("kind", "shape"), BATCH_NORMS)
def test_batch_norm_without_running_statistics(kind, shape):
    layer = kind(3, track_running_stats=False, dtype=ember.float64)
    assert list(layer.state_dict()) == ["weight", "bias"]
    x = array(6, 3, *shape)
    expected = normalized(x, (0, *range(2, x.ndim)))
    close(layer(tensor(x)), expected)
    close(layer.eval()(tensor(x)), expected)


def test_convert_sync_batchnorm_shares_tensors():
    inner = nn.Sequential(nn.BatchNorm2d(3, momentum=None, eps=0.1), nn.ReLU())
    model = nn.Sequential(nn.Linear(3, 3), inner, nn.BatchNorm1d(2, affine=False).eval())
    before = copy.deepcopy(model.state_dict())
    first = inner[0]
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    assert converted is model
    assert [type(layer) for layer in (model[1][0], model[2])] == [nn.SyncBatchNorm] * 2
    assert model[1][0].weight is first.weight
    assert model[1][0].running_var is first.running_var
    assert (model[1][0].momentum, model[1][0].eps, model[2].training) == (None, 0.1, False)
    assert list(before) == list(model.state_dict())
    x = tensor(array(4, 3, 5, 5), ember.float32)
    assert ember.equal(copy.deepcopy(first)(x), copy.deepcopy(model[1][0])(x))
    with pytest.raises(ValueError, match=r"expected at least 2D input \(got 1D input\)"):
        nn.SyncBatchNorm(3)(ember.ones(3))


# ---- lazy layers ----------------------------------------------------------------------------------------------------

LAZY = [
    (nn.LazyBatchNorm1d, nn.BatchNorm1d, (4, 3, 5)),
    (nn.LazyBatchNorm2d, nn.BatchNorm2d, (4, 3, 5, 2)),
    (nn.LazyBatchNorm3d, nn.BatchNorm3d, (4, 3, 5, 2, 2)),
    (nn.LazyInstanceNorm1d, nn.InstanceNorm1d, (3, 5)),
    (nn.LazyInstanceNorm2d, nn.InstanceNorm2d, (4, 3, 5, 2)),
    (nn.LazyInstanceNorm3d, nn.InstanceNorm3d, (4, 3, 5, 2, 2)),
]


@pytest.mark.parametrize(("lazy", "kind", "shape"), LAZY)
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("tracked", [True, False])
def test_lazy_layers(lazy, kind, shape, affine, tracked):
    options = {"affine": affine, "track_running_stats": tracked, "dtype": ember.float64}
    layer, plain = lazy(**options), kind(3, **options)
    x = tensor(array(*shape))
    assert repr(layer).startswith(f"{lazy.__name__}(0, eps=1e-05")
    assert ember.equal(layer(x), plain(x))
    assert type(layer) is kind
    assert repr(layer) == repr(plain)
    for name, value in plain.state_dict().items():
        assert ember.equal(layer.state_dict()[name], value)
    loaded = lazy(**options)
    loaded.load_state_dict(plain.state_dict())
    assert ember.equal(loaded.eval()(x), plain.eval()(x))


def test_lazy_layers_check_the_batch():
    with pytest.raises(ValueError, match="expected 4D input"):
        nn.LazyBatchNorm2d()(ember.ones(2, 3))
    loaded = nn.LazyBatchNorm1d()
    loaded.load_state_dict(nn.BatchNorm1d(3).state_dict())
    with pytest.raises(RuntimeError, match=r"running_mean has shape \(3,\)"):
        loaded(ember.ones(2, 4))

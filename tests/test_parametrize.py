"""Parametrizations, weight and spectral normalisation in both forms, fusion, and calls with other parameters."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck
from ember.nn.utils import parametrizations, parametrize


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, value):
        return value.triu()


class Doubled(nn.Module):
    def forward(self, x):
        return 2 * x

    def right_inverse(self, value):
        return value / 2


class Forward(nn.Module):
    """A parametrization from a function, without an inverse."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Split(nn.Module):
    def forward(self, a, b):
        return a + b

    def right_inverse(self, value):
        return value / 4, 3 * value / 4


def linear(rows=3, columns=3):
    return nn.Linear(columns, rows, dtype=ember.float64)


# ---- parametrize ----------------------------------------------------------------------------------------------------


def test_parameters_of_a_parametrized_module():
    layer = linear()
    weight = layer.weight
    assert parametrize.register_parametrization(layer, "weight", Symmetric()) is layer
    assert layer.parametrizations.weight.original is weight
    assert isinstance(weight, nn.Parameter)
    assert [name for name, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    assert (type(layer).__name__, type(layer).__bases__) == ("ParametrizedLinear", (nn.Linear,))
    assert isinstance(layer, nn.Linear)
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    assert repr(layer).splitlines()[0] == "ParametrizedLinear("
    assert ember.equal(layer.weight, layer.weight.mT)
    layer(ember.ones(1, 3, dtype=ember.float64)).sum().backward()
    assert (weight.grad.tril(-1) == 0).all()
    assert weight.grad.abs().sum() > 0


def test_is_parametrized():
    layer = linear()
    assert not parametrize.is_parametrized(layer)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert parametrize.is_parametrized(layer)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")


def test_a_chain_and_its_inverse():
    layer = linear()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    parametrize.register_parametrization(layer, "weight", Doubled())
    symmetric = ember.arange(9.0, dtype=ember.float64).reshape(3, 3)
    symmetric = symmetric + symmetric.mT
    layer.weight = symmetric
    assert ember.equal(layer.weight, symmetric)
    assert ember.equal(layer.parametrizations.weight.original, (symmetric / 2).triu())
    assert len(layer.parametrizations.weight) == 2


def test_several_originals():
    layer = linear()
    before = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Split())
    chain = layer.parametrizations.weight
    assert (chain.is_tensor, chain.ntensors) == (False, 2)
    ember.testing.assert_close(layer.weight.detach(), before)
    layer.weight = before * 8
    ember.testing.assert_close(chain.original0.detach(), before * 2)
    with pytest.raises(ValueError, match="Cannot leave unparametrized"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    ember.testing.assert_close(layer.weight.detach(), before * 8)
    assert list(layer._parameters) == ["bias", "weight"]


@pytest.mark.parametrize("leave", [True, False])
def test_removal(leave):
    layer = linear()
    weight, original = layer.weight, layer.weight.detach().triu()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    parametrize.register_parametrization(layer, "bias", Doubled())
    symmetric = layer.weight.detach()
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=leave)
    assert layer.weight is weight
    assert ember.equal(weight, symmetric if leave else original)
    assert parametrize.is_parametrized(layer, "bias")
    parametrize.remove_parametrizations(layer, "bias")
    assert type(layer) is nn.Linear
    assert not hasattr(layer, "parametrizations")
    with pytest.raises(ValueError, match="does not have a parametrization on weight"):
        parametrize.remove_parametrizations(layer, "weight")


def test_buffers_and_modes():
    layer = nn.BatchNorm1d(3).eval()
    parametrization = Doubled()
    parametrize.register_parametrization(layer, "running_var", parametrization)
    assert layer.running_var.tolist() == [1, 1, 1]
    assert not parametrization.training
    assert dict(layer.named_buffers())["parametrizations.running_var.original"].tolist() == [0.5] * 3
    parametrize.remove_parametrizations(layer, "running_var")
    assert "running_var" in layer._buffers


def test_cached():
    calls = []
    layer = parametrize.register_parametrization(linear(), "weight", Forward(lambda x: calls.append(1) or x + 1))
    calls.clear()
    with parametrize.cached():
        first = layer.weight
        with parametrize.cached():
            assert layer.weight is first
        assert layer.weight is first
    assert len(calls) == 1
    assert layer.weight is not first
    with pytest.raises(KeyError), parametrize.cached():
        raise KeyError
    assert layer.weight is not layer.weight


def test_copies_have_parametrizations_of_their_own():
    layer = parametrize.register_parametrization(linear(), "weight", Symmetric())
    other = copy.deepcopy(layer)
    with ember.no_grad():
        other.parametrizations.weight.original.zero_()
    assert other.weight.abs().sum() == 0
    assert layer.weight.abs().sum() > 0
    parametrize.remove_parametrizations(other, "weight")
    assert ember.equal(layer.weight, layer.weight.mT)
    with pytest.raises(RuntimeError, match="only supported through state_dict"):
        pickle.dumps(layer)
    loaded = parametrize.register_parametrization(linear(), "weight", Symmetric())
    loaded.load_state_dict(layer.state_dict())
    assert ember.equal(loaded.weight, layer.weight)


def test_transfer():
    layer = parametrize.register_parametrization(linear(), "weight", Symmetric())
    parametrize.register_parametrization(layer, "weight", Doubled())
    target = parametrize.transfer_parametrizations_and_params(layer, linear())
    assert ember.equal(target.weight, layer.weight)
    assert target.parametrizations.weight.original is layer.parametrizations.weight.original


@pytest.mark.parametrize(
    ("parametrization", "kind", "message"),
    [
        (
            Forward(lambda x: x[0]),
            ValueError,
            r"may not change the shape .*\n.*\[3, 3\]\)\nparametrized shape: .*\[3\]",
        ),
        (Forward(lambda x: x.float()), ValueError, r"may not change the dtype .*\n.*float64\nparametrized dtype: .*32"),
        (Forward(lambda x: 3), ValueError, "A parametrization must return a tensor. Got int"),
    ],
)
def test_registration_checks(parametrization, kind, message):
    for layer in (linear(), parametrize.register_parametrization(linear(), "weight", Symmetric())):
        with pytest.raises(kind, match=message):
            parametrize.register_parametrization(layer, "weight", parametrization)
    if "shape" in message:
        layer = parametrize.register_parametrization(linear(), "weight", parametrization, unsafe=True)
        assert layer.weight.shape == (3,)


def test_errors():
    with pytest.raises(
        ValueError, match="does not have a parameter, a buffer, or a parametrized element with name 'foo'"
    ):
        parametrize.register_parametrization(linear(), "foo", Symmetric())
    layer = parametrize.register_parametrization(linear(), "weight", Forward(lambda x: x))
    with pytest.raises(RuntimeError, match="parametrization Forward does not implement right_inverse"):
        layer.weight = ember.ones(3, 3)


# ---- weight_norm ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [0, 1, -1, None])
@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
def test_weight_norm(dim):
    before = linear(4, 3)
    weight = before.weight.detach().numpy()
    axes = {0: 1, 1: 0}.get(dim)
    norm = np.sqrt((weight**2).sum(axes, keepdims=dim in (0, 1)))
    new, old = (
        parametrizations.weight_norm(copy.deepcopy(before), dim=dim),
        nn.utils.weight_norm(copy.deepcopy(before), dim=dim),
    )
    assert list(new.state_dict()) == ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]
    assert list(old.state_dict()) == ["bias", "weight_g", "weight_v"]
    x = ember.randn(2, 3, dtype=ember.float64)
    for layer, length in ((new, new.parametrizations.weight.original0), (old, old.weight_g)):
        np.testing.assert_allclose(length.detach().numpy(), norm)
        ember.testing.assert_close(layer(x), before(x))
        with ember.no_grad():
            length.mul_(2)
        ember.testing.assert_close(layer(x), 2 * (before(x) - before.bias) + before.bias)
    other = parametrizations.weight_norm(linear(4, 3), dim=dim)
    other.load_state_dict(old.state_dict())  # a file of the older form
    ember.testing.assert_close(other(x), old(x))
    nn.utils.remove_weight_norm(old)
    assert list(old.state_dict()) == ["bias", "weight"]
    ember.testing.assert_close(other(x), old(x))


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
def test_weight_norm_gradients_and_errors():
    layer = parametrizations.weight_norm(linear(2, 3))
    chain = layer.parametrizations.weight
    inputs = (chain.original0.detach().requires_grad_(), chain.original1.detach().requires_grad_())
    assert ember.autograd.gradcheck(lambda g, v: chain[0](g, v), inputs)
    with pytest.raises(ValueError, match="weight_norm of 'weight' not found in Linear"):
        nn.utils.remove_weight_norm(linear())
    with pytest.raises(RuntimeError, match="Cannot register two weight_norm hooks"):
        nn.utils.weight_norm(nn.utils.weight_norm(linear()))
    with pytest.warns(FutureWarning, match="deprecated in favor of"):
        nn.utils.weight_norm(linear())


# ---- spectral_norm --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [parametrizations.spectral_norm, nn.utils.spectral_norm])
def test_spectral_norm(make):
    before = linear(4, 3)
    layer = make(copy.deepcopy(before), n_power_iterations=3)
    for _ in range(100):
        layer(ember.zeros(1, 3, dtype=ember.float64))
    layer.eval()
    weight = before.weight.detach().numpy()
    expected = ember.tensor(weight / np.linalg.norm(weight, 2))
    x = ember.randn(2, 3, dtype=ember.float64)
    ember.testing.assert_close(layer(x), x @ expected.mT + before.bias)
    once, again = layer(x), layer(x)
    assert ember.equal(once, again)  # evaluation does not iterate
    restored = make(linear(4, 3)).eval()
    restored.load_state_dict(layer.state_dict())
    ember.testing.assert_close(restored(x), once)


def test_spectral_norm_states():
    new, old = parametrizations.spectral_norm(linear(4, 3)), nn.utils.spectral_norm(linear(4, 3))
    assert list(new.state_dict()) == [
        "bias",
        "parametrizations.weight.original",
        "parametrizations.weight.0._u",
        "parametrizations.weight.0._v",
    ]
    assert list(old.state_dict()) == ["bias", "weight_orig", "weight_u", "weight_v"]
    assert old.state_dict()._metadata[""]["spectral_norm"] == {"weight.version": 1}
    x = ember.randn(2, 3, dtype=ember.float64)
    (old(x) + old(x)).sum().backward()  # the vectors of the first call are kept for its gradient
    (new(x) + new(x)).sum().backward()
    nn.utils.remove_spectral_norm(old)
    assert list(old.state_dict()) == ["bias", "weight"]
    assert "spectral_norm" not in old.state_dict()._metadata[""]
    vector = parametrizations.spectral_norm(nn.LayerNorm(3, dtype=ember.float64))
    assert vector.weight.norm().item() == pytest.approx(1)


def test_spectral_norm_errors():
    with pytest.raises(ValueError, match="Expected n_power_iterations to be positive"):
        parametrizations.spectral_norm(linear(), n_power_iterations=0)
    with pytest.raises(ValueError, match="has no parameter or buffer with name 'foo'"):
        parametrizations.spectral_norm(linear(), "foo")
    with pytest.raises(ValueError, match="spectral_norm of 'weight' not found in Linear"):
        nn.utils.remove_spectral_norm(linear())
    with pytest.raises(RuntimeError, match="Cannot register two spectral_norm hooks"):
        nn.utils.spectral_norm(nn.utils.spectral_norm(linear()))


# ---- fusion ---------------------------------------------------------------------------------------------------------


def trained(bn):
    with ember.no_grad():
        for each in (bn.running_mean, bn.running_var, *bn.parameters()):
            each.uniform_(0.5, 2)
    return bn.double().eval()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_fused_layers(bias, affine):
    cases = [
        (nn.Linear(3, 4, bias=bias), nn.BatchNorm1d(4, affine=affine), (5, 3), False),
        (nn.Conv2d(3, 4, 3, bias=bias), nn.BatchNorm2d(4, affine=affine), (2, 3, 5, 5), False),
        (nn.ConvTranspose1d(3, 4, 3, bias=bias), nn.BatchNorm1d(4, affine=affine), (2, 3, 5), True),
    ]
    for layer, norm, shape, transpose in cases:
        layer, norm = layer.double().eval(), trained(norm)
        x = ember.randn(shape, dtype=ember.float64)
        if isinstance(layer, nn.Linear):
            fused = nn.utils.fuse_linear_bn_eval(layer, norm)
        else:
            fused = nn.utils.fuse_conv_bn_eval(layer, norm, transpose)
        ember.testing.assert_close(fused(x), norm(layer(x)))
        assert type(fused) is type(layer)
        assert isinstance(fused.weight, nn.Parameter)
        assert isinstance(fused.bias, nn.Parameter)


def test_fusion_errors():
    with pytest.raises(AssertionError, match="Fusion only for eval!"):
        nn.utils.fuse_linear_bn_eval(nn.Linear(2, 3), nn.BatchNorm1d(3))
    with pytest.raises(AssertionError, match=r"got linear\.out_features=4 and bn.num_features=3"):
        nn.utils.fuse_linear_bn_eval(nn.Linear(2, 4).eval(), nn.BatchNorm1d(3).eval())


# ---- calls with other parameters, and modules without first values ------------------------------------------------------


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(ember.ones(1))
        self.b = self.a

    def forward(self, x):
        return self.a + 10 * self.b * x


def test_functional_call():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    state = copy.deepcopy(model.state_dict())
    other = {name: value.detach().clone().requires_grad_() for name, value in model.named_parameters()}
    x = ember.randn(4, 2)
    result = ember.func.functional_call(model, other, (x,))
    result.square().sum().backward()
    assert all(value.grad is not None for value in other.values())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert ember.equal(model[0].weight, state["0.weight"])
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    seen = model[1].running_mean.clone()
    ember.func.functional_call(model, (other, buffers), x)
    assert ember.equal(model[1].running_mean, seen)  # the buffers that were given changed
    assert not ember.equal(buffers["1.running_mean"], seen)


def test_functional_call_of_tied_tensors():
    x = ember.ones(1)
    zero, two = ember.zeros(1), ember.full((1,), 2.0)
    assert ember.func.functional_call(Tied(), {"a": zero}, (x,)).tolist() == [0]
    assert ember.func.functional_call(Tied(), {"a": zero}, (x,), tie_weights=False).tolist() == [10]
    with pytest.raises(ValueError, match=r"multiple values for keys \['a', 'b'\], which are tied"):
        ember.func.functional_call(Tied(), {"a": zero, "b": two}, (x,))


def test_functional_call_errors():
    layer, x = nn.Linear(2, 1), ember.ones(1, 2)
    weight = {"weight": ember.zeros(1, 2)}
    call = nn.utils.stateless.functional_call
    with pytest.raises(RuntimeError, match=r"Error\(s\) in reparametrizing for Linear:\n\tMissing key\(s\): 'bias'"):
        call(layer, weight, x, strict=True)
    with pytest.raises(RuntimeError, match=r"\n\tUnexpected key\(s\): 'y'"):
        call(layer, {**weight, "bias": ember.zeros(1), "y": x}, x, strict=True)
    with pytest.raises(TypeError, match=r"3 is not an instance of torch\.Tensor"):
        call(layer, {"weight": 3}, x)
    with pytest.raises(ValueError, match=r"\['weight'\] appeared in multiple dictionaries"):
        ember.func.functional_call(layer, (weight, weight), x)
    before = layer.weight
    with pytest.raises(RuntimeError):
        call(layer, {"weight": ember.zeros(3, 3)}, x)
    assert layer.weight is before


def test_skip_init():
    layer = nn.utils.skip_init(nn.Linear, 3, 4, bias=False)
    assert (layer.weight.shape, layer.weight.device.type, layer.bias) == ((4, 3), "cpu", None)
    with pytest.raises(RuntimeError, match="Expected a Module; got <class 'int'>"):
        nn.utils.skip_init(int)
    with pytest.raises(RuntimeError, match="Module must support a 'device' arg to skip initialization"):
        nn.utils.skip_init(nn.ReLU)


# ---- orthogonal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trivial", [True, False])
@pytest.mark.parametrize("chosen", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)], ids=str)
def test_orthogonal(shape, chosen, trivial):
    layer = nn.Linear(shape[1], shape[0], dtype=ember.float64)
    parametrizations.orthogonal(layer, "weight", chosen, use_trivialization=trivial)
    optimizer = ember.optim.SGD(layer.parameters(), 0.1)

    def check_orthogonal():
        Q = layer.weight.detach().numpy()
        gram = Q.T @ Q if shape[0] >= shape[1] else Q @ Q.T
        np.testing.assert_allclose(gram, np.eye(min(shape)), atol=1e-13)

    check_orthogonal()
    for _ in range(3):
        optimizer.zero_grad()
        layer(ember.ones(2, shape[1], dtype=ember.float64)).pow(3).sum().backward()
        optimizer.step()
    check_orthogonal()
    assert gradcheck(layer.parametrizations.weight[0], layer.parametrizations.weight.original)
    if trivial or layer.parametrizations.weight[0].orthogonal_map == "householder":
        Q = np.linalg.qr(np.random.default_rng(0).standard_normal((max(shape), min(shape))))[0]
        value = ember.from_numpy(Q if shape[0] >= shape[1] else Q.T.copy())
        layer.weight = value
        np.testing.assert_allclose(layer.weight.detach().numpy(), value.numpy(), atol=1e-13)
    else:
        with pytest.raises(NotImplementedError, match="not possible to assign to the matrix exponential or the Cayley"):
            layer.weight = ember.eye(*shape, dtype=ember.float64)


def test_orthogonal_errors():
    for call, message in (
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "foo"), "has no parameter or buffer with name 'foo'"),
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"), "Expected a matrix or batch of matrices"),
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="x"), "orthogonal_map has to be one of"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    layer = parametrizations.orthogonal(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"Expected a matrix or batch of matrices of shape"):
        layer.weight = ember.ones(3, 3)

"""Lazy modules and their parameters."""

import copy
import io
import pickle

import pytest

import ember
from ember import nn
from ember.nn.modules.lazy import LazyModuleMixin
from ember.nn.parameter import is_lazy


class Scale(nn.Module):
    """One weight and one running mean for each feature."""

    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(ember.ones(features))
        self.register_buffer("mean", ember.zeros(features))

    def forward(self, input):
        return (input - self.mean) * self.weight


class LazyScale(LazyModuleMixin, Scale):
    cls_to_become = Scale

    def __init__(self):
        super().__init__(0)
        self.weight = nn.UninitializedParameter()
        self.mean = nn.UninitializedBuffer()

    def initialize_parameters(self, input):
        if self.has_uninitialized_params():
            for each in (self.weight, self.mean):
                each.materialize((input.shape[-1],))
            self.weight.data.fill_(1)
            self.mean.fill_(0)


def test_first_call():
    layer = nn.LazyLinear(3)
    weight = layer.weight
    assert is_lazy(weight)
    assert repr(layer) == "LazyLinear(in_features=0, out_features=3, bias=True)"
    assert layer(ember.ones(2, 5)).shape == (2, 3)
    assert type(layer) is nn.Linear
    assert type(layer.weight) is nn.Parameter
    assert layer.weight is weight
    assert weight.shape == (3, 5)
    assert weight.abs().max() <= 5**-0.5
    assert repr(layer) == "Linear(in_features=5, out_features=3, bias=True)"
    assert not layer._forward_pre_hooks


def test_given_by_keyword():
    assert nn.LazyLinear(3, bias=False)(input=ember.ones(2, 5)).shape == (2, 3)


def test_values_do_not_depend_on_laziness():
    ember.manual_seed(3)
    eager = nn.Linear(5, 3)
    ember.manual_seed(3)
    lazy = nn.LazyLinear(3)
    lazy(ember.ones(1, 5))
    assert lazy.weight.equal(eager.weight)
    assert lazy.bias.equal(eager.bias)


def test_optimizer_made_before_the_first_call():
    net = nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.LazyLinear(1))
    optimizer = ember.optim.SGD(net.parameters(), 0.1)
    net(ember.ones(2, 3)).sum().backward()
    before = net[2].bias.item()
    optimizer.step()
    assert net[2].bias.item() == pytest.approx(before - 0.2)


def test_buffers_become_plain_tensors():
    layer = LazyScale()
    assert repr(layer.mean) == "<UninitializedBuffer>"
    layer(ember.ones(2, 3))
    assert type(layer) is Scale
    assert type(layer.mean) is ember.Tensor
    assert list(layer.state_dict()) == ["weight", "mean"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_copies_stay_lazy(again):
    layer = again(nn.LazyLinear(3, dtype=ember.float64).requires_grad_(False))
    assert is_lazy(layer.weight)
    assert layer.weight.dtype == ember.float64
    assert not layer.weight.requires_grad
    assert layer(ember.ones(2, 5, dtype=ember.float64)).shape == (2, 3)
    assert type(layer) is nn.Linear
    assert again(LazyScale())(ember.ones(2, 3)).shape == (2, 3)


def test_conversion_before_the_first_call():
    assert nn.LazyLinear(3).double()(ember.ones(2, 5, dtype=ember.float64)).dtype == ember.float64
    assert LazyScale().double()(ember.ones(2, 5)).dtype == ember.float64
    layer = nn.LazyLinear(3).to("meta")
    assert is_lazy(layer.weight)
    assert layer(ember.ones(2, 5, device="meta")).shape == (2, 3)


def test_state_dict_tells_the_shapes():
    source = nn.Linear(5, 3)
    layer = nn.LazyLinear(3)
    assert layer.load_state_dict(source.state_dict()).missing_keys == []
    assert layer.weight.equal(source.weight)
    x = ember.ones(2, 5)
    assert layer(x).equal(source(x))
    assert repr(layer) == repr(source)
    other = nn.LazyLinear(3)
    other.load_state_dict(source.state_dict())
    with pytest.raises(AssertionError, match=r"input has 4 features .* expects 5"):
        other(ember.ones(2, 4))


def test_a_state_that_does_not_fit_changes_nothing():
    layer = nn.LazyLinear(3)
    with pytest.raises(RuntimeError, match="Missing"):
        layer.load_state_dict({"weight": ember.ones(3, 5)})
    assert is_lazy(layer.weight)


def test_lazy_state():
    lazy = nn.LazyLinear(3)
    assert nn.LazyLinear(3).load_state_dict(lazy.state_dict()).missing_keys == []
    with pytest.raises(RuntimeError, match="weight comes from a lazy module before its first call"):
        nn.Linear(5, 3).load_state_dict(lazy.state_dict())
    file = io.BytesIO()
    ember.save(lazy.state_dict(), file)
    file.seek(0)
    assert is_lazy(ember.load(file, weights_only=False)["weight"])


@pytest.mark.parametrize(
    "use",
    [
        lambda p: p + 1,
        lambda p: 2 * p,
        lambda p: p[0],
        len,
        lambda p: p.sum(),
        lambda p: p.numel(),
        lambda p: nn.init.zeros_(p),
    ],
)
def test_use_before_the_first_call(use):
    with pytest.raises(ValueError, match="has no values"):
        use(nn.UninitializedParameter())


def test_wrong_modules():
    with pytest.raises(RuntimeError, match="no shape"):
        _ = nn.UninitializedParameter().shape
    with pytest.raises(RuntimeError, match="no memory"):
        nn.LazyLinear(3).share_memory()

    class Nothing(LazyScale):
        def initialize_parameters(self, input):
            pass

    with pytest.raises(RuntimeError, match="module Nothing has not been fully initialized"):
        Nothing()(ember.ones(2, 3))

    class Undefined(LazyModuleMixin, nn.Identity):
        pass

    with pytest.raises(NotImplementedError, match="initialize_parameters is not implemented for Undefined"):
        Undefined()(1)


@pytest.mark.parametrize(
    "function",
    [
        lambda w: ember.add(w, 1),
        lambda w: ember.ones(2) + w,
        lambda w: ember.stack([w]),
        lambda w: nn.functional.linear(ember.ones(2, 2), w),
        lambda w: ember.norm(w),
        ember.zeros_like,
    ],
)
def test_functions_refuse_what_has_no_values(function):
    weight = nn.LazyLinear(3).weight
    with pytest.raises(ValueError, match="has no values"):
        function(weight)
    assert ember.is_tensor(weight) and weight.device.type == "cpu" and weight.grad is None

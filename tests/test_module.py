"""nn.Module: registering, walking, state, hooks, conversion, errors."""

import copy
import gc
import inspect
import pickle
import warnings
import weakref
from collections import OrderedDict
from typing import Generic, TypeVar

import pytest

import ember
from ember import nn
from ember.nn.modules import module as module_file


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.body = nn.Sequential(nn.ReLU(), nn.Linear(4, 2))
        self.scale = nn.Parameter(ember.ones(2))
        self.register_buffer("mean", ember.zeros(2))
        self.register_buffer("scratch", ember.zeros(2), persistent=False)

    def forward(self, x):
        return self.body(self.fc1(x)) * self.scale


NET_REPR = """\
Net(
  (fc1): Linear(in_features=3, out_features=4, bias=True)
  (body): Sequential(
    (0): ReLU()
    (1): Linear(in_features=4, out_features=2, bias=True)
  )
)"""


class Probe(nn.Module):
    """Gives back what it is called with."""

    def forward(self, *args, **kwargs):
        return args, kwargs


# ---- attributes and calls: the C base type ----


def test_attributes_come_from_the_registries():
    net = Net()
    assert net.fc1 is net._modules["fc1"]
    assert net.scale is net._parameters["scale"]
    assert net.mean is net._buffers["mean"]
    replaced = net._parameters["scale"] = nn.Parameter(ember.zeros(2))
    assert net.scale is replaced  # nothing is cached


def test_missing_attribute():
    with pytest.raises(AttributeError, match=r"^'Net' object has no attribute 'foo'$") as caught:
        Net().foo
    assert caught.value.name == "foo"
    assert not hasattr(Net(), "foo")
    assert getattr(Net(), "foo", 3) == 3


def test_attribute_before_init():
    class Early(nn.Module):
        def __init__(self):
            self.plain = 3

    assert Early().plain == 3
    with pytest.raises(AttributeError, match="'Early' object has no attribute '_modules'"):
        Early()._modules


def test_python_getattr_of_a_subclass():
    class Wrapper(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    class Deeper(Wrapper):
        pass

    for kind in (Wrapper, Deeper):
        wrapped = kind(nn.Linear(2, 5))
        assert isinstance(wrapped.inner, nn.Linear)
        assert wrapped.out_features == 5
        with pytest.raises(AttributeError, match="'Linear' object has no attribute 'foo'"):
            wrapped.foo


def test_getattr_is_asked_only_for_what_is_missing():
    asked = []

    class Nosy(nn.Module):
        def __getattr__(self, name):
            asked.append(name)
            return super().__getattr__(name)

    nosy = Nosy()
    nosy.child = nn.ReLU()
    asked.clear()
    nosy.child, nosy.training
    assert asked == []


def test_getattribute_of_a_subclass():
    class Odd(nn.Module):
        def __getattribute__(self, name):
            return 7 if name == "seven" else super().__getattribute__(name)

    odd = Odd()
    odd.layer = nn.ReLU()
    assert odd.seven == 7
    assert isinstance(odd.layer, nn.ReLU)


def test_properties_and_their_errors():
    class WithProperty(nn.Module):
        @property
        def good(self):
            return 5

        @property
        def bad(self):
            return self.not_there

    assert WithProperty().good == 5
    with pytest.raises(AttributeError, match="not_there"):
        WithProperty().bad


def test_module_beside_a_builtin_base():
    class Record(nn.Module, dict):
        pass

    record = Record()
    record.layer = nn.Linear(1, 1)
    record["key"] = 3
    assert record.layer.in_features == 1 and record["key"] == 3


def test_other_bases_have_their_turn():
    kind = TypeVar("kind")
    seen = []

    class Listening:
        def __init_subclass__(cls, **options):
            seen.append((cls.__name__, options))
            super().__init_subclass__()

    class Typed(nn.Module, Generic[kind], Listening, option=3):
        pass

    assert Typed.__parameters__ == (kind,) and seen == [("Typed", {"option": 3})]
    typed = Typed[int]()
    typed.layer = nn.Linear(1, 1)
    assert typed.layer.in_features == 1
    with pytest.raises(TypeError):

        class Wrong(nn.Module, option=3):
            pass


def test_slots_and_class_assignment():
    class Left(nn.Linear):
        pass

    layer = nn.Linear(2, 2)
    layer.__class__ = Left
    assert type(layer) is Left and layer.weight.shape == (2, 2)


def test_call_passes_arguments_on():
    probe = Probe()
    many = tuple(range(20))
    assert probe(*many) == (many, {})
    assert probe(1, key=2) == ((1,), {"key": 2})
    assert probe() == ((), {})


def test_forward_of_the_instance():
    net = nn.Identity()
    net.forward = lambda x: x + 1
    assert net(2) == 3
    del net.forward
    assert net(2) == 2


def test_call_of_a_subclass():
    class Loud(nn.Identity):
        def __call__(self, x):
            return super().__call__(x) + 1

    assert Loud()(2) == 3


def test_forward_is_missing():
    with pytest.raises(NotImplementedError, match=r'^Module \[Bare\] is missing the required "forward" function$'):
        type("Bare", (nn.Module,), {})()(1)


def test_modules_are_freed():
    net = Net()
    net.me = [net]
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_init_takes_nothing():
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        nn.Module(3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'a'"):
        nn.Module(a=3)


def test_call_super_init():
    seen = []

    class Mixin:
        def __init__(self, value):
            seen.append(value)

    class Both(nn.Module, Mixin):
        call_super_init = True

    Both(5)
    assert seen == [5]


# ---- errors name the module ----


def test_error_names_the_path():
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Net()

        def forward(self, x):
            return self.net(x)

    with pytest.raises(RuntimeError) as caught:
        Outer()(ember.zeros(2, 5))
    text = str(caught.value)
    assert text.startswith("linear(): input has 5 features")
    assert text.endswith(" In net.fc1: Linear(in_features=3, out_features=4, bias=True).")
    assert text.count(" In ") == 1


def test_error_inside_containers():
    net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(2, 2), nn.Linear(3, 3)))
    with pytest.raises(RuntimeError, match=r"In 1\.1: Linear\(in_features=3, out_features=3, bias=True\)\.$"):
        net(ember.zeros(1, 2))


def test_error_in_a_module_with_children_gives_its_name():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused = nn.ReLU()

        def forward(self, x):
            return x @ x

    with pytest.raises(RuntimeError, match=r" In Sum\.$"):
        Sum()(ember.zeros(2, 3))


def test_error_of_a_single_layer():
    with pytest.raises(RuntimeError, match=r" In Linear\(in_features=3, out_features=4, bias=True\)\.$"):
        nn.Linear(3, 4)(ember.zeros(2, 5))


@pytest.mark.parametrize(
    "error", [ValueError("mine"), RuntimeError("a", "b"), RuntimeError(), KeyError("k"), StopIteration()]
)
def test_errors_of_users_stay_untouched(error):
    class Raising(nn.Module):
        def forward(self):
            raise error

    args = error.args
    with pytest.raises(type(error)) as caught:
        nn.Sequential(Raising())._modules["0"]()
    assert caught.value is error and error.args == args


# ---- registering ----


def test_assignment_registers():
    net = Net()
    assert list(net._parameters) == ["scale"]
    assert list(net._modules) == ["fc1", "body"]
    assert list(net._buffers) == ["mean", "scratch"]
    net.scale = None
    assert net._parameters["scale"] is None
    net.mean = ember.ones(3)
    assert net._buffers["mean"].shape == (3,)
    net.extra = nn.Buffer(ember.ones(1), persistent=False)
    assert net._non_persistent_buffers_set == {"scratch", "extra"}
    net.mean = nn.Parameter(ember.ones(1))
    assert "mean" in net._parameters and "mean" not in net._buffers
    net.plain = 3
    net.plain = nn.ReLU()
    assert "plain" in net._modules and "plain" not in net.__dict__
    net.tensor = ember.ones(1)
    assert "tensor" in net.__dict__
    del net.fc1
    del net.scratch
    assert not hasattr(net, "fc1") and "scratch" not in net._non_persistent_buffers_set


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("scale", 3, "cannot assign 'int' as parameter 'scale' (torch.nn.Parameter or None expected)"),
        ("fc1", 3, "cannot assign 'int' as child module 'fc1' (torch.nn.Module or None expected)"),
        ("mean", 3, "cannot assign 'int' as buffer 'mean' (torch.nn.Buffer, torch.Tensor or None expected)"),
    ],
)
def test_wrong_assignment(name, value, text):
    with pytest.raises(TypeError) as caught:
        setattr(Net(), name, value)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda self: setattr(self, "a", nn.ReLU()), "cannot assign module before Module.__init__() call"),
        (lambda self: setattr(self, "a", nn.Parameter(ember.ones(1))), "cannot assign parameters before"),
        (lambda self: self.register_buffer("a", None), "cannot assign buffer before Module.__init__() call"),
        (lambda self: self.register_parameter("a", None), "cannot assign parameter before Module.__init__() call"),
    ],
)
def test_before_init(make, text):
    with pytest.raises(AttributeError) as caught:
        type("Early", (nn.Module,), {"__init__": make})()
    assert text in str(caught.value)


@pytest.mark.parametrize("register", ["register_parameter", "register_buffer", "register_module"])
@pytest.mark.parametrize(
    ("name", "error"),
    [(3, TypeError), ("a.b", KeyError), ("", KeyError), ("forward", KeyError), ("training", KeyError)],
)
def test_wrong_names(register, name, error):
    with pytest.raises(error):
        getattr(Net(), register)(name, None)


def test_wrong_values():
    net = Net()
    with pytest.raises(TypeError, match=r"cannot assign 'int' object to parameter 'q'"):
        net.register_parameter("q", 3)
    with pytest.raises(TypeError, match=r"int is not a Module subclass"):
        net.add_module("q", 3)
    with pytest.raises(TypeError, match=r"cannot assign 'int' object to buffer 'q'"):
        net.register_buffer("q", 3)


def test_parameter():
    values = ember.ones(2)
    parameter = nn.Parameter(values)
    assert isinstance(parameter, nn.Parameter) and isinstance(parameter, ember.Tensor)
    assert parameter.requires_grad and parameter.is_leaf
    parameter.data.fill_(3)
    assert values.tolist() == [3, 3]
    assert type(parameter * 1) is ember.Tensor
    assert not nn.Parameter(values, requires_grad=False).requires_grad
    assert repr(nn.Parameter(ember.zeros(1))) == "Parameter containing:\ntensor([0.], requires_grad=True)"
    assert nn.Parameter().shape == (0,)
    assert not isinstance(values, nn.Parameter)
    with pytest.raises(TypeError):
        nn.Parameter(3)


def test_parameter_copies():
    parameter = nn.Parameter(ember.ones(2))
    twice = copy.deepcopy([parameter, parameter])
    assert twice[0] is twice[1] and twice[0] is not parameter and isinstance(twice[0], nn.Parameter)
    loaded = pickle.loads(pickle.dumps(parameter))
    assert isinstance(loaded, nn.Parameter) and loaded.tolist() == [1, 1] and loaded.requires_grad


# ---- walking ----


def test_walking():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == [
        "scale",
        "fc1.weight",
        "fc1.bias",
        "body.1.weight",
        "body.1.bias",
    ]
    assert [name for name, _ in net.named_parameters(recurse=False, prefix="net")] == ["net.scale"]
    assert [name for name, _ in net.named_buffers()] == ["mean", "scratch"]
    assert [name for name, _ in net.named_modules()] == ["", "fc1", "body", "body.0", "body.1"]
    assert [name for name, _ in net.named_children()] == ["fc1", "body"]
    assert len(list(net.modules())) == 5 and len(list(net.children())) == 2


def test_shared_parts_come_once():
    net = nn.Module()
    net.a = nn.Linear(2, 2)
    net.b = net.a
    assert [name for name, _ in net.named_parameters()] == ["a.weight", "a.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 4
    assert [name for name, _ in net.named_modules(remove_duplicate=False)] == ["", "a", "b"]
    assert [name for name, _ in net.named_children()] == ["a"]
    assert len(net.state_dict()) == 4


def test_paths():
    net = Net()
    assert net.get_submodule("body.1") is net.body[1]
    assert net.get_submodule("") is net
    assert net.get_parameter("body.1.weight") is net.body[1].weight
    assert net.get_buffer("mean") is net.mean
    net.set_submodule("body.0", nn.Tanh())
    assert isinstance(net.body[0], nn.Tanh)
    for call, text in [
        (lambda: net.get_submodule("a.b"), "Net has no attribute `a`"),
        (lambda: net.get_submodule("fc1.weight"), "`weight` is not an nn.Module"),
        (lambda: net.get_parameter("fc1.w"), "Linear has no attribute `w`"),
        (lambda: net.get_parameter("fc1.in_features"), "`in_features` is not an nn.Parameter"),
        (lambda: net.get_buffer("fc1.weight"), "`weight` is not a buffer"),
        (lambda: net.set_submodule("z", nn.ReLU(), strict=True), "Net has no attribute `z`"),
        (lambda: net.set_submodule("mean", nn.ReLU()), "`mean` is not an nn.Module"),
    ]:
        with pytest.raises(AttributeError) as caught:
            call()
        assert str(caught.value) == text


def test_dir_and_repr():
    net = Net()
    assert repr(net) == NET_REPR
    assert {"fc1", "scale", "mean", "forward"} <= set(dir(net))
    assert "0" not in dir(net.body)


# ---- the whole tree ----


def test_train_and_eval():
    net = Net().eval()
    assert not any(module.training for module in net.modules())
    net.train()
    assert all(module.training for module in net.modules())
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        net.train(1)


def test_apply_goes_children_first():
    seen = []
    net = Net()
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Net"]


def test_requires_grad_and_zero_grad():
    net = Net()
    net(ember.ones(1, 3)).sum().backward()
    assert all(each.grad is not None for each in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all(each.grad.abs().sum() == 0 for each in net.parameters())
    net.zero_grad()
    assert all(each.grad is None for each in net.parameters())
    assert net.requires_grad_(False) is net
    assert not any(each.requires_grad for each in net.parameters())


@pytest.mark.parametrize(
    "convert",
    [
        lambda net: net.double(),
        lambda net: net.to(ember.float64),
        lambda net: net.to("cpu", ember.float64),
        lambda net: net.to(device="cpu", dtype=ember.float64),
        lambda net: net.to(ember.zeros(1, dtype=ember.float64)),
    ],
)
def test_conversion(convert):
    net = Net()
    net.register_buffer("count", ember.zeros((), dtype=ember.int64))
    parameters = list(net.parameters())
    net(ember.ones(1, 3)).sum().backward()
    assert convert(net) is net
    assert all(a is b for a, b in zip(parameters, net.parameters(), strict=True))
    assert all(each.dtype == ember.float64 and each.grad.dtype == ember.float64 for each in parameters)
    assert net.mean.dtype == ember.float64 and net.count.dtype == ember.int64


@pytest.mark.parametrize("name", ["half", "bfloat16", "float"])
def test_short_conversions(name):
    dtype = {"half": ember.float16, "bfloat16": ember.bfloat16, "float": ember.float32}[name]
    assert getattr(Net(), name)().fc1.weight.dtype == dtype


def test_wrong_conversion():
    with pytest.raises(TypeError, match="only accepts floating point or complex dtypes"):
        Net().to(ember.int64)
    with pytest.raises(TypeError, match=r"^to\(\): "):
        Net().to(3.5)
    with pytest.raises(TypeError, match="unknown argument 'dtyp'"):
        Net().to(dtyp=ember.float64)


def test_copies_are_independent():
    net = Net()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert repr(other) == NET_REPR
        assert list(other.state_dict()) == list(net.state_dict())
        with ember.no_grad():
            other.scale.fill_(9)
        assert net.scale.tolist() == [1, 1]


# ---- state ----


def test_state_dict():
    net = Net()
    state = net.state_dict()
    assert type(state) is OrderedDict
    assert list(state) == ["scale", "mean", "fc1.weight", "fc1.bias", "body.1.weight", "body.1.bias"]
    assert state._metadata["body.1"] == {"version": 1}
    assert not state["scale"].requires_grad and state["scale"].data_ptr() == net.scale.data_ptr()
    assert net.state_dict(keep_vars=True)["scale"] is net.scale
    assert list(nn.Linear(1, 1).state_dict(prefix="x.")) == ["x.weight", "x.bias"]
    given = OrderedDict(first=1)
    assert net.state_dict(destination=given) is given and next(iter(given)) == "first"


def test_round_trip():
    net, other = Net(), Net()
    result = other.load_state_dict(net.state_dict())
    assert repr(result) == "<All keys matched successfully>" and result.missing_keys == []
    x = ember.randn(2, 3)
    assert ember.equal(net(x), other(x))


def test_keys_that_do_not_match():
    state = Net().state_dict()
    state["more"] = state.pop("mean")
    with pytest.raises(RuntimeError) as caught:
        Net().load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "mean". \n'
        '\tUnexpected key(s) in state_dict: "more". '
    )
    result = Net().load_state_dict(state, strict=False)
    assert result.missing_keys == ["mean"] and result.unexpected_keys == ["more"]
    assert repr(result) == "_IncompatibleKeys(missing_keys=['mean'], unexpected_keys=['more'])"


@pytest.mark.parametrize("strict", [True, False])
def test_nothing_is_loaded_in_part(strict):
    net = Net()
    before = {name: each.clone() for name, each in net.state_dict().items()}
    state = {name: each + 1 for name, each in before.items()}
    state["body.1.bias"] = ember.zeros(7)
    with pytest.raises(
        RuntimeError, match=r"size mismatch for body\.1\.bias: copying a param with shape torch\.Size\(\[7\]\)"
    ):
        net.load_state_dict(state, strict=strict)
    assert all(ember.equal(each, before[name]) for name, each in net.state_dict().items())


def test_wrong_states():
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got <class 'int'>"):
        Net().load_state_dict(3)
    state = Net().state_dict()
    state["scale"] = 3
    with pytest.raises(RuntimeError, match=r'While copying the parameter named "scale", expected torch\.Tensor'):
        Net().load_state_dict(state)


def test_assign():
    net = Net()
    state = {name: each.double() for name, each in net.state_dict().items()}
    net.load_state_dict(state, assign=True)
    assert net.scale.dtype == ember.float64 and isinstance(net.scale, nn.Parameter) and net.scale.requires_grad
    assert net.mean is state["mean"]


def test_extra_state():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    source, target = Counting(), Counting()
    source.count = 5
    assert list(source.state_dict()) == ["_extra_state"]
    target.load_state_dict(source.state_dict())
    assert target.count == 5
    with pytest.raises(RuntimeError, match="_extra_state"):
        target.load_state_dict({})


def test_state_hooks():
    net = nn.Sequential(nn.Linear(1, 1))
    seen = []
    net.register_state_dict_pre_hook(lambda module, prefix, keep_vars: seen.append(("pre", prefix)))
    net.register_state_dict_post_hook(lambda module, state, prefix, local: state.update(more=1))
    state = net.state_dict()
    assert state.pop("more") == 1 and seen == [("pre", "")]
    handle = net[0].register_load_state_dict_pre_hook(
        lambda module, state, prefix, *rest: seen.append((module, prefix))
    )
    net.load_state_dict(state)
    assert seen[-1] == (net[0], "0.")
    handle.remove()
    net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    del state["0.bias"]
    assert net.load_state_dict(state).missing_keys == []
    assert net(ember.zeros(1, 1)).shape == (1, 1)
    assert "_hooked" not in net.__dict__


def test_post_hook_of_state_returns_nothing():
    net = nn.Linear(1, 1)
    net.register_state_dict_post_hook(lambda *args: 3)
    with pytest.raises(RuntimeError, match="state_dict post-hook must return None"):
        net.state_dict()


def test_load_override_with_its_own_dict():
    class Renamed(nn.Linear):
        def _load_from_state_dict(self, state_dict, prefix, *rest):
            state_dict = {key.replace("kernel", "weight"): value for key, value in state_dict.items()}
            super()._load_from_state_dict(state_dict, prefix, *rest)

    net = nn.Sequential(Renamed(1, 1))
    net.load_state_dict({"0.kernel": ember.full((1, 1), 4.0), "0.bias": ember.zeros(1)})
    assert net[0].weight.item() == 4


# ---- hooks ----


def test_forward_pre_hooks():
    probe = Probe()
    handle = probe.register_forward_pre_hook(lambda module, args: args[0] + 1)
    assert probe(1) == ((2,), {})
    both = probe.register_forward_pre_hook(lambda module, args, kwargs: ((9,), {"k": 1}), with_kwargs=True)
    assert probe(1) == ((9,), {"k": 1})
    both.remove()
    handle.remove()
    assert probe(1) == ((1,), {})
    probe.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple"):
        probe(1)


def test_forward_hooks_and_their_order():
    net = nn.Identity()
    seen = []
    net.register_forward_hook(lambda module, args, output: seen.append("first"))
    net.register_forward_hook(lambda module, args, output: seen.append("before"), prepend=True)
    with net.register_forward_hook(lambda module, args, kwargs, output: output * 2, with_kwargs=True):
        assert net(2) == 4
    assert net(2) == 2 and seen == ["before", "first"] * 2


def test_always_called_hooks():
    class Raising(nn.Module):
        def forward(self):
            raise ValueError("mine")

    seen = []
    net = Raising()
    net.register_forward_hook(lambda module, args, output: seen.append(output), always_call=True)
    net.register_forward_hook(lambda module, args, output: seen.append("not this"))
    with pytest.raises(ValueError, match="mine"):
        net()
    assert seen == [None]


def test_global_hooks():
    seen = []
    handles = [
        module_file.register_module_forward_pre_hook(lambda module, args: seen.append("pre")),
        module_file.register_module_forward_hook(lambda module, args, output: seen.append("post")),
    ]
    try:
        nn.Identity()(1)
    finally:
        for handle in handles:
            handle.remove()
    nn.Identity()(1)
    assert seen == ["pre", "post"]


def test_registration_hooks():
    seen = []
    handles = [
        module_file.register_module_parameter_registration_hook(lambda module, name, value: seen.append(name)),
        module_file.register_module_buffer_registration_hook(lambda module, name, value: seen.append(name)),
        module_file.register_module_module_registration_hook(lambda module, name, value: seen.append(name)),
    ]
    try:
        Net()
    finally:
        for handle in handles:
            handle.remove()
    assert {"fc1", "body", "scale", "mean", "weight", "bias", "0", "1"} <= set(seen)


def test_backward_hooks():
    layer = nn.Linear(3, 2)
    seen = []

    def before(module, grad_output):
        seen.append([each.shape for each in grad_output])
        return tuple(each * 2 for each in grad_output)

    def after(module, grad_input, grad_output):
        seen.append([each.shape for each in grad_input])
        return tuple(each + 1 for each in grad_input)

    layer.register_full_backward_pre_hook(before)
    layer.register_full_backward_hook(after)
    x = ember.ones(1, 3, requires_grad=True)
    layer(x).sum().backward()
    assert seen == [[(1, 2)], [(1, 3)]]
    expected = 2 * layer.weight.detach().sum(0) + 1
    assert ember.allclose(x.grad[0], expected)
    assert ember.allclose(layer.bias.grad, ember.full((2,), 2.0))


def test_backward_hook_without_gradient_of_the_input():
    layer = nn.Linear(3, 2)
    seen = []
    layer.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append(grad_input))
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        layer(ember.ones(1, 3)).sum().backward()
    assert seen == [(None,)]


def test_backward_hook_sees_every_argument():
    class Product(nn.Module):
        def forward(self, a, factor, b):
            return a * b * factor, "text"

    product = Product()
    seen = []
    product.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append((grad_input, grad_output)))
    a, b = ember.ones(2, requires_grad=True), ember.ones(2)
    product(a, 3, b)[0].sum().backward()
    (grad_input, grad_output) = seen[0]
    assert grad_input[0].tolist() == [3, 3] and grad_input[1:] == (None, None)
    assert len(grad_output) == 2 and grad_output[1] is None
    assert a.grad.tolist() == [3, 3]


def test_two_kinds_of_backward_hooks():
    layer = nn.Linear(1, 1)
    layer.register_full_backward_hook(lambda *args: None)
    with pytest.raises(RuntimeError, match="Cannot use both regular backward hooks and full backward hooks"):
        layer.register_backward_hook(lambda *args: None)


def test_hooks_are_copied_with_the_module():
    net = nn.Identity()
    net.register_forward_hook(double)
    assert copy.deepcopy(net)(2) == 4
    assert pickle.loads(pickle.dumps(net))(2) == 4


def double(module, args, output):
    return output * 2


# ---- containers ----


def test_sequential():
    a, b, c = nn.ReLU(), nn.Linear(2, 2), nn.Tanh()
    net = nn.Sequential(a, b)
    assert len(net) == 2 and net[0] is a and net[-1] is b and list(net) == [a, b]
    assert list(net[:1]) == [a] and type(net[:1]) is nn.Sequential
    net.append(c).insert(0, nn.Sigmoid())
    assert [type(each).__name__ for each in net] == ["Sigmoid", "ReLU", "Linear", "Tanh"]
    assert list(net._modules) == ["0", "1", "2", "3"]
    assert net.pop(0).__class__ is nn.Sigmoid and list(net) == [a, b, c]
    del net[1]
    assert list(net._modules) == ["0", "1"] and list(net) == [a, c]
    net[1] = b
    assert list(net) == [a, b]
    assert list(net + nn.Sequential(c)) == [a, b, c] and len(net * 2) == 4
    net.extend([c])
    assert len(net) == 3
    named = nn.Sequential(OrderedDict(first=a, second=c))
    assert named.first is a and named[1] is c and list(named.state_dict()) == []
    for call, error in [
        (lambda: net[5], IndexError),
        (lambda: net["x"], TypeError),
        (lambda: net + 3, ValueError),
        (lambda: net * 0, ValueError),
        (lambda: net * "x", TypeError),
        (lambda: net.insert(9, a), IndexError),
        (lambda: net.insert(0, 3), AssertionError),
        (lambda: net.append(3), TypeError),
    ]:
        with pytest.raises(error):
            call()


def test_module_list():
    layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU()])
    assert repr(layers) == (
        "ModuleList(\n  (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)\n  (2): ReLU()\n)"
    )
    assert repr(nn.ModuleList()) == "ModuleList()"
    layers.insert(0, nn.Tanh())
    assert next(iter(layers.state_dict())) == "1.weight"
    assert len(layers + [nn.ReLU()]) == 5  # noqa: RUF005
    assert len(layers[1:]) == 3
    layers += [nn.ReLU()]
    assert len(layers) == 5 and isinstance(layers.pop(-1), nn.ReLU)
    with pytest.raises(TypeError, match=r"ModuleList\.extend should be called with an iterable, but got int"):
        layers.extend(3)
    with pytest.raises(NotImplementedError):
        layers(1)


def test_module_dict():
    table = nn.ModuleDict({"a": nn.ReLU()})
    table.update([("b", nn.Linear(1, 1))])
    table["c"] = nn.Tanh()
    assert list(table) == list(table.keys()) == ["a", "b", "c"] and "a" in table and len(table) == 3
    assert isinstance(table.pop("c"), nn.Tanh)
    del table["a"]
    assert list(table.state_dict()) == ["b.weight", "b.bias"]
    assert [name for name, _ in table.items()] == ["b"] and len(list(table.values())) == 1
    with pytest.raises(KeyError):
        table["keys"] = nn.ReLU()
    with pytest.raises(ValueError, match="has length 3; 2 is required"):
        table.update([(1, 2, 3)])
    table.clear()
    assert len(table) == 0


def test_parameter_list():
    entries = nn.ParameterList([ember.ones(2), nn.Parameter(ember.ones(1)), 3])
    assert all(isinstance(each, nn.Parameter) for each in entries[:2]) and entries[2] == 3
    assert list(entries.state_dict()) == ["0", "1"]
    entries.append(ember.zeros(4))
    assert entries[-1].shape == (4,) and len(entries) == 4
    assert entries.pop().shape == (4,) and len(entries) == 3
    assert "(0): Parameter containing: [torch.float32 of size 2]" in repr(entries)
    with pytest.raises(IndexError):
        entries[5]
    with pytest.raises(RuntimeError, match="ParameterList should not be called"):
        entries()


def test_parameter_dict():
    table = nn.ParameterDict({"b": ember.ones(2), "a": ember.ones(1)})
    assert list(table) == ["a", "b"]  # of a plain dict: in the order of the keys
    table["keys"] = ember.zeros(3)  # the name of a method
    assert callable(table.keys) and table["keys"].shape == (3,)
    assert isinstance(table["a"], nn.Parameter) and table.get("z", 3) == 3
    assert list(table | {"c": ember.ones(1)}) == ["a", "b", "keys", "c"]
    assert table.popitem()[0] == "keys"
    assert table.pop("a").shape == (1,) and list(table.state_dict()) == ["b"]
    assert table.setdefault("z") is None
    with pytest.raises(KeyError):
        table["nope"]
    with pytest.raises(TypeError):
        table[3] = ember.ones(1)
    table.clear()
    assert len(table) == 0


def test_the_signature_of_a_module_is_that_of_its_call() -> None:
    linear = ember.nn.Linear(2, 3)
    assert str(inspect.signature(linear)) == "(*args, **kwargs)"
    assert list(inspect.signature(ember.nn.Linear).parameters)[:2] == ["in_features", "out_features"]


def test_functions_as_attributes_of_a_class_stay_functions() -> None:
    """PyTorch's are built in, which Python does not bind to instances."""

    class Block(nn.Module):
        activation = ember.tanh
        combine = ember.conv1d

    block, x = Block(), ember.ones(1, 1, 3)
    assert ember.equal(block.activation(x), x.tanh()) and block.activation is ember.tanh
    assert block.combine(x, weight=x).item() == 3
    assert ember.ones(2).tanh().shape == (2,) and x.flatten(1).shape == (1, 3)

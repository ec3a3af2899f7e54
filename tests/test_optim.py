"""Optimizers: a step equals its formula, state survives checkpoints, and options are checked."""

import copy
import math
import pickle

import numpy
import pytest

import ember
from ember import nn, optim

ALGORITHMS = {
    "sgd": (optim.SGD, {"lr": 0.1}),
    "sgd_decay": (optim.SGD, {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    "sgd_momentum": (optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.2}),
    "sgd_nesterov": (optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "adam": (optim.Adam, {"lr": 0.1}),
    "adam_decay": (optim.Adam, {"lr": 0.1, "weight_decay": 0.1, "betas": (0.5, 0.9)}),
    "adam_amsgrad": (optim.Adam, {"lr": 0.1, "amsgrad": True, "maximize": True}),
    "adamw": (optim.AdamW, {"lr": 0.1, "weight_decay": 0.1}),
    "adamw_amsgrad": (optim.AdamW, {"lr": 0.1, "amsgrad": True}),
    "rmsprop": (optim.RMSprop, {"lr": 0.1}),
    "rmsprop_momentum": (optim.RMSprop, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1}),
    "rmsprop_centered": (optim.RMSprop, {"lr": 0.1, "centered": True, "alpha": 0.9}),
    "rmsprop_both": (optim.RMSprop, {"lr": 0.1, "centered": True, "momentum": 0.5, "maximize": True}),
    "adagrad": (optim.Adagrad, {"lr": 0.1}),
    "adagrad_decay": (
        optim.Adagrad,
        {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5},
    ),
    "adadelta": (optim.Adadelta, {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    "adadelta_maximize": (optim.Adadelta, {"maximize": True}),
    "adamax": (optim.Adamax, {"lr": 0.1}),
    "adamax_decay": (optim.Adamax, {"lr": 0.1, "betas": (0.5, 0.6), "weight_decay": 0.1, "maximize": True}),
    "nadam": (optim.NAdam, {"lr": 0.1, "momentum_decay": 0.5, "weight_decay": 0.1}),
    "nadam_decoupled": (optim.NAdam, {"lr": 0.1, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    "radam": (optim.RAdam, {"lr": 0.1, "weight_decay": 0.1}),
    "radam_rectified": (optim.RAdam, {"lr": 0.1, "betas": (0.5, 0.8), "decoupled_weight_decay": True}),
    "asgd": (optim.ASGD, {"lr": 0.1, "lambd": 0.5, "alpha": 0.5, "weight_decay": 0.1}),
    "asgd_averaged": (optim.ASGD, {"lr": 0.1, "t0": 0.5, "maximize": True}),
    "rprop": (optim.Rprop, {"lr": 0.1}),
    "rprop_bounds": (optim.Rprop, {"lr": 0.1, "etas": (0.1, 3.0), "step_sizes": (0.05, 0.2), "maximize": True}),
}
VALUES = [1.0, -2.0, 0.5, 3.0]
GRADIENTS = [[0.5, -1.0, 2.0, 0.1], [-0.3, 0.0, 1.0, -2.0], [1.5, 0.7, -0.2, 0.4]]


def reference(optimizer, values, gradients):
    """The parameter after a step for each of `gradients`, in plain double arithmetic from the published formulas."""
    o = optimizer.param_groups[0]
    state = [{} for _ in values]
    for t, row in enumerate(gradients, start=1):
        for i, g in enumerate(row):
            values[i] = one_step(type(optimizer), o, state[i], t, values[i], -g if o["maximize"] else g)
    return values


def one_step(kind, o, s, t, x, g):
    decay = o.get("weight_decay", 0)
    if o.get("decoupled_weight_decay"):
        x *= 1 - o["lr"] * decay
    else:
        g += decay * x
    if issubclass(kind, optim.SGD):
        if o["momentum"]:
            s["b"] = g if t == 1 else o["momentum"] * s["b"] + (1 - o["dampening"]) * g
            g = g + o["momentum"] * s["b"] if o["nesterov"] else s["b"]
        return x - o["lr"] * g
    if issubclass(kind, optim.Adam):
        b1, b2 = o["betas"]
        s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
        s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
        s["top"] = max(s.get("top", 0), s["v"])
        v = (s["top"] if o["amsgrad"] else s["v"]) / (1 - b2**t)
        return x - o["lr"] * s["m"] / (1 - b1**t) / (math.sqrt(v) + o["eps"])
    if issubclass(kind, optim.RMSprop):
        a = o["alpha"]
        s["v"] = a * s.get("v", 0) + (1 - a) * g * g
        s["g"] = a * s.get("g", 0) + (1 - a) * g
        step = g / (math.sqrt(s["v"] - (s["g"] ** 2 if o["centered"] else 0)) + o["eps"])
        s["b"] = o["momentum"] * s.get("b", 0) + step
        return x - o["lr"] * s["b"]
    if kind in BY_NAME:
        return BY_NAME[kind](o, s, t, x, g)
    s["sum"] = s.get("sum", o["initial_accumulator_value"]) + g * g
    return x - o["lr"] / (1 + (t - 1) * o["lr_decay"]) * g / (math.sqrt(s["sum"]) + o["eps"])


def adadelta(o, s, t, x, g):
    s["v"] = o["rho"] * s.get("v", 0) + (1 - o["rho"]) * g * g
    delta = math.sqrt(s.get("u", 0) + o["eps"]) / math.sqrt(s["v"] + o["eps"]) * g
    s["u"] = o["rho"] * s.get("u", 0) + (1 - o["rho"]) * delta * delta
    return x - o["lr"] * delta


def adamax(o, s, t, x, g):
    b1, b2 = o["betas"]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["u"] = max(b2 * s.get("u", 0), abs(g) + o["eps"])
    return x - o["lr"] / (1 - b1**t) * s["m"] / s["u"]


def nadam(o, s, t, x, g):
    b1, b2 = o["betas"]
    mu = [b1 * (1 - 0.5 * 0.96 ** (i * o["momentum_decay"])) for i in range(1, t + 2)]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
    s["product"] = s.get("product", numpy.float32(1)) * numpy.float32(mu[t - 1])  # a state that holds one number
    product = float(s["product"])
    ahead = mu[t] * s["m"] / (1 - product * mu[t]) + (1 - mu[t - 1]) * g / (1 - product)
    return x - o["lr"] * ahead / (math.sqrt(s["v"] / (1 - b2**t)) + o["eps"])


def radam(o, s, t, x, g):
    b1, b2 = o["betas"]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
    longest = 2 / (1 - b2) - 1
    length = longest - 2 * t * b2**t / (1 - b2**t)
    mean = s["m"] / (1 - b1**t)
    if length <= 5:
        return x - o["lr"] * mean
    rectified = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return x - o["lr"] * mean * rectified * math.sqrt(1 - b2**t) / (math.sqrt(s["v"]) + o["eps"])


def asgd(o, s, t, x, g):
    rounded = numpy.float32  # the type of the states that hold one number
    eta, mu = s.get("eta", rounded(o["lr"])), s.get("mu", 1.0)
    x = x * (1 - o["lambd"] * float(eta)) - float(eta) * g
    s["ax"] = x if mu == 1 else s["ax"] + (x - s["ax"]) * mu
    s["eta"] = rounded(o["lr"] / (1 + o["lambd"] * o["lr"] * t) ** o["alpha"])
    s["mu"] = float(rounded(1 / max(1, t - o["t0"])))
    return x


def rprop(o, s, t, x, g):
    agreement = g * s.get("prev", 0)
    factor = o["etas"][1] if agreement > 0 else o["etas"][0] if agreement < 0 else 1
    s["length"] = min(max(s.get("length", o["lr"]) * factor, o["step_sizes"][0]), o["step_sizes"][1])
    s["prev"] = 0 if agreement < 0 else g
    return x - math.copysign(s["length"], s["prev"]) * (s["prev"] != 0)


BY_NAME = {
    optim.Adadelta: adadelta,
    optim.Adamax: adamax,
    optim.NAdam: nadam,
    optim.RAdam: radam,
    optim.ASGD: asgd,
    optim.Rprop: rprop,
}


def run(optimizer, parameter, gradients=GRADIENTS):
    for row in gradients:
        parameter.grad = ember.tensor(row, dtype=parameter.dtype).reshape(parameter.shape)
        optimizer.step()


def parameter_of(values=VALUES, dtype=ember.float64):
    return nn.Parameter(ember.tensor(values, dtype=dtype))


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(ember.float64, 1e-12), (ember.float32, 2e-6), (ember.bfloat16, 4e-2)]
)
def test_step_equals_its_formula(name, dtype, tolerance):
    kind, options = ALGORITHMS[name]
    parameter = parameter_of(dtype=dtype)
    optimizer = kind([parameter], **options)
    run(optimizer, parameter)
    expected = reference(optimizer, list(VALUES), GRADIENTS)
    assert parameter.tolist() == pytest.approx(expected, rel=tolerance, abs=tolerance)
    assert parameter.dtype == dtype
    assert parameter.requires_grad
    assert parameter.is_leaf


@pytest.mark.parametrize("name", ALGORITHMS)
def test_many_tensors_step_as_each_alone(name):
    kind, options = ALGORITHMS[name]
    shapes = [(70, 33), (1,), (0, 3), (), (5000,), (17, 3, 2)]
    ember.manual_seed(0)
    start = [ember.randn(shape) for shape in shapes]
    gradients = [[ember.randn(shape) for shape in shapes] for _ in range(3)]
    together = [nn.Parameter(tensor.clone()) for tensor in start]
    alone = [nn.Parameter(tensor.clone()) for tensor in start]
    all_at_once = kind(together, **options)
    one_by_one = [kind([parameter], **options) for parameter in alone]
    for row in gradients:
        for parameters in (together, alone):
            for parameter, gradient in zip(parameters, row, strict=True):
                parameter.grad = gradient.clone()
        all_at_once.step()
        for optimizer in one_by_one:
            optimizer.step()
    for a, b in zip(together, alone, strict=True):
        assert ember.equal(a, b)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_layouts_of_parameters_and_gradients(name):
    kind, options = ALGORITHMS[name]
    values, gradient = ember.randn(6, 4), ember.randn(6, 4)
    plain = nn.Parameter(values.clone())
    transposed = nn.Parameter(values.t().contiguous().t())
    sliced = nn.Parameter(ember.zeros(6, 8)[:, ::2].copy_(values))
    results = []
    for parameter in (plain, transposed, sliced):
        optimizer = kind([parameter], **options)
        for _ in range(2):
            parameter.grad = gradient.t().contiguous().t()
            optimizer.step()
        results.append(parameter.detach().clone())
    assert ember.equal(results[0], results[1])
    assert ember.equal(results[0], results[2])


@pytest.mark.parametrize("name", ALGORITHMS)
def test_checkpoint_continues_the_run_exactly(name):
    kind, options = ALGORITHMS[name]
    first = parameter_of(dtype=ember.float32)
    optimizer = kind([first], **options)
    run(optimizer, first, GRADIENTS[:2])
    second = nn.Parameter(first.detach().clone())
    resumed = kind([second], lr=99.0)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(optimizer, first, GRADIENTS[2:])
    run(resumed, second, GRADIENTS[2:])
    assert ember.equal(first, second)
    assert repr(optimizer) == repr(resumed)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_pickle_and_deepcopy(name):
    kind, options = ALGORITHMS[name]
    parameter = parameter_of(dtype=ember.float32)
    optimizer = kind([parameter], **options)
    run(optimizer, parameter)
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert repr(other) == repr(optimizer)
        (theirs,) = other.param_groups[0]["params"]
        assert ember.equal(theirs, parameter)
        run(other, theirs, GRADIENTS[:1])
    run(optimizer, parameter, GRADIENTS[:1])
    assert ember.equal(theirs, parameter)


def test_state_dict_structure():
    a, b, c = parameter_of(), parameter_of(), parameter_of()
    optimizer = optim.Adam([{"params": [a, b]}, {"params": c, "lr": 0.5}], amsgrad=True)
    for parameter in (a, c):
        parameter.grad = ember.ones(4, dtype=ember.float64)
    optimizer.step()
    saved = optimizer.state_dict()
    assert list(saved) == ["state", "param_groups"]
    assert list(saved["state"]) == [0, 2]
    assert list(saved["state"][0]) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
    step = saved["state"][0]["step"]
    assert (step.shape, step.dtype, step.item()) == ((), ember.float32, 1.0)
    assert [group["params"] for group in saved["param_groups"]] == [[0, 1], [2]]
    assert saved["param_groups"][1]["lr"] == 0.5
    assert saved["state"][0]["exp_avg"] is optimizer.state[a]["exp_avg"]
    options = (
        "lr betas eps weight_decay amsgrad maximize foreach capturable differentiable fused decoupled_weight_decay"
    )
    assert list(saved["param_groups"][0]) == [*options.split(), "params"]


def test_parameters_without_gradient_do_not_advance():
    used, unused = parameter_of(), parameter_of()
    optimizer = optim.Adam([used, unused], lr=0.1)
    run(optimizer, used)
    assert unused.tolist() == VALUES
    assert list(optimizer.state) == [used]
    unused.grad = ember.ones(4, dtype=ember.float64)
    used.grad = None
    before = used.tolist()
    optimizer.step()
    assert used.tolist() == before
    assert (optimizer.state[used]["step"].item(), optimizer.state[unused]["step"].item()) == (3.0, 1.0)
    assert unused.tolist() == pytest.approx([value - 0.1 for value in VALUES])


def test_state_that_the_user_replaces_is_used():
    parameter = parameter_of()
    optimizer = optim.Adam([parameter], lr=0.1)
    run(optimizer, parameter)
    optimizer.state[parameter]["exp_avg"] = ember.zeros(4, dtype=ember.float64)
    optimizer.state[parameter]["exp_avg_sq"] = ember.ones(4, dtype=ember.float64)
    before = parameter.tolist()
    parameter.grad = ember.zeros(4, dtype=ember.float64)
    optimizer.step()
    assert parameter.tolist() == before


def test_version_rises_and_backward_notices():
    parameter = parameter_of()
    optimizer = optim.SGD([parameter], lr=0.1)
    loss = (parameter * parameter).sum()
    parameter.grad = ember.ones(4, dtype=ember.float64)
    version = parameter._version
    optimizer.step()
    assert parameter._version > version
    with pytest.raises(RuntimeError):
        loss.backward()


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none):
    parameter = parameter_of()
    optimizer = optim.SGD([parameter])
    (parameter * 2).sum().backward()
    gradient = parameter.grad
    optimizer.zero_grad(set_to_none=set_to_none)
    if set_to_none:
        assert parameter.grad is None
    else:
        assert parameter.grad is gradient
        assert gradient.tolist() == [0.0] * 4


def test_closure_records_gradients_whatever_the_mode():
    parameter = parameter_of()
    optimizer = optim.SGD([parameter], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = parameter.sum()
        loss.backward()
        return loss

    with ember.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == sum(VALUES)
    assert parameter.tolist() == [value - 0.5 for value in VALUES]


def test_learning_rate_may_be_a_tensor():
    parameter = parameter_of()
    optimizer = optim.SGD([parameter], lr=ember.tensor(0.5))
    optimizer.param_groups[0]["lr"].fill_(0.25)
    parameter.grad = ember.ones(4, dtype=ember.float64)
    optimizer.step()
    assert parameter.tolist() == [value - 0.25 for value in VALUES]


def test_complex_parameters_step_by_parts():
    values = [complex(1, -2), complex(0.5, 3)]
    complex_parameter = nn.Parameter(ember.tensor(values))
    real_parameter = nn.Parameter(ember.tensor([1.0, -2.0, 0.5, 3.0]))
    both = [optim.Adam([parameter], lr=0.1) for parameter in (complex_parameter, real_parameter)]
    for _ in range(2):
        complex_parameter.grad = ember.tensor([complex(0.5, -1), complex(2, 0.1)])
        real_parameter.grad = ember.tensor(GRADIENTS[0])
        for optimizer in both:
            optimizer.step()
    parts = [part for z in complex_parameter.tolist() for part in (z.real, z.imag)]
    assert parts == real_parameter.tolist()


def test_repr():
    group = "\n".join(
        f"    {line}"
        for line in (
            "dampening: 0",
            "differentiable: False",
            "foreach: None",
            "fused: None",
            "lr: {}",
            "maximize: False",
            "momentum: 0.9",
            "nesterov: False",
            "weight_decay: 0",
        )
    )
    optimizer = optim.SGD([{"params": parameter_of()}, {"params": parameter_of(), "lr": 2}], lr=0.1, momentum=0.9)
    expected = f"SGD (\nParameter Group 0\n{group.format(0.1)}\n\nParameter Group 1\n{group.format(2)}\n)"
    assert repr(optimizer) == expected


def test_hooks():
    calls = []
    parameter = parameter_of()
    optimizer = optim.SGD([parameter])
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("pre")),
        optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append("post")),
        optimizer.register_state_dict_pre_hook(lambda o: calls.append("save")),
        optimizer.register_state_dict_post_hook(lambda o, saved: {**saved, "extra": 1}),
        optimizer.register_load_state_dict_pre_hook(lambda o, saved: calls.append("load")),
        optimizer.register_load_state_dict_post_hook(lambda o: calls.append("loaded")),
    ]
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved["extra"] == 1
    optimizer.load_state_dict(saved)
    assert calls == ["pre", "post", "save", "load", "loaded"]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(calls) == 5
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 5)
    with pytest.raises(RuntimeError, match="must return None or a tuple"):
        optimizer.step()


def test_global_hooks():
    from ember.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    calls = []
    handles = [
        register_optimizer_step_pre_hook(lambda o, args, kwargs: calls.append(("pre", o))),
        register_optimizer_step_post_hook(lambda o, args, kwargs: calls.append(("post", o))),
    ]
    optimizer = optim.SGD([parameter_of()])
    optimizer.step()
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert calls == [("pre", optimizer), ("post", optimizer)]


def test_users_own_optimizer():
    class Signed(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @ember.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        parameter.add_(parameter.grad.sign(), alpha=-group["lr"])

    parameter = parameter_of()
    optimizer = Signed([parameter], lr=0.5)
    calls = []
    optimizer.register_step_post_hook(lambda *args: calls.append(1))
    run(optimizer, parameter, [[1.0, -1.0, 0.0, 2.0]])
    assert parameter.tolist() == [0.5, -1.5, 0.5, 2.5]
    assert calls == [1]


def test_parameter_groups():
    a, b = parameter_of(), parameter_of()
    optimizer = optim.SGD([a], lr=0.1)
    optimizer.add_param_group({"params": b, "lr": 0.5})
    for parameter in (a, b):
        parameter.grad = ember.ones(4, dtype=ember.float64)
    optimizer.step()
    assert a.tolist() == pytest.approx([value - 0.1 for value in VALUES])
    assert b.tolist() == pytest.approx([value - 0.5 for value in VALUES])
    named = optim.SGD([("w", a), ("b", b)])
    assert named.param_groups[0]["param_names"] == ["w", "b"]
    assert named.state_dict()["param_groups"][0]["param_names"] == ["w", "b"]


W = nn.Parameter(ember.ones(2))
V = nn.Parameter(ember.ones(2))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: optim.SGD(W), TypeError, "iterable of Tensors or dicts, but got"),
        (lambda: optim.SGD([]), ValueError, "optimizer got an empty parameter list"),
        (lambda: optim.SGD(["a"]), TypeError, "one of the params is str"),
        (lambda: optim.SGD([W * 2]), ValueError, "can't optimize a non-leaf Tensor"),
        (lambda: optim.SGD([{"params": W}, {"params": [W]}]), ValueError, "more than one parameter group"),
        (lambda: optim.SGD([{"params": {W}}]), TypeError, "ordered collections"),
        (lambda: optim.SGD([("a", W), V]), ValueError, "with/without names"),
        (lambda: optim.SGD([{"params": [("a", W)]}, {"params": [V]}]), ValueError, "with/without names"),
        (lambda: optim.SGD([W]).add_param_group([V]), TypeError, "param_group must be a dict"),
        (lambda: optim.SGD([W], lr=-1), ValueError, "Invalid learning rate: -1"),
        (lambda: optim.SGD([W], momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda: optim.SGD([W], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
        (lambda: optim.SGD([W], nesterov=True), ValueError, "Nesterov momentum requires"),
        (lambda: optim.SGD([W], lr=ember.ones(2)), ValueError, "Tensor lr must be 1-element"),
        (lambda: optim.SGD([W], fused=True, foreach=True), RuntimeError, "cannot be `True` together"),
        (lambda: optim.SGD([W], fused=True, differentiable=True), RuntimeError, "`fused` does not support"),
        (lambda: optim.Adam([W], eps=-1), ValueError, "Invalid epsilon value: -1"),
        (lambda: optim.Adam([W], betas=(1.0, 0.9)), ValueError, "Invalid beta parameter at index 0: 1.0"),
        (lambda: optim.Adam([W], betas=(0.9, -1)), ValueError, "Invalid beta parameter at index 1: -1"),
        (lambda: optim.AdamW([W], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
        (lambda: optim.Adam([W], lr=ember.tensor(0.1), foreach=True), ValueError, "lr as a Tensor"),
        (lambda: optim.RMSprop([W], alpha=-1), ValueError, "Invalid alpha value: -1"),
        (lambda: optim.RMSprop([W], momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda: optim.Adagrad([W], lr_decay=-1), ValueError, "Invalid lr_decay value: -1"),
        (lambda: optim.Adagrad([W], initial_accumulator_value=-1), ValueError, "Invalid initial_accumulator_value"),
        (
            lambda: optim.SGD([W]).load_state_dict({"state": {}, "param_groups": []}),
            ValueError,
            "different number of parameter groups",
        ),
        (
            lambda: optim.SGD([W]).load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]}),
            ValueError,
            "doesn't match the size",
        ),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_gradient_of_another_shape_is_refused():
    parameter = parameter_of()
    optimizer = optim.Adam([parameter])
    run(optimizer, parameter)
    optimizer.state[parameter]["exp_avg"] = ember.ones(3, dtype=ember.float64)
    with pytest.raises(RuntimeError):
        optimizer.step()


def test_checkpoint_state_takes_the_parameters_type():
    source = parameter_of(dtype=ember.float64)
    optimizer = optim.Adam([source])
    run(optimizer, source)
    target = parameter_of(dtype=ember.float32)
    other = optim.Adam([target])
    other.load_state_dict(optimizer.state_dict())
    assert other.state[target]["exp_avg"].dtype == ember.float32
    assert other.state[target]["step"].dtype == ember.float32
    run(other, target)


def test_checkpoint_of_before_tensors_counted_steps():
    parameter = parameter_of()
    optimizer = optim.Adam([parameter])
    run(optimizer, parameter)
    saved = copy.deepcopy(optimizer.state_dict())
    saved["state"][0]["step"] = 3
    for name in ("foreach", "fused", "capturable", "differentiable", "maximize", "decoupled_weight_decay"):
        del saved["param_groups"][0][name]
    optimizer.load_state_dict(saved)
    assert optimizer.state[parameter]["step"].item() == 3.0
    run(optimizer, parameter)


def test_other_parameters_and_state_for_a_while():
    own, other = parameter_of(), parameter_of([0.0] * 4)
    optimizer = optim.Adam([own], lr=0.1)
    swap = optim.swap_in_optimizer_params_and_state
    with pytest.raises(RuntimeError, match="requires initialized optimizer state"), swap(optimizer, {}, {}):
        pass
    run(optimizer, own, GRADIENTS[:1])
    state = copy.deepcopy(optimizer.state_dict())
    state["param_groups"][0]["lr"] = 9.0
    before = own.tolist()
    with swap(optimizer, {"x": other}, state):
        assert optimizer.param_groups[0]["params"] == [other]
        run(optimizer, other, GRADIENTS[1:2])
    assert own.tolist() == before
    assert (optimizer.param_groups[0]["lr"], optimizer.state[own]["step"].item()) == (0.1, 1)
    assert state["state"][0]["step"].item() == 2
    assert other.abs().max() > 1
    for broken, message in (
        ({**state, "param_groups": []}, "different number of parameter groups"),
        ({**state, "param_groups": [{**state["param_groups"][0], "params": [0, 1]}]}, "different number of params"),
    ):
        with pytest.raises(RuntimeError, match=message), swap(optimizer, {"x": other}, broken):
            pass
    with pytest.raises(RuntimeError, match="0 parameters; 1 are expected"), swap(optimizer, {}, state):
        pass

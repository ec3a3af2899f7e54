"""Optimizers that are composed of tensor operations, and steps that autograd records."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import ember
from ember import nn, optim


def parameter_of(values):
    return nn.Parameter(ember.tensor(values, dtype=ember.float64))


# ---- LBFGS ----------------------------------------------------------------------------------------------------------


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def minimize(loss_of, parameters, steps, **options):
    optimizer = optim.LBFGS(parameters, **options)
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = loss_of(*parameters)
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(steps)]
    assert optimizer.state[parameters[0]]["func_evals"] == calls
    return losses


def test_lbfgs_finds_the_minimum_of_rosenbrock():
    x = parameter_of([-1.2, 1.0])
    minimize(rosenbrock, [x], 5, line_search_fn="strong_wolfe", tolerance_grad=1e-10, tolerance_change=1e-14)
    assert x.tolist() == pytest.approx([1, 1], abs=1e-8)


def test_lbfgs_solves_a_quadratic_of_several_tensors():
    random = np.random.default_rng(0)
    root = random.standard_normal((5, 5))
    matrix, target = ember.tensor(root @ root.T + np.eye(5)), ember.tensor(random.standard_normal(5))

    def loss(a, b):
        x = ember.cat([a, b.flatten()])
        return 0.5 * x @ matrix @ x - target @ x

    parameters = [parameter_of(np.zeros(3)), parameter_of(np.zeros((1, 2)))]
    losses = minimize(
        loss, parameters, 3, max_iter=50, line_search_fn="strong_wolfe", tolerance_grad=1e-10, tolerance_change=1e-16
    )
    found = np.concatenate([parameters[0].tolist(), parameters[1].flatten().tolist()])
    np.testing.assert_allclose(found, np.linalg.solve(matrix.numpy(), target.numpy()), atol=1e-8)
    assert losses[0] == 0 > losses[1]


def test_lbfgs_bounds_its_work():
    x = parameter_of([-1.2, 1.0])
    optimizer = optim.LBFGS([x], lr=1e-3, max_iter=7, max_eval=4)
    optimizer.step(lambda: (optimizer.zero_grad(), rosenbrock(x), rosenbrock(x).backward())[1])
    assert optimizer.state[x]["func_evals"] == 4
    at_minimum = parameter_of([1.0, 1.0])
    optimizer = optim.LBFGS([at_minimum])
    optimizer.step(lambda: (optimizer.zero_grad(), rosenbrock(at_minimum), rosenbrock(at_minimum).backward())[1])
    assert (optimizer.state[at_minimum]["func_evals"], optimizer.state[at_minimum]["n_iter"]) == (1, 0)


def test_lbfgs_resumes_from_a_checkpoint():
    x = parameter_of([-1.2, 1.0])
    options = {"max_iter": 3, "line_search_fn": "strong_wolfe"}
    optimizer = optim.LBFGS([x], **options)

    def closure_of(optimizer, x):
        return lambda: (optimizer.zero_grad(), rosenbrock(x), rosenbrock(x).backward())[1]

    optimizer.step(closure_of(optimizer, x))
    other = nn.Parameter(x.detach().clone())
    resumed = optim.LBFGS([other], **options)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for each, parameter in ((optimizer, x), (resumed, other)):
        each.step(closure_of(each, parameter))
    assert ember.equal(x, other)


def test_lbfgs_errors():
    x, y = parameter_of([1.0]), parameter_of([1.0])
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        optim.LBFGS([{"params": [x]}, {"params": [y]}])
    with pytest.raises(TypeError, match="closure"):
        optim.LBFGS([x]).step()
    optimizer = optim.LBFGS([x], line_search_fn="armijo")
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        optimizer.step(lambda: (optimizer.zero_grad(), (x * x).sum(), (x * x).sum().backward())[1])


# ---- Adafactor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (6,), ()])
@pytest.mark.parametrize("maximize", [False, True])
def test_adafactor_equals_its_formula(shape, maximize):
    random = np.random.default_rng(0)
    x = random.standard_normal(shape)
    lr, decay, (eps1, eps2), d, weight_decay = 0.1, -0.6, (1e-4, 0.01), 1.2, 0.1
    parameter = parameter_of(x)
    optimizer = optim.Adafactor([parameter], lr, decay, (eps1, eps2), d, weight_decay, maximize=maximize)
    rows, columns, variance = 0.0, 0.0, 0.0
    for t in range(1, 5):
        g = random.standard_normal(shape)
        parameter.grad = ember.tensor(g)
        optimizer.step()
        weight, scale = t**decay, max(eps2, np.sqrt((x**2).mean())) * min(lr, t**-0.5)
        x = x * (1 - lr * weight_decay)
        if x.ndim > 1:
            rows = rows + weight * ((g**2).mean(-1, keepdims=True) - rows)
            columns = columns + weight * ((g**2).mean(-2, keepdims=True) - columns)
            estimate = rows * columns / np.maximum(rows.mean(-2, keepdims=True), eps1)
        else:
            estimate = variance = variance + weight * (g**2 - variance)
        update = g / np.sqrt(np.maximum(estimate, eps1**2)) * (-1 if maximize else 1)
        x = x - scale / max(1, np.sqrt((update**2).mean()) / d) * update
        np.testing.assert_allclose(parameter.detach().numpy(), x, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Learning rate should be >= 0 but is: -1"),
        ({"beta2_decay": 0.1}, "beta2_decay should be <= 0 but is: 0.1"),
        ({"eps": (-1, 0)}, "epsilon1 should be >= 0 but is: -1"),
        ({"eps": (None, -1)}, "epsilon2 should be >= 0 but is: -1"),
        ({"d": 0.5}, "Clipping threshold d should be >= 1 but is: 0.5"),
        ({"weight_decay": -1}, "weight_decay should be >= 0 but is: -1"),
    ],
)
def test_adafactor_errors(options, message):
    with pytest.raises(ValueError, match=message):
        optim.Adafactor([parameter_of([1.0])], **options)


def test_adafactor_refuses_complex_numbers():
    x = nn.Parameter(ember.ones(2, dtype=ember.complex64))
    x.grad = ember.ones(2, dtype=ember.complex64)
    with pytest.raises(RuntimeError, match="Adafactor does not support complex parameters"):
        optim.Adafactor([x]).step()


# ---- Muon -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (6, 6)])
@pytest.mark.parametrize("nesterov", [False, True])
def test_muon_steps_along_an_orthogonal_matrix(shape, nesterov):
    random = np.random.default_rng(0)
    left, _, right = np.linalg.svd(random.standard_normal(shape), full_matrices=False)
    gradient = left @ np.diag(np.linspace(1, 2, min(shape))) @ right
    weight = parameter_of(random.standard_normal(shape))
    before = weight.detach().numpy().copy()
    weight.grad = ember.tensor(gradient)
    optim.Muon([weight], lr=0.1, weight_decay=0.5, nesterov=nesterov).step()
    step = (before * (1 - 0.1 * 0.5) - weight.detach().numpy()) / 0.1 / max(1, shape[0] / shape[1]) ** 0.5
    values = np.linalg.svd(step, compute_uv=False)
    assert (
        (values > 0.6) & (values < 1.3)
    ).all()  # what five iterations reach from singular values within a factor of 2
    np.testing.assert_allclose(step, left @ right * (step * (left @ right)).sum() / min(shape), atol=0.25)


def test_muon_scales_and_errors():
    steps = []
    for adjust in (None, "match_rms_adamw"):
        weight = parameter_of(np.zeros((6, 2)))
        weight.grad = ember.ones(6, 2, dtype=ember.float64)
        optim.Muon([weight], adjust_lr_fn=adjust).step()
        steps.append(weight.detach().norm().item())
    assert steps[1] / steps[0] == pytest.approx(0.2 * 6**0.5 / 3**0.5)
    with pytest.raises(ValueError, match=r"Muon only supports 2D parameters .* torch.Size\(\[2\]\)"):
        optim.Muon([parameter_of([1.0, 2.0])])
    with pytest.raises(ValueError, match="Adjust learning rate function x is not supported"):
        optim.Muon([weight], adjust_lr_fn="x")
    with pytest.raises(ValueError, match="momentum should be >= 0 but is: -1"):
        optim.Muon([weight], momentum=-1)


# ---- differentiable=True --------------------------------------------------------------------------------------------

DIFFERENTIABLE = [
    (optim.SGD, {"lr": 0.1, "weight_decay": 0.1}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (optim.Adam, {"lr": 0.1, "weight_decay": 0.1}),
    (optim.Adam, {"lr": 0.1, "amsgrad": True, "maximize": True}),
    (optim.AdamW, {"lr": 0.1, "weight_decay": 0.3}),
    (optim.RMSprop, {"lr": 0.1, "centered": True, "momentum": 0.5}),
    (optim.Adagrad, {"lr": 0.1, "lr_decay": 0.1}),
    (optim.Adadelta, {"lr": 0.5, "eps": 1e-2}),
    (optim.Adamax, {"lr": 0.1}),
    (optim.NAdam, {"lr": 0.1}),
    (optim.RAdam, {"lr": 0.1, "betas": (0.5, 0.7)}),
    (optim.ASGD, {"lr": 0.1, "lambd": 0.2, "t0": 0}),
    (optim.Rprop, {"lr": 0.1}),
]
STEPS = 4


def unrolled(kind, options, start, slope):
    """The parameter after some steps on slope * x^4, as a function of where they started and of the slope."""
    x = start.clone()
    optimizer = kind([x], **options, differentiable=True)
    for _ in range(STEPS):
        x.grad = 4 * slope * x.clone() ** 3
        optimizer.step()
    return x


@pytest.mark.parametrize(("kind", "options"), DIFFERENTIABLE)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_recorded_steps_have_the_right_gradients(kind, options):
    start = ember.tensor([0.7, -1.3], dtype=ember.float64, requires_grad=True)
    slope = ember.tensor([1.1, 0.4], dtype=ember.float64, requires_grad=True)
    assert ember.autograd.gradcheck(lambda x, s: unrolled(kind, options, x, s), (start, slope))


@pytest.mark.parametrize(("kind", "options"), DIFFERENTIABLE)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("dtype", [ember.float64, ember.complex128])
def test_recorded_steps_equal_the_fused_ones(kind, options, dtype):
    values = [0.7, -1.3] if dtype is ember.float64 else [0.7 + 0.2j, -1.3 - 1j]
    start = ember.tensor(values, dtype=dtype)
    results, states = [], []
    for differentiable in (True, False):
        x = start.clone()
        optimizer = kind([x], **options, differentiable=differentiable)
        for i in range(STEPS):
            x.grad = start * (i + 1)
            with ember.no_grad():  # a differentiable step records itself all the same
                optimizer.step()
        results.append(x.detach())
        states.append([each for each in optimizer.state[x].values() if isinstance(each, ember.Tensor)])
    ember.testing.assert_close(*results, rtol=1e-12, atol=1e-12)
    for recorded, fused in zip(*states, strict=True):
        ember.testing.assert_close(recorded.detach(), fused, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "options"), [(kind, options) for kind, options in DIFFERENTIABLE if kind not in (optim.ASGD, optim.Rprop)]
)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_recorded_steps_are_differentiated_by_the_learning_rate(kind, options):
    start = ember.tensor([0.7, -1.3], dtype=ember.float64)
    slope = ember.tensor([1.1, 0.4], dtype=ember.float64)
    rate = ember.tensor(options["lr"], dtype=ember.float64, requires_grad=True)
    assert ember.autograd.gradcheck(lambda lr: unrolled(kind, {**options, "lr": lr}, start, slope), (rate,))
    ember.testing.assert_close(
        unrolled(kind, {**options, "lr": rate}, start, slope).detach(), unrolled(kind, options, start, slope)
    )


def test_recorded_steps_refuse_leaves():
    x = parameter_of([1.0])
    x.grad = ember.ones(1, dtype=ember.float64)
    with pytest.raises(RuntimeError, match="leaf"):
        optim.SGD([x], differentiable=True).step()

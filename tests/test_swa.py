"""Averaged models, the schedule towards them, and batch statistics computed anew."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import ember
from ember import nn, optim
from ember.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x):
        return self.norm(self.fc(x))


def models(count):
    """Models as training goes by, each with other parameters and buffers."""
    model = Model()
    for i in range(count):
        with ember.no_grad():
            for each in (*model.parameters(), model.norm.running_mean, model.norm.running_var):
                each.copy_(ember.randn(each.shape))
            model.norm.num_batches_tracked.fill_(3 * i)
        yield model


def average_of(values, kind):
    if kind == "swa":
        return np.mean(values, 0)
    result = values[0]
    for value in values[1:]:
        result = 0.9 * result + 0.1 * value
    return result


@pytest.mark.parametrize("kind", ["swa", "ema"])
@pytest.mark.parametrize("form", ["default", "one", "multi"])
@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages(kind, form, use_buffers):
    if form == "default":
        options = {} if kind == "swa" else {"multi_avg_fn": get_ema_multi_avg_fn(0.9)}
    elif form == "one":
        options = {"avg_fn": get_swa_avg_fn() if kind == "swa" else get_ema_avg_fn(0.9)}
    else:
        options = {"multi_avg_fn": get_swa_multi_avg_fn() if kind == "swa" else get_ema_multi_avg_fn(0.9)}
    seen = []
    for model in models(5):
        if not seen:
            averaged = AveragedModel(model, use_buffers=use_buffers, **options)
        averaged.update_parameters(model)
        seen.append({key: value.double().numpy().copy() for key, value in model.state_dict().items()})
    assert averaged.n_averaged.item() == 5
    for key, value in averaged.module.state_dict().items():
        parameter = not ("running" in key or "tracked" in key)
        if key == "norm.num_batches_tracked" and use_buffers:
            continue
        values = [each[key] for each in seen]
        expected = average_of(values, kind) if parameter or use_buffers else values[-1]
        np.testing.assert_allclose(value.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_averaged_model_is_a_module_of_its_own():
    model = Model()
    averaged = AveragedModel(model)
    assert list(averaged.state_dict()) == ["n_averaged", *(f"module.{key}" for key in model.state_dict())]
    x = ember.randn(4, 3)
    assert ember.equal(averaged.eval()(x), copy.deepcopy(model).eval()(x))
    with ember.no_grad():
        model.fc.weight.zero_()
    assert averaged.module.fc.weight.abs().sum() > 0
    loaded = AveragedModel(Model())
    loaded.load_state_dict(averaged.state_dict())
    assert ember.equal(loaded.module.fc.weight, averaged.module.fc.weight)
    pickle.loads(pickle.dumps(averaged))
    with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn should be provided"):
        AveragedModel(model, avg_fn=get_ema_avg_fn(), multi_avg_fn=get_ema_multi_avg_fn())
    for make in (get_ema_avg_fn, get_ema_multi_avg_fn):
        with pytest.raises(ValueError, match="Invalid decay value 2 provided"):
            make(2)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
def test_swalr(strategy):
    groups = [{"params": [nn.Parameter(ember.ones(1))], "lr": lr} for lr in (1.0, 0.2)]
    optimizer = optim.SGD(groups, lr=0.1)
    scheduler = SWALR(optimizer, [0.5, 0.4], anneal_epochs=4, anneal_strategy=strategy)
    for epoch in range(7):
        share = min(1, epoch / 4)
        if strategy == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        expected = [end * share + start * (1 - share) for start, end in ((1.0, 0.5), (0.2, 0.4))]
        assert scheduler.get_last_lr() == pytest.approx(expected)
        optimizer.step()
        scheduler.step()
    immediately = SWALR(optim.SGD([nn.Parameter(ember.ones(1))], lr=1.0), 0.3, anneal_epochs=0)
    assert immediately.get_last_lr() == [0.3]


def test_swalr_errors():
    optimizer = optim.SGD([nn.Parameter(ember.ones(1))], lr=1.0)
    for options, message in (
        ({"anneal_strategy": "x"}, "anneal_strategy must be one of 'cos' or 'linear', instead got x"),
        ({"anneal_epochs": -1}, "anneal_epochs must be equal or greater than 0, got -1"),
        ({"anneal_epochs": 1.5}, "anneal_epochs must be equal or greater than 0, got 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            SWALR(optimizer, 0.1, **options)
    with pytest.raises(ValueError, match="swa_lr must have the same length"):
        SWALR(optimizer, [0.1, 0.2])


def test_update_bn():
    model = Model().eval()
    batches = [ember.randn(8, 3) for _ in range(4)]
    model.norm.momentum = 0.3
    for loader in (batches, [(batch, "label") for batch in batches], [[batch] for batch in batches]):
        model.norm.running_mean.fill_(9)
        update_bn(loader, model)
        outputs = np.stack([model.fc(batch).detach().numpy() for batch in batches])
        np.testing.assert_allclose(model.norm.running_mean.numpy(), outputs.mean((0, 1)), atol=1e-6)
        np.testing.assert_allclose(model.norm.running_var.numpy(), outputs.var(1, ddof=1).mean(0), rtol=1e-5)
        assert (model.norm.momentum, model.training, model.norm.training) == (0.3, False, False)
    plain = nn.Linear(3, 2).eval()
    update_bn(iter([None]), plain)  # nothing to compute: not called

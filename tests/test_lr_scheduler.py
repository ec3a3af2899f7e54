"""Learning rate schedules: closed forms, resuming, order of calls."""

import copy
import math
import pickle
import warnings

import pytest

import ember
from ember import nn, optim
from ember.optim import lr_scheduler as schedules

EPOCHS = 60

# name: (make, the rate of epoch e from an initial rate of 1)
CLOSED = {
    "lambda": (lambda o: schedules.LambdaLR(o, lambda e: 0.95**e), lambda e: 0.95**e),
    "multiplicative": (lambda o: schedules.MultiplicativeLR(o, lambda e: 0.95), lambda e: 0.95**e),
    "step": (lambda o: schedules.StepLR(o, 7, 0.5), lambda e: 0.5 ** (e // 7)),
    "multistep": (
        lambda o: schedules.MultiStepLR(o, [3, 9, 9, 20], 0.5),
        lambda e: 0.5 ** sum(e >= m for m in (3, 9, 9, 20)),
    ),
    "constant": (lambda o: schedules.ConstantLR(o, 0.25, 4), lambda e: 0.25 if e < 4 else 1.0),
    "linear": (lambda o: schedules.LinearLR(o, 0.25, 0.75, 20), lambda e: 0.25 + 0.5 * min(e, 20) / 20),
    "exponential": (lambda o: schedules.ExponentialLR(o, 0.9), lambda e: 0.9**e),
    "polynomial": (lambda o: schedules.PolynomialLR(o, 30, 2.0), lambda e: max(0, 1 - e / 30) ** 2),
    "cosine": (
        lambda o: schedules.CosineAnnealingLR(o, 13, 0.01),
        lambda e: 0.01 + 0.99 * (1 + math.cos(math.pi * e / 13)) / 2,
    ),
    "restarts": (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 10, 1, 0.01),
        lambda e: 0.01 + 0.99 * (1 + math.cos(math.pi * (e % 10) / 10)) / 2,
    ),
    "cyclic": (
        lambda o: schedules.CyclicLR(o, 0.1, 1.0, 5, 15),
        lambda e: 0.1 + 0.9 * (e % 20 / 5 if e % 20 <= 5 else (20 - e % 20) / 15),
    ),
    "triangular2": (
        lambda o: schedules.CyclicLR(o, 0.1, 1.0, 5, mode="triangular2"),
        lambda e: 0.1 + 0.9 * (1 - abs(e % 10 - 5) / 5) / 2 ** (e // 10),
    ),
    "one_cycle": (
        lambda o: schedules.OneCycleLR(o, 1.0, 100, anneal_strategy="linear"),
        lambda e: 0.04 + 0.96 * e / 29 if e <= 29 else 1.0 + (4e-6 - 1.0) * (e - 29) / 70,
    ),
    "sequential": (
        lambda o: schedules.SequentialLR(o, [schedules.ConstantLR(o, 0.1, 99), schedules.ExponentialLR(o, 0.9)], [4]),
        lambda e: 0.1 if e < 4 else 0.9 ** (e - 4),
    ),
    "chained": (
        lambda o: schedules.ChainedScheduler([schedules.ConstantLR(o, 0.1, 4), schedules.ExponentialLR(o, 0.9)]),
        lambda e: (0.1 if e < 4 else 1.0) * 0.9**e,
    ),
}


def optimizer_of(groups=1, kind=optim.SGD, **options):
    options = {"lr": 1.0, **({"momentum": 0.9} if kind is optim.SGD else {}), **options}
    return kind([{"params": nn.Parameter(ember.ones(1))} for _ in range(groups)], **options)


def step(optimizer, scheduler):
    optimizer.step()
    scheduler.step()


@pytest.mark.parametrize("name", CLOSED)
def test_rates_follow_the_closed_form(name):
    make, rate = CLOSED[name]
    optimizer = optimizer_of(groups=2)
    scheduler = make(optimizer)
    for epoch in range(EPOCHS):
        assert scheduler.get_last_lr() == pytest.approx([rate(epoch)] * 2, rel=1e-9, abs=1e-15), epoch
        assert [group["lr"] for group in optimizer.param_groups] == scheduler.get_last_lr()
        step(optimizer, scheduler)


@pytest.mark.parametrize("name", CLOSED)
def test_resume_gives_the_same_rates(name):
    make, _ = CLOSED[name]
    optimizer = optimizer_of()
    scheduler = make(optimizer)
    for _ in range(11):
        step(optimizer, scheduler)
    other_optimizer = optimizer_of()
    other = make(other_optimizer)
    other_optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    other.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    for _ in range(EPOCHS - 11):
        step(optimizer, scheduler)
        step(other_optimizer, other)
        assert other.get_last_lr() == scheduler.get_last_lr()
        assert other_optimizer.param_groups[0]["momentum"] == optimizer.param_groups[0]["momentum"]
    assert other.state_dict() == scheduler.state_dict()


@pytest.mark.parametrize("name", [name for name in CLOSED if name not in ("lambda", "multiplicative")])
def test_pickle_keeps_the_schedule(name):
    optimizer = optimizer_of()
    scheduler = CLOSED[name][0](optimizer)
    step(optimizer, scheduler)
    other = pickle.loads(pickle.dumps(scheduler))
    step(optimizer, scheduler)
    step(other.optimizer, other)
    assert other.get_last_lr() == scheduler.get_last_lr()
    assert other.optimizer is not optimizer


@pytest.mark.parametrize("name", [name for name in CLOSED if name not in ("sequential", "chained", "multiplicative")])
@pytest.mark.filterwarnings("ignore:Detected call")
def test_a_given_epoch_uses_the_closed_form(name):
    make, rate = CLOSED[name]
    scheduler = make(optimizer_of())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler.step(17)
    assert scheduler.get_last_lr() == pytest.approx([rate(17)])


def test_learning_rate_tensor_keeps_its_identity():
    rate = ember.tensor(1.0)
    optimizer = optim.SGD([nn.Parameter(ember.ones(1))], lr=rate)
    scheduler = schedules.ExponentialLR(optimizer, 0.5)
    step(optimizer, scheduler)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5
    assert scheduler.get_last_lr()[0] is not rate


def test_momentum_goes_against_the_rate():
    for kind, momentum in (
        (optim.SGD, lambda group: group["momentum"]),
        (optim.AdamW, lambda group: group["betas"][0]),
    ):
        optimizer = optimizer_of(kind=kind)
        scheduler = schedules.CyclicLR(optimizer, 0.1, 1.0, 2, base_momentum=0.8, max_momentum=0.9)
        seen = []
        for _ in range(4):
            seen.append(momentum(optimizer.param_groups[0]))
            step(optimizer, scheduler)
        assert seen == pytest.approx([0.9, 0.85, 0.8, 0.85])


def test_restarts_grow():
    optimizer = optimizer_of()
    scheduler = schedules.CosineAnnealingWarmRestarts(optimizer, 2, 2)
    tops = []
    for epoch in range(20):
        if scheduler.get_last_lr() == [1.0]:
            tops.append(epoch)
        step(optimizer, scheduler)
    assert tops == [0, 2, 6, 14]
    scheduler.step(6.5)
    assert (scheduler.T_cur, scheduler.T_i, scheduler.last_epoch) == (0.5, 8, 6)


def test_plateau():
    optimizer = optimizer_of()
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1, min_lr=0.2)
    rates = []
    for loss in (1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4, float("nan")):
        scheduler.step(ember.tensor(loss))
        rates += scheduler.get_last_lr()
    assert rates == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25]
    assert scheduler.best == pytest.approx(0.4)
    other = schedules.ReduceLROnPlateau(optimizer_of())
    other.load_state_dict(scheduler.state_dict())
    assert other.state_dict() == scheduler.state_dict()


def test_plateau_modes():
    better = schedules.ReduceLROnPlateau(optimizer_of(), mode="max", threshold=0.1, threshold_mode="abs")
    better.step(1.0)
    better.step(1.05)
    assert (better.best, better.num_bad_epochs) == (1.0, 1)
    better.step(1.2)
    assert (better.best, better.num_bad_epochs) == (1.2, 0)


def test_callable_objects_are_saved():
    class Halving:
        def __init__(self, base):
            self.base = base

        def __call__(self, epoch):
            return self.base**epoch

    scheduler = schedules.LambdaLR(optimizer_of(), Halving(0.5))
    saved = scheduler.state_dict()
    assert saved["lr_lambdas"] == [{"base": 0.5}]
    other = schedules.LambdaLR(optimizer_of(), Halving(0.9))
    other.load_state_dict(saved)
    assert other.lr_lambdas[0].base == 0.5
    assert schedules.LambdaLR(optimizer_of(), lambda e: 1.0).state_dict()["lr_lambdas"] == [None]


def test_order_of_calls_is_watched():
    optimizer = optimizer_of()
    scheduler = schedules.StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match="before `optimizer.step"):
        scheduler.step()
    optimizer = optimizer_of()
    scheduler = schedules.StepLR(optimizer, 3)
    optimizer.step = lambda *args: None
    with pytest.warns(UserWarning, match="overridden"):
        scheduler.step()
    optimizer = optimizer_of()
    scheduler = schedules.StepLR(optimizer, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(optimizer, scheduler)
    with pytest.warns(UserWarning, match="get_last_lr"):
        scheduler.get_lr()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(3)


def test_two_schedules_and_users_own():
    class Constant(schedules.LRScheduler):
        def get_lr(self):
            return [2 * base for base in self.base_lrs]

    optimizer = optimizer_of()
    scheduler = Constant(optimizer)
    assert optimizer.param_groups[0]["lr"] == 2.0
    schedules.ExponentialLR(optimizer, 0.5)
    step(optimizer, scheduler)
    assert optimizer.param_groups[0]["initial_lr"] == 1.0
    assert issubclass(schedules._LRScheduler, schedules.LRScheduler)
    resumed = schedules.StepLR(optimizer, 5, last_epoch=8)
    assert resumed.last_epoch == 9


def errors():
    s = schedules
    return [
        (lambda: s.StepLR(5, 3), TypeError, "int is not an Optimizer"),
        (lambda: s.StepLR(optimizer_of(), 3, last_epoch=4), KeyError, "initial_lr"),
        (lambda: s.LambdaLR(optimizer_of(2), [lambda e: 1.0]), ValueError, "Expected 2 lr_lambdas, but got 1"),
        (lambda: s.MultiplicativeLR(optimizer_of(), [5]), TypeError, "should be a function, but got int"),
        (lambda: s.ConstantLR(optimizer_of(), 2.0), ValueError, "between 0 and 1"),
        (lambda: s.LinearLR(optimizer_of(), 0), ValueError, "Starting multiplicative factor"),
        (lambda: s.LinearLR(optimizer_of(), 0.5, 2), ValueError, "Ending multiplicative factor"),
        (lambda: s.SequentialLR(optimizer_of(), [], []), ValueError, "at least one scheduler"),
        (lambda: s.SequentialLR(optimizer_of(), [s.ConstantLR(optimizer_of())], []), ValueError, "same optimizer"),
        (lambda: s.ChainedScheduler([]), ValueError, "at least one scheduler"),
        (
            lambda: s.ChainedScheduler([s.ReduceLROnPlateau(optimizer_of())]),
            ValueError,
            "does not support `ReduceLROnPlateau`",
        ),
        (lambda: s.ReduceLROnPlateau(optimizer_of(), factor=1.0), ValueError, "Factor should be < 1.0"),
        (lambda: s.ReduceLROnPlateau(optimizer_of(), mode="x"), ValueError, "mode x is unknown"),
        (lambda: s.ReduceLROnPlateau(optimizer_of(), min_lr=[1, 2]), ValueError, "expected 1 min_lrs, got 2"),
        (lambda: s.CyclicLR(optimizer_of(), [0.1, 0.2], 1.0), ValueError, "base_lr has 2 values, param_groups has 1"),
        (lambda: s.CyclicLR(optimizer_of(), 0.1, 1.0, mode="x"), ValueError, "mode is invalid"),
        (lambda: s.CyclicLR(optimizer_of(kind=optim.Adagrad), 0.1, 1.0), ValueError, "must support momentum or beta1"),
        (lambda: s.CosineAnnealingWarmRestarts(optimizer_of(), 0), ValueError, "Expected positive integer T_0"),
        (lambda: s.CosineAnnealingWarmRestarts(optimizer_of(), 2, 1.5), ValueError, "Expected integer T_mult >= 1"),
        (lambda: s.OneCycleLR(optimizer_of(), 1.0), ValueError, "You must define either total_steps"),
        (lambda: s.OneCycleLR(optimizer_of(), 1.0, 0), ValueError, "positive integer total_steps"),
        (lambda: s.OneCycleLR(optimizer_of(), 1.0, 10, pct_start=2.0), ValueError, "between 0 and 1 pct_start"),
        (lambda: s.OneCycleLR(optimizer_of(), 1.0, 10, anneal_strategy="x"), ValueError, "'cos' or 'linear'"),
        (lambda: s.LRScheduler(optimizer_of()), NotImplementedError, None),
    ]


@pytest.mark.parametrize(("make", "error", "message"), errors())
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.filterwarnings("ignore:Detected call")
def test_one_cycle_ends():
    optimizer = optimizer_of()
    scheduler = schedules.OneCycleLR(optimizer, 1.0, 3)
    for _ in range(3):
        step(optimizer, scheduler)
    with pytest.raises(ValueError, match="Tried to step 4 times"):
        step(optimizer, scheduler)

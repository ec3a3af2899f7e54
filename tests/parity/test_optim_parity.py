"""Optimizers, schedules and collating beside PyTorch's, and checkpoints exchanged between the two."""

import copy
import inspect

import numpy
import pytest

import ember

torch = pytest.importorskip("torch")

OPTIMIZERS = [
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "momentum_decay": 0.1, "maximize": True}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.6), "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 1, "weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.05, 0.2), "maximize": True}),
    ("Adafactor", {}),
    (
        "Adafactor",
        {"lr": 0.1, "beta2_decay": -0.5, "eps": (1e-3, 0.1), "d": 1.5, "weight_decay": 0.1, "maximize": True},
    ),
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"weight_decay": 0.1, "amsgrad": True}),
    ("Adam", {"betas": (0.5, 0.9), "maximize": True, "eps": 1e-3}),
    ("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.9, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.5, "alpha": 0.9, "maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.3}),
]
SHAPES = [(37, 5), (3,), (), (1001,)]


def number(x):
    """A tensor of either package as a numpy array."""
    return numpy.array(x.detach().tolist())


class Twins:
    """The same parameters, gradients and options in both packages."""

    def __init__(self, name, options, dtype="float32", seed=0):
        self.random = numpy.random.default_rng(seed)
        self.dtype = dtype
        values = [self.random.standard_normal(shape) for shape in SHAPES]
        self.parameters = {
            lib: [lib.nn.Parameter(lib.tensor(value, dtype=getattr(lib, dtype))) for value in values]
            for lib in (ember, torch)
        }
        self.optimizers = {lib: getattr(lib.optim, name)(self.parameters[lib], **options) for lib in (ember, torch)}

    def step(self, skip=()):
        for i, shape in enumerate(SHAPES):
            value = self.random.standard_normal(shape)
            for lib, parameters in self.parameters.items():
                gradient = lib.tensor(value, dtype=getattr(lib, self.dtype))
                parameters[i].grad = None if i in skip else gradient
        for optimizer in self.optimizers.values():
            optimizer.step()

    def check(self, tolerance):
        for ours, theirs in zip(self.parameters[ember], self.parameters[torch], strict=True):
            numpy.testing.assert_allclose(number(ours), number(theirs), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 5e-7), ("float64", 1e-14), ("bfloat16", 0.1)])
def test_steps(name, options, dtype, tolerance):
    twins = Twins(name, options, dtype)
    for skip in ((), (1,), (), (0, 2), ()):
        twins.step(skip)
        twins.check(tolerance)
    same_state(twins.optimizers[ember].state_dict(), twins.optimizers[torch].state_dict(), tolerance)


def same_state(ours, theirs, tolerance):
    """Two states have the same structure, keys in the same order, types, and values."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, ember.Tensor)
        assert str(ours.dtype) == str(theirs.dtype)
        assert tuple(ours.shape) == tuple(theirs.shape)
        numpy.testing.assert_allclose(number(ours), number(theirs), rtol=tolerance, atol=tolerance)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key, value in theirs.items():
            same_state(ours[key], value, tolerance)
    elif isinstance(theirs, (list, tuple)):
        assert type(ours) is type(theirs)
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same_state(a, b, tolerance)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-15)
    else:
        assert ours == theirs


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_repr_signature_and_defaults(name, options):
    twins = Twins(name, options)
    assert repr(twins.optimizers[ember]) == repr(twins.optimizers[torch])
    assert list(twins.optimizers[ember].defaults.items()) == list(twins.optimizers[torch].defaults.items())
    same_signature(getattr(ember.optim, name), getattr(torch.optim, name))


def same_signature(ours, theirs):
    def facts(function):
        return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]

    assert facts(ours.__init__) == facts(theirs.__init__)


def to(lib, state):
    """A state of one package with the tensors of the other, as a file would carry it."""
    if isinstance(state, (ember.Tensor, torch.Tensor)):
        return lib.tensor(state.tolist(), dtype=getattr(lib, str(state.dtype).removeprefix("torch.")))
    if isinstance(state, dict):
        return {key: to(lib, value) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(to(lib, value) for value in state)
    return copy.deepcopy(state)


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_checkpoints_are_exchanged(name, options):
    twins = Twins(name, options)
    twins.step()
    twins.step(skip=(1,))
    saved = {lib: optimizer.state_dict() for lib, optimizer in twins.optimizers.items()}
    twins.optimizers[ember].load_state_dict(to(ember, saved[torch]))
    twins.optimizers[torch].load_state_dict(to(torch, saved[ember]))
    for _ in range(2):
        twins.step()
        twins.check(5e-7)


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_checkpoint_files_are_exchanged(name, options, tmp_path):
    twins = Twins(name, options)
    twins.step()
    for lib, optimizer in twins.optimizers.items():
        lib.save({"optimizer": optimizer.state_dict(), "epoch": 3}, tmp_path / lib.__name__)
    for lib, other in ((ember, torch), (torch, ember)):
        twins.optimizers[lib].load_state_dict(lib.load(tmp_path / other.__name__)["optimizer"])
    for _ in range(2):
        twins.step()
        twins.check(5e-7)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RAdam"])
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_differentiable_steps(name):
    gradients = []
    for lib in (ember, torch):
        start, slope = (lib.tensor(v, dtype=lib.float64, requires_grad=True) for v in ([0.7, -1.3], [1.1, 0.4]))
        rate = lib.tensor(0.1, dtype=lib.float64, requires_grad=True)
        x = start.clone()
        optimizer = getattr(lib.optim, name)([x], lr=rate, weight_decay=0.1, foreach=False, differentiable=True)
        for _ in range(7):
            x.grad = 4 * slope * x.clone() ** 3
            optimizer.step()
        gradients.append([number(g) for g in lib.autograd.grad(x.square().sum(), [start, slope, rate])])
    for ours, theirs in zip(*gradients, strict=True):
        numpy.testing.assert_allclose(ours, theirs, rtol=1e-4)  # its bias corrections are in float32


@pytest.mark.parametrize("name", ["LBFGS", "Muon"])
def test_signatures_of_composed_optimizers(name):
    same_signature(getattr(ember.optim, name), getattr(torch.optim, name))
    parameters = [[lib.nn.Parameter(lib.ones(2, 2))] for lib in (ember, torch)]
    ours, theirs = (getattr(lib.optim, name)(p) for lib, p in zip((ember, torch), parameters, strict=True))
    assert repr(ours) == repr(theirs)
    assert list(ours.defaults.items()) == list(theirs.defaults.items())


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


@pytest.mark.parametrize(
    "options",
    [
        {"lr": 1e-3},
        {"lr": 0.1, "max_iter": 4, "history_size": 2},
        {"line_search_fn": "strong_wolfe"},
        {"line_search_fn": "strong_wolfe", "max_iter": 5, "history_size": 2, "lr": 0.5},
    ],
)
def test_lbfgs(options):
    results = []
    for lib in (ember, torch):
        x = lib.nn.Parameter(lib.tensor([-1.2, 1.0], dtype=lib.float64))
        optimizer = lib.optim.LBFGS([x], **options)

        def closure(x=x, optimizer=optimizer):
            optimizer.zero_grad()
            loss = rosenbrock(x)
            loss.backward()
            return loss

        path = []
        for _ in range(4):
            path += [optimizer.step(closure).item(), *x.tolist(), optimizer.state[x]["func_evals"]]
        results.append((path, list(optimizer.state[x])))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-6, abs=1e-9)
    assert sorted(results[0][1]) == sorted(results[1][1])


@pytest.mark.parametrize("options", [{}, {"nesterov": False, "adjust_lr_fn": "match_rms_adamw", "lr": 0.1}])
@pytest.mark.parametrize("shape", [(4, 7), (9, 3)])
def test_muon(options, shape):
    random = numpy.random.default_rng(0)
    values, gradients = random.standard_normal(shape), random.standard_normal((3, *shape))
    results = []
    for lib in (ember, torch):
        weight = lib.nn.Parameter(lib.tensor(values, dtype=lib.float32))
        optimizer = lib.optim.Muon([weight], **options)
        for gradient in gradients:
            weight.grad = lib.tensor(gradient, dtype=lib.float32)
            optimizer.step()
        results.append(number(weight))
    step = optimizer.param_groups[0]["lr"] * 3
    numpy.testing.assert_allclose(*results, atol=0.05 * step)  # the iteration has 8 bits


def schedule_cases():
    def functions(lib):
        return lib.optim.lr_scheduler

    return {
        "LambdaLR": lambda lib, o: functions(lib).LambdaLR(o, lambda e: 0.95**e),
        "MultiplicativeLR": lambda lib, o: functions(lib).MultiplicativeLR(o, lambda e: 0.95),
        "StepLR": lambda lib, o: functions(lib).StepLR(o, 7, 0.5),
        "MultiStepLR": lambda lib, o: functions(lib).MultiStepLR(o, [3, 9, 9, 20], 0.5),
        "ConstantLR": lambda lib, o: functions(lib).ConstantLR(o),
        "LinearLR": lambda lib, o: functions(lib).LinearLR(o, 0.2, 0.7, 20),
        "ExponentialLR": lambda lib, o: functions(lib).ExponentialLR(o, 0.9),
        "PolynomialLR": lambda lib, o: functions(lib).PolynomialLR(o, 30, 2.0),
        "CosineAnnealingLR": lambda lib, o: functions(lib).CosineAnnealingLR(o, 13, 0.01),
        "CosineAnnealingWarmRestarts": lambda lib, o: functions(lib).CosineAnnealingWarmRestarts(o, 5, 2, 0.01),
        "CyclicLR": lambda lib, o: functions(lib).CyclicLR(o, 0.1, 1.0, 6, 9),
        "CyclicLR triangular2": lambda lib, o: functions(lib).CyclicLR(o, 0.1, [1.0, 2.0], 6, mode="triangular2"),
        "CyclicLR exp_range": lambda lib, o: functions(lib).CyclicLR(o, 0.1, 1.0, 6, mode="exp_range", gamma=0.9),
        "CyclicLR own": lambda lib, o: functions(lib).CyclicLR(
            o, 0.1, 1.0, 6, scale_fn=lambda x: 1 / (1 + x), scale_mode="iterations", cycle_momentum=False
        ),
        "OneCycleLR": lambda lib, o: functions(lib).OneCycleLR(o, 1.0, 61),
        "OneCycleLR three": lambda lib, o: functions(lib).OneCycleLR(
            o, [1.0, 2.0], epochs=7, steps_per_epoch=9, three_phase=True, anneal_strategy="linear", pct_start=0.37
        ),
        "SequentialLR": lambda lib, o: functions(lib).SequentialLR(
            o,
            [
                functions(lib).ConstantLR(o, 0.1, 9),
                functions(lib).CosineAnnealingLR(o, 11),
                functions(lib).StepLR(o, 2, 0.9),
            ],
            [4, 30],
        ),
        "SequentialLR nested": lambda lib, o: functions(lib).SequentialLR(
            o,
            [
                functions(lib).SequentialLR(o, [functions(lib).LinearLR(o), functions(lib).PolynomialLR(o, 30)], [5]),
                functions(lib).StepLR(o, 3),
            ],
            [20],
        ),
        "SequentialLR of chained": lambda lib, o: functions(lib).SequentialLR(
            o,
            [
                functions(lib).ChainedScheduler([functions(lib).ConstantLR(o), functions(lib).ExponentialLR(o, 0.9)]),
                functions(lib).PolynomialLR(o, 30),
            ],
            [20],
        ),
        "ChainedScheduler": lambda lib, o: functions(lib).ChainedScheduler(
            [functions(lib).LinearLR(o, 0.1, 1.0, 4), functions(lib).ExponentialLR(o, 0.9)]
        ),
        "SWALR": lambda lib, o: lib.optim.swa_utils.SWALR(o, [0.3, 0.4], 7),
        "SWALR linear": lambda lib, o: lib.optim.swa_utils.SWALR(o, 0.3, 0, "linear"),
        "ReduceLROnPlateau": lambda lib, o: functions(lib).ReduceLROnPlateau(
            o, patience=2, cooldown=1, factor=0.5, min_lr=[0.01, 0.02]
        ),
    }


SCHEDULES = schedule_cases()


def optimizer_of(lib, kind="SGD"):
    options = {"momentum": 0.9} if kind == "SGD" else {}
    groups = [{"params": lib.nn.Parameter(lib.ones(1)), "lr": lr} for lr in (1.0, 0.5)]
    return getattr(lib.optim, kind)(groups, lr=1.0, **options)


def metrics(count):
    return numpy.random.default_rng(1).standard_normal(count).cumsum().tolist()


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
@pytest.mark.parametrize("epoch_of_resume", [None, 0, 13])
@pytest.mark.filterwarnings("ignore:Detected call")
def test_schedules(name, kind, epoch_of_resume):
    libs = (ember, torch)
    optimizers = {lib: optimizer_of(lib, kind) for lib in libs}
    schedulers = {lib: SCHEDULES[name](lib, optimizers[lib]) for lib in libs}
    for epoch, metric in enumerate(metrics(60)):
        if epoch == epoch_of_resume:
            for lib in libs:
                saved = copy.deepcopy((optimizers[lib].state_dict(), schedulers[lib].state_dict()))
                optimizers[lib] = optimizer_of(lib, kind)
                schedulers[lib] = SCHEDULES[name](lib, optimizers[lib])
                optimizers[lib].load_state_dict(saved[0])
                schedulers[lib].load_state_dict(saved[1])
        same_state(schedulers[ember].state_dict(), schedulers[torch].state_dict(), 0)
        same_state(optimizers[ember].state_dict()["param_groups"], optimizers[torch].state_dict()["param_groups"], 0)
        assert schedulers[ember].get_last_lr() == pytest.approx(schedulers[torch].get_last_lr(), rel=1e-12, abs=1e-15)
        for lib in libs:
            optimizers[lib].step()
            schedulers[lib].step(*([metric] if name == "ReduceLROnPlateau" else []))


@pytest.mark.parametrize("name", [name for name in SCHEDULES if "Sequential" not in name and "Chained" not in name])
@pytest.mark.filterwarnings("ignore")
def test_schedules_at_given_epochs(name):
    rates = []
    for lib in (ember, torch):
        scheduler = SCHEDULES[name](lib, optimizer_of(lib))
        rates.append([])
        for epoch in (3, 17, 0, 29, 1):
            scheduler.step(*([1.0, epoch] if name == "ReduceLROnPlateau" else [epoch]))
            rates[-1] += scheduler.get_last_lr()
    assert rates[0] == pytest.approx(rates[1], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", ["AveragedModel", "SWALR"])
def test_signatures_of_averages(name):
    same_signature(getattr(ember.optim.swa_utils, name), getattr(torch.optim.swa_utils, name))


@pytest.mark.parametrize("name", sorted({name.split()[0] for name in SCHEDULES} - {"SWALR"} | {"LRScheduler"}))
def test_schedule_signatures(name):
    same_signature(getattr(ember.optim.lr_scheduler, name), getattr(torch.optim.lr_scheduler, name))


@pytest.mark.parametrize(
    "name",
    [
        "BatchSampler", "ConcatDataset", "DataLoader", "DistributedSampler", "RandomSampler", "SequentialSampler",
        "StackDataset", "Subset", "SubsetRandomSampler", "TensorDataset", "WeightedRandomSampler",
    ],
)  # fmt: skip
def test_data_signatures(name):
    same_signature(getattr(ember.utils.data, name), getattr(torch.utils.data, name))


@pytest.mark.parametrize(
    "batch",
    [
        [1, 2],
        [1.0, 2.5],
        [1, 2.5],
        [True, False],
        ["a", "b"],
        [(1, "x"), (2, "y")],
        [{"a": 1.0, "b": [1, 2]}, {"a": 2.0, "b": [3, 4]}],
        [numpy.float64(1.5), numpy.float64(2.5)],
        [numpy.int32(1), numpy.int32(2)],
        [numpy.ones((2, 3), "float32"), numpy.zeros((2, 3), "float32")],
    ],
)
def test_collate(batch):
    same_state(ember.utils.data.default_collate(batch), torch.utils.data.default_collate(batch), 0)

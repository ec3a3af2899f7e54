"""Profiler, SummaryWriter and checkpointing beside PyTorch: signatures, schedules, names of events."""

from __future__ import annotations

import inspect
import operator

import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402
import ember.utils.checkpoint  # noqa: E402

EVENT_LIST = ["table", "key_averages", "total_average", "export_chrome_trace", "export_stacks"]
PATHS = [
    "profiler.profile",
    "profiler.schedule",
    "profiler.record_function",
    "profiler.tensorboard_trace_handler",
    *[f"profiler.profile.{name}" for name in ("step", "start", "stop", "key_averages", "events", "export_stacks")],
    *[f"profiler.profile.{name}" for name in ("export_chrome_trace", "add_metadata", "add_metadata_json")],
    *[f"autograd.profiler.EventList.{name}" for name in EVENT_LIST],
    "autograd.profiler.profile",
    "autograd.profiler.record_function",
    "autograd.profiler.emit_nvtx",
    "autograd.detect_anomaly",
    "autograd.set_detect_anomaly",
    "utils.checkpoint.checkpoint",
    "utils.checkpoint.checkpoint_sequential",
    "utils.checkpoint.detach_variable",
    "utils.checkpoint.check_backward_validity",
]


def parameters_of(function):
    return [(each.name, each.kind, each.default) for each in inspect.signature(function).parameters.values()]


def same_parameters(ours, theirs):
    found, expected = parameters_of(ours), parameters_of(theirs)
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    plain = (bool, int, float, str, type(None))
    for (name, _, mine), (_, _, other) in zip(found, expected, strict=True):
        assert mine == other or not isinstance(other, plain), name


@pytest.mark.parametrize("path", PATHS)
def test_signatures(path):
    same_parameters(*(operator.attrgetter(path)(T) for T in (ember, torch)))


def test_signatures_of_the_writer():
    pytest.importorskip("tensorboard")
    from torch.utils.tensorboard import SummaryWriter as Theirs

    from ember.utils.tensorboard import SummaryWriter as Ours

    names = [name for name, _ in inspect.getmembers(Theirs, inspect.isfunction) if not name.startswith("_")]
    for name in [*names, "__init__"]:
        same_parameters(getattr(Ours, name), getattr(Theirs, name))


@pytest.mark.parametrize(
    "options",
    [
        {"wait": 1, "warmup": 1, "active": 2},
        {"wait": 0, "warmup": 2, "active": 1, "repeat": 2},
        {"wait": 2, "warmup": 1, "active": 3, "repeat": 1, "skip_first": 3},
        {"wait": 2, "warmup": 1, "active": 1, "skip_first": 1, "skip_first_wait": 1},
    ],
)
def test_schedules(options):
    ours, theirs = (T.profiler.schedule(**options) for T in (ember, torch))
    assert [ours(step).name for step in range(20)] == [theirs(step).name for step in range(20)]


def test_names_of_events():
    """Where an operation is one in both, its event is called the same."""
    names = []
    for T in (ember, torch):
        x = T.ones(3, 3, requires_grad=True)
        with (
            T.profiler.profile(activities=[T.profiler.ProfilerActivity.CPU]) as prof,
            T.profiler.record_function("mine"),
        ):
            (x.exp().mm(x) + x).relu().sum()
        names.append({event.name for event in prof.events()})
    expected = {"mine", "aten::exp", "aten::mm", "aten::add", "aten::relu", "aten::sum"}
    assert expected <= names[0] and expected <= names[1]


def test_steps_that_are_handed_over():
    counts = []
    for T in (ember, torch):
        seen = []
        plan = T.profiler.schedule(wait=1, warmup=1, active=2, repeat=2)
        with T.profiler.profile(
            activities=[T.profiler.ProfilerActivity.CPU],
            schedule=plan,
            on_trace_ready=lambda prof, seen=seen: seen.append(
                (prof.step_num, [event.name for event in prof.events() if "Step" in event.name])
            ),
        ) as prof:
            for _ in range(11):
                T.ones(2).exp()
                prof.step()
        counts.append(seen)
    assert counts[0] == counts[1]

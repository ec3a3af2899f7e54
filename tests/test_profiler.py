"""The profiler: events, tables, schedules, traces; and that nothing is recorded when it is off."""

from __future__ import annotations

import gzip
import json
import re
import threading
from pathlib import Path

import pytest

import ember
from ember.profiler import ProfilerAction, ProfilerActivity, profile, record_function, schedule

nn = ember.nn


def train_step(model, x):
    model(x).sum().backward()


@pytest.fixture
def model():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


def names(events):
    return [event.name for event in events]


def test_events_are_the_operations_in_order():
    x = ember.ones(3)
    with profile(activities=[ProfilerActivity.CPU]) as prof:
        (x + 1).exp()
        x.mul_(2)
    assert names(prof.events()) == ["aten::add", "aten::exp", "aten::mul_"]
    for before, after in zip(prof.events(), prof.events()[1:], strict=False):
        assert before.time_range.start <= before.time_range.end <= after.time_range.start
    x.exp()
    assert len(prof.events()) == 3


def test_ranges_hold_what_runs_in_them(model):
    x = ember.randn(5, 4)
    with profile() as prof, record_function("step"):
        with record_function("forward"):
            y = model(x)
        y.sum().backward()
    step = prof.events()[0]
    assert step.name == "step" and step.cpu_parent is None and step.is_user_annotation
    forward = prof.events()[1]
    assert forward.name == "forward" and forward.cpu_parent is step
    assert names(forward.cpu_children) == ["aten::linear", "aten::relu", "aten::linear"]
    nodes = [event.name for event in step.cpu_children]
    assert {"LinearBackward0", "ReluBackward0", "SumBackward0", "AccumulateGrad"} <= set(nodes)
    linear = next(event for event in prof.events() if event.name == "LinearBackward0")
    assert linear.cpu_children and linear.sequence_nr >= 0
    assert linear.self_cpu_time_total <= linear.cpu_time_total
    assert step.cpu_time_total >= sum(child.cpu_time_total for child in step.cpu_children)


def test_a_range_ends_with_an_exception():
    with profile() as prof:
        with pytest.raises(RuntimeError), record_function("fails"):
            ember.ones(2) @ ember.ones(3)
        ember.ones(2).exp()
    failed = next(event for event in prof.events() if event.name == "fails")
    assert names(failed.cpu_children)[-1] == "aten::matmul"
    assert next(event for event in prof.events() if event.name == "aten::exp").cpu_parent is None


def test_record_function_decorates_and_costs_nothing_outside():
    @record_function("twice")
    def twice(x):
        """Doc."""
        return x * 2

    assert twice(ember.ones(1)).item() == 2 and twice.__doc__ == "Doc."
    with profile() as prof:
        twice(ember.ones(1)), twice(ember.ones(1))
    assert names(prof.events()).count("twice") == 2


def test_shapes_and_sums_by_shape():
    a, b = ember.randn(3, 4), ember.randn(4, 5)
    with profile(record_shapes=True, with_flops=True) as prof:
        a @ b
        a @ b
        a @ ember.randn(4, 2)
        ember.cat([a, a])
    product = prof.events()[0]
    assert product.input_shapes == [[3, 4], [4, 5]] and product.flops == 2 * 3 * 4 * 5
    assert prof.events()[-1].input_shapes[0] == [[3, 4], [3, 4]]
    together = prof.key_averages()
    assert next(each for each in together if each.key == "aten::matmul").count == 3
    apart = [each for each in prof.key_averages(group_by_input_shape=True) if each.key == "aten::matmul"]
    assert [(each.count, each.input_shapes) for each in apart] == [(2, [[3, 4], [4, 5]]), (1, [[3, 4], [4, 2]])]


def test_memory_is_what_was_taken_less_what_was_given_back():
    x = ember.ones(1000)
    with profile(profile_memory=True) as prof, record_function("block"):
        y = x + 1
        del y
        z = x + 2
    block, *adds = prof.events()
    assert [event.cpu_memory_usage for event in adds] == [4096, 4096]  # the allocator's class of 4000 bytes
    assert block.cpu_memory_usage == 4096 and block.self_cpu_memory_usage == -4096
    assert z.numel() == 1000
    assert "CPU Mem" in prof.key_averages().table() and "4.00 KB" in prof.key_averages().table()


def test_stacks_name_the_users_lines(tmp_path):
    def inner():
        return ember.ones(2).exp()

    with profile(with_stack=True) as prof:
        inner()
    stack = next(event for event in prof.events() if event.name == "aten::exp").stack
    assert stack[0].endswith(": inner") and "test_profiler.py(" in stack[0]
    assert "Source Location" in prof.key_averages(group_by_stack_n=1).table()
    prof.export_stacks(str(tmp_path / "stacks.txt"))
    with pytest.raises(ValueError, match="metric should be one of"):
        prof.export_stacks(str(tmp_path / "stacks.txt"), "cpu")


def test_the_table(model):
    with profile() as prof:
        for _ in range(3):
            train_step(model, ember.randn(5, 4))
    table = prof.key_averages().table(sort_by="cpu_time_total", row_limit=4)
    lines = table.splitlines()
    assert lines[1].split() == [
        "Name",
        "Self",
        "CPU",
        "%",
        "Self",
        "CPU",
        "CPU",
        "total",
        "%",
        "CPU",
        "total",
        "CPU",
        "time",
        "avg",
        "#",
        "of",
        "Calls",
    ]
    assert len(lines) == 3 + 4 + 2 and lines[-1].startswith("Self CPU time total: ")
    times = [each.cpu_time_total for each in sorted(prof.key_averages(), key=lambda each: -each.cpu_time_total)]
    assert times == sorted(times, reverse=True)
    assert "aten::linear" in prof.key_averages().table(row_limit=-1)
    assert prof.key_averages().table(header="mine").splitlines()[1] == "mine"
    linear = next(each for each in prof.key_averages() if each.key == "aten::linear")
    assert linear.count == 6 and linear.cpu_time == linear.cpu_time_total / 6
    assert prof.key_averages().total_average().count == len(prof.events())
    assert prof.key_averages().self_cpu_time_total == pytest.approx(prof.events().self_cpu_time_total)
    top = prof.events().table(top_level_events_only=True, row_limit=-1)
    assert len(top.splitlines()) - 5 == sum(event.cpu_parent is None for event in prof.events())
    with pytest.raises(AttributeError, match="nope"):
        prof.key_averages().table(sort_by="nope")


def test_steps_of_optimizers_are_ranges(model):
    optimizer = ember.optim.Adam(model.parameters())
    train_step(model, ember.randn(5, 4))
    with profile() as prof:
        optimizer.step()
    step = prof.events()[0]
    assert step.name == "Optimizer.step#Adam.step" and "aten::_adam_step_" in names(step.cpu_children)


# ---- schedules ----------------------------------------------------------------------------------------------------------


def test_a_schedule():
    plan = schedule(wait=1, warmup=1, active=2, repeat=2, skip_first=1)
    kinds = [
        "NONE",
        "NONE",
        "WARMUP",
        "RECORD",
        "RECORD_AND_SAVE",
        "NONE",
        "WARMUP",
        "RECORD",
        "RECORD_AND_SAVE",
        "NONE",
        "NONE",
    ]
    assert [plan(step).name for step in range(11)] == kinds
    early = schedule(wait=2, warmup=1, active=1, skip_first_wait=1)
    assert [early(step).name for step in range(4)] == ["WARMUP", "RECORD_AND_SAVE", "NONE", "NONE"]
    with pytest.raises(AssertionError, match="Invalid profiler schedule arguments"):
        schedule(wait=0, warmup=1, active=0)
    with pytest.warns(UserWarning, match="won't be using warmup"):
        schedule(wait=0, warmup=0, active=1)


def test_steps_of_a_schedule_are_recorded_and_handed_over():
    seen = []

    def ready(prof):
        seen.append((prof.step_num, [event.trace_name for event in prof.events()]))

    x = ember.ones(2)
    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=2), on_trace_ready=ready) as prof:
        for _ in range(10):
            x.exp()
            prof.step()
    cycle = ["aten::exp"] * 2
    assert [step for step, _ in seen] == [4, 8]
    for step, events in seen:
        assert [name for name in events if name.startswith("aten")] == cycle
        assert [name for name in events if "Step" in name] == [f"ProfilerStep#{step - 2}", f"ProfilerStep#{step - 1}"]
    assert [each.count for each in prof.key_averages() if each.key == "ProfilerStep*"] == [2]


def test_a_cycle_that_the_block_cuts_short_is_handed_over():
    seen = []
    with profile(schedule=schedule(wait=0, warmup=1, active=5), on_trace_ready=seen.append) as prof:
        for _ in range(3):
            prof.step()
    assert seen == [prof] and names(prof.events()) == ["ProfilerStep*"] * 3
    assert prof.current_action is ProfilerAction.RECORD


def test_events_of_all_cycles():
    x = ember.ones(2)
    with profile(schedule=schedule(wait=0, warmup=1, active=1), acc_events=True) as prof:
        for _ in range(6):
            x.exp()
            prof.step()
    assert names(prof.events()).count("aten::exp") == 3


# ---- files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trace.json", "trace.json.gz"])
def test_a_trace_is_json_that_tools_read(tmp_path, model, name):
    with profile(record_shapes=True, with_stack=True) as prof:
        prof.add_metadata("who", "me")
        prof.add_metadata_json("numbers", "[1, 2]")
        with record_function("step"):
            train_step(model, ember.randn(5, 4))
    path = tmp_path / name
    prof.export_chrome_trace(str(path))
    opener = gzip.open if name.endswith("gz") else open
    with opener(path, "rt") as file:
        trace = json.load(file)
    assert trace["who"] == "me" and trace["numbers"] == [1, 2]
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert [event["name"] for event in events] == names(prof.events())
    for event in events:
        assert event["dur"] >= 0 and {"pid", "tid", "ts", "cat", "args"} <= event.keys()
    assert events[0]["cat"] == "user_annotation" and events[1]["cat"] == "cpu_op"
    linear = next(event for event in events if event["name"] == "aten::linear")
    assert linear["args"]["Input Dims"] == [[5, 4], [8, 4], [8]]


def test_traces_for_tensorboard(tmp_path):
    handler = ember.profiler.tensorboard_trace_handler(str(tmp_path / "log"), worker_name="worker0", use_gzip=True)
    with profile(on_trace_ready=handler):
        ember.ones(2).exp()
    (path,) = (tmp_path / "log").iterdir()
    assert path.name.startswith("worker0.") and path.name.endswith(".pt.trace.json.gz")
    assert json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]


# ---- misuse, threads, the older form ------------------------------------------------------------------------------------


def test_misuse():
    with pytest.raises(AssertionError, match="must be initialized before getting key averages"):
        profile().key_averages()
    with profile(), pytest.raises(RuntimeError, match="a profile runs on this thread already"):
        ember.autograd.profiler.profile().__enter__()
    with profile() as prof, pytest.raises(RuntimeError, match="didn't finish running"):
        prof.key_averages()
    with pytest.warns(UserWarning, match="CUDA is not available"):
        profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA])
    with pytest.raises(RuntimeError, match="no CUDA device"), ember.autograd.profiler.emit_nvtx():
        pass
    assert ember.profiler.supported_activities() == {ProfilerActivity.CPU}


def test_a_profile_is_of_its_own_thread():
    with profile() as prof:
        thread = threading.Thread(target=lambda: ember.ones(2).exp())
        thread.start()
        thread.join()
    assert names(prof.events()) == []
    assert prof.key_averages().table() == ""


def test_the_older_form():
    older = ember.autograd.profiler
    with older.profile(record_shapes=True) as prof, older.record_function("mine"):
        ember.ones(2).exp()
    assert prof.function_events[0].name == "mine" and "aten::exp" in str(prof)
    assert "mine" in prof.key_averages(group_by_input_shapes=True).table(sort_by="cpu_time_total")
    with ember.autograd.profiler.profile(enabled=False) as off:
        ember.ones(2).exp()
    with pytest.raises(RuntimeError, match="didn't finish"):
        off.table()


def test_the_page_on_watching_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parent.parent / "docs" / "watching.md").read_text()
    exec("\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)), {})
    printed = capsys.readouterr().out
    assert "0: Linear" in printed and "Self CPU time total" in printed
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"] and list(
        (tmp_path / "runs/first").iterdir()
    )

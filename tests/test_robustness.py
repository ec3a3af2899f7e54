"""What must not happen: a crash, a hang, a leak, an end that cannot be interrupted."""

from __future__ import annotations

import gc
import os
import resource
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

import ember as torch
from ember import nn

HERE = Path(__file__).parent
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")


def test_random_calls_end_in_python_exceptions():
    command = [sys.executable, str(HERE / "fuzz_api.py"), "--seconds", "5"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert run.returncode == 0, run.stdout + run.stderr


LOOP = """
import signal
import ember as torch
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs deaf to it
model = torch.nn.Linear(50, 50)
optimizer = torch.optim.Adam(model.parameters())
print("training", flush=True)
while True:
    optimizer.zero_grad()
    model(torch.randn(200, 50)).square().mean().backward()
    optimizer.step()
"""


def test_training_can_be_interrupted():
    worker = subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert worker.stdout.readline() == "training\n"
    time.sleep(0.3)
    worker.send_signal(signal.SIGINT)
    _, errors = worker.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert worker.returncode in (1, 130, -signal.SIGINT)


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps what was freed")
def test_memory_is_flat_over_10000_steps():
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 4))
    optimizer = torch.optim.AdamW(model.parameters())
    x, y = torch.randn(8, 16), torch.randint(0, 4, (8,))

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    gc.disable()
    try:
        steps(1000)
        before = resident()
        steps(10000)
        assert resident() - before < 1 << 20
    finally:
        gc.enable()


def test_graphs_are_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        x = torch.randn(100, requires_grad=True)
        before = torch._C._memory_statistics()["allocated"]
        for _ in range(20):
            y = (x.sigmoid() * x).cumsum(0)
            view = y[::2]
            view.mul_(2)
            y.register_hook(lambda gradient: gradient * 2)
            y.sum().backward()
            x.grad = None
        del y, view
        assert torch._C._memory_statistics()["allocated"] == before
    finally:
        gc.enable()


class Doubled(torch.autograd.Function):
    contexts: list[weakref.ref] = []

    @staticmethod
    def forward(ctx, x):
        Doubled.contexts.append(weakref.ref(ctx))
        ctx.save_for_backward(x)
        ctx.factor = torch.full((1000,), 2.0)
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        assert len(ctx.saved_tensors) == 1
        return gradient * ctx.factor[0]


@pytest.mark.parametrize("backward", [True, False])
def test_contexts_of_functions_are_freed(backward):
    Doubled.contexts.clear()
    gc.disable()
    try:
        for _ in range(5):
            y = Doubled.apply(torch.ones(3, requires_grad=True)).sum()
            if backward:
                y.backward()
            del y
        assert [context() for context in Doubled.contexts] == [None] * 5
    finally:
        gc.enable()


def chain(length):
    x = y = torch.ones(2, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return x, y


def test_a_graph_of_100000_operations():
    x, y = chain(100_000)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    x, y = chain(100_000)
    del x, y  # without backward


def test_views_of_views_are_freed():
    view = torch.zeros(2)
    for _ in range(100_000):
        view = view[:]
    del view


def test_lists_that_contain_themselves():
    endless: list = []
    endless.append(endless)
    with pytest.raises((ValueError, RecursionError)):
        torch.tensor(endless)
    with pytest.raises((TypeError, IndexError, ValueError)):
        torch.zeros(3)[endless]
    with pytest.raises(TypeError):
        torch.zeros(endless)


def test_a_size_that_no_machine_has_is_an_error():
    for make in (
        lambda: torch.zeros(10**15),
        lambda: torch.zeros(10**10, 10**10),
        lambda: torch.ones(2**62),
        lambda: torch.arange(10**15),
        lambda: torch.eye(10**8),
        lambda: torch.randn(10**6, 10**6, 10**6),
        lambda: torch.zeros(3).repeat(10**15),
        lambda: torch.zeros(1).expand(10**15) + 1,
        lambda: torch.zeros(10**7, 1) @ torch.zeros(1, 10**8),
        lambda: torch.empty(0).resize_(10**15),
        lambda: nn.Linear(10**8, 10**8),
    ):
        with pytest.raises((RuntimeError, MemoryError)):
            make()


def test_strings_that_are_no_text():
    with pytest.raises(ValueError):
        torch.zeros(2, device="\ud800")
    with pytest.raises((TypeError, ValueError)):
        torch.zeros(2).clone(memory_format="\ud800")

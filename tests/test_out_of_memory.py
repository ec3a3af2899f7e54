"""Requests that cannot be served: an error that says who holds the memory, and a process that goes on."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

import ember
from ember import _C, cpu

nn = ember.nn
MB = 1_000_000


@pytest.fixture
def limit():
    """Sets how many bytes may be taken beyond those in use."""

    def allow(more: int) -> None:
        gc.collect()
        cpu.empty_cache()
        cpu.set_per_process_memory_fraction((cpu.memory_stats()["reserved"] + more) / _C._total_memory())

    yield allow
    cpu.set_per_process_memory_fraction(1.0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 2000)
        self.block = nn.Sequential(nn.Linear(2000, 1000), nn.ReLU())

    def forward(self, x):
        return self.block(self.first(x).relu())


def test_the_request_and_the_total_are_named():
    with pytest.raises(ember.OutOfMemoryError, match=r"4\.0 PB were asked for; .* are free of .*\. In use: "):
        ember.empty(10**15)
    assert ember.ones(3).sum().item() == 3
    assert issubclass(ember.OutOfMemoryError, RuntimeError)


def test_a_limit_holds_and_is_lifted(limit):
    limit(100 * MB)
    kept = ember.empty(15 * MB)  # 60 MB
    with pytest.raises(ember.OutOfMemoryError) as caught:
        ember.empty(20 * MB)
    text = str(caught.value)
    assert (
        text.startswith("allocate(): 80.0 MB were asked for; ") and "set_per_process_memory_fraction() allows" in text
    )
    assert "`kept` in" in text and "(60.0 MB)" in text
    del kept, caught
    assert ember.empty(20 * MB).numel() == 20 * MB  # what was freed is taken again, also from another class
    cpu.set_per_process_memory_fraction(1.0)
    assert cpu.get_per_process_memory_fraction() == 1.0
    ember.empty(40 * MB)
    with pytest.raises(ValueError, match="expected a number from 0 to 1"):
        cpu.set_per_process_memory_fraction(1.5)


def test_parameters_gradients_and_states_are_named(limit):
    net = Net()
    optimizer = ember.optim.Adam(net.parameters())
    net(ember.randn(2, 16)).sum().backward()
    optimizer.step()
    limit(10 * MB)
    with pytest.raises(ember.OutOfMemoryError) as caught:
        ember.empty(10 * MB)
    text = str(caught.value)
    assert "Net.block.0.weight (8.0 MB)" in text and "the gradient of Net.block.0.weight (8.0 MB)" in text
    assert "Adam's exp_avg of Net.block.0 (8.0 MB)" in text and "Hint: a smaller batch" in text


def test_activations_are_named_by_the_module_that_keeps_them(limit):
    net, x = Net(), ember.randn(4000, 16)
    limit(100 * MB)
    with pytest.raises(ember.OutOfMemoryError) as caught:
        y = net(x)
        ember.empty(30 * MB)
    text = str(caught.value)
    assert "activations saved for backward by linear in Net.block.0 (32.0 MB)" in text
    assert y.numel()


def test_arguments_of_the_call_that_failed_are_named(limit):
    limit(60 * MB)
    with pytest.raises(ember.OutOfMemoryError, match=r"`input` of exp\(\) \(40.0 MB\)"):
        ember.empty(10 * MB).exp()
    with pytest.raises(ember.OutOfMemoryError, match=r"`input` of relu\(\) \(.* MB\).*In Net"):
        Net()(ember.empty(5000, 16))


def test_nothing_stays_behind(limit):
    """Neither the report nor the exception keeps what the failed call has made."""
    net, x = Net(), ember.randn(4000, 16)
    before = cpu.memory_allocated()
    limit(50 * MB)
    gc.disable()
    try:
        for _ in range(5):
            with pytest.raises(ember.OutOfMemoryError):
                net(x)
            assert cpu.memory_allocated() < before + MB
    finally:
        gc.enable()
    smaller = net(x[:100]).sum()
    smaller.backward()  # training goes on with a smaller batch
    assert net.first.weight.grad is not None


def test_accumulated_gradients_are_those_of_the_whole_batch(limit):
    net, x = Net(), ember.randn(64, 16)
    net(x).mean().backward()
    whole = net.first.weight.grad.clone()
    net.zero_grad()
    for part in x.split(16):
        (net(part).mean() / 4).backward()
    assert ember.testing.assert_close(net.first.weight.grad, whole) is None


def test_checkpointing_needs_less_memory():
    layers = nn.Sequential(*[nn.Sequential(nn.Linear(64, 64), nn.Tanh()) for _ in range(16)])
    x = ember.randn(5000, 64, requires_grad=True)

    def peak(run):
        cpu.reset_peak_memory_stats()
        before = cpu.memory_allocated()
        run().sum().backward()
        return cpu.max_memory_allocated() - before

    from ember.utils.checkpoint import checkpoint_sequential

    plain, less = peak(lambda: layers(x)), peak(lambda: checkpoint_sequential(layers, 4, x, use_reentrant=False))
    assert less < 0.6 * plain


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS is Linux's")
def test_a_limit_of_the_system_is_the_same_error():
    program = """
import resource, ember
x = ember.ones(10)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
try:
    ember.empty(50_000_000)
except ember.OutOfMemoryError as error:
    print(str(error)[:40])
print((x + x).sum().item())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    first, second = done.stdout.splitlines()
    assert first.startswith("allocate(): 200.0 MB were asked for; ") and second == "20.0", done.stderr

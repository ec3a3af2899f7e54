"""Devices as values, as the place of new tensors, and what is said of those that this build has not."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest

import ember as torch

KNOWN = [
    "cpu",
    "cuda",
    "ipu",
    "xpu",
    "mkldnn",
    "opengl",
    "opencl",
    "ideep",
    "hip",
    "ve",
    "fpga",
    "maia",
    "xla",
    "lazy",
    "vulkan",
    "mps",
    "meta",
    "hpu",
    "mtia",
    "privateuseone",
]


@pytest.mark.parametrize("name", KNOWN)
def test_any_known_device_is_a_value(name):
    device, third = torch.device(name), torch.device(f"{name}:3")
    assert (device.type, device.index, str(device)) == (name, None, name)
    assert (third.type, third.index, str(third)) == (name, 3, f"{name}:3")
    assert repr(third) == f"device(type='{name}', index=3)" and repr(device) == f"device(type='{name}')"
    assert third == torch.device(name, 3) == torch.device(type=name, index=3) != device
    assert len({device, third, torch.device(third), torch.device(name, 3)}) == 2
    assert pickle.loads(pickle.dumps(third)) == copy.deepcopy(third) == third


@pytest.mark.parametrize("text", ["moon", "cuda:", "cuda:a", "cuda:-1", "cuda:01", "cuda:1:2", "cuda:200", "", "CPU"])
def test_what_is_no_device(text):
    with pytest.raises(RuntimeError, match=r"device\(\): "):
        torch.device(text)


def test_an_index_is_said_once_and_not_negative():
    with pytest.raises(RuntimeError, match="must not include an index"):
        torch.device("cuda:1", 1)
    with pytest.raises(RuntimeError, match="must not be negative"):
        torch.device("cuda", -1)
    with pytest.raises(RuntimeError, match="index of an accelerator"):
        torch.device(0)
    with pytest.raises(TypeError):
        torch.device(torch.device("cuda"), 1)


@pytest.mark.parametrize(
    ("name", "error"), [("cuda:1", AssertionError), ("xpu", AssertionError), ("mps", NotImplementedError)]
)
def test_tensors_are_only_on_devices_of_this_build(name, error):
    message = rf"\(\): device is '{name}'; this build of Ember has no such devices"
    creations = [
        lambda: torch.zeros(2, device=name),
        lambda: torch.tensor([1.0], device=torch.device(name)),
        lambda: torch.empty(0, device=name),
        lambda: torch.randperm(3, device=name),
        lambda: torch.rand(3, device=name),
        lambda: torch.empty_like(torch.ones(2), device=name),
        lambda: torch.ones(2).to(name),
        lambda: torch.ones(2).to(device=torch.device(name), dtype=torch.float64),
        lambda: torch.nn.Linear(2, 2).to(name),
        lambda: torch.nn.Linear(2, 2, device=name),
        lambda: torch.Generator(name),
    ]
    for create in creations:
        with pytest.raises(error, match=message):
            create()
        with torch.device(name), pytest.raises(error, match=message):
            torch.zeros(2)


def test_tensors_on_the_cpu_and_meta_have_no_index():
    assert torch.zeros(1, device="cpu:0").device == torch.zeros(1).to("cpu:0").device == torch.device("cpu")
    assert torch.zeros(1, device="meta:3").device == torch.device("meta")


CREATIONS = [
    lambda: torch.zeros(2),
    lambda: torch.ones(2, 3),
    lambda: torch.full((2,), 1.0),
    lambda: torch.tensor([1]),
    lambda: torch.as_tensor([1.0]),
    lambda: torch.asarray([1]),
    lambda: torch.as_tensor(torch.ones(2, device="cpu")),
    lambda: torch.arange(3),
    lambda: torch.linspace(0, 1, 3),
    lambda: torch.logspace(0, 1, 3),
    lambda: torch.eye(3),
    lambda: torch.tril_indices(2, 2),
    lambda: torch.hann_window(4),
    lambda: torch.rand(2),
    lambda: torch.randn(2),
    lambda: torch.randint(3, (2,)),
    lambda: torch.randperm(3),
    lambda: torch.scalar_tensor(1.0),
    lambda: torch.empty_strided((2,), (1,)),
    lambda: torch.fft.fftfreq(3),
    *(
        lambda layer=layer: torch.cat([each.flatten() for each in (*layer().parameters(), *layer().buffers())])
        for layer in (
            lambda: torch.nn.Linear(2, 2),
            lambda: torch.nn.LSTM(2, 3),
            lambda: (
                torch.nn.BatchNorm2d(3)
                .float()
                .requires_grad_(False)
                .apply(lambda m: m._buffers.pop("num_batches_tracked"))
            ),
            lambda: torch.nn.TransformerEncoderLayer(8, 2),
        )
    ),
]


@pytest.mark.parametrize("create", CREATIONS)
def test_creations_go_to_the_default_device(create):
    with torch.device("meta") as entered:
        assert entered == torch.get_default_device() == torch.device("meta")
        assert create().device.type == "meta"
        with torch.device("cpu"):
            assert create().device.type == "cpu"
        assert create().device.type == "meta"
    assert create().device.type == "cpu"


def test_data_that_exist_stay_where_they_are():
    with torch.device("meta"):
        there = torch.ones(2, device="cpu")
        stay = [
            there.new_zeros(2),
            torch.zeros_like(there),
            torch.rand_like(there),
            there + 1,
            there[there > 0],
            torch.from_numpy(np.zeros(2)),
            torch.Tensor(2),
            torch.FloatTensor([1.0]),
            torch.frombuffer(bytearray(4), dtype=torch.uint8),
            torch.vander(there),
        ]
        assert [each.device.type for each in stay] == ["cpu"] * len(stay)
    kept = torch.zeros(2, device="meta")
    assert torch.as_tensor(kept).device.type == "meta"


def test_set_default_device_is_of_the_thread_and_below_blocks():
    seen = []
    torch.set_default_device("meta")
    try:
        assert torch.zeros(1).device.type == torch.get_default_device().type == "meta"
        with torch.device("cpu"):
            assert torch.zeros(1).device.type == "cpu"
        thread = threading.Thread(target=lambda: seen.append(torch.zeros(1).device.type))
        thread.start()
        thread.join()
    finally:
        torch.set_default_device(None)
    assert seen == ["cpu"] and torch.zeros(1).device.type == "cpu"
    with pytest.raises(TypeError, match=r"set_default_device\(\): device is of type float"):
        torch.set_default_device(1.0)


def test_a_block_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), torch.device("meta"):
        1 / 0
    assert torch.get_default_device() == torch.device("cpu")


def test_out_says_the_device():
    out = torch.empty(2, device="meta")
    assert torch.zeros(2, out=out) is out and torch.arange(2, out=torch.empty(2, device="meta")).device.type == "meta"

"""What is timed: each case is written once, and `torch` in it is whichever library the worker was started with."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from networks import (
    Names,
    batch_norm_net,
    cnn,
    encoder_step,
    gpt_step,
    gradients,
    resnet18,
    sequence_classifier,
    simple_net,
    tiny_net,
    training_step,
)


@dataclass(frozen=True)
class Case:
    """A statement that is repeated in a namespace that `setup(torch)` has filled; the statement sees `torch` too."""

    name: str
    target: float  # Ember's time over PyTorch's, at most
    statement: str
    setup: Callable[[ModuleType], Names]


def small(torch: ModuleType) -> Names:
    grad = torch.randn(4, 4, requires_grad=True)
    return {"a": torch.randn(4, 4), "b": torch.randn(4, 4), "x": grad}


def chain(torch: ModuleType) -> Names:
    x, w = torch.randn(8, 8, requires_grad=True), torch.randn(8, 8)
    return {"y": (x * w + w).sigmoid().tanh().sum()}


def modules(torch: ModuleType) -> Names:
    return {"linear": torch.nn.Linear(4, 4), "identity": torch.nn.Identity(), "x": torch.randn(4, 4)}


def floats(rows: int, columns: int) -> Callable[[ModuleType], Names]:
    def setup(torch: ModuleType) -> Names:
        return {"x": torch.randn(rows, columns), "y": torch.randn(rows, columns)}

    return setup


def products(size: int, dtype: str) -> Callable[[ModuleType], Names]:
    def setup(torch: ModuleType) -> Names:
        a, b = (torch.randn(size, size).to(getattr(torch, dtype)) for _ in range(2))
        return {"a": a, "b": b}

    return setup


def batched_products(torch: ModuleType) -> Names:
    return {"a": torch.randn(64, 64, 64), "b": torch.randn(64, 64, 64)}


def many_small_tensors(torch: ModuleType) -> Names:
    """200 parameters of 1,000 floats with gradients."""
    parameters = [torch.nn.Parameter(torch.randn(1000)) for _ in range(200)]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return {"parameters": parameters, "optimizer": torch.optim.Adam(parameters), "clip": torch.nn.utils.clip_grad_norm_}


def attention(batch: int, heads: int, length: int, width: int, causal: bool) -> Callable[[ModuleType], Names]:
    """Queries, keys and values as a model cuts them out of one tensor."""

    def setup(torch: ModuleType) -> Names:
        packed = torch.randn(batch, length, 3 * heads * width, requires_grad=True)
        inputs = [each.view(batch, length, heads, width).transpose(1, 2) for each in packed.split(heads * width, 2)]
        weights = torch.randn(batch, length, heads, width).transpose(1, 2)
        attend = torch.nn.functional.scaled_dot_product_attention

        def both() -> Any:
            return torch.autograd.grad(attend(*inputs, is_causal=causal), inputs, weights)

        return {"both": both}

    return setup


def convolution(torch: ModuleType) -> Names:
    layer = torch.nn.Conv2d(64, 64, 3, padding=1)
    x = torch.randn(8, 64, 56, 56, requires_grad=True)
    y = layer(x)
    inputs, g = (x, *layer.parameters()), torch.randn_like(y)

    def convolve() -> Any:
        with torch.no_grad():
            return layer(x)

    return {"convolve": convolve, "backward": lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)}


def recurrent_step(kind: str) -> Callable[[ModuleType], Names]:
    return training_step(sequence_classifier(kind), (32, 50, 100), 10)


def adam_step(torch: ModuleType) -> Names:
    parameters = list(simple_net(torch).parameters())  # 109,386 floats in 6 tensors
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return {"optimizer": torch.optim.Adam(parameters, lr=0.001)}


def data_loader(torch: ModuleType) -> Names:
    data = torch.utils.data
    dataset = data.TensorDataset(torch.randn(1000, 784), torch.randint(0, 10, (1000,)))
    return {"loader": data.DataLoader(dataset, 32, shuffle=True)}


def many_rows(workers: int) -> Callable[[ModuleType], Names]:
    """60,000 rows of 20 floats and a label, shuffled, 64 at a time."""

    def setup(torch: ModuleType) -> Names:
        data = torch.utils.data
        dataset = data.TensorDataset(torch.randn(60_000, 20), torch.randint(0, 10, (60_000,)))
        return {"loader": data.DataLoader(dataset, 64, shuffle=True, num_workers=workers)}

    return setup


def state_dict(torch: ModuleType) -> Names:
    """256 MB in 16 tensors, and a file of it that is removed when the worker ends."""
    folder = tempfile.TemporaryDirectory(prefix="ember-bench-")
    path = Path(folder.name) / "state.pth"
    state = {f"layers.{i}.weight": torch.randn(2048, 2048) for i in range(16)}
    torch.save(state, path)
    return {"path": path, "state": state, "folder": folder}


CASES = [
    Case("add of 4x4 tensors", 0.25, "a + b", small),
    Case("mul of 4x4 tensors with gradient", 0.3, "x * a", small),
    Case("backward of a five-op chain on 8x8", 0.3, "y.backward(retain_graph=True)", chain),
    Case("`m.weight`", 0.15, "linear.weight", modules),
    Case("a call of `nn.Identity`", 0.25, "identity(x)", modules),
    Case("`x + y`, 16 M floats, new tensor", 0.2, "x + y", floats(4096, 4096)),
    *(Case(f"`{op}`, 16 M floats", 0.4, f"x.{op}()", floats(4096, 4096)) for op in ("exp", "tanh", "sum")),
    Case("`softmax(-1)`, 16 M floats", 0.4, "x.softmax(-1)", floats(4096, 4096)),
    Case("`gelu`, 16 M floats", 0.6, "torch.nn.functional.gelu(x)", floats(4096, 4096)),
    *(Case(f"`{op}`, 64 K floats", 0.45, f"x.{op}()", floats(256, 256)) for op in ("exp", "tanh", "erf", "sin")),
    Case("`gelu`, 64 K floats", 0.95, "torch.nn.functional.gelu(x)", floats(256, 256)),
    Case("`sigmoid`, 64 K floats", 0.95, "x.sigmoid()", floats(256, 256)),
    Case("matmul 256, float32", 0.5, "a @ b", products(256, "float32")),
    Case("matmul 1024, float32", 0.5, "a @ b", products(1024, "float32")),
    Case("matmul 1024, bfloat16", 1.0, "a @ b", products(1024, "bfloat16")),
    Case("matmul batched 64 x 64x64x64", 0.6, "a @ b", batched_products),
    Case("training step of SimpleNet, batch 32", 0.25, "step()", training_step(simple_net, (32, 784), 10)),
    Case("training step of 16-16-16-4, batch 8", 0.25, "step()", training_step(tiny_net, (8, 16), 4)),
    Case("training step of BNNetwork, batch 64", 0.4, "step()", training_step(batch_norm_net, (64, 784), 10)),
    Case("training step of the CNN, batch 32", 0.42, "step()", training_step(cnn, (32, 3, 32, 32), 10)),
    Case("training step of the CNN, batch 128", 0.5, "step()", training_step(cnn, (128, 3, 32, 32), 10)),
    Case("convolution 64 -> 64, 3x3, 56x56, batch 8", 0.9, "convolve()", convolution),
    Case("its gradients", 0.95, "backward()", convolution),
    Case("ResNet-18 and gradients, batch 8, 224x224", 0.75, "both()", gradients(resnet18, (8, 3, 224, 224), 1000)),
    *(
        Case(f"training step of the {kind} classifier, batch 32", target, "step()", recurrent_step(kind))
        for kind, target in (("LSTM", 0.7), ("GRU", 0.4))
    ),
    Case("causal attention and gradient, 8 x 6 x 256 x 64", 0.7, "both()", attention(8, 6, 256, 64, True)),
    Case("attention and gradient, 8 x 8 x 128 x 32", 0.9, "both()", attention(8, 8, 128, 32, False)),
    Case("training step of TransformerEncoderLayer(256, 8, 1024), 8 x 128", 0.5, "step()", encoder_step),
    Case("training step of a GPT, 6 x 384, 8 x 256", 0.5, "step()", gpt_step),
    Case("Adam step, 109,386 floats in 6 tensors", 0.1, "optimizer.step()", adam_step),
    Case("Adam step, 200 tensors of 1,000 floats", 0.05, "optimizer.step()", many_small_tensors),
    Case("`clip_grad_norm_`, 200 tensors of 1,000 floats", 0.15, "clip(parameters, 1.0)", many_small_tensors),
    Case("epoch of `DataLoader`, 1000 x 784 by 32", 0.1, "for batch in loader: pass", data_loader),
    Case("epoch of `DataLoader`, 60,000 x 20 by 64", 0.06, "for batch in loader: pass", many_rows(0)),
    Case("epoch of `DataLoader`, 60,000 x 20 by 64, 2 workers", 0.05, "for batch in loader: pass", many_rows(2)),
    Case("load of a 256 MB state dict, read once", 0.5, "for x in torch.load(path).values(): x.sum()", state_dict),
    Case("save of a 256 MB state dict", 1.0, "torch.save(state, path)", state_dict),
]

# Run in a process of its own, from its start to its end.
FIRST_STEP = Case("process start to first AdamW step", 0.2, "", small)
FIRST_STEP_PROGRAM = """
import {library} as torch
model = torch.nn.Linear(10, 10)
optimizer = torch.optim.AdamW(model.parameters())
model(torch.randn(4, 10)).sum().backward()
optimizer.step()
"""

# Also timed beside torch.compile and JAX; networks of the same names are in jax_networks.py.
COMPILED_CASES = [
    replace(case, target=1)
    for case in CASES
    if re.search(r"step of (SimpleNet|the CNN, batch 32|the LSTM classifier|a GPT)", case.name)
]

# Trained for a few steps in a process of its own, whose memory at its largest counts.
PEAK_CASES = [case for case in CASES if re.search("step of (the CNN, batch 128|a GPT)", case.name)]
PEAK_STEPS = 3


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth_in_training(torch: ModuleType, steps: int) -> int:
    """Bytes by which the process has grown after `steps` more steps of SimpleNet."""
    step = training_step(simple_net, (32, 784), 10)(torch)["step"]
    for _ in range(500):
        step()
    before = resident_bytes()
    for _ in range(steps):
        step()
    return resident_bytes() - before


OUT_SIZES = (1, 4, 16, 64)  # MB of the result


def new_and_out(megabytes: int) -> Iterator[Case]:
    """The same sum into a new tensor and into one that is there."""

    def setup(torch: ModuleType) -> Names:
        x, y = (torch.randn(megabytes << 18) for _ in range(2))
        return {"x": x, "y": y, "out": torch.empty_like(x)}

    yield Case(f"add, {megabytes} MB, new tensor", 1.15, "torch.add(x, y)", setup)
    yield Case(f"add, {megabytes} MB, out=", 1.15, "torch.add(x, y, out=out)", setup)


OUT_CASES = [case for size in OUT_SIZES for case in new_and_out(size)]

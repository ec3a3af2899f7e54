"""What is timed: each case is written once, and `torch` in it is whichever library the worker was started with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

Names = dict[str, Any]


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


def training_step(network: Callable[[ModuleType], Any], batch: int, inputs: int, classes: int) -> Any:
    """One step of Adam on a fixed batch, as a training loop writes it."""

    def setup(torch: ModuleType) -> Names:
        model, criterion = network(torch), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        x, y = torch.randn(batch, inputs), torch.randint(0, classes, (batch,))

        def step() -> float:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()

        return {"step": step}

    return setup


def simple_net(torch: ModuleType) -> Any:
    """784-128-64-10, with relu and a view in forward."""
    nn, relu = torch.nn, torch.nn.functional.relu

    class SimpleNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(784, 128)
            self.fc2 = nn.Linear(128, 64)
            self.fc3 = nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            x = x.view(x.size(0), -1)
            return self.fc3(relu(self.fc2(relu(self.fc1(x)))))

    return SimpleNet()


def tiny_net(torch: ModuleType) -> Any:
    nn = torch.nn
    return nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))


def batch_norm_net(torch: ModuleType) -> Any:
    """784-256-128-10, batch norm before each relu."""
    nn = torch.nn
    return nn.Sequential(
        *(nn.Linear(784, 256), nn.BatchNorm1d(256), nn.ReLU()),
        *(nn.Linear(256, 128), nn.BatchNorm1d(128), nn.ReLU()),
        nn.Linear(128, 10),
    )


def sequence_classifier(kind: str) -> Callable[[ModuleType], Any]:
    """The specification's network: two layers of 256 over 50 steps of 100 features, then the last hidden state."""

    def network(torch: ModuleType) -> Any:
        nn = torch.nn

        class Classifier(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layers = getattr(nn, kind)(100, 256, num_layers=2, batch_first=True, dropout=0.5)
                self.fc = nn.Linear(256, 10)

            def forward(self, x: Any) -> Any:
                _, last = self.layers(x.view(x.size(0), 50, 100))
                return self.fc((last[0] if kind == "LSTM" else last)[-1])

        return Classifier()

    return network


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


def encoder_step(torch: ModuleType) -> Names:
    """TransformerEncoderLayer(256, 8, 1024) with its dropout on 8 sequences of 128, and AdamW."""
    layer = torch.nn.TransformerEncoderLayer(256, 8, 1024, batch_first=True)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.001)
    x = torch.randn(8, 128, 256)

    def step() -> float:
        loss = layer(x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return {"step": step}


def gpt(torch: ModuleType, vocabulary: int, length: int, width: int, heads: int, layers: int) -> Any:
    """A GPT in the manner of nanoGPT."""
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def attend(self, x: Any) -> Any:
            n, t, c = x.size()
            q, k, v = (y.view(n, t, heads, c // heads).transpose(1, 2) for y in self.c_attn(x).split(c, dim=2))
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.c_proj(y.transpose(1, 2).contiguous().view(n, t, c))

        def forward(self, x: Any) -> Any:
            x = x + self.attend(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.ln_f, self.lm_head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
            self.wte.weight = self.lm_head.weight

        def forward(self, tokens: Any) -> Any:
            x = self.wte(tokens) + self.wpe(torch.arange(tokens.size(1)))
            return self.lm_head(self.ln_f(self.blocks(x)))

    return GPT()


def gpt_step(torch: ModuleType) -> Names:
    """10.7 M parameters, 8 sequences of 256 characters of 65."""
    model = gpt(torch, 65, 256, 384, 6, 6)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001)
    x, y = (torch.randint(0, 65, (8, 256)) for _ in range(2))

    def step() -> float:
        loss = torch.nn.functional.cross_entropy(model(x).view(-1, 65), y.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return {"step": step}


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
    Case("training step of SimpleNet, batch 32", 0.25, "step()", training_step(simple_net, 32, 784, 10)),
    Case("training step of 16-16-16-4, batch 8", 0.25, "step()", training_step(tiny_net, 8, 16, 4)),
    Case("training step of BNNetwork, batch 64", 0.4, "step()", training_step(batch_norm_net, 64, 784, 10)),
    Case(
        "training step of the LSTM classifier, batch 32",
        0.7,
        "step()",
        training_step(sequence_classifier("LSTM"), 32, 5000, 10),
    ),
    Case(
        "training step of it with GRU, batch 32", 0.4, "step()", training_step(sequence_classifier("GRU"), 32, 5000, 10)
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


# Trained for a few steps in a process of its own, whose memory at its largest counts.
PEAK_CASE, PEAK_STEPS = next(case for case in CASES if case.setup is gpt_step), 3


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth_in_training(torch: ModuleType, steps: int) -> int:
    """Bytes by which the process has grown after `steps` more steps of SimpleNet."""
    step = training_step(simple_net, 32, 784, 10)(torch)["step"]
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

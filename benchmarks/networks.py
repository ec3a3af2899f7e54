"""The networks that are trained, and their steps; `torch` in them is whichever library the worker was started with."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

Names = dict[str, Any]
compiling = False  # a worker that times torch.compile sets it


def made(torch: ModuleType, model: Any) -> Any:
    """The model as it is trained."""
    return torch.compile(model) if compiling else model


def training_step(
    network: Callable[[ModuleType], Any], shape: tuple[int, ...], classes: int
) -> Callable[[ModuleType], Names]:
    """One step of Adam on a fixed batch of the given shape, as a training loop writes it."""

    def setup(torch: ModuleType) -> Names:
        model, criterion = made(torch, network(torch)), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        x, y = torch.randn(*shape), torch.randint(0, classes, shape[:1])

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


def cnn(torch: ModuleType) -> Any:
    """Two convolutions with pooling, then 4096-128-10 with dropout."""
    nn, relu = torch.nn, torch.nn.functional.relu

    class CNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 32, kernel_size=3, padding=1)
            self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
            self.pool = nn.MaxPool2d(2, 2)
            self.fc1, self.fc2 = nn.Linear(64 * 8 * 8, 128), nn.Linear(128, 10)
            self.dropout = nn.Dropout(0.5)

        def forward(self, x: Any) -> Any:
            x = self.pool(relu(self.conv1(x)))  # (N, 32, 16, 16)
            x = self.pool(relu(self.conv2(x)))  # (N, 64, 8, 8)
            x = x.view(x.size(0), -1)
            return self.fc2(self.dropout(relu(self.fc1(x))))

    return CNN()


def resnet18(torch: ModuleType) -> Any:
    """He et al. 2015: 64 to 512 channels in eight blocks of two convolutions, for 1000 classes."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
            self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
            self.relu, self.downsample = nn.ReLU(inplace=True), None
            if stride != 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x: Any) -> Any:
            short = x if self.downsample is None else self.downsample(x)
            x = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            x += short
            return self.relu(x)

    blocks = []
    for width in (64, 128, 256, 512):
        blocks += [Block(max(64, width // 2), width, 1 if width == 64 else 2), Block(width, width, 1)]
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)),
        *blocks,
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)),
    )


def gradients(
    network: Callable[[ModuleType], Any], shape: tuple[int, ...], classes: int
) -> Callable[[ModuleType], Names]:
    """Forward and backward on a fixed batch, without a step."""

    def setup(torch: ModuleType) -> Names:
        model, criterion = network(torch), torch.nn.CrossEntropyLoss()
        x, y = torch.randn(*shape), torch.randint(0, classes, shape[:1])

        def both() -> float:
            model.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            return loss.item()

        return {"both": both}

    return setup


def sequence_classifier(kind: str) -> Callable[[ModuleType], Any]:
    """Two layers of 256 over 50 steps of 100 features, then the last hidden state."""

    def network(torch: ModuleType) -> Any:
        nn = torch.nn

        class Classifier(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layers = getattr(nn, kind)(100, 256, num_layers=2, batch_first=True, dropout=0.5)
                self.fc = nn.Linear(256, 10)

            def forward(self, x: Any) -> Any:
                _, last = self.layers(x)
                return self.fc((last[0] if kind == "LSTM" else last)[-1])

        return Classifier()

    return network


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
    model = made(torch, gpt(torch, 65, 256, 384, 6, 6))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001)
    x, y = (torch.randint(0, 65, (8, 256)) for _ in range(2))

    def step() -> float:
        loss = torch.nn.functional.cross_entropy(model(x).view(-1, 65), y.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return {"step": step}

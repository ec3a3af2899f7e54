"""Trains a convolutional network to tell from which of ten photographs a patch of 32 x 32 pixels was cut.

    python examples/cnn.py              writes cnn.pth and cnn.png
    python examples/cnn.py --epochs 3

Patches to train on come from the left three quarters of each photograph, those to test on from the right quarter, which
the network has never seen. The photographs are those that scikit-image ships.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import skimage.data
from matplotlib.figure import Figure
from tqdm import tqdm

import ember as torch
import ember.nn.functional as F
from ember import nn, optim
from ember.utils.data import DataLoader, TensorDataset

PHOTOGRAPHS = [
    "astronaut",
    "brick",
    "chelsea",
    "coffee",
    "grass",
    "gravel",
    "hubble_deep_field",
    "page",
    "retina",
    "rocket",
]
SIZE = 32  # pixels, of a patch


class CNN(nn.Module):
    """Two convolutions with pooling, then two dense layers: 3 x 32 x 32 -> 10 photographs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 8 * 8, 128)
        self.fc2 = nn.Linear(128, len(PHOTOGRAPHS))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.conv1(x)))  # (N, 32, 16, 16)
        x = self.pool(F.relu(self.conv2(x)))  # (N, 64, 8, 8)
        x = x.view(x.size(0), -1)  # (N, 4096)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)  # (N, 10)


def photograph(name: str) -> np.ndarray:
    """Height x width x 3 bytes; grey photographs have three equal channels."""
    pixels = getattr(skimage.data, name)()
    return np.stack([pixels] * 3, axis=-1) if pixels.ndim == 2 else pixels[..., :3]


def patches(count: int, left: float, right: float, random: np.random.Generator) -> TensorDataset:
    """`count` patches of each photograph, cut at random places between two fractions of its width."""
    images, labels = [], []
    for label, name in enumerate(PHOTOGRAPHS):
        pixels = photograph(name)
        height, width = pixels.shape[:2]
        rows = random.integers(0, height - SIZE, count)
        columns = random.integers(int(left * width), int(right * width) - SIZE, count)
        images += [pixels[row : row + SIZE, column : column + SIZE] for row, column in zip(rows, columns, strict=True)]
        labels += [label] * count
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()  # (N, 3, 32, 32)
    return TensorDataset(batch.float() / 127.5 - 1, torch.tensor(labels))


@torch.no_grad()
def answers(network: CNN, images: torch.Tensor) -> torch.Tensor:
    network.eval()
    return torch.cat([network(part).argmax(dim=1) for part in images.split(256)])


def train(network: CNN, data: TensorDataset, test: TensorDataset, epochs: int) -> dict[str, list[float]]:
    """Loss of every step, accuracy on the test patches after every epoch."""
    loader = DataLoader(data, batch_size=64, shuffle=True)
    optimizer = optim.Adam(network.parameters(), lr=1e-3)
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    with tqdm(total=epochs * len(loader), unit="step", ncols=110) as progress:
        for epoch in range(epochs):
            progress.set_description(f"epoch {epoch + 1}/{epochs}")
            network.train()
            for images, labels in loader:
                loss = F.cross_entropy(network(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                history["loss"].append(loss.item())
                progress.update()
            images, labels = test.tensors
            history["accuracy"].append((answers(network, images) == labels).float().mean().item())
            progress.set_postfix_str(f"loss {history['loss'][-1]:.3f}, test accuracy {history['accuracy'][-1]:.1%}")
    return history


def draw(network: CNN, test: TensorDataset, history: dict[str, list[float]], path: Path) -> None:
    """Loss, accuracy, the kernels of the first layer, and patches with the wrong answers first."""
    figure = Figure(figsize=(14, 6), layout="constrained")
    curves, kernels, grid = figure.subfigures(1, 3, squeeze=False, width_ratios=[2, 1, 3])[0]
    loss, accuracy = curves.subplots(2, 1)
    loss.semilogy(history["loss"], linewidth=0.7)
    loss.set(xlabel="step", ylabel="training loss")
    accuracy.plot(range(1, len(history["accuracy"]) + 1), history["accuracy"], marker="o")
    accuracy.set(xlabel="epoch", ylabel="test accuracy", ylim=(0, 1.02))

    weight = network.conv1.weight.detach().permute(0, 2, 3, 1)  # (32, 3, 3, channels as colours)
    weight = (weight - weight.min()) / (weight.max() - weight.min())
    kernels.suptitle("first kernels")
    for panel, kernel in zip(kernels.subplots(8, 4).flat, weight, strict=True):
        panel.imshow(kernel.numpy())
        panel.axis("off")

    images, labels = test.tensors
    found = answers(network, images)
    shown = (found == labels).int().argsort(stable=True)[:40].tolist()
    for panel, i in zip(grid.subplots(5, 8).flat, shown, strict=True):
        right = found[i] == labels[i]
        panel.imshow((images[i].permute(1, 2, 0) / 2 + 0.5).numpy())
        title = PHOTOGRAPHS[found[i]][:9] + ("" if right else f",\nnot {PHOTOGRAPHS[labels[i]][:9]}")
        panel.set_title(title, fontsize=7, color="black" if right else "red")
        panel.axis("off")
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=8, help="default 8")
    parser.add_argument("--patches", type=int, default=600, help="of each photograph, to train on (default 600)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, dropout, patches and their order (default 0)")
    parser.add_argument("--checkpoint", type=Path, default=Path("cnn.pth"), help="default cnn.pth")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    random = np.random.default_rng(arguments.seed)
    data = patches(arguments.patches, 0, 0.75, random)
    test = patches(100, 0.75, 1, random)
    network, begin = CNN(), time.perf_counter()
    history = train(network, data, test, arguments.epochs)
    torch.save({"network": network.state_dict(), "history": history}, arguments.checkpoint)
    picture = arguments.checkpoint.with_suffix(".png")
    draw(network, test, history, picture)
    print(f"loss {history['loss'][-1]:.6f}, test accuracy {history['accuracy'][-1]:.2%}", end=" ")
    print(f"after {arguments.epochs} epochs ({time.perf_counter() - begin:.1f} s): {arguments.checkpoint}, {picture}")


if __name__ == "__main__":
    main()

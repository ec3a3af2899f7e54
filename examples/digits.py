"""Trains a small network to read handwritten digits and draws what it has learned.

    python examples/digits.py                        writes digits.pth and digits.png
    python examples/digits.py --epochs 60 --resume   goes on from digits.pth, to the numbers of 60 epochs at once

The checkpoint is written after every epoch: stop with Ctrl-C and --resume whenever you like.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import ember as torch
from ember import nn, optim
from ember.utils.data import DataLoader, TensorDataset


class Network(nn.Module):
    """64 pixels -> 256 -> 128 -> 10 digits; dropout, of pixels too, makes up for the small training set."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Dropout(0.1),
            nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.3),
            nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.3),
        )  # fmt: skip
        self.answer = nn.Linear(128, 10)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.answer(self.hidden(pixels))  # (N, 64) -> (N, 10)


@dataclass
class History:
    """What every epoch has reached."""

    loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)


class Training:
    """A network and all that its next step depends on: exactly this is in the checkpoint."""

    def __init__(self, train: TensorDataset, test: TensorDataset, seed: int) -> None:
        torch.manual_seed(seed)  # first weights, dropout
        self.order = torch.Generator().manual_seed(seed)  # order of the samples
        self.network = Network()
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = optim.AdamW(self.network.parameters(), lr=3e-3)
        self.scheduler = optim.lr_scheduler.ExponentialLR(self.optimizer, gamma=0.95)
        self.loader = DataLoader(train, batch_size=32, shuffle=True, generator=self.order)
        self.test = test
        self.history = History()

    def save(self, path: Path) -> None:
        checkpoint = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "history": asdict(self.history),
            "order": self.order.get_state(),
            "random": torch.get_rng_state(),
        }
        torch.save(checkpoint, path)

    def load(self, path: Path) -> None:
        checkpoint = torch.load(path)
        self.network.load_state_dict(checkpoint["network"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        self.scheduler.load_state_dict(checkpoint["scheduler"])
        self.history = History(**checkpoint["history"])
        self.order.set_state(checkpoint["order"])
        torch.set_rng_state(checkpoint["random"])

    def epoch(self, progress: tqdm) -> None:
        self.network.train()
        total_loss, right, seen = 0.0, 0, 0
        for pixels, digits in self.loader:
            logits = self.network(pixels)
            loss = self.loss(logits, digits)

            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

            total_loss += loss.item() * len(digits)
            right += (logits.argmax(dim=1) == digits).sum().item()
            seen += len(digits)
            progress.update()
        self.scheduler.step()

        pixels, digits = self.test.tensors
        test_accuracy = (self.predict(pixels) == digits).float().mean().item()
        self.history.loss.append(total_loss / seen)
        self.history.train_accuracy.append(right / seen)
        self.history.test_accuracy.append(test_accuracy)
        progress.set_postfix_str(f"loss {total_loss / seen:.4f}, test accuracy {test_accuracy:.2%}")

    @torch.no_grad()
    def predict(self, pixels: torch.Tensor) -> torch.Tensor:
        self.network.eval()
        return self.network(pixels).argmax(dim=1)


def load_data() -> tuple[TensorDataset, TensorDataset]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels: four fifths to train on, one to test."""
    pixels, digits = load_digits(return_X_y=True)
    parts = train_test_split(pixels / 16.0, digits, test_size=0.2, stratify=digits, random_state=0)
    train_pixels, test_pixels, train_digits, test_digits = (torch.as_tensor(part) for part in parts)
    return TensorDataset(train_pixels.float(), train_digits), TensorDataset(test_pixels.float(), test_digits)


def draw(training: Training, path: Path, rows: int = 5, columns: int = 12) -> None:
    """Loss, accuracy, and a grid of test digits with the wrong answers first, in red."""
    pixels, digits = training.test.tensors
    answers = training.predict(pixels)
    shown = (answers == digits).int().argsort(stable=True)[: rows * columns].tolist()

    figure = Figure(figsize=(14, 6), layout="constrained")
    curves, grid = figure.subfigures(1, 2, squeeze=False, width_ratios=[2, 3])[0]
    loss, accuracy = curves.subplots(2, 1, sharex=True)
    history, epochs = training.history, range(1, len(training.history.loss) + 1)
    loss.semilogy(epochs, history.loss, color="tab:orange")
    loss.set_ylabel("training loss")
    accuracy.plot(epochs, history.train_accuracy, label="train, with dropout")
    accuracy.plot(epochs, history.test_accuracy, label=f"test: {history.test_accuracy[-1]:.2%}")
    accuracy.set(xlabel="epoch", ylabel="accuracy", ylim=(0.85, 1.005))
    accuracy.legend(loc="lower right")

    for panel, i in zip(grid.subplots(rows, columns).flat, shown, strict=True):
        answer, digit = answers[i].item(), digits[i].item()
        wrong = answer != digit
        panel.imshow(pixels[i].view(8, 8).numpy(), cmap="Reds" if wrong else "gray_r")
        title = f"{answer}, not {digit}" if wrong else f"{answer}"
        panel.set_title(title, fontsize=9, color="red" if wrong else "black")
        panel.axis("off")
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=40, help="in all, with those before --resume (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, dropout and order of samples (default 0)")
    parser.add_argument("--checkpoint", type=Path, default=Path("digits.pth"), help="default digits.pth")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    arguments = parser.parse_args()

    train, test = load_data()
    training = Training(train, test, arguments.seed)
    if arguments.resume:
        training.load(arguments.checkpoint)

    begin, done = time.perf_counter(), len(training.history.loss)
    steps = len(training.loader)
    with tqdm(total=arguments.epochs * steps, initial=done * steps, unit="step", ncols=110) as progress:
        for epoch in range(done, arguments.epochs):
            progress.set_description(f"epoch {epoch + 1}/{arguments.epochs}")
            training.epoch(progress)
            training.save(arguments.checkpoint)

    picture = arguments.checkpoint.with_suffix(".png")
    draw(training, picture)
    print(f"loss {training.history.loss[-1]:.6f}, test accuracy {training.history.test_accuracy[-1]:.2%}", end=" ")
    print(f"after {arguments.epochs} epochs ({time.perf_counter() - begin:.1f} s): {arguments.checkpoint}, {picture}")


if __name__ == "__main__":
    main()

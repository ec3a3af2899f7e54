"""Trains an LSTM to write the language reference of Python, character by character.

    python examples/char_lstm.py               writes char_lstm.pth and char_lstm.png, prints a sample
    python examples/char_lstm.py --steps 2000  reads longer

The text ships with Python: what `help("for")` and its kin print.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from pydoc_data.topics import topics

from matplotlib.figure import Figure
from tqdm import tqdm

import ember as torch
import ember.nn.functional as F
from ember import nn, optim

LENGTH, BATCH = 64, 32  # characters of a sequence, sequences of a step
State = tuple[torch.Tensor, torch.Tensor]  # h and c of the LSTM


class Text:
    """The characters as numbers; nine tenths to train on, the rest to test."""

    def __init__(self) -> None:
        text = "\n\n".join(topics[key] for key in sorted(topics))
        text = "".join(character if character.isascii() else "?" for character in text)
        self.alphabet = sorted(set(text))
        number = {character: i for i, character in enumerate(self.alphabet)}
        numbers = torch.tensor([number[character] for character in text])
        cut = len(text) * 9 // 10
        self.train, self.test = numbers[:cut], numbers[cut:]

    def batch(self, numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Sequences from random places, and what follows each of their characters: (BATCH, LENGTH) both."""
        starts = torch.randint(0, len(numbers) - LENGTH - 1, (BATCH, 1))
        places = starts + torch.arange(LENGTH + 1)
        windows = numbers[places]
        return windows[:, :-1], windows[:, 1:]

    def spell(self, numbers: list[int]) -> str:
        return "".join(self.alphabet[i] for i in numbers)


class Writer(nn.Module):
    """Characters -> vectors -> two layers of LSTM -> scores of the next character."""

    def __init__(self, characters: int, hidden: int = 192) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, 64)
        self.lstm = nn.LSTM(64, hidden, num_layers=2, batch_first=True, dropout=0.1)
        self.head = nn.Linear(hidden, characters)

    def forward(self, numbers: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        output, state = self.lstm(self.embedding(numbers), state)  # (N, L, hidden)
        return self.head(output), state

    @torch.no_grad()
    def write(self, start: int, count: int, temperature: float = 0.7) -> list[int]:
        """`count` characters, each drawn from the scores after those before it."""
        self.eval()
        written, state = [start], None
        for _ in range(count):
            scores, state = self(torch.tensor([[written[-1]]]), state)
            chances = F.softmax(scores[0, -1] / temperature, dim=-1)
            written.append(int(torch.multinomial(chances, 1)))
        return written


def loss_on(network: Writer, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Mean surprise at a character, in nats."""
    scores, _ = network(batch[0])
    return F.cross_entropy(scores.flatten(0, 1), batch[1].flatten())


@torch.no_grad()
def test_loss(network: Writer, text: Text, batches: int = 10) -> float:
    network.eval()
    return sum(loss_on(network, text.batch(text.test)).item() for _ in range(batches)) / batches


def train(network: Writer, text: Text, steps: int) -> dict[str, list[float]]:
    optimizer = optim.Adam(network.parameters(), lr=3e-3)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    history: dict[str, list[float]] = {"train": [], "test": [], "test_step": []}
    with tqdm(range(1, steps + 1), unit="step", ncols=110) as progress:
        for step in progress:
            network.train()
            loss = loss_on(network, text.batch(text.train))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            history["train"].append(loss.item())
            if step % 100 == 0 or step == steps:
                history["test"].append(test_loss(network, text))
                history["test_step"].append(step)
                progress.set_postfix_str(f"loss {loss.item():.3f}, test loss {history['test'][-1]:.3f}")
    return history


def draw(history: dict[str, list[float]], characters: int, path: Path) -> None:
    figure = Figure(figsize=(8, 5), layout="constrained")
    panel = figure.subplots()
    panel.plot(history["train"], linewidth=0.7, label="train")
    panel.plot(history["test_step"], history["test"], marker="o", label=f"test: {history['test'][-1]:.3f}")
    panel.axhline(math.log(characters), color="gray", linestyle=":", label="any character as likely")
    panel.set(xlabel="step", ylabel="loss, nats a character", ylim=(0, None))
    panel.legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000, help="default 1000")
    parser.add_argument("--seed", type=int, default=0, help="of weights, places in the text and the sample (default 0)")
    parser.add_argument("--checkpoint", type=Path, default=Path("char_lstm.pth"), help="default char_lstm.pth")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    text = Text()
    network, begin = Writer(len(text.alphabet)), time.perf_counter()
    history = train(network, text, arguments.steps)
    torch.save({"network": network.state_dict(), "alphabet": text.alphabet}, arguments.checkpoint)
    picture = arguments.checkpoint.with_suffix(".png")
    draw(history, len(text.alphabet), picture)
    print(text.spell(network.write(text.alphabet.index("\n"), 400)))
    print(f"\nloss {history['train'][-1]:.6f}, test loss {history['test'][-1]:.6f}", end=" ")
    print(f"after {arguments.steps} steps ({time.perf_counter() - begin:.1f} s): {arguments.checkpoint}, {picture}")


if __name__ == "__main__":
    main()

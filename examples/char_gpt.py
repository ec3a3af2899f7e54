"""Trains a small GPT to write the language reference of Python, character by character.

    python examples/char_gpt.py                         writes char_gpt.pth and char_gpt.png, prints a sample
    python examples/char_gpt.py --steps 3000 --resume   goes on from char_gpt.pth, to the numbers of 3000 at once

Products are computed in bfloat16 by autocast; gradients are clipped; the learning rate rises, then falls as a cosine.
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

WIDTH, HEADS, LAYERS = 128, 4, 4
LENGTH, BATCH = 128, 16  # characters that the network sees, sequences of a step


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

    def batch(self, numbers: torch.Tensor, places: torch.Generator | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Sequences from random places, and what follows each of their characters: (BATCH, LENGTH) both."""
        starts = torch.randint(0, len(numbers) - LENGTH - 1, (BATCH, 1), generator=places)
        windows = numbers[starts + torch.arange(LENGTH + 1)]
        return windows[:, :-1], windows[:, 1:]


class Block(nn.Module):
    """What each place takes from those before it, then a dense network for each place."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.queries_keys_values = nn.Linear(WIDTH, 3 * WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.dense = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, length, _ = x.shape
        parts = self.queries_keys_values(self.norm1(x)).view(n, length, 3, HEADS, WIDTH // HEADS)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # (N, HEADS, L, WIDTH / HEADS) each
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(seen.transpose(1, 2).reshape(n, length, WIDTH))
        return x + self.dense(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, characters: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(characters, WIDTH)
        self.places = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, characters, bias=False)
        self.head.weight = self.characters.weight  # a character is written as it is read
        for name, parameter in self.named_parameters():
            if name.endswith("weight") and "norm" not in name:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        x = self.characters(numbers) + self.places(torch.arange(numbers.shape[1]))  # (N, L, WIDTH)
        return self.head(self.norm(self.blocks(x)))  # (N, L, characters)

    @torch.no_grad()
    def write(self, start: int, count: int, temperature: float = 0.8) -> list[int]:
        """`count` characters, each drawn from the scores after those before it."""
        self.eval()
        written = [start]
        for _ in range(count):
            scores = self(torch.tensor([written[-LENGTH:]]))[0, -1]
            written.append(int(torch.multinomial(F.softmax(scores / temperature, dim=-1), 1)))
        return written


class Training:
    """A network and all that its next step depends on: exactly this is in the checkpoint."""

    def __init__(self, text: Text, seed: int) -> None:
        torch.manual_seed(seed)
        self.text, self.network = text, GPT(len(text.alphabet))
        self.optimizer = optim.AdamW(self.network.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
        rise = optim.lr_scheduler.LinearLR(self.optimizer, 0.01, total_iters=100)
        fall = optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=5000, eta_min=1e-4)
        self.schedule = optim.lr_scheduler.SequentialLR(self.optimizer, [rise, fall], milestones=[100])
        self.history: dict[str, list[float]] = {"train": [], "test": [], "test_step": []}

    def state(self) -> dict[str, object]:
        parts = {name: getattr(self, name).state_dict() for name in ("network", "optimizer", "schedule")}
        return parts | {"history": self.history, "random": torch.get_rng_state(), "alphabet": self.text.alphabet}

    def load(self, path: Path) -> None:
        state = torch.load(path)
        for name in ("network", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.history = state["history"]
        torch.set_rng_state(state["random"])

    def loss(self, numbers: torch.Tensor, places: torch.Generator | None = None) -> torch.Tensor:
        """Mean surprise at a character, in nats."""
        before, after = self.text.batch(numbers, places)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self.network(before)
        return F.cross_entropy(scores.float().flatten(0, 1), after.flatten())

    def step(self) -> float:
        self.network.train()
        loss = self.loss(self.text.train)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.history["train"].append(loss.item())
        return loss.item()

    @torch.no_grad()
    def test(self, batches: int = 10) -> float:
        self.network.eval()
        places = torch.Generator().manual_seed(0)  # the same each time, and training draws as if there were no test
        mean = sum(self.loss(self.text.test, places).item() for _ in range(batches)) / batches
        self.history["test"].append(mean)
        self.history["test_step"].append(len(self.history["train"]))
        return mean


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
    parser.add_argument("--steps", type=int, default=1000, help="in all, with those before --resume (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, places in the text and the sample (default 0)")
    parser.add_argument("--checkpoint", type=Path, default=Path("char_gpt.pth"), help="default char_gpt.pth")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    arguments = parser.parse_args()

    text = Text()
    training, begin = Training(text, arguments.seed), time.perf_counter()
    if arguments.resume:
        training.load(arguments.checkpoint)
    done = len(training.history["train"])
    with tqdm(range(done + 1, arguments.steps + 1), unit="step", ncols=110) as progress:
        for step in progress:
            loss = training.step()
            if step % 100 == 0 or step == arguments.steps:
                progress.set_postfix_str(f"loss {loss:.3f}, test loss {training.test():.3f}")
                torch.save(training.state(), arguments.checkpoint)

    history, picture = training.history, arguments.checkpoint.with_suffix(".png")
    draw(history, len(text.alphabet), picture)
    written = training.network.write(text.alphabet.index("\n"), 400)
    print("".join(text.alphabet[i] for i in written))
    print(f"\nloss {history['train'][-1]:.6f}, test loss {history['test'][-1]:.6f}", end=" ")
    print(f"after {arguments.steps} steps ({time.perf_counter() - begin:.1f} s): {arguments.checkpoint}, {picture}")


if __name__ == "__main__":
    main()

"""The golden list of errors: what users read, word for word, and the exception type, which is PyTorch's.

error_messages.txt has one entry for each: an expression, and below it `Type: message`, where `…` stands for any text.
After a wording was changed on purpose: `PYTHONPATH=src python tests/test_errors.py` writes the list again, to be read
as a diff.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy
import pytest

import ember as torch
from ember import nn, optim
from ember.nn import Parameter, functional
from ember.utils import data

GOLDEN = Path(__file__).parent / "error_messages.txt"
ANY = "…"
# What the expressions may name besides this file's functions.
SCOPE = {
    "F": functional,
    "Parameter": Parameter,
    "copy": copy,
    "data": data,
    "numpy": numpy,
    "optim": optim,
    "ones": torch.ones,
    "tensor": torch.tensor,
    "zeros": torch.zeros,
}


def meta(*size):
    return torch.zeros(*size, device="meta")


def leaf(*size):
    return torch.zeros(*size, requires_grad=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.embedding = nn.Embedding(4, 2)
        self.norm = nn.LayerNorm(4)
        self.batch_norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.fc1(x)


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x):
        return self.net(x)


class TwoGradients(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient, gradient


class WrongShape(TwoGradients):
    @staticmethod
    def backward(ctx, gradient):
        return gradient.new_zeros(7)


def backward_twice():
    x = leaf(3)
    y = (x * x).sum()
    y.backward()
    y.backward()


def change_saved_output():
    y = leaf(3).exp()
    y.add_(1)
    y.sum().backward()


def change_saved_input():
    x = leaf(3) * 1
    y = x.sin()
    x.mul_(2)
    y.sum().backward()


def in_inference_mode(make):
    with torch.inference_mode():
        return make()


def nested(depth):
    result = [1.0]
    for _ in range(depth):
        result = [result]
    return result


def entries() -> list[tuple[str, str]]:
    """(expression, `Type: message`) of every entry."""
    lines = [line for line in GOLDEN.read_text().splitlines() if line and not line.startswith("#")]
    found: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith("    "):
            expression, message = found[-1]
            found[-1] = (expression, f"{message}\n{line[4:]}".strip("\n"))
        else:
            found.append((line, ""))
    return found


def error_of(expression: str) -> str:
    """What the expression ends with, as `Type: message`."""
    try:
        eval(expression, {**globals(), **SCOPE})
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip()}"
    return "no error"


def test_the_list_is_long_enough():
    assert len(entries()) > 200
    assert len({expression for expression, _ in entries()}) == len(entries())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("expression", "message"), entries(), ids=[expression for expression, _ in entries()])
def test_error(expression, message):
    pattern = ".*".join(map(re.escape, message.split(ANY)))
    found = error_of(expression)
    assert re.fullmatch(pattern, found, re.DOTALL), found


def write_again() -> None:
    """The list with the messages of today; entries with `…` stay as they are."""
    known = dict(entries())
    result = []
    for line in GOLDEN.read_text().splitlines():
        if line.startswith("    "):
            continue
        result.append(line)
        if line in known:
            message = known[line] if ANY in known[line] else error_of(line)
            result.extend("    " + part for part in message.splitlines())
    GOLDEN.write_text("\n".join(result) + "\n")


if __name__ == "__main__":
    write_again()

"""Of the names of PyTorch that at least three of 59 public packages use: the share that is here.

PYTHONPATH=src python -m ember tests/api_coverage.py     the share, then the names that are missing
python tests/api_coverage.py                             the same of PyTorch: all
"""

from __future__ import annotations

import csv
import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

# Packages ask for these devices, which PyTorch's own wheel does not have either: they must not be there.
ABSENT = {"torch.npu", "torch.neuron", "torch.mlu", "torch.hpu"}


def _function_context() -> Any:
    """What a `torch.autograd.Function` saves into."""
    seen = []

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            seen.append(ctx)
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    Kept.apply(torch.ones(1, requires_grad=True))
    return seen[0]


# Attributes that instances have and their classes do not.
INSTANCES: dict[str, Callable[[], Any]] = {
    "torch.nn.Module": torch.nn.Module,
    "torch.optim.Optimizer": lambda: torch.optim.SGD([torch.zeros(1)], lr=0.1),
    "torch.utils.data.DataLoader": lambda: torch.utils.data.DataLoader([0]),
    "torch.autograd.function.FunctionCtx": _function_context,
}


def _found(name: str) -> bool:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        break
    for place in range(count, len(parts)):
        owner, attribute = ".".join(parts[:place]), parts[place]
        if not hasattr(value, attribute) and owner in INSTANCES:
            value = INSTANCES[owner]()
        if not hasattr(value, attribute):
            return False
        value = getattr(value, attribute)
    return True


def coverage() -> tuple[int, dict[str, int]]:
    """How many names there are, and the missing ones with the number of packages that use them."""
    with open(Path(__file__).parent / "data" / "api-usage.tsv", newline="") as file:
        names = {row["name"]: int(row["packages"]) for row in csv.DictReader(file, delimiter="\t")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        missing = {name: packages for name, packages in names.items() if _found(name) == (name in ABSENT)}
    return len(names), missing


def main() -> None:
    count, missing = coverage()
    print(f"{count - len(missing)} of {count} names: {(count - len(missing)) / count:.2%}")
    for name, packages in missing.items():
        print(f"{packages:4d} packages  {name}")


if __name__ == "__main__":
    main()

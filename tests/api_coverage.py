"""Of the names of PyTorch that at least three of 59 public packages use: the share that is here and that tests use.

PYTHONPATH=src python tests/api_coverage.py                   runs all tests; then the share, and the names that lack
PYTHONPATH=src python tests/api_coverage.py tests/test_nn.py  the same of some tests: takes what pytest takes
PYTHONPATH=src python tests/api_coverage.py --here            the share that exists; nothing is run
PYTHONPATH=src python tests/api_coverage.py --packages 2      the same of the names that two packages use or more

A name counts if it exists and a test that passes uses it: the test itself, in its own source or in an expression that it
evaluates, calls the function, method or class (an instance of the class will do), or reads the attribute, constant or
module. `recorded_uses.py` watches this while the tests run. Two names of one object are one: `nn.modules.batchnorm.
BatchNorm2d` is tested where `nn.BatchNorm2d` is. What only ever raised in the tests is counted, because that is how
PyTorch answers for a device that is not there, and listed, because it may as well be missing.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import importlib
import sys
import types
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import ember
from recorded_uses import Uses, recording

TESTS = Path(__file__).resolve().parent
# Packages ask for these devices, which PyTorch's own wheel does not have either: they must not be there.
ABSENT = {"torch.npu", "torch.neuron", "torch.mlu", "torch.hpu", "torch.musa", "torch.version.cann"}


def _function_context() -> Any:
    """What a `torch.autograd.Function` saves into."""
    seen = []

    class Kept(ember.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            seen.append(ctx)
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    Kept.apply(ember.ones(1, requires_grad=True))
    return seen[0]


# Attributes that instances have and their classes do not.
INSTANCES: dict[str, Callable[[], Any]] = {
    "torch.nn.Module": ember.nn.Module,
    "torch.optim.Optimizer": lambda: ember.optim.SGD([ember.zeros(1)], lr=0.1),
    "torch.utils.data.DataLoader": lambda: ember.utils.data.DataLoader([0]),
    "torch.autograd.function.FunctionCtx": _function_context,
    "torch.fx.Node": lambda: ember.fx.Graph().placeholder("x"),
    "torch.optim.lr_scheduler.LRScheduler": lambda: ember.optim.lr_scheduler.StepLR(
        ember.optim.SGD([ember.zeros(1)], lr=0.1), 1
    ),
}


class Place(NamedTuple):
    """Where a name leads: the module or class that has it, its last part, and what stands there."""

    owner: Any
    attribute: str
    value: Any


def find(name: str) -> Place | None:
    """What stands under one of PyTorch's names in Ember; None if nothing does."""
    value: Any = ember
    owner, parts = value, name.split(".")
    for place, attribute in enumerate(parts[1:], 1):
        owner, known_as, where = value, ".".join(parts[:place]), value
        if not hasattr(where, attribute) and known_as in INSTANCES:
            where = INSTANCES[known_as]()
        if not hasattr(where, attribute) and isinstance(owner, types.ModuleType):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{owner.__name__}.{attribute}")
        if not hasattr(where, attribute):
            return Place(ember, attribute, None) if name in ABSENT else None
        value = getattr(where, attribute)
    return None if name in ABSENT else Place(owner, parts[-1], value)


class NamesUsed(Uses):
    """The names that the test which runs now uses; as a plugin of pytest it keeps those of tests that pass."""

    def __init__(self, places: dict[str, Place]) -> None:
        super().__init__()
        self.used: set[str] = set()
        self.answered: set[str] = set()  # the used ones without those that only raised
        self.pytest_runtest_logstart()
        self._objects: dict[int, list[str]] = defaultdict(list)  # functions, classes and modules, by identity
        self._methods: dict[str, list[tuple[Any, str]]] = defaultdict(list)
        self._values: dict[str, list[tuple[Any, str]]] = defaultdict(list)
        for name, (owner, attribute, value) in places.items():
            if isinstance(value, types.ModuleType) or (callable(value) and type(value).__module__ != "typing"):
                self._objects[id(value)].append(name)
                self._methods[attribute].append((owner, name))
            else:
                self._values[attribute].append((owner, name))

    def _use(self, names: list[str], returned: bool = True) -> None:
        self._now[0].update(names)
        if returned:
            self._now[1].update(names)

    @staticmethod
    def _is_of(thing: Any, owner: Any) -> bool:
        """Whether `thing` is the module or class `owner`, derives from it, or is an instance."""
        if thing is owner or not isinstance(owner, type):
            return thing is owner
        return issubclass(thing if isinstance(thing, type) else type(thing), owner)

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        self._use([each for place, each in self._values.get(name, ()) if self._is_of(owner, place)])
        if isinstance(owner, types.ModuleType):
            self._use(self._objects.get(id(owner), []))
        else:
            self.of_class(owner if isinstance(owner, type) else type(owner))
        if isinstance(value, types.ModuleType):
            self._use(self._objects.get(id(value), []))

    def of_class(self, cls: Any, found: bool = True) -> None:
        for each in getattr(cls, "__mro__", (cls,)):
            self._use(self._objects.get(id(each), []), found)

    def call(self, function: Any, owner: Any, name: str, returned: bool) -> None:
        self._use(self._objects.get(id(function), []), returned)
        self._use(self._objects.get(id(getattr(function, "__func__", None)), []), returned)
        if owner is not None and not isinstance(owner, types.ModuleType):
            self._use([each for place, each in self._methods.get(name, ()) if self._is_of(owner, place)], returned)

    def pytest_runtest_logstart(self) -> None:
        self._now, self._passed = (set(), set()), True

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._passed = self._passed and report.passed
        if report.when == "teardown" and self._passed:
            self.used |= self._now[0]
            self.answered |= self._now[1]


def names(packages: int = 3) -> dict[str, int]:
    """PyTorch's names that so many packages use or more, and how many use each."""
    with open(TESTS / "data" / "api-usage.tsv", newline="") as file:
        known = {row["name"]: int(row["packages"]) for row in csv.DictReader(file, delimiter="\t")}
    return {name: count for name, count in known.items() if count >= packages}


def places(packages: int = 3) -> dict[str, Place]:
    """Those of the names that are here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: find(name) for name in names(packages)}
    return {name: place for name, place in found.items() if place is not None}


def listed(title: str, chosen: list[str], counts: dict[str, int]) -> None:
    if chosen:
        print(f"\n{title}:")
        for name in chosen:
            print(f"{counts[name]:4d} packages  {name}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--here", action="store_true", help="only whether the names exist")
    parser.add_argument("--packages", type=int, default=3, help="how many packages use a name at least")
    options, arguments = parser.parse_known_args(arguments)
    counts, here = names(options.packages), places(options.packages)
    if options.here:
        print(f"{len(here)} of {len(counts)} names: {len(here) / len(counts):.2%}")
    else:
        uses = run(here, arguments)
        used = [name for name in here if name in uses.used]
        refused = [name for name in used if name not in uses.answered]
        share, answered = len(used) / len(counts), (len(used) - len(refused)) / len(counts)
        print(f"\n{len(used)} of {len(counts)} names are here and used by tests that pass: {share:.2%}")
        print(f"without those that only refuse: {answered:.2%}")
        listed("not used by a test", [name for name in here if name not in uses.used], counts)
        listed("refused in all tests", refused, counts)
    listed("missing", [name for name in counts if name not in here], counts)


def run(here: dict[str, Place], arguments: list[str]) -> NamesUsed:
    """What the tests use of the names that are here; `arguments` are pytest's."""
    import pytest

    sys.path.insert(0, str(TESTS.parent))  # as `python -m pytest` does: processes that tests spawn find tests
    uses = NamesUsed(here)
    folders = {TESTS, *(Path(each).resolve().parent for each in arguments if Path(each).is_file())}
    with recording(uses, folders):
        pytest.main(["--assert=plain", "-q", "-p", "no:cacheprovider", *(arguments or [str(TESTS)])], plugins=[uses])
    return uses


if __name__ == "__main__":
    main(sys.argv[1:])

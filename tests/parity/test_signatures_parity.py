"""Signatures of the functions, methods and classes that packages use most, beside PyTorch's, where that shows them."""

from __future__ import annotations

import importlib
import inspect

import pytest

torch = pytest.importorskip("torch")

from test_names_tensors import NAMES  # noqa: E402

# What differs on purpose, and why.
DIFFERENCES = {
    "torch.norm": "dtype and out only by name: functions and methods have them at different positions",
    "torch.Tensor.norm": "the same",
    "torch.no_grad": "also a decorator that is given the function",
    "torch.enable_grad": "the same, by another name",
    "torch.layout": "PyTorch's cannot be made",
    "torch.Tensor.solve": "removed: only the error is left",
    "torch.jit.ScriptModule": "made by nobody",
}


def found(library, name):
    value = importlib.import_module(library)
    for part in name.split(".")[1:]:
        try:
            value = (
                getattr(value, part) if hasattr(value, part) else importlib.import_module(f"{value.__name__}.{part}")
            )
        except (ImportError, AttributeError):
            return None
    return value


def shown(default):
    """Defaults that are functions or objects are not compared."""
    plain = default is inspect.Parameter.empty or type(default) in (bool, int, float, str, tuple, type(None))
    return str(default) if plain else "an object"


def parameters(function):
    """Name, kind and default of each that is public; what only passes all on has none to compare."""
    try:
        given = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if [p.kind for p in given if p.name != "self"] == [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]:
        return None
    return [(p.name, p.kind, shown(p.default)) for p in given if p.name[0] != "_"]


def pairs():
    for name in NAMES:
        ours, theirs = found("ember", name), found("torch", name)
        if ours is theirs or ours is None or not callable(theirs) or name in DIFFERENCES:
            continue
        mine, other = parameters(ours), parameters(theirs)
        if mine is not None and other is not None:
            yield pytest.param(name, mine, other, id=name)


@pytest.mark.parametrize(("name", "mine", "other"), pairs())
def test_signatures(name, mine, other):
    if name.startswith("torch.Tensor."):  # what is a function too calls the tensor input
        mine, other = mine[1:], other[1:]
    assert mine == other


def test_the_comparison_compares():
    assert len(list(pairs())) > 400

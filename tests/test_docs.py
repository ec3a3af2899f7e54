"""What is public is documented: docstrings of functions and classes, docs of records; examples run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import numpy
import pytest

import ember
from ember import _C
from ember._composite import published


def modules():
    """All of the package but the scripts that run when they are imported."""
    names = [each.name for each in pkgutil.walk_packages(ember.__path__, "ember.")]
    return sorted(name for name in names if name.rpartition(".")[2] not in ("__main__", "_C", "torch"))


MODULES = modules()


def public(module):
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value) or inspect.isclass(value):
            yield name, value
        if inspect.isclass(value):
            for method, function in vars(value).items():
                if not method.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{method}", function


def is_documented(name, value, module):
    """A method is documented where it stands or in the class that it overrides."""
    if inspect.getdoc(value):
        return True
    owner, _, method = name.rpartition(".")
    return bool(owner) and any(inspect.getdoc(vars(base).get(method)) for base in getattr(module, owner).__mro__)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    module = importlib.import_module(name)
    assert inspect.getdoc(module), "the module has no docstring"
    missing = [each for each, value in public(module) if not is_documented(each, value, module)]
    assert not missing


def test_composites_are_documented():
    assert not [name for name, function in published.items() if not inspect.getdoc(function)]


def test_records_are_documented():
    missing = [record["name"] for record in _C._records() if not record["doc"].strip().endswith(".")]
    assert not missing


def test_documents_of_functions_in_c():
    undocumented = [name for name in _C._operation_names(1) if not getattr(ember, name).__doc__]
    assert not undocumented


def examples():
    """(name of the module, the example) for every docstring that has one."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in MODULES:
        module = importlib.import_module(name)
        for example in finder.find(module, name):
            # drop_in() changes the process for good: test_drop_in.py runs it in others.
            if example.examples and "drop_in" not in example.name:
                yield example
    for record in _C._records():
        text = getattr(_C.ops, record["name"]).__doc__ or ""
        if ">>>" in text:
            yield doctest.DocTestParser().get_doctest(text, {}, f"_C.ops.{record['name']}", None, 0)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_examples(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ember.set_printoptions(profile="default")
    example.globs = {"ember": ember, "torch": ember, "nn": ember.nn, "numpy": numpy, "np": numpy}
    printed: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(example, out=printed.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(printed)

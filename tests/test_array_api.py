"""The array API standard as PyTorch's users meet it: `array_api_compat`, in a process where Ember is `torch`.

The oracle is `array_api_strict`. What differs stands, with the reason and the number of calls, in docs/array_api.md.
"""

from __future__ import annotations

import pathlib
import pickle
import re
import subprocess
import sys
import types

import pytest

import array_api_cases as cases
from array_api_calls import difference, function_of

strict = pytest.importorskip("array_api_strict", minversion="2.6")
pytest.importorskip("array_api_compat", minversion="1.16")

DOCUMENT = pathlib.Path(__file__).parent.parent / "docs" / "array_api.md"
FUNCTIONS = sorted({function_of(label) for family in cases.FAMILIES for label, _ in family()})


def run(*arguments):
    result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("array_api") / "outcomes"
    run("-m", "ember", cases.__file__, file)
    return pickle.loads(file.read_bytes())


@pytest.fixture(scope="module")
def wanted():
    return cases.outcomes(strict)


@pytest.fixture(scope="module")
def differing(found, wanted):
    return {label: why for label in wanted if (why := difference(label, found[label], wanted[label]))}


def exceptions():
    """The rows of the document's table: patterns of names of cases, and how many they are."""
    rows = re.findall(r"^\| (`.*`) \| (\d+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return [([re.compile(each) for each in re.findall("`(.*?)`", patterns)], int(count)) for patterns, count in rows]


def is_listed(label):
    return any(pattern.fullmatch(label) for patterns, _ in exceptions() for pattern in patterns)


def test_every_function_is_called():
    names = [name for name in strict.__all__ if isinstance(getattr(strict, name), types.FunctionType)]
    for extension in ("linalg", "fft"):
        names += [f"{extension}.{name}" for name in getattr(strict, extension).__all__]
    about_itself = {name for name in names if name.endswith("array_api_strict_flags") or name.startswith("__")}
    assert set(names) - about_itself <= set(FUNCTIONS)


def test_the_oracle_takes_every_call(wanted):
    assert not {label: value for label, value in wanted.items() if isinstance(value, str) and "Error: " in value}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function(differing, function):
    wrong = {label: why for label, why in differing.items() if function_of(label) == function}
    assert not {label: why for label, why in wrong.items() if not is_listed(label)}


def test_exceptions_are_counted(differing):
    for patterns, count in exceptions():
        matching = [label for label in differing if any(pattern.fullmatch(label) for pattern in patterns)]
        assert len(matching) == count, [pattern.pattern for pattern in patterns]
    assert f"{len(differing)} of them differ" in DOCUMENT.read_text()


def test_the_document_says_how_many_calls_there_are(wanted):
    assert f"{len(wanted):,} calls" in DOCUMENT.read_text()


def test_after_drop_in_tensors_have_their_namespace():
    code = """
import array_api_compat, ember
x = ember.ones(2)
ember.drop_in()
print(array_api_compat.array_namespace(x).__name__, hasattr(x, "__array_namespace__"))
"""
    assert run("-c", code) == "array_api_compat.torch False\n"


def test_scipy_and_scikit_learn_take_tensors():
    for package, version in (("scipy", "1.17"), ("sklearn", "1.8")):
        pytest.importorskip(package, minversion=version)
    packages = pathlib.Path(__file__).with_name("array_api_packages.py")
    assert int(run("-m", "ember", packages)) > 0

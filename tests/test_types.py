"""What type checkers know: the stubs say what is there, the examples and the programs of a typed user pass mypy --strict."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

import ember

pytest.importorskip("mypy", reason="pip install ember[test]")

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
ANYTHING = {"get_device_module", "load"}  # of devices there are several modules, and all sorts of things were saved
# What stubtest says of parameters is about functions that Python cannot inspect, or that take more than is promised.
UNKNOWN = re.compile(r"is not present (at runtime|in stub)|isn't marked with @final")


def run(*command: str) -> str:
    """The output of a Python module that reads the installed package, or the one that PYTHONPATH names."""
    package = Path(ember.__file__).parent.parent
    environment = os.environ | ({} if package.name == "site-packages" else {"MYPYPATH": str(package)})
    result = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    return result.stdout + result.stderr


def test_the_package_is_typed() -> None:
    assert (Path(ember.__file__).parent / "py.typed").exists()


def test_stubs_are_up_to_date() -> None:
    assert run("tools/write_stubs.py", "--check") == ""


@pytest.mark.parametrize("place", [ember, ember.Tensor, ember.nn.functional, ember.linalg, ember.fft, ember.special])
def test_public_functions_have_types(place: object) -> None:
    for name in getattr(place, "__all__", vars(place)):
        value = vars(place)[name]
        function = inspect.unwrap(value) if callable(value) else None
        if name.startswith("_") or name in ANYTHING or not isinstance(function, FunctionType):
            continue
        if function.__code__.co_name != name:  # of many names; the stub takes the types of what it stands for
            continue
        signature = inspect.signature(function)
        types = [*[each.annotation for each in signature.parameters.values()][:1], signature.return_annotation]
        assert set(types) not in ({"Any"}, {inspect.Signature.empty}), f"{name}{signature}"


def test_examples_and_typed_programs_pass_mypy_and_mistakes_do_not() -> None:
    wrong = TESTS / "typed_errors.py"
    output = run("-m", "mypy", "--strict", "--follow-imports=silent", "examples", "tests/typed_usage.py", str(wrong))
    found = set(re.findall(r"^(?:.*/)?(\w+\.py):(\d+): error: .*\[([\w-]+)\]$", output, re.MULTILINE))
    expected = {
        (wrong.name, str(number), name)
        for number, line in enumerate(wrong.read_text().splitlines(), 1)
        for name in line.partition("  # ")[2].split()
    }
    assert found == expected, output


def test_torch_is_ember_for_checkers_that_are_told_so(tmp_path: Path) -> None:
    run("-m", "ember", "--types", str(tmp_path))
    program = tmp_path / "program.py"
    program.write_text(
        "import torch\nimport torch.nn as nn\nfrom torch.utils.data import DataLoader\n"
        "reveal_type(nn.Linear(2, 3)(torch.zeros(2)))\nreveal_type(torch.nn.functional.relu)\n"
    )
    output = run("-m", "mypy", "--strict", "--follow-imports=silent", str(program))
    assert "ember._C.Tensor" in output and "Success" in output, output


def test_what_the_extension_module_has_is_described() -> None:
    output = run("-m", "mypy.stubtest", "ember._C", "--concise")
    assert "ember._C.Tensor" in output, output  # it has looked
    assert not [line for line in output.splitlines() if UNKNOWN.search(line)]

"""The names of PyTorch that packages use are here, and do not get fewer; what the coverage script counts is what tests use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ember

TESTS = Path(__file__).parent
LOWEST = 0.99  # of the names that at least three packages use


def coverage(*arguments: str | Path) -> str:
    sources = str(Path(ember.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, TESTS / "api_coverage.py", *arguments],
        env={**os.environ, "PYTHONPATH": sources},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_names_that_packages_use_are_here() -> None:
    printed = coverage("--here")
    here, _, count = printed.split()[:3]
    assert int(here) / int(count) >= LOWEST, printed


PROGRAM = """
import ember as torch
import pytest

TABLE = [torch.Tensor.sub, torch.float64]

class Kept(torch.nn.ReLU):
    pass

def test_that_passes():
    x = torch.zeros(2)
    assert eval("x.abs()", {"x": x}).tolist() == [0, 0] and x.exp
    assert getattr(torch, "cos")(x).dtype is torch.float32
    assert isinstance(torch.nn.Tanh()(x), torch.Tensor)
    with pytest.raises(AssertionError):
        torch.cuda.current_device()

def test_that_fails():
    torch.sin(torch.ones(2))
    assert False

def test_that_is_skipped():
    pytest.skip()
"""


def test_only_what_a_passing_test_itself_uses_counts(tmp_path: Path) -> None:
    file = tmp_path / "test_program.py"
    file.write_text(PROGRAM)
    printed = coverage(file)
    unused = printed.partition("not used by a test:")[2].partition("refused in all tests:")
    unused, refused = unused[0].split(), unused[2].partition("missing:")[0].split()
    used = {
        "torch.zeros",
        "torch.Tensor.abs",
        "torch.cos",
        "torch.float32",
        "torch.nn.Tanh",
        "torch.nn",
        "torch.Tensor",
    }
    assert not used & set(unused)
    assert {"torch.Tensor.sub", "torch.double", "torch.Tensor.exp", "torch.sin", "torch.nn.ReLU"} <= set(unused)
    assert "torch.cuda.current_device" in refused and "torch.cos" not in refused

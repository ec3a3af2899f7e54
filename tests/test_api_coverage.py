"""The names of PyTorch that packages use are here, and do not get fewer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ember

LOWEST = 0.98  # of the names that at least three packages use


def test_the_names_that_packages_use_are_here() -> None:
    sources = str(Path(ember.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-m", "ember", Path(__file__).parent / "api_coverage.py"],
        env={**os.environ, "PYTHONPATH": sources},
        capture_output=True,
        text=True,
        check=True,
    )
    here, _, count = done.stdout.split()[:3]
    assert int(here) / int(count) >= LOWEST, done.stdout

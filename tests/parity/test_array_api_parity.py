"""The array API beside PyTorch: array-api-compat gives for Ember's tensors what it gives for PyTorch's."""

from __future__ import annotations

import pathlib
import pickle
import re
import subprocess
import sys

import pytest

import array_api_calls

pytest.importorskip("torch")
pytest.importorskip("array_api_compat", minversion="1.16")

CASES = pathlib.Path(array_api_calls.__file__).with_name("array_api_cases.py")
# PyTorch adds 1 times the other tensor, and in complex numbers 1 times inf has the imaginary part nan; Ember adds it.
INFINITE_PARTS = re.compile(r"(__)?(add|subtract)(__)?\[complex\d+( of 0 dims)?, float\d+\]")


def outcomes(file, *command):
    subprocess.run([sys.executable, *command, CASES, file], check=True, capture_output=True, timeout=300)
    return pickle.loads(file.read_bytes())


def test_gives_what_pytorch_gives(tmp_path):
    ours, theirs = outcomes(tmp_path / "ours", "-m", "ember"), outcomes(tmp_path / "theirs")
    assert ours.keys() == theirs.keys()
    differing = {}
    for label, wanted in theirs.items():
        refused = isinstance(wanted, str) and "Error: " in wanted
        if not refused and (why := array_api_calls.difference(label, ours[label], wanted)):
            differing[label] = why
    assert {label for label in differing if not INFINITE_PARTS.fullmatch(label)} == set()

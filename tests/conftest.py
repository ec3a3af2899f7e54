"""Which Ember is tested stands in pytest's heading: the installed one, or src/ember after `make dev`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ember

PACKAGE = Path(ember.__file__).resolve().parent
# Processes that tests start see the same one, in whatever folder they run.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))


def pytest_report_header() -> str:
    return f"ember {ember.__version__} from {PACKAGE}, {ember.get_num_threads()} threads"


@pytest.fixture(autouse=True)
def global_state() -> None:
    """Every test begins with the same random numbers and the default dtype, whatever the one before has set."""
    ember.manual_seed(0)
    ember.set_default_dtype(ember.float32)

"""How long the idle threads of the pool wait for work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

# libgomp's threads wait by spinning, by default 300,000 turns, some milliseconds: beside one busy process each parallel
# region then loses a time slice of the scheduler. 10,000 turns, about 30 us, cost nothing on a quiet machine. Measured
# on a training step of a small convolutional network beside one busy process: 36 ms, where it was 154.
_TURNS = "10000"


@contextmanager
def short_waits() -> Iterator[None]:
    """libgomp, loaded within, waits shortly, unless the user's environment says how it has to wait."""
    if os.environ.keys() & {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}:
        yield
        return
    os.environ["GOMP_SPINCOUNT"] = _TURNS
    try:
        yield
    finally:
        del os.environ["GOMP_SPINCOUNT"]

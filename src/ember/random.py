"""Random numbers: the default generator and its seed. All draws come from Philox, a counter-based generator.

``default_generator`` is the process's. A thread that loads data has one of its own, which the functions mean there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from . import _C

default_generator: _C.Generator = _C._default_generator()


def _current() -> _C.Generator:
    return _C._generator_of_thread() or default_generator


def manual_seed(seed: int) -> _C.Generator:
    """Start the default generator's stream of this seed (any Python int of 64 bits) and return the generator."""
    return _current().manual_seed(int(seed))


def seed() -> int:
    """Seed the default generator from the operating system; returns the seed."""
    return _current().seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return _current().initial_seed()


def get_rng_state() -> _C.Tensor:
    """The default generator's seed and position, as a uint8 tensor."""
    return _current().get_state()


def set_rng_state(new_state: _C.Tensor) -> None:
    """Go on from a state of `get_rng_state`."""
    _current().set_state(new_state)


@contextlib.contextmanager
def fork_rng(
    devices: object = None,
    enabled: bool = True,
    _caller: str = "fork_rng",
    _devices_kw: str = "devices",
    device_type: str | None = None,
) -> Iterator[None]:
    """Within the block random numbers are drawn as usual; after it the generator goes on from where it was before.

    Args:
        devices: those whose generators are to go back besides the CPU's, which is the only one here.
        enabled: with False the block changes the generator. Default: ``True``.
        device_type: of `devices`.
    """
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)

"""Random numbers inside of transforms: whether a function may draw them, and which."""

from __future__ import annotations

from typing import Any

from ..random import get_rng_state, set_rng_state


def check_randomness(randomness: str, name: str) -> None:
    """RuntimeError where this is none of the three words."""
    if randomness not in ("error", "same", "different"):
        raise RuntimeError(f"{name}(): randomness is {randomness!r}; expected 'error', 'same' or 'different'.")


class Draws:
    """A context in which a function runs that may, or may not, draw from the default generator.

    Args:
        randomness: error, same or different.
        name: of the transform, for its error.
    """

    def __init__(self, randomness: str, name: str) -> None:
        self._may_draw = randomness != "error"
        self._name = name

    def __enter__(self) -> None:
        self._before: Any = None if self._may_draw else get_rng_state()

    def __exit__(self, kind: Any, *exception: object) -> None:
        if self._may_draw or kind is not None or bool((get_rng_state() == self._before).all()):
            return
        set_rng_state(self._before)
        raise RuntimeError(
            f"{self._name}(): called random operation while in randomness error mode; expected a function that draws "
            "no random numbers. Pass randomness='same' or 'different'."
        )

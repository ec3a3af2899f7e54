"""Random numbers inside of transforms: whether a function may draw them, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..random import get_rng_state, set_rng_state


def check_randomness(randomness: str, name: str) -> None:
    """RuntimeError where this is none of the three words."""
    if randomness not in ("error", "same", "different"):
        raise RuntimeError(f"{name}(): randomness is {randomness!r}; expected 'error', 'same' or 'different'.")


class Draws:
    """The default generator before a function that may, or may not, draw from it."""

    def __init__(self, randomness: str, name: str) -> None:
        check_randomness(randomness, name)
        self._randomness = randomness
        self._name = name
        self._before: Any = get_rng_state() if randomness != "different" else None

    def again(self) -> None:
        """Before a further call: the same numbers again, where that is asked for."""
        if self._randomness == "same":
            set_rng_state(self._before)

    def check(self) -> None:
        """After a call: an error where numbers were drawn that must not be; the generator stands as before then."""
        if self._randomness == "error" and not bool((get_rng_state() == self._before).all()):
            set_rng_state(self._before)
            raise RuntimeError(
                f"{self._name}(): called random operation while randomness is 'error'; expected a function that draws "
                "no random numbers. Pass randomness='same' or 'different'."
            )


@contextmanager
def drawn_once(randomness: str, name: str) -> Iterator[None]:
    """Around a function that runs a single time."""
    draws = Draws(randomness, name)
    yield
    draws.check()

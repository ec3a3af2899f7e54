"""How far an epoch is: what a loader saves, and how it goes on from there."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from .... import _C

_OWN = __package__.rpartition(".")[0]


def _samplers(loader: Any) -> list[Any]:
    batch_sampler = getattr(loader, "batch_sampler", None)
    found = getattr(loader, "sampler", None), batch_sampler, getattr(batch_sampler, "sampler", None)
    return [each for each in found if each is not None]


def _generators(loader: Any) -> list[_C.Generator]:
    """The generators that an epoch's order can come from, each once."""
    given = [generator for each in (loader, *_samplers(loader)) if (generator := getattr(each, "generator", None))]
    return [_C._default_generator(), *{id(generator): generator for generator in given}.values()]


def _sampler_of_epochs(loader: Any) -> Any:
    """The sampler whose order depends on what ``set_epoch`` has set, or None."""
    return next((each for each in _samplers(loader) if hasattr(each, "set_epoch") and hasattr(each, "epoch")), None)


def _process_states(loader: Any) -> dict[str, Any]:
    """The states of ``random`` and ``numpy.random`` where a sampler may draw from them: not one of this package."""
    if all(type(each).__module__.startswith((_OWN, "builtins")) for each in _samplers(loader)):
        return {}
    states: dict[str, Any] = {"random": random.getstate()}
    if "numpy" in sys.modules:
        import numpy

        state: Any = numpy.random.get_state()
        kind, key, *rest = state
        states["numpy"] = (kind, key.tolist(), *rest)
    return states


def _set_process_states(states: dict[str, Any]) -> None:
    if "random" in states:
        version, numbers, gauss = states["random"]
        random.setstate((version, tuple(numbers), gauss))
    if "numpy" in states:
        import numpy

        numpy.random.set_state(tuple(states["numpy"]))


_KEYS = ("yielded", "ahead", "of_worker", "next_worker", "sampler_epoch", "generators", "process_states")


def checked(state: dict[str, Any]) -> dict[str, Any]:
    """A copy of a state, if it has what :meth:`Progress.state_dict` gives."""
    missing = [key for key in _KEYS if key not in state] if state else []
    if missing:
        names = ", ".join(missing)
        raise ValueError(
            f"load_state_dict(): the state has no {names}; expected what state_dict() of a DataLoader gives."
        )
    return dict(state)


class Progress:
    """The state of one epoch of a loader.

    Args:
        loader: the loader.
        workers: how many read a stream; 0 where one reader gives all batches.
        resumed: a state of :meth:`state_dict` to go on from; None begins a new epoch.
    """

    def __init__(self, loader: Any, workers: int, resumed: dict[str, Any] | None) -> None:
        self.running = True
        if resumed is None:
            self.generators = [generator.get_state() for generator in _generators(loader)]
            self.process_states = _process_states(loader)
            self.sampler_epoch = getattr(_sampler_of_epochs(loader), "epoch", None)
            self.yielded = 0
            self.ahead: set[int] = set()
            self.of_worker = [0] * workers
            self.next_worker = 0
            return
        self.generators = list(resumed["generators"])
        self.process_states = dict(resumed["process_states"])
        self.sampler_epoch = resumed["sampler_epoch"]
        self.yielded = resumed["yielded"]
        self.ahead = set(resumed["ahead"])
        self.of_worker = list(resumed["of_worker"])
        self.next_worker = resumed["next_worker"]
        self._check(loader, workers)

    def _check(self, loader: Any, workers: int) -> None:
        count = len(_generators(loader))
        if len(self.generators) != count:
            raise ValueError(
                f"load_state_dict(): the state is of a loader with {len(self.generators)} random generators; this one "
                f"has {count}. Make it as the saved one was made."
            )
        if len(self.of_worker) != workers:
            raise ValueError(
                f"load_state_dict(): the state is of a stream that {len(self.of_worker)} workers read; this loader has "
                f"{workers}, and each reads its own part. Give it num_workers={len(self.of_worker)}."
            )

    def count(self, number: int) -> None:
        """Batch ``number`` has been given out."""
        if number != self.yielded:
            self.ahead.add(number)
            return
        self.yielded += 1
        while self.yielded in self.ahead:
            self.ahead.remove(self.yielded)
            self.yielded += 1

    def count_of_worker(self, worker: int) -> None:
        """The next batch of a worker's stream has been given out."""
        self.yielded += 1
        self.of_worker[worker] += 1
        self.next_worker = (worker + 1) % len(self.of_worker)

    def state_dict(self) -> dict[str, Any]:
        """What a loader saves; empty between epochs."""
        if not self.running:
            return {}
        return {
            "yielded": self.yielded,
            "ahead": sorted(self.ahead),
            "of_worker": list(self.of_worker),
            "next_worker": self.next_worker,
            "sampler_epoch": self.sampler_epoch,
            "generators": [state.clone() for state in self.generators],
            "process_states": self.process_states,
        }


class Rewound:
    """Within the block randomness is where it was when the epoch began; generators that were given go on from there.

    Args:
        loader: the loader.
        progress: of the epoch.
    """

    def __init__(self, loader: Any, progress: Progress) -> None:
        self._loader = loader
        self._progress = progress

    def __enter__(self) -> None:
        generators = _generators(self._loader)
        self._default, self._now = generators[0], generators[0].get_state()
        self._process_states = _process_states(self._loader)
        for generator, state in zip(generators, self._progress.generators, strict=True):
            generator.set_state(state)
        _set_process_states(self._progress.process_states)
        sampler = _sampler_of_epochs(self._loader)
        if self._progress.sampler_epoch is not None and sampler is not None:
            sampler.set_epoch(self._progress.sampler_epoch)

    def __exit__(self, *error: object) -> None:
        self._default.set_state(self._now)
        _set_process_states(self._process_states)


def passed(batches: Iterator[tuple[int, Any]], progress: Progress) -> Iterator[tuple[int, Any]]:
    """Of batches, as numbers and indices, those that are left; the first is drawn at once, with what it depends on."""
    left = islice(batches, progress.yielded, None)
    first = list(islice(left, 1))
    ahead = frozenset(progress.ahead)
    return (batch for batch in chain(first, left) if batch[0] not in ahead)

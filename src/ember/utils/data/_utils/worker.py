"""What a worker does, in a thread or in a process, and what code that loads samples can ask about it."""

from __future__ import annotations

import functools
import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .... import _C
from .... import random as ember_random
from .fetch import TensorBatches, _IterableDatasetFetcher, _MapDatasetFetcher

MP_STATUS_CHECK_INTERVAL = 5.0
"""Seconds that workers have to end by themselves before they are ended."""


class _DatasetKind:
    Map = 0
    Iterable = 1

    @staticmethod
    def create_fetcher(
        kind: int, dataset: Any, auto_collation: bool, collate_fn: Callable[..., Any], drop_last: bool
    ) -> _MapDatasetFetcher | _IterableDatasetFetcher:
        fetcher = _MapDatasetFetcher if kind == _DatasetKind.Map else _IterableDatasetFetcher
        return fetcher(dataset, auto_collation, collate_fn, drop_last)


@dataclass(frozen=True)
class _RNG:
    """A thread's own random numbers, for ``random`` and ``numpy.random`` are the whole process's."""

    random_generator: random.Random
    torch_generator: _C.Generator
    numpy_generator: Any = None


@dataclass(frozen=True)
class WorkerInfo:
    """What a worker knows about itself.

    Args:
        id: number of the worker, in ``[0, num_workers)``.
        num_workers: how many there are.
        seed: the epoch's base seed plus ``id``, with which the worker starts.
        dataset: the worker's own dataset; of threads a shallow copy, so that attributes are its own, what they hold is
            shared.
        rng: of threads, generators of their own: ``random_generator``, ``torch_generator``, ``numpy_generator``.
        worker_method: ``"thread"`` or ``"multiprocessing"``.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any
    rng: _RNG | None = None
    worker_method: str | None = "multiprocessing"


_worker_info: WorkerInfo | None = None  # of the process; packages set it
_of_thread = threading.local()


def get_worker_info() -> WorkerInfo | None:
    """Describe the worker that runs the caller; None where no worker does.

    Example:
        >>> from ember.utils.data import DataLoader, get_worker_info
        >>> loader = DataLoader(range(2), num_workers=2, collate_fn=lambda samples: get_worker_info().id)
        >>> list(loader), get_worker_info()
        ([0, 1], None)
    """
    return getattr(_of_thread, "info", None) or _worker_info


class KeyErrorMessage(str):
    """A message whose repr is its text: a KeyError prints the repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class ExceptionWrapper:
    """An exception on its way out of a worker: its type and the text of its traceback.

    Args:
        exc_info: as ``sys.exc_info()`` gives it; None asks for it. Default: None
        where: where it was caught, for the message. Default: ``"in background"``
    """

    def __init__(self, exc_info: Any = None, where: str = "in background") -> None:
        kind, error, trace = exc_info or sys.exc_info()
        self.exc_type: Any = kind
        self.where = where
        self._trace = traceback.TracebackException(kind, error, trace, compact=True)  # type: ignore[arg-type]

    @functools.cached_property
    def exc_msg(self) -> str:
        """The text of the traceback, made when asked for: it parses source, which threads had better not do at once."""
        return "".join(self._trace.format())

    def __getstate__(self) -> dict[str, Any]:
        return {"exc_type": self.exc_type, "exc_msg": self.exc_msg, "where": self.where}

    def reraise(self) -> None:
        """Raise the exception again, as the type that it was, or as RuntimeError where a message does not make one."""
        message = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal {self.exc_msg}"
        try:
            exception = self.exc_type(KeyErrorMessage(message) if self.exc_type is KeyError else message)
        except Exception:
            raise RuntimeError(message) from None
        raise exception


@dataclass(frozen=True)
class _IterableDatasetStopIteration:
    """Says that the stream of a worker has ended."""

    worker_id: int


@dataclass(frozen=True)
class _ResumeIteration:
    """Begins an epoch; of a stream, the first ``skip`` batches have been seen already."""

    seed: int
    skip: int = 0


@dataclass(frozen=True)
class Task:
    """Batches to load, one after another: of each its number in the epoch and its indices."""

    batches: list[tuple[int, Any]]


@dataclass
class Job:
    """What all workers of a loader are told at their start; ``tensors`` where whole batches can be gathered."""

    kind: int
    dataset: Any
    auto_collation: bool
    collate_fn: Callable[..., Any]
    drop_last: bool
    worker_init_fn: Callable[[int], None] | None
    num_workers: int
    seed: int
    tensors: TensorBatches | None


def batch_seed(base_seed: int, number: int) -> int:
    """The seed of a batch's random numbers: far from that of the next, and from ``base_seed + worker_id``."""
    return (base_seed + (number + 1) * 0x9E3779B97F4A7C15) % 2**64  # golden ratio of 2**64


def _generate_state(base_seed: int, worker_id: int) -> list[int]:
    """Four numbers of 32 bits to seed NumPy with, as PyTorch's workers do: packages that make their own call it."""
    from numpy.random import SeedSequence

    return [int(word) for word in SeedSequence([worker_id, base_seed % 2**32, base_seed >> 32, 0]).generate_state(4)]


Source = tuple[Callable[[int], Any], Callable[[], Any]]  # how it is seeded; what tells whether it was changed


def sources_of_thread(rng: _RNG) -> Iterator[Source]:
    """The generators of a thread."""
    yield rng.torch_generator.manual_seed, lambda: rng.torch_generator.get_state().tolist()
    yield rng.random_generator.seed, rng.random_generator.getstate
    if rng.numpy_generator is not None:
        bits = rng.numpy_generator.bit_generator

        def seed_bits(seed: int) -> None:
            bits.state = type(bits)(seed).state

        yield seed_bits, lambda: bits.state


def sources_of_process() -> Iterator[Source]:
    """Where a process draws from when it says nothing else; ``numpy.random`` if the program has it."""
    yield ember_random.manual_seed, lambda: ember_random.get_rng_state().tolist()
    yield random.seed, random.getstate
    if "numpy" in sys.modules:
        import numpy

        def numpy_state() -> Any:
            state: Any = numpy.random.get_state()
            kind, key, *rest = state
            return kind, bytes(key), rest

        # A third number, lest the stream be that of `random`: both are Mersenne twisters, seeded in the same way.
        yield lambda seed: numpy.random.seed([seed % 2**32, seed >> 32, 1]), numpy_state


class Worker:
    """Loads what it is told to: one in each worker's thread or process.

    Random numbers are seeded with ``base_seed + id`` at the start, and anew for each batch with what depends on the
    epoch and the batch alone, so that a sample is the same whoever loads it. A source that ``worker_init_fn`` has
    seeded is left alone. Streams are each worker's own: they are seeded once an epoch.

    Args:
        job: what is to be loaded and how.
        info: the worker.
        sources: its sources of random numbers.
    """

    def __init__(self, job: Job, info: WorkerInfo, sources: Iterator[Source]) -> None:
        self._job = job
        self._info = info
        self._where = f"in DataLoader worker {'thread' if info.rng else 'process'} {info.id}"
        self._sources = list(sources)
        self._seed = job.seed
        self._failure: ExceptionWrapper | None = None
        self._seed_sources(info.seed)
        if job.worker_init_fn is not None:
            states = [state() for _, state in self._sources]
            try:
                job.worker_init_fn(info.id)
            except Exception:
                self._failure = ExceptionWrapper(where=self._where)
            self._sources = [each for each, state in zip(self._sources, states, strict=True) if each[1]() == state]

    def _seed_sources(self, seed: int) -> None:
        for seed_source, _ in self._sources:
            seed_source(seed)

    def begin(self, epoch: _ResumeIteration) -> None:
        """Begin an epoch."""
        self._seed = epoch.seed
        if self._job.kind == _DatasetKind.Iterable:
            self._seed_sources(epoch.seed + self._info.id)
        job = self._job
        if self._failure is not None or job.tensors is not None:
            return
        try:
            self._fetcher = _DatasetKind.create_fetcher(
                job.kind, self._info.dataset, job.auto_collation, job.collate_fn, job.drop_last
            )
        except Exception:
            self._failure = ExceptionWrapper(where=self._where)
        self._skip = epoch.skip

    def load(self, task: Task) -> list[Any]:
        """The batches of a task, in order; in place of a batch its exception, or the end of the stream."""
        if self._job.tensors is not None and self._failure is None:
            batches = self._job.tensors.gather_all([indices for _, indices in task.batches])
            if batches is not None:
                return batches
        return [self._batch(number, indices) for number, indices in task.batches]

    def _batch(self, number: int, indices: Any) -> Any:
        job = self._job
        if self._failure is not None:
            return self._failure
        try:
            if job.tensors is not None:
                return job.tensors.gather(indices)
            if job.kind == _DatasetKind.Map:
                self._seed_sources(batch_seed(self._seed, number))
            while self._skip:
                self._skip -= 1
                skipped(self._fetcher, indices)
            return self._fetcher.fetch(indices)
        except Exception as error:
            if isinstance(error, StopIteration) and job.kind == _DatasetKind.Iterable:
                return _IterableDatasetStopIteration(self._info.id)
            return ExceptionWrapper(where=self._where)


def skipped(fetcher: Any, indices: Any) -> None:
    """Read over a batch that was given out before a loader was resumed; whether it was an error was seen then."""
    try:
        fetcher.fetch(indices)
    except StopIteration:
        raise
    except Exception:
        return

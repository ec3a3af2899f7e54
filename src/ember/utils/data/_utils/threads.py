"""Workers that are threads: they share the dataset, and the interpreter's lock with everybody."""

from __future__ import annotations

import atexit
import copy
import os
import queue
import random
import sys
import threading
import time
import traceback
import weakref
from collections import deque
from typing import Any

from .... import _C
from .worker import (
    _RNG,
    MP_STATUS_CHECK_INTERVAL,
    Job,
    Task,
    Worker,
    WorkerInfo,
    _of_thread,
    _ResumeIteration,
    sources_of_thread,
)


def own_dataset(dataset: Any) -> Any:
    """A worker's own shallow copy: attributes that it sets, such as an opened file, are its own.

    What is no :class:`Dataset` is shared as it is (a copied list would take memory), and so is what cannot be copied,
    and what cleans up when it goes.
    """
    from ..dataset import Dataset

    if not isinstance(dataset, Dataset) or hasattr(type(dataset), "__del__"):
        return dataset
    try:
        return copy.copy(dataset)
    except Exception:
        return dataset


def _numpy_generator(seed: int) -> Any:
    if "numpy" not in sys.modules:
        return None
    import numpy

    return numpy.random.Generator(numpy.random.PCG64(seed))


def _work(job: Job, number: int, tasks: Any, results: Any, stopping: threading.Event) -> None:
    """What a worker's thread does."""
    seed = job.seed + number
    rng = _RNG(random.Random(seed), _C.Generator(), _numpy_generator(seed))
    _C._use_generator(rng.torch_generator)
    _C._work_alone()
    info = WorkerInfo(number, job.num_workers, seed, own_dataset(job.dataset), rng, "thread")
    _of_thread.info = info
    try:
        worker = Worker(job, info, sources_of_thread(rng))
        while (message := tasks.get()) is not None and not stopping.is_set():
            if isinstance(message, Task):
                results.put((number, worker.load(message)))
            else:
                worker.begin(message)
    except BaseException as error:  # SystemExit: the end of this worker, which the loader is told
        results.put((number, error))
    finally:
        _C._use_generator(None)


_running: weakref.WeakSet[ThreadWorkers] = weakref.WeakSet()


class ThreadWorkers:
    """The worker threads of a loader.

    Args:
        job: what they are to do.
    """

    def __init__(self, job: Job) -> None:
        self._pid = os.getpid()
        self._results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._arrived: list[deque[Any]] = [deque() for _ in range(job.num_workers)]
        self._tasks: list[queue.SimpleQueue[Any]] = [queue.SimpleQueue() for _ in range(job.num_workers)]
        self._stopping = threading.Event()
        # Daemons: a thread that is stuck must not keep the interpreter from ending; the others are waited for below.
        self.members = [
            threading.Thread(
                target=_work,
                args=(job, number, tasks, self._results, self._stopping),
                name=f"DataLoader worker {number}",
                daemon=True,
            )
            for number, tasks in enumerate(self._tasks)
        ]
        _running.add(self)
        for thread in self.members:
            thread.start()

    def has_room(self, number: int) -> bool:
        """Whether a message can be sent without waiting."""
        return True

    def send(self, number: int, message: Task | _ResumeIteration) -> None:
        """Tell a worker what to do next."""
        self._tasks[number].put(message)

    def receive(self, numbers: list[int], timeout: float) -> tuple[int, list[Any]]:
        """The next result of one of the workers ``numbers``, and whose it is.

        Args:
            numbers: of the workers.
            timeout: seconds; 0 waits without end.

        Raises:
            RuntimeError: if none comes in time, or the worker has ended.
        """
        deadline = time.monotonic() + timeout
        while True:
            for number in numbers:
                if self._arrived[number]:
                    result = self._arrived[number].popleft()
                    if isinstance(result, BaseException):
                        raise RuntimeError(
                            f"DataLoader worker {number} (thread) exited unexpectedly with "
                            f"{type(result).__name__}: {result}."
                        ) from result
                    return number, result
            try:
                left = max(0.0, deadline - time.monotonic()) if timeout else None
                sender, result = self._results.get(timeout=left)
            except queue.Empty:
                raise self._stuck(numbers[0], timeout) from None
            self._arrived[sender].append(result)

    def _stuck(self, number: int, timeout: float) -> RuntimeError:
        frame = sys._current_frames().get(self.members[number].ident or 0)
        stack = "".join(traceback.format_stack(frame)) if frame else ""
        return RuntimeError(
            f"DataLoader timed out after {timeout} seconds: worker {number} (thread) has given no batch. It is at:\n"
            f"{stack}"
        )

    def stop(self, patience: float = MP_STATUS_CHECK_INTERVAL) -> None:
        """End the workers after the sample that they are at; for ``patience`` seconds wait for that."""
        if self._pid != os.getpid():  # a forked child has no threads of its parent
            return
        self._stopping.set()
        for tasks in self._tasks:
            tasks.put(None)
        deadline = time.monotonic() + patience
        for thread in self.members:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        _running.discard(self)


@atexit.register
def _stop_all() -> None:
    for workers in list(_running):
        workers.stop()

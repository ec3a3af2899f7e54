"""Workers that are processes of their own."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import select
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import connection as connections
from multiprocessing import parent_process
from typing import Any

from .... import _C
from . import worker as worker_module
from .channel import Channel, Inherited
from .worker import (
    MP_STATUS_CHECK_INTERVAL,
    ExceptionWrapper,
    Task,
    Worker,
    WorkerInfo,
    _ResumeIteration,
    sources_of_process,
)

# Name of the file in memory into which a worker writes where it is, and the signal at which it does.
_STACK = "ember-worker-stack"
_SHOW_STACK = signal.SIGUSR1


def _prepare_process() -> None:
    """A worker ends with its parent, does not hear Ctrl-C, which is the parent's, and shows its stack when asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.register(_SHOW_STACK, file=os.memfd_create(_STACK), all_threads=False)
    _C.set_num_threads(1)

    def end_with_parent() -> None:
        parent = parent_process()
        if parent is not None:
            connections.wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes that are started within do not hear Ctrl-C until they have said that they never want to."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _portable(results: list[Any]) -> list[Any]:
    """``results``, where exceptions whose type cannot be pickled have the nearest type that can."""
    for result in results:
        if isinstance(result, ExceptionWrapper):
            for kind in result.exc_type.__mro__:
                with contextlib.suppress(Exception):
                    pickle.dumps(kind)
                    result.exc_type = kind
                    break
    return results


def _work(connection: Any, inherited: Inherited, number: int, of_others: list[Any]) -> None:
    """What a worker's process does.

    Args:
        connection: to the parent.
        inherited: the :class:`Job`.
        number: of the worker.
        of_others: the parent's ends of connections that a forked child has too, and that would keep them open.
    """
    for other in of_others:
        other.close()
    _prepare_process()
    job = inherited.content
    info = WorkerInfo(number, job.num_workers, job.seed + number, job.dataset)
    worker_module._worker_info = info
    worker = Worker(job, info, sources_of_process())
    with contextlib.suppress(EOFError, ConnectionError):  # the parent has gone, or needs no more
        channel = Channel(connection)
        while (message := channel.receive()) is not None:
            if not isinstance(message, Task):
                worker.begin(message)
                continue
            results = worker.load(message)
            try:
                channel.send(_portable(results))
            except ConnectionError:
                raise
            except Exception:  # a batch that cannot be pickled
                failure = ExceptionWrapper(where=f"in DataLoader worker process {number}")
                channel.send(_portable([failure] * len(results)))


class ProcessWorkers:
    """The worker processes of a loader.

    Args:
        job: what they are to do.
        context: of ``multiprocessing``: how processes are started.
    """

    def __init__(self, job: Any, context: Any) -> None:
        self._pid = os.getpid()
        self.members: list[Any] = []
        self._channels: list[Channel] = []
        method = context.get_start_method()
        inherited = Inherited(job)
        try:
            for number in range(job.num_workers):
                here, there = context.Pipe()
                self._channels.append(Channel(here))
                of_others = [channel.connection for channel in self._channels] if method == "fork" else []
                arguments = (there, inherited, number, of_others)
                process = context.Process(target=_work, args=arguments, daemon=True)
                with contextlib.nullcontext() if method == "forkserver" else _no_interrupts():
                    process.start()
                self.members.append(process)
                there.close()
        except BaseException:
            self.stop(patience=0)
            raise
        finally:
            inherited.close()

    def has_room(self, number: int) -> bool:
        """Whether a message can be sent without waiting: a socket says so while 3/4 of its buffer are free."""
        poll = select.poll()
        poll.register(self._channels[number].connection, select.POLLOUT)
        return bool(poll.poll(0))

    def send(self, number: int, message: Task | _ResumeIteration) -> None:
        """Tell a worker what to do next."""
        with contextlib.suppress(ConnectionError):  # it has died: receive() will say so
            self._channels[number].send(message)

    def receive(self, numbers: list[int], timeout: float) -> tuple[int, list[Any]]:
        """The next result of one of the workers ``numbers``, and whose it is.

        Args:
            numbers: of the workers.
            timeout: seconds; 0 waits without end.

        Raises:
            RuntimeError: if none comes in time, or a worker has died.
        """
        watched = [self._channels[number].connection for number in numbers]
        ready = connections.wait([*watched, *(self.members[number].sentinel for number in numbers)], timeout or None)
        if not ready:
            raise self._stuck(numbers[0], timeout)
        for number, connection in zip(numbers, watched, strict=True):
            if connection in ready:
                try:
                    return number, self._channels[number].receive()
                except (EOFError, ConnectionError):
                    raise self._dead(number) from None
        raise self._dead(next(number for number in numbers if self.members[number].sentinel in ready))

    def _dead(self, number: int) -> RuntimeError:
        process = self.members[number]
        process.join(MP_STATUS_CHECK_INTERVAL)
        code, name = process.exitcode, f"DataLoader worker {number} (pid {process.pid})"
        if code is None or code >= 0:
            return RuntimeError(
                f"{name} exited unexpectedly with exit code {code}. What it wrote stands above; with num_workers=0 its "
                "samples are loaded in this process."
            )
        hint = " The kernel does that when memory runs out: fewer workers need less." if code == -signal.SIGKILL else ""
        return RuntimeError(f"{name} is killed by signal: {signal.Signals(-code).name}.{hint}")

    def _stuck(self, number: int, timeout: float) -> RuntimeError:
        pid = self.members[number].pid
        stack = _stack_of(pid)
        place = f" It is at:\n{stack}" if stack else ""
        return RuntimeError(
            f"DataLoader timed out after {timeout} seconds: worker {number} (pid {pid}) has given no batch.{place}"
        )

    def stop(self, patience: float = MP_STATUS_CHECK_INTERVAL) -> None:
        """End the workers: by themselves within ``patience`` seconds, else by force."""
        if self._pid != os.getpid():  # a forked child has not started them
            return
        for number in range(len(self.members)):
            if self.has_room(number):
                with contextlib.suppress(ConnectionError):
                    self._channels[number].send_nothing()
        for channel in self._channels:
            channel.close()
        _join(self.members, patience)
        for end in ("terminate", "kill"):
            for process in self.members:
                if process.is_alive():
                    getattr(process, end)()
            _join(self.members, 1.0)


def _join(processes: list[Any], patience: float) -> None:
    deadline = time.monotonic() + patience
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))


def _stack_of(pid: int) -> str:
    """Where a worker is, as it writes it down itself within a second; "" where it does not."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            if os.readlink(entry.path).startswith(f"/memfd:{_STACK}"):
                os.kill(pid, _SHOW_STACK)
                deadline = time.monotonic() + 1
                while time.monotonic() < deadline:
                    time.sleep(0.01)
                    with open(entry.path) as file:
                        if text := file.read():
                            return text
    return ""

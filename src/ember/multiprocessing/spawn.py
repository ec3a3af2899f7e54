"""One function in several processes."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from multiprocessing import connection
from typing import Any


class ProcessException(Exception):
    """A process has ended otherwise than it should.

    Args:
        msg: what happened.
        error_index: number of the process.
        pid: its id.
    """

    def __init__(self, msg: str, error_index: int, pid: int) -> None:
        super().__init__(msg)
        self.msg = msg
        self.error_index = error_index
        self.pid = pid

    def __reduce__(self) -> Any:
        return type(self), (self.msg, self.error_index, self.pid)


class ProcessRaisedException(ProcessException):
    """The function has raised an exception; the message has its traceback."""

    def __init__(self, msg: str, error_index: int, error_pid: int) -> None:
        super().__init__(msg, error_index, error_pid)


class ProcessExitedException(ProcessException):
    """The process has ended by a signal or with an exit code.

    Args:
        msg: what happened.
        error_index: number of the process.
        error_pid: its id.
        exit_code: how it ended.
        signal_name: the signal's name, if it was one. Default: None
    """

    def __init__(
        self, msg: str, error_index: int, error_pid: int, exit_code: int, signal_name: str | None = None
    ) -> None:
        super().__init__(msg, error_index, error_pid)
        self.exit_code = exit_code
        self.signal_name = signal_name

    def __reduce__(self) -> Any:
        return type(self), (self.msg, self.error_index, self.pid, self.exit_code, self.signal_name)


def _run(function: Callable[..., Any], index: int, args: tuple[Any, ...], failure: Any) -> None:
    """What a process does; the text of an exception goes through the pipe ``failure``."""
    try:
        function(index, *args)
    except KeyboardInterrupt:
        pass  # the parent's, which it hears too
    except Exception:
        failure.send(traceback.format_exc())
        sys.exit(1)


class ProcessContext:
    """The processes that :func:`start_processes` has started.

    Args:
        processes: they.
        error_files: for each, the pipe from which the text of its exception comes.
    """

    def __init__(self, processes: list[Any], error_files: list[Any]) -> None:
        self.processes = processes
        self.error_files = error_files
        self.sentinels = {process.sentinel: index for index, process in enumerate(processes)}

    def pids(self) -> list[int]:
        """Their ids."""
        return [process.pid for process in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Wait for the next one to end; if it has failed, end the others and raise its error.

        Args:
            timeout: seconds; None waits without end. Default: None
            grace_period: seconds that the others have to end by themselves after one has failed. Default: None

        Returns:
            True once all have ended.

        Raises:
            ProcessRaisedException: the function has raised in one of them.
            ProcessExitedException: one of them has ended otherwise.
        """
        ended = [self.sentinels.pop(sentinel) for sentinel in connection.wait(list(self.sentinels), timeout)]
        for index in ended:
            self.processes[index].join()
        failed = next((index for index in ended if self.processes[index].exitcode != 0), None)
        if failed is None:
            return not self.sentinels
        if grace_period:
            self._wait_for_all(grace_period)
        for end in ("terminate", "kill"):
            for process in self.processes:
                if process.is_alive():
                    getattr(process, end)()
            self._wait_for_all(30)
        raise self._error(failed)

    def _wait_for_all(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))

    def _error(self, index: int) -> ProcessException:
        process, failure = self.processes[index], self.error_files[index]
        if failure.poll():
            try:
                text = failure.recv()
            except EOFError:
                text = None
            if text is not None:
                message = f"\n\n-- Process {index} terminated with the following error:\n{text}"
                return ProcessRaisedException(message, index, process.pid)
        code = process.exitcode
        if code < 0:
            name = signal.Signals(-code).name
            return ProcessExitedException(
                f"process {index} terminated with signal {name}", index, process.pid, code, name
            )
        return ProcessExitedException(f"process {index} terminated with exit code {code}", index, process.pid, code)


SpawnContext = ProcessContext


def start_processes(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Call ``fn(index, *args)`` in each of ``nprocs`` processes, ``index`` from 0 on.

    Args:
        fn: the function; it must be found by its name in its module.
        args: further arguments. Default: ()
        nprocs: how many processes. Default: 1
        join: wait for all of them. Default: True
        daemon: end them with this process. Default: False
        start_method: "spawn", "forkserver" or "fork". Default: ``"spawn"``

    Returns:
        None with ``join``, else their :class:`ProcessContext`.

    Raises:
        ProcessRaisedException: the function has raised in one of them.
        ProcessExitedException: one of them has ended otherwise.
    """
    context = multiprocessing.get_context(start_method)
    processes, failures = [], []
    for index in range(nprocs):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(fn, index, args, there), daemon=daemon)  # type: ignore[attr-defined]
        process.start()
        there.close()
        processes.append(process)
        failures.append(here)
    started = ProcessContext(processes, failures)
    if not join:
        return started
    while not started.join():
        pass
    return None


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Call ``fn(index, *args)`` in each of ``nprocs`` processes that start afresh; see :func:`start_processes`.

    Args:
        fn: the function; it must be found by its name in its module.
        args: further arguments. Default: ()
        nprocs: how many processes. Default: 1
        join: wait for all of them. Default: True
        daemon: end them with this process. Default: False
        start_method: only "spawn". Default: ``"spawn"``
    """
    if start_method != "spawn":
        warnings.warn(
            f"spawn(): start_method is {start_method!r}; it starts processes by 'spawn' only. Use start_processes().",
            FutureWarning,
            stacklevel=2,
        )
    return start_processes(fn, args, nprocs, join, daemon, "spawn")

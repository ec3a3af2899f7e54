"""Python's ``multiprocessing``, in whose queues and pipes tensors travel as shared memory.

What one process writes to a tensor that it got or gave, the others see. Storages are moved to shared memory when they
are first sent, or by ``share_memory_()``.
"""

from __future__ import annotations

import multiprocessing as _multiprocessing
from multiprocessing import *  # noqa: F403
from typing import TYPE_CHECKING

from .reductions import init_reductions as init_reductions
from .spawn import ProcessContext as ProcessContext
from .spawn import ProcessException as ProcessException
from .spawn import ProcessExitedException as ProcessExitedException
from .spawn import ProcessRaisedException as ProcessRaisedException
from .spawn import SpawnContext as SpawnContext
from .spawn import spawn as spawn
from .spawn import start_processes as start_processes

if not TYPE_CHECKING:  # type checkers know what `import *` has brought
    __all__ = [
        "ProcessContext",
        "ProcessException",
        "ProcessExitedException",
        "ProcessRaisedException",
        "SpawnContext",
        "get_all_sharing_strategies",
        "get_sharing_strategy",
        "init_reductions",
        "set_sharing_strategy",
        "spawn",
        "start_processes",
        *_multiprocessing.__all__,
    ]


def get_all_sharing_strategies() -> set[str]:
    """The ways in which processes can share memory: by the descriptors of files in memory."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy() -> str:
    """The way in which processes share memory."""
    return "file_descriptor"


def set_sharing_strategy(new_strategy: str) -> None:
    """Accept a strategy of PyTorch's; memory is shared by descriptors in any case, and leaves no names behind.

    Args:
        new_strategy: one of :func:`get_all_sharing_strategies`.
    """
    if new_strategy not in get_all_sharing_strategies():
        raise AssertionError(
            f"invalid sharing strategy {new_strategy!r}, expected one of {sorted(get_all_sharing_strategies())}"
        )


init_reductions()

"""How the memory of tensors goes to other processes: as the descriptor of a file in memory."""

from __future__ import annotations

import weakref
from multiprocessing.reduction import DupFd, ForkingPickler
from typing import Any

from .. import _C
from ..storage import UntypedStorage


class SharedFile:
    """A storage on its way: one object for all tensors on it, so that one pickle has its file once.

    Args:
        storage: it.
    """

    def __init__(self, storage: Any) -> None:
        self.storage = storage

    def __reduce__(self) -> Any:
        return _received, (DupFd(_C._share_memory(self.storage)), self.storage.nbytes())


def _received(handle: Any, size: int) -> SharedFile:
    return SharedFile(_C._shared_storage(handle.detach(), size))


def _storage_of(file: SharedFile) -> Any:
    return file.storage


_on_their_way: weakref.WeakValueDictionary[int, SharedFile] = weakref.WeakValueDictionary()


def reduce_storage(storage: Any) -> tuple[Any, ...]:
    """The reduction of a storage, which is moved to shared memory."""
    return _storage_of, (_on_their_way.setdefault(storage._cdata, SharedFile(storage)),)


def init_reductions() -> None:
    """Let queues and pipes of ``multiprocessing`` send storages, and with them tensors, as shared memory."""
    ForkingPickler.register(UntypedStorage, reduce_storage)

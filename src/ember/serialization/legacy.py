"""The file format before PyTorch 1.6: five pickles one after the other, then the storages' bytes."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any

from .. import _C
from ..storage import TypedStorage
from .sources import Source

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
_COUNT = struct.Struct("<q")


def swap_bytes(storage: Any, dtype: Any) -> None:
    """Turns big-endian elements into little-endian ones, in place; both parts of a complex number are elements."""
    width = dtype.itemsize // (2 if dtype.is_complex else 1)
    if width == 1:
        return
    view = memoryview(storage)
    original = bytes(view)
    for place in range(width):
        view[place::width] = original[width - 1 - place :: width]


class _Storages:
    """Storages that the object pickle asks for, to be filled from the end of the file."""

    def __init__(self, limit: int, restore: Callable[[Any, str], Any]) -> None:
        self._left = limit  # bytes that the file can still hold
        self._restore = restore
        self.waiting: dict[str, tuple[Any, Any]] = {}  # key: storage as read, dtype
        self._placed: dict[str, Any] = {}

    def persistent_load(self, identity: Any) -> TypedStorage:
        from .reader import storage_dtype

        match identity:
            case ("storage", kind, str(key), str(location), int(count), view) if count >= 0:
                dtype = storage_dtype(kind) or _C.uint8
            case _:
                raise pickle.UnpicklingError(f"load(): {identity!r} is no storage.")
        if key not in self._placed:
            self._left -= count * dtype.itemsize
            if self._left < 0:
                raise RuntimeError(
                    f"load(): storage {key} of {count} elements is larger than the file; it is corrupted."
                )
            storage = _C.Storage(count * dtype.itemsize)
            self.waiting[key] = (storage, dtype)
            self._placed[key] = self._restore(storage, location)
        whole = self._placed[key]
        if view is None:
            return TypedStorage(wrap_storage=whole, dtype=dtype)
        return self._part(whole, view, dtype)

    def _part(self, whole: Any, view: Any, dtype: Any) -> TypedStorage:
        key, start, count = view
        width = dtype.itemsize
        if key not in self._placed:
            end = (start + count) * width
            if min(start, count) < 0 or end > whole.nbytes():
                raise RuntimeError(f"load(): storage {key} reaches past the storage that it is a part of.")
            self._placed[key] = _C.Storage.from_buffer(memoryview(whole)[start * width : end])
        return TypedStorage(wrap_storage=self._placed[key], dtype=dtype)


def load(source: Source, unpickle: Callable[..., tuple[Any, int]], restore: Callable[[Any, str], Any]) -> Any:
    """Loads a file in the old format, the whole of ``source``."""
    data = source.read(0, source.size)
    magic, position = unpickle(data, 0, None)
    if type(magic) is not int or magic != MAGIC_NUMBER:
        raise RuntimeError("load(): the file starts with none of the marks of a checkpoint; Invalid magic number.")
    version, position = unpickle(data, position, None)
    if version != PROTOCOL_VERSION:
        raise RuntimeError(f"load(): the file's protocol version is {version!r}; expected {PROTOCOL_VERSION}.")
    system, position = unpickle(data, position, None)
    storages = _Storages(len(data), restore)
    result, position = unpickle(data, position, storages.persistent_load)
    keys, position = unpickle(data, position, None)
    swapped = isinstance(system, dict) and system.get("little_endian") is False
    for key in keys:
        position = _fill(data, position, key, storages.waiting, swapped)
    return result


def _fill(data: bytes, position: int, key: Any, waiting: dict[str, tuple[Any, Any]], swapped: bool) -> int:
    if key not in waiting:
        raise RuntimeError(f"load(): the file holds storage {key!r}, which nothing uses; it is corrupted.")
    storage, dtype = waiting[key]
    start = position + _COUNT.size
    end = start + storage.nbytes()
    count = _COUNT.unpack_from(data, position)[0] if start <= len(data) else -1
    if count * dtype.itemsize != storage.nbytes() or end > len(data):
        raise RuntimeError(
            f"load(): storage {key} needs {storage.nbytes()} bytes at offset {start}; the file ends at {len(data)} and "
            f"gives {count} elements. It is truncated or corrupted."
        )
    if storage.nbytes():
        memoryview(storage)[:] = memoryview(data)[start:end]
        if swapped:
            swap_bytes(storage, dtype)
    return end


def head(protocol: int, dumps: Callable[[Any, int], bytes]) -> bytes:
    """What stands before the object's own pickle."""
    sizes = {"short": 2, "int": 4, "long": 4}
    system = {"protocol_version": PROTOCOL_VERSION, "little_endian": True, "type_sizes": sizes}
    return b"".join(dumps(part, protocol) for part in (MAGIC_NUMBER, PROTOCOL_VERSION, system))


def element_count(count: int) -> bytes:
    """What stands before each storage's bytes."""
    return _COUNT.pack(count)

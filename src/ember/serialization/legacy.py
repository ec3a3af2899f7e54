"""The file format before PyTorch 1.6: five pickles one after the other, then the storages' bytes."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any

from ..storage import TypedStorage, UntypedStorage
from .safe_globals import Survey
from .sources import Source, dtype_of_storage, swap_bytes
from .unpickler import RestrictedUnpickler

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
_COUNT = struct.Struct("<q")


class _Wanted:
    """A storage as the object's pickle asks for it, and where its bytes are."""

    def __init__(self, dtype: Any, count: int) -> None:
        self.dtype = dtype
        self.count = count
        self.nbytes: int = count * dtype.itemsize
        self.offset = -1


def _parts(identity: Any) -> tuple[Any, str, str, int, Any]:
    """Dtype, key, location, number of elements and part-of-another of a persistent id."""
    match identity:
        case ("storage", kind, str(key), str(location), int(count), view) if count >= 0:
            return dtype_of_storage(kind), key, location, count, view
    raise pickle.UnpicklingError(f"load(): {identity!r} is no storage.")


class _Storages:
    """The storages of a file: first noted from a survey of the pickle, then found at the end, then built."""

    def __init__(self, source: Source, swapped: bool, restore: Callable[[Any, str], Any]) -> None:
        self._source = source
        self._swapped = swapped
        self._restore = restore
        self._wanted: dict[str, _Wanted] = {}
        self._built: dict[str, Any] = {}

    def note(self, identity: Any) -> None:
        dtype, key, _, count, _ = _parts(identity)
        self._wanted.setdefault(key, _Wanted(dtype, count))

    def find(self, key: Any, position: int) -> int:
        """Notes that the bytes of a storage stand at ``position``; gives the position after them."""
        wanted = self._wanted.get(key)
        if wanted is None:
            raise RuntimeError(f"load(): the file holds storage {key!r}, which nothing uses. The file is corrupted.")
        wanted.offset = position + _COUNT.size
        end: int = wanted.offset + wanted.nbytes
        if end > self._source.size or _COUNT.unpack(self._source.read(position, _COUNT.size))[0] != wanted.count:
            raise RuntimeError(
                f"load(): storage {key} of {wanted.nbytes} bytes is not at offset {wanted.offset} of the file's "
                f"{self._source.size} bytes. The file is truncated or corrupted."
            )
        return end

    def persistent_load(self, identity: Any) -> TypedStorage:
        dtype, key, location, _, view = _parts(identity)
        if key not in self._built:
            self._built[key] = self._restore(self._read(key), location)
        storage = self._built[key]
        return TypedStorage(wrap_storage=self._part(storage, view, dtype.itemsize) if view else storage, dtype=dtype)

    def _read(self, key: str) -> Any:
        wanted = self._wanted[key]
        if wanted.offset < 0:
            raise RuntimeError(f"load(): storage {key} is missing from the file. The file is truncated or corrupted.")
        storage = self._source.storage(wanted.offset, wanted.nbytes) if wanted.count else UntypedStorage(0)
        if self._swapped:
            swap_bytes(storage, wanted.dtype)
        return storage

    def _part(self, whole: Any, view: Any, width: int) -> Any:
        key, start, count = view
        end = (start + count) * width
        if min(start, count) < 0 or end > whole.nbytes():
            raise RuntimeError(f"load(): storage {key} reaches past the storage that it is a part of.")
        if key not in self._built:
            self._built[key] = UntypedStorage.from_buffer(memoryview(whole)[start * width : end])
        return self._built[key]


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
    swapped = isinstance(system, dict) and system.get("little_endian") is False
    storages = _Storages(source, swapped, restore)
    # The bytes come last, but some tensors are computed from theirs: find them before building any.
    survey = RestrictedUnpickler(data, Survey([]), storages.note, "latin-1", position)
    survey.load()
    keys, end = unpickle(data, survey.position, None)
    for key in keys:
        end = storages.find(key, end)
    return unpickle(data, position, storages.persistent_load)[0]


def head(protocol: int, dumps: Callable[[Any, int], bytes]) -> bytes:
    """What stands before the object's own pickle."""
    sizes = {"short": 2, "int": 4, "long": 4}
    system = {"protocol_version": PROTOCOL_VERSION, "little_endian": True, "type_sizes": sizes}
    return b"".join(dumps(part, protocol) for part in (MAGIC_NUMBER, PROTOCOL_VERSION, system))


def element_count(count: int) -> bytes:
    """What stands before each storage's bytes."""
    return _COUNT.pack(count)

"""Where the bytes of storages come from: a private map of the file, or reads."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import pickle
from collections.abc import Iterator
from typing import IO, Any

from .. import _C
from ..storage import LegacyStorage, UntypedStorage

# The strictest alignment among element types (complex128 is two doubles); a less aligned record is copied.
_ELEMENT_ALIGNMENT = 8

# Smaller files are read and their checksums verified: that costs less than the page faults of a map.
MAPPED_FROM = 1 << 20


class MappedSource:
    """A file mapped privately: tensors lie on its pages, and writing to them never reaches the file."""

    verifies = False  # a checksum would touch every page, which is what a map avoids

    def __init__(self, file: IO[bytes], shared: bool = False) -> None:
        access = mmap.ACCESS_WRITE if shared else mmap.ACCESS_COPY
        self._view = memoryview(mmap.mmap(file.fileno(), 0, access=access))
        self.size = len(self._view)

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from byte `offset` on."""
        return bytes(self._view[offset : offset + count])

    def storage(self, offset: int, count: int) -> Any:
        """A storage with `count` bytes from byte `offset` on."""
        part = self._view[offset : offset + count]
        # Maps start on a page, so the offset alone tells the alignment.
        return UntypedStorage.from_buffer(part if offset % _ELEMENT_ALIGNMENT == 0 else bytearray(part))


class StreamSource:
    """A seekable file object, read from its position at the time of opening."""

    verifies = True

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._start = stream.tell()
        self.size = stream.seek(0, os.SEEK_END) - self._start

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from byte `offset` on."""
        self._stream.seek(self._start + offset)
        data = self._stream.read(count)
        if len(data) != count:
            raise _ended_early(offset, count, len(data))
        return data

    def storage(self, offset: int, count: int) -> Any:
        """A storage with `count` bytes from byte `offset` on."""
        storage = UntypedStorage(count)
        target = memoryview(storage).cast("B") if count else memoryview(b"")
        self._stream.seek(self._start + offset)
        done = 0
        while done < count:
            got = self._read_into(target[done:])
            if not got:
                raise _ended_early(offset, count, done)
            done += got
        return storage

    def _read_into(self, target: memoryview) -> int:
        readinto = getattr(self._stream, "readinto", None)
        if readinto is not None:
            return int(readinto(target) or 0)
        data = self._stream.read(len(target))
        target[: len(data)] = data
        return len(data)


Source = MappedSource | StreamSource


def _ended_early(offset: int, count: int, got: int) -> EOFError:
    return EOFError(f"load(): the file ended after {got} of {count} bytes at offset {offset}; it is truncated.")


@contextlib.contextmanager
def open_source(file: Any, mapped: bool | None, shared: bool) -> Iterator[Source]:
    """The source of a path or of a file object; ``mapped=None`` maps large files and reads the others."""
    if not isinstance(file, str):
        yield StreamSource(file)
        return
    with open(file, "r+b" if mapped and shared else "rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size and (size >= MAPPED_FROM if mapped is None else mapped):
            yield MappedSource(opened, shared)
        elif size < MAPPED_FROM:
            yield StreamSource(io.BytesIO(opened.read()))
        else:
            yield StreamSource(opened)


def dtype_of_storage(kind: Any) -> Any:
    """The element type of a storage class that a file names."""
    if kind is UntypedStorage:
        return _C.uint8
    if isinstance(kind, type) and issubclass(kind, LegacyStorage):
        return kind.dtype
    raise pickle.UnpicklingError(f"load(): a storage of type {kind!r}.")


def swap_bytes(storage: Any, dtype: Any) -> None:
    """Turns big-endian elements into little-endian ones, in place; both parts of a complex number are elements."""
    width = dtype.itemsize // (2 if dtype.is_complex else 1)
    if width == 1:
        return
    view = memoryview(storage)
    original = bytes(view)
    for place in range(width):
        view[place::width] = original[width - 1 - place :: width]

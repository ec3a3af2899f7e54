"""The zip file around a checkpoint: reading its directory with every number checked, and laying one out.

The layout is PyTorch's: all records uncompressed under one folder, each starting at a multiple of 64 bytes.
Source of the structure: PKWARE APPNOTE 6.3.10.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ..storage import UntypedStorage
from .sources import Source

ALIGNMENT = 64

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64_MARK, _LOCATOR64_MARK = b"PK\x06\x06", b"PK\x06\x07"

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1  # bit of the flags
_UTF8_NAMES = 0x800
_NEEDS_64_BITS = 0xFFFFFFFF
_LONGEST_COMMENT = 0xFFFF
_FIRST_DATE = 0x21  # 1 January 1980, the first that zip knows: equal objects give equal files

# PyTorch stores its records as they are. Repacked files are read, but no more than this many bytes per packed one.
_LARGEST_EXPANSION = 200


def is_zip(magic: bytes) -> bool:
    """Whether a file that begins with these bytes is a zip archive."""
    return magic.startswith(_LOCAL_MARK)


def _corrupted(what: str) -> RuntimeError:
    return RuntimeError(f"load(): {what}. The file is corrupted, truncated or not a checkpoint.")


class _Record(NamedTuple):
    header: int  # offset of the local header
    size: int
    packed: int  # bytes in the file
    method: int
    crc: int  # 0 where the writer was told not to compute one


class ArchiveReader:
    """The records of a zip file by their names below its one folder."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._base, directory, count = self._find_directory()
        records = dict(self._entries(directory, count))
        if sum(record.packed for record in records.values()) > source.size:
            raise _corrupted("the records are larger than the file")
        folders = [name[: -len("data.pkl")] for name in records if name.endswith("/data.pkl")]
        if not folders:
            self._refuse(records)
        folder = min(folders, key=len)
        self._records = {name[len(folder) :]: record for name, record in records.items() if name.startswith(folder)}

    def _refuse(self, records: dict[str, _Record]) -> None:
        if any(name.endswith("/constants.pkl") for name in records):
            raise RuntimeError(
                "load(): the file is a TorchScript archive; it holds a program. Load it with jit.load()."
            )
        raise _corrupted(f"the zip file holds no data.pkl among its {len(records)} records")

    def _find_directory(self) -> tuple[int, bytes, int]:
        """Offset that the archive's own offsets count from, the central directory, its number of entries."""
        size = self._source.size
        tail_start = max(0, size - _END.size - _LONGEST_COMMENT)
        tail = self._source.read(tail_start, size - tail_start)
        at = tail.rfind(_END_MARK)
        if at < 0 or at + _END.size > len(tail):
            raise _corrupted(f"the zip directory is missing from the end of its {size} bytes")
        _, _, _, _, count, length, offset, _ = _END.unpack_from(tail, at)
        end = tail_start + at
        locator = end - _LOCATOR64.size
        if locator >= 0 and self._source.read(locator, 4) == _LOCATOR64_MARK:
            end, count, length, offset = self._end64(locator)
        start = end - length
        base = start - offset
        if start < 0 or base < 0 or count * _CENTRAL.size > length:
            raise _corrupted(f"the zip directory claims {count} entries in {length} bytes at offset {offset}")
        return base, self._source.read(start, length), count

    def _end64(self, locator: int) -> tuple[int, int, int, int]:
        _, _, claimed, _ = _LOCATOR64.unpack(self._source.read(locator, _LOCATOR64.size))
        # The record ends where its locator starts; prepended bytes make the claimed offset too small.
        for at in (locator - _END64.size, claimed):
            if 0 <= at <= locator - _END64.size and self._source.read(at, 4) == _END64_MARK:
                fields = _END64.unpack(self._source.read(at, _END64.size))
                return at, fields[7], fields[8], fields[9]
        raise _corrupted(f"the 64-bit zip directory is not at offset {claimed}")

    def _entries(self, directory: bytes, count: int) -> Iterator[tuple[str, _Record]]:
        at = 0
        seen = set()
        for _ in range(count):
            if at + _CENTRAL.size > len(directory):
                raise _corrupted("the zip directory ends within an entry")
            fields = _CENTRAL.unpack_from(directory, at)
            flags, method, crc, packed, size, header = *fields[3:5], *fields[7:10], fields[16]
            name_length, extra_length, comment_length = fields[10:13]
            names = at + _CENTRAL.size
            extras = names + name_length
            at = extras + extra_length + comment_length
            if fields[0] != _CENTRAL_MARK or at > len(directory):
                raise _corrupted("an entry of the zip directory is damaged")
            # Names are keys of a dict here, never paths: nothing is unpacked to the disk.
            name = directory[names:extras].decode("utf-8", "replace")
            if name in seen:
                raise _corrupted(f"the zip directory names {name!r} twice")
            seen.add(name)
            wide = _wide_fields(directory[extras : extras + extra_length], (size, packed, header))
            yield name, _checked(name, _Record(wide[2], wide[0], wide[1], method, crc), flags)

    def __contains__(self, name: str) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def offset(self, name: str) -> int:
        """Where the bytes of a record start in the file."""
        return self._data_offset(name, self._find(name))

    def size(self, name: str) -> int:
        """Number of bytes of a record."""
        return self._find(name).size

    def read(self, name: str) -> bytes:
        """The bytes of a record, its checksum verified."""
        record = self._find(name)
        data = self._source.read(self._data_offset(name, record), record.packed)
        if record.method == _DEFLATED:
            data = _inflate(name, data, record.size)
        _verify(name, record, data)
        return data

    def storage(self, name: str) -> Any:
        """A storage on the bytes of a record; its checksum is verified unless the file is mapped."""
        record = self._find(name)
        if record.method == _DEFLATED:
            return UntypedStorage.from_buffer(bytearray(self.read(name)))
        offset = self._data_offset(name, record)
        if record.size == 0:
            return UntypedStorage(0)
        storage = self._source.storage(offset, record.size)
        if self._source.verifies:
            _verify(name, record, memoryview(storage))
        return storage

    def _find(self, name: str) -> _Record:
        record = self._records.get(name)
        if record is None:
            raise _corrupted(f"the record {name!r} is missing")
        return record

    def _data_offset(self, name: str, record: _Record) -> int:
        header = self._base + record.header
        if header + _LOCAL.size > self._source.size:
            raise _corrupted(f"the record {name!r} starts at {header}, past the end at {self._source.size}")
        fields = _LOCAL.unpack(self._source.read(header, _LOCAL.size))
        start: int = header + _LOCAL.size + fields[9] + fields[10]
        if fields[0] != _LOCAL_MARK or start + record.packed > self._source.size:
            raise _corrupted(f"the record {name!r} of {record.packed} bytes does not lie within the file")
        return start


def _wide_fields(extra: bytes, fields: tuple[int, int, int]) -> list[int]:
    """Size, packed size and offset, those that do not fit in 32 bits taken from the 64-bit extra field."""
    if _NEEDS_64_BITS not in fields:
        return list(fields)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            wide = iter(struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8]))
            return [next(wide, (field,))[0] if field == _NEEDS_64_BITS else field for field in fields]
        at += 4 + length
    return list(fields)


def _checked(name: str, record: _Record, flags: int) -> _Record:
    if flags & _ENCRYPTED or record.method not in (_STORED, _DEFLATED):
        raise _corrupted(f"the record {name!r} is encrypted or packed by method {record.method}")
    if record.method == _STORED and record.size != record.packed:
        raise _corrupted(f"the record {name!r} is {record.packed} bytes long and claims {record.size}")
    if record.size > max(record.packed * _LARGEST_EXPANSION, 1 << 20):
        raise _corrupted(f"the record {name!r} would unpack {record.packed} bytes to {record.size}")
    return record


def _inflate(name: str, data: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        unpacked = inflater.decompress(data, size + 1)  # one more would show a lie about the size
    except zlib.error as error:
        raise _corrupted(f"the record {name!r} does not unpack: {error}") from None
    if len(unpacked) != size:
        raise _corrupted(f"the record {name!r} does not unpack to the {size} bytes that it claims")
    return unpacked


def _verify(name: str, record: _Record, data: Any) -> None:
    if record.crc and zlib.crc32(data) != record.crc:
        raise _corrupted(f"the record {name!r} fails its checksum")


def write_archive(write: Callable[[Any], Any], folder: str, records: Iterable[tuple[str, Any, int]]) -> None:
    """Writes a whole zip file.

    Args:
        write: takes bytes-like objects, one after the other.
        folder: the one folder of the archive.
        records: names below the folder, bytes and their CRC-32; each is asked for when those before are written.
    """
    position = 0
    directory = []
    for name, data, crc in records:
        path = f"{folder}/{name}".encode()
        size = memoryview(data).nbytes
        sizes = _wide_extra(size, size)
        padding = -(position + _LOCAL.size + len(path) + len(sizes) + 4) % ALIGNMENT
        extra = sizes + struct.pack("<2H", 0x4246, padding) + b"Z" * padding
        narrow = _NEEDS_64_BITS if sizes else size
        common = 45, _UTF8_NAMES, _STORED, 0, _FIRST_DATE, crc, narrow, narrow, len(path)
        write(_LOCAL.pack(_LOCAL_MARK, *common, len(extra)) + path + extra)
        write(data)
        far = position >= _NEEDS_64_BITS
        wide = _wide_extra(*([size, size] if sizes else []), *([position] if far else []))
        tail = len(wide), 0, 0, 0, 0, _NEEDS_64_BITS if far else position
        directory.append(_CENTRAL.pack(_CENTRAL_MARK, 45, *common, *tail) + path + wide)
        position += _LOCAL.size + len(path) + len(extra) + size
    write(_closing(directory, position))


def _wide_extra(*values: int) -> bytes:
    """The 64-bit extra field for values that do not fit in 32 bits; nothing where they do."""
    if not any(value >= _NEEDS_64_BITS for value in values):
        return b""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


def _closing(directory: list[bytes], position: int) -> bytes:
    entries = b"".join(directory)
    count, length = len(directory), len(entries)
    end64 = _END64.pack(_END64_MARK, _END64.size - 12, 45, 45, 0, 0, count, count, length, position)
    locator = _LOCATOR64.pack(_LOCATOR64_MARK, 0, position + length, 1)
    short = min(count, 0xFFFF)
    end = _END.pack(_END_MARK, 0, 0, short, short, min(length, _NEEDS_64_BITS), min(position, _NEEDS_64_BITS), 0)
    return entries + end64 + locator + end

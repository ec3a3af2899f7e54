"""Settings of ``save`` and ``load`` that hold until they are changed."""

from __future__ import annotations

import enum
import mmap

DEFAULT_PROTOCOL = 2


class LoadEndianness(enum.Enum):
    """The byte order taken for files that do not tell theirs."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


_endianness: LoadEndianness | None = None
_mmap_flags: int = mmap.MAP_PRIVATE
_crc32 = True


def get_default_load_endianness() -> LoadEndianness | None:
    """The byte order taken for files that do not tell theirs; None: little."""
    return _endianness


def set_default_load_endianness(endianness: LoadEndianness | None) -> None:
    """Sets the byte order taken for files that do not tell theirs."""
    global _endianness
    if endianness is not None and not isinstance(endianness, LoadEndianness):
        raise TypeError(f"set_default_load_endianness(): {endianness!r} is neither a LoadEndianness nor None.")
    _endianness = endianness


def get_default_mmap_options() -> int:
    """The flag that ``load(mmap=True)`` maps files with."""
    return _mmap_flags


class set_default_mmap_options:
    """Sets how ``load(mmap=True)`` maps files; in a ``with`` statement, for its block.

    Args:
        flags: ``mmap.MAP_PRIVATE`` (writing to a tensor leaves the file alone; default) or ``mmap.MAP_SHARED``.
    """

    def __init__(self, flags: int) -> None:
        global _mmap_flags
        if flags not in (mmap.MAP_PRIVATE, mmap.MAP_SHARED):
            raise ValueError(
                "Invalid argument in function set_default_mmap_options, expected mmap.MAP_PRIVATE or mmap.MAP_SHARED, "
                f"but got {flags}"
            )
        self._before = _mmap_flags
        _mmap_flags = flags

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        global _mmap_flags
        _mmap_flags = self._before


def get_crc32_options() -> bool:
    """Whether ``save`` writes checksums."""
    return _crc32


def set_crc32_options(compute_crc32: bool) -> None:
    """Sets whether ``save`` writes checksums; without them ``load`` cannot see damage and zip tools complain."""
    global _crc32
    _crc32 = compute_crc32

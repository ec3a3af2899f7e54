"""The records of a checkpoint, one by one: for tools that read tensors when they are needed."""

from __future__ import annotations

import os
from typing import IO, Any

from .. import _C
from ..storage import UntypedStorage
from .archive import ArchiveReader
from .sources import StreamSource


class PyTorchFileReader:
    """Reads records of a file that :func:`save` wrote.

    Args:
        file: path, or a seekable file object open for reading.

    Raises:
        RuntimeError: there is no such file, or it is not a checkpoint.
    """

    def __init__(self, file: str | os.PathLike[str] | IO[bytes]) -> None:
        try:
            stream: Any = open(file, "rb") if isinstance(file, (str, os.PathLike)) else file  # noqa: SIM115
        except OSError as error:
            raise RuntimeError(f"PyTorchFileReader(): {file!r} cannot be opened: {error.strerror}.") from None
        self._archive = ArchiveReader(StreamSource(stream))

    def get_all_records(self) -> list[str]:
        """Names of the records, in the file's order."""
        return list(self._archive)

    def has_record(self, name: str) -> bool:
        """Whether there is a record of this name."""
        return name in self._archive

    def get_record(self, name: str) -> bytes:
        """The bytes of a record."""
        return self._archive.read(name)

    def get_record_size(self, name: str) -> int:
        """Number of bytes of a record."""
        return self._archive.size(name)

    def get_record_offset(self, name: str) -> int:
        """Offset of a record's bytes from the start of the file."""
        return self._archive.offset(name)

    def get_storage_from_record(self, name: str, numel: int, dtype: Any) -> Any:
        """A tensor without elements whose storage has the bytes of a record.

        Args:
            name: the record.
            numel: number of elements that are expected there.
            dtype: their type; ``UntypedStorage`` stands for bytes.
        """
        dtype = _C.uint8 if dtype is UntypedStorage else dtype
        needed, size = numel * dtype.itemsize, self._archive.size(name)
        if needed > size:
            raise RuntimeError(
                f"get_storage_from_record(): {numel} elements of {dtype} are {needed} bytes; {name!r} has {size}."
            )
        return _C._rebuild_tensor(self._archive.storage(name), dtype, 0, (0,), (1,))

    def serialization_id(self) -> str:
        """A number that tells files of different contents apart; empty where the writer left none."""
        name = ".data/serialization_id"
        return self._archive.read(name).decode() if name in self._archive else ""

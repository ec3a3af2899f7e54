"""Messages between processes: memory of tensors and arrays is written once, into a file in memory that both map.

Such files (memfd) have no name that could be left behind, and do not count against the size of ``/dev/shm``.
"""

from __future__ import annotations

import io
import os
import pickle
from multiprocessing import reduction
from typing import Any

from .... import _C
from ...._rebuild import reduce_tensor

# What fits into a pipe at once, with room to spare, is sent through it: mapping a file costs more than to copy it.
INLINE_BYTES = 16 << 10
_ALIGNMENT = 64


class _Pickler(pickle.Pickler):
    """Collects the memory of tensors and arrays beside the pickle; of a view, what it shows."""

    def __init__(self, file: Any, buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(file, 5, buffer_callback=buffers.append)
        self.dispatch_table = reduction.ForkingPickler(io.BytesIO()).dispatch_table  # sockets, connections

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is not _C.Tensor or obj.device.type == "meta":
            return NotImplemented
        if obj.untyped_storage().nbytes() > obj.numel() * obj.element_size():
            obj = obj.detach().clone().requires_grad_(obj.requires_grad)
        return reduce_tensor(obj, 5)


def _pickled(content: Any) -> list[memoryview]:
    """The pickle of ``content``, and the buffers beside it."""
    buffers: list[pickle.PickleBuffer] = []
    file = io.BytesIO()
    _Pickler(file, buffers).dump(content)
    return [file.getbuffer(), *(buffer.raw() for buffer in buffers)]


def _places(parts: list[memoryview]) -> tuple[int, list[tuple[int, int]]]:
    """Size of a file of these parts, and where each begins and ends."""
    places, end = [], 0
    for part in parts:
        places.append((end, end + part.nbytes))
        end = -(-(end + part.nbytes) // _ALIGNMENT) * _ALIGNMENT
    return max(end, 1), places


def _written(parts: list[memoryview], total: int, places: list[tuple[int, int]]) -> int:
    """Descriptor of a new file in memory that holds the parts."""
    file = os.memfd_create("ember")
    try:
        os.ftruncate(file, total)
        for part, (start, _) in zip(parts, places, strict=True):
            done = 0
            while done < part.nbytes:
                done += os.pwrite(file, part[done:], start + done)
    except OSError as error:
        os.close(file)
        message = f"{total} bytes of shared memory for a batch could not be had: {error.strerror}"
        raise OSError(error.errno, message) from error
    return file


def _mapped(file: int, total: int, places: list[tuple[int, int]]) -> list[memoryview]:
    memory = memoryview(_C._map_memory(file, total))
    return [memory[start:end] for start, end in places]


def _loaded(parts: list[Any]) -> Any:
    return pickle.loads(parts[0], buffers=parts[1:])


# The message None, ready to be sent when the interpreter ends and nothing can be pickled any more.
NOTHING = bytes(reduction.ForkingPickler.dumps([pickle.dumps(None)]))


def send(connection: Any, content: Any) -> None:
    """Send ``content`` through a connection."""
    parts = _pickled(content)
    total, places = _places(parts)
    if total <= INLINE_BYTES:
        connection.send([bytearray(part) for part in parts])
        return
    file = _written(parts, total, places)
    try:
        connection.send((total, places))
        reduction.send_handle(connection, file, None)
    finally:
        os.close(file)


def receive(connection: Any) -> Any:
    """What :func:`send` has sent; tensors lie in the memory that the other side has written."""
    parts = connection.recv()
    if isinstance(parts, tuple):
        file = reduction.recv_handle(connection)
        try:
            parts = _mapped(file, *parts)
        finally:
            os.close(file)
    return _loaded(parts)


class Inherited:
    """What all processes of a group get when they start afresh: its memory is written once and mapped by each.

    Args:
        content: what they get, as ``content`` in their copy of this object.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        self._file: int | None = None

    def __reduce__(self) -> Any:
        """Called for each process that is started: locks, queues and the like can be pickled only then."""
        parts = _pickled(self.content)
        total, places = _places(parts[1:])
        if self._file is None:
            self._file = _written(parts[1:], total, places)
        return _inherited, (bytes(parts[0]), reduction.DupFd(self._file), total, places)

    def close(self) -> None:
        """Let go of the memory; the processes have it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _inherited(stream: bytes, handle: Any, total: int, places: list[tuple[int, int]]) -> Inherited:
    file = handle.detach()
    try:
        return Inherited(_loaded([stream, *_mapped(file, total, places)]))
    finally:
        os.close(file)

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
from ...._rebuild import reduce_storage, reduce_tensor
from ....storage import UntypedStorage

# What fits into a pipe at once, with room to spare, is sent through it: mapping a file costs more than to copy it.
INLINE_BYTES = 16 << 10
_ALIGNMENT = 64


class _Pickler(pickle.Pickler):
    """Collects the memory of tensors and arrays beside the pickle; of a view, what it shows."""

    def __init__(self, file: Any, buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(file, 5, buffer_callback=buffers.append)
        self.dispatch_table = reduction.ForkingPickler(io.BytesIO()).dispatch_table  # sockets, connections

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is UntypedStorage:  # beside the pickle, even where ember.multiprocessing sends files
            return reduce_storage(obj, 5)
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
    """Size of a file of these parts, and where each begins and ends. The first byte says whether they are in use."""
    places, end = [], _ALIGNMENT
    for part in parts:
        places.append((end, end + part.nbytes))
        end = -(-(end + part.nbytes) // _ALIGNMENT) * _ALIGNMENT
    return end, places


class _Memory:
    """A file in memory, and its bytes as this process sees them."""

    def __init__(self) -> None:
        self.file = os.memfd_create("ember")
        self._bytes = memoryview(b"")

    def is_used(self) -> bool:
        """Whether the other side still looks at what was written last."""
        return self._bytes.nbytes > 0 and self._bytes[0] != 0

    def write(self, parts: list[memoryview], total: int, places: list[tuple[int, int]]) -> None:
        """Write the parts to their places."""
        if self._bytes.nbytes < total:
            try:
                os.posix_fallocate(self.file, 0, total)  # an error here, not a signal when the pages are touched
                self._bytes = memoryview(_C._map_memory(self.file, total))
            except OSError as error:
                message = f"{total} bytes of shared memory could not be had for a batch: {error.strerror}"
                raise OSError(error.errno, message) from error
        self._bytes[0] = 1
        for part, (start, end) in zip(parts, places, strict=True):
            self._bytes[start:end] = part

    def close(self) -> None:
        """Let go of it; the other side keeps what it has mapped."""
        os.close(self.file)


def _mapped(file: int, total: int, places: list[tuple[int, int]]) -> list[memoryview]:
    memory = memoryview(_C._map_memory(file, total))
    return [memory[start:end] for start, end in places]


def _loaded(parts: list[Any]) -> Any:
    return pickle.loads(parts[0], buffers=parts[1:])


# The message None, ready to be sent when the interpreter ends and nothing can be pickled any more.
_NOTHING = bytes(reduction.ForkingPickler.dumps([pickle.dumps(None)]))


class Channel:
    """One end of a connection between two processes.

    Files in memory are written again when what they held is no longer used on the other side: that takes a third of the
    time that new pages take.

    Args:
        connection: of ``multiprocessing``.
    """

    _SPARE = 4  # files that wait to be written again
    _KNOWN = 16  # files in use; the oldest beyond these are left to the other side

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._memories: list[_Memory] = []

    def _memory(self) -> _Memory:
        """Memory that nobody uses."""
        free = [memory for memory in self._memories if not memory.is_used()] or [_Memory()]
        used = [memory for memory in self._memories if memory not in free]
        self._memories = used[-self._KNOWN :] + free[: self._SPARE]
        for memory in used[: -self._KNOWN] + free[self._SPARE :]:
            memory.close()
        return free[0]

    def send(self, content: Any) -> None:
        """Send any object that can be pickled."""
        parts = _pickled(content)
        total, places = _places(parts)
        if total <= INLINE_BYTES:
            self.connection.send([bytearray(part) for part in parts])
            return
        memory = self._memory()
        memory.write(parts, total, places)
        self.connection.send((total, places))
        reduction.send_handle(self.connection, memory.file, None)

    def send_nothing(self) -> None:
        """Send None."""
        self.connection.send_bytes(_NOTHING)

    def receive(self) -> Any:
        """What the other side has sent; tensors lie in the memory that it has written."""
        parts = self.connection.recv()
        if isinstance(parts, tuple):
            file = reduction.recv_handle(self.connection)
            try:
                parts = _mapped(file, *parts)
            finally:
                os.close(file)
        return _loaded(parts)

    def close(self) -> None:
        """Close the connection and let go of the files."""
        self.connection.close()
        while self._memories:
            self._memories.pop().close()


class Inherited:
    """What all processes of a group get when they start afresh: its memory is written once and mapped by each.

    Args:
        content: what they get, as ``content`` in their copy of this object.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        self._memory: _Memory | None = None

    def __reduce__(self) -> Any:
        """Called for each process that is started: locks, queues and the like can be pickled only then."""
        parts = _pickled(self.content)
        total, places = _places(parts[1:])
        if self._memory is None:
            self._memory = _Memory()
            self._memory.write(parts[1:], total, places)
        return _inherited, (bytes(parts[0]), reduction.DupFd(self._memory.file), total, places)

    def close(self) -> None:
        """Let go of the memory; the processes have it."""
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def _inherited(stream: bytes, handle: Any, total: int, places: list[tuple[int, int]]) -> Inherited:
    file = handle.detach()
    try:
        return Inherited(_loaded([stream, *_mapped(file, total, places)]))
    finally:
        os.close(file)

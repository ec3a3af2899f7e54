"""``save``: from objects to the records of a file."""

from __future__ import annotations

import functools
import io
import os
import pickle
import struct
import types
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from .. import _C
from .._layout import layout
from .._rebuild import _get_layout, _rebuild_from_type_v2, _rebuild_tensor_v2, reduce_tensor
from ..storage import LEGACY_STORAGES, TypedStorage, UntypedStorage
from . import legacy, settings
from .archive import ALIGNMENT, write_archive
from .atomic import atomic_file
from .locations import location_tag
from .names import find_in_ember, place_in_files

# From here on a second thread for checksums pays for itself.
_THREADS_FROM = 4 << 20

_FORMAT_VERSION = b"3\n"
_NUMBERS = frozenset({int, float, bool, type(None)})


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = settings.DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Saves an object with all its tensors to a file that :func:`load` and PyTorch read.

    A path is written atomically: whatever happens, the name refers to the old file or to the whole new one, and when
    this returns the new one is on the disk. Tensors that share memory share it in the file, and a view brings the whole
    of its storage along; ``clone()`` it to save it alone.

    Args:
        obj: anything that pickle takes.
        f: a path, or a file object open for writing in binary mode.
        pickle_module: replaces :mod:`pickle`; needs a ``Pickler`` that can be subclassed.
        pickle_protocol: of the pickle; PyTorch's safe loading reads 2 (default).

    Raises:
        RuntimeError: the folder does not exist.
        OSError: the disk is full, or writing is not allowed.

    Example::

        >>> model = ember.nn.Linear(3, 2)
        >>> ember.save(model.state_dict(), "model.pt")
    """
    write_to = _write_zip if _use_new_zipfile_serialization else _write_legacy
    if isinstance(f, (str, os.PathLike)):
        path = os.fsdecode(f)
        contents = _Contents(obj, pickle_module, pickle_protocol, _use_new_zipfile_serialization)
        folder = os.path.splitext(os.path.basename(path))[0] or "archive"
        with atomic_file(path) as file:
            write_to(file.write, contents, folder, _disable_byteorder_record)
        return
    if not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    contents = _Contents(obj, pickle_module, pickle_protocol, _use_new_zipfile_serialization)
    write_to(_writer_of(f), contents, "archive", _disable_byteorder_record)
    if hasattr(f, "flush"):
        f.flush()


def _writer_of(file: Any) -> Callable[[Any], Any]:
    """A function that writes all of the bytes that it gets."""

    def write(data: Any) -> None:
        rest = memoryview(data).cast("B") if len(data) else memoryview(b"")
        while rest.nbytes:
            written = file.write(rest)
            if not isinstance(written, int):  # file objects of other packages need not count
                return
            rest = rest[written:]

    return write


class _Contents:
    """An object as a pickle, and the storages that the pickle names, in the order of their keys."""

    def __init__(self, obj: Any, pickle_module: Any, protocol: int, zipped: bool) -> None:
        self.storages: list[Any] = []
        self.dtypes: list[Any] = []  # of the elements, as the pickle first names them
        self.protocol = protocol
        self._keys: dict[tuple[int, int], int] = {}
        self._view_metadata = () if zipped else (None,)
        stream = io.BytesIO()
        _pickler_class(pickle_module)(stream, protocol, self._identify).dump(obj)
        self.pickle = stream.getvalue()

    def _identify(self, target: Any) -> Any:
        """The persistent id of a storage; None for any other object."""
        if isinstance(target, TypedStorage):
            storage, dtype = target._untyped_storage, target.dtype
        elif isinstance(target, UntypedStorage):
            storage, dtype = target, None
        else:
            return None
        # Kept in the list, a storage keeps its address; an empty one has none and shares nothing.
        place = storage.data_ptr() or -id(storage), storage.nbytes()
        key = self._keys.get(place)
        if key is None:
            key = self._keys[place] = len(self.storages)
            self.storages.append(storage)
            self.dtypes.append(dtype)
        elif self.dtypes[key] is not dtype:
            raise RuntimeError(
                f"save(): two tensors view the same memory as {self.dtypes[key]} and as {dtype}, which the file format "
                "cannot say. clone() one of them."
            )
        kind = UntypedStorage if dtype is None else LEGACY_STORAGES[dtype]
        count = storage.nbytes() // (1 if dtype is None else dtype.itemsize)
        return "storage", kind, str(key), location_tag(storage), count, *self._view_metadata

    def buffers(self) -> list[Any]:
        """The bytes of the storages."""
        return [memoryview(_on_cpu(storage)) if storage.nbytes() else b"" for storage in self.storages]


def _on_cpu(storage: Any) -> Any:
    return storage if storage.device.type == "cpu" else storage.cpu()


@functools.cache
def _pickler_class(pickle_module: Any) -> Any:
    """A pickler that names Ember's globals as PyTorch does and leaves storages' bytes out."""
    # The pickler written in C looks every name up under the module that it is to write, so it cannot write others.
    base = pickle._Pickler if pickle_module is pickle else pickle_module.Pickler

    class Pickler(base):  # type: ignore[misc, valid-type]
        dispatch: ClassVar[dict[type, Any]] = dict(getattr(base, "dispatch", {}))

        def __init__(self, stream: Any, protocol: int, identify: Callable[[Any], Any]) -> None:
            super().__init__(stream, protocol)
            self._identify = identify

        def persistent_id(self, target: Any) -> Any:
            return self._identify(target)

        def save_global(self, target: Any, name: str | None = None) -> None:
            name = name or getattr(target, "__qualname__", None) or target.__name__
            module = pickle.whichmodule(target, name)  # type: ignore[attr-defined]
            home, name_there = place_in_files(target, module, name)
            if home.partition(".")[0] != "torch":
                super().save_global(target, name)
                return
            try:
                found = find_in_ember(home, name_there)
            except (ImportError, AttributeError):
                found = None
            if found is not target:
                raise pickle.PicklingError(
                    f"save(): {target!r} is not found as {home}.{name_there}; it cannot be named."
                )
            self._write_global(target, home, name_there)

        def _write_global(self, target: Any, module: str, name: str) -> None:
            if self.proto >= 4:
                self.save(module)
                self.save(name)
                self.write(pickle.STACK_GLOBAL)
            else:
                self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
            self.memoize(target)

        def _save_dtype(self, dtype: Any) -> None:
            module, _, name = str(dtype).rpartition(".")
            self._write_global(dtype, module, name)

        def _save_layout(self, kept: layout) -> None:
            self.save_reduce(_get_layout, (str(kept),), obj=kept)

        def _save_tensor(self, tensor: Any) -> None:
            """Writes in one piece what saving ``reduce_tensor(tensor)`` part by part writes."""
            function, args, *state = reduce_tensor(tensor, self.proto)
            if state:  # PyTorch's tensors do not take their attributes from a pickle by themselves
                args = (function, _C.Tensor, args, *state)
                self.save_reduce(_rebuild_from_type_v2, args, obj=tensor)
                return
            identity = self._identify(args[0]) if function is _rebuild_tensor_v2 else None
            if identity is None or len(identity) != 5:
                self.save_reduce(function, args, obj=tensor)
                return
            word, kind, key, location, count = identity
            # The first tensor of its kind is saved part by part, which puts these into the memo.
            known = [self.memo.get(id(part)) for part in (function, word, kind, location, OrderedDict)]
            if None in known:
                self.save_reduce(function, args, obj=tensor)
                return
            function_at, word_at, kind_at, location_at, dict_at = (self.get(entry[0]) for entry in known)
            _, offset, size, stride, requires_grad, _ = args
            storage = [pickle.MARK, word_at, kind_at, _text(key), location_at, _integer(count), pickle.TUPLE]
            view = [_integer(offset), _integers(size), _integers(stride)]
            grad = pickle.NEWTRUE if requires_grad else pickle.NEWFALSE
            hooks = dict_at + pickle.EMPTY_TUPLE + pickle.REDUCE
            parts = [function_at, pickle.MARK, *storage, pickle.BINPERSID, *view, grad, hooks, pickle.TUPLE]
            self.write(b"".join(parts) + pickle.REDUCE)
            self.memoize(tensor)

        def _save_list(self, items: list[Any]) -> None:
            # The pickler in C is thirty times as fast, and numbers need neither names nor memo.
            if len(items) > 100 and _NUMBERS.issuperset(map(type, items)):
                self.write(_pickled_numbers(items, self.proto))
                self.memoize(items)
            else:
                base.dispatch[list](self, items)

        dispatch[_C.dtype] = _save_dtype
        dispatch[types.FunctionType] = save_global
        dispatch[list] = _save_list
        dispatch[layout] = _save_layout
        dispatch[_C.Tensor] = _save_tensor

    return Pickler


def _text(text: str) -> bytes:
    data = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(data)) + data


def _integer(value: int) -> bytes:
    """An integer that is not negative."""
    if value <= 0xFF:
        return pickle.BININT1 + struct.pack("<B", value)
    if value <= 0x7FFFFFFF:
        return pickle.BININT + struct.pack("<i", value)
    data = pickle.encode_long(value)
    return pickle.LONG1 + struct.pack("<B", len(data)) + data


_TUPLES = (pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3)


def _integers(values: tuple[int, ...]) -> bytes:
    """A tuple of integers that are not negative."""
    items = b"".join(map(_integer, values))
    if len(values) < len(_TUPLES):
        return items + _TUPLES[len(values)]
    return pickle.MARK + items + pickle.TUPLE


def _pickled_numbers(items: list[Any], protocol: int) -> bytes:
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, min(protocol, 3))  # no frames, which cannot be nested
    pickler.fast = True  # no memo, whose places are taken by the outer pickler
    pickler.dump(items)
    return stream.getvalue()[2:-1]  # without the protocol's number and the stop


_Named = tuple[str, Any]
_Summed = tuple[str, Any, int]


def _write_zip(write: Callable[[Any], Any], contents: _Contents, folder: str, without_byteorder: bool) -> None:
    records: list[_Named] = [
        ("data.pkl", contents.pickle),
        (".format_version", b"1"),
        (".storage_alignment", b"%d" % ALIGNMENT),
    ]
    if not without_byteorder:
        records.append(("byteorder", b"little"))
    records += [(f"data/{key}", buffer) for key, buffer in enumerate(contents.buffers())]
    records.append(("version", _FORMAT_VERSION))
    if settings.get_crc32_options():
        summed = _summed(records)
    else:
        summed = ((name, data, 0) for name, data in records)
    write_archive(write, folder, _identified(summed))


def _summed(records: list[_Named]) -> Iterator[_Summed]:
    """The records with their checksums, which other threads compute while this one writes."""
    if sum(memoryview(data).nbytes for _, data in records) < _THREADS_FROM:
        yield from ((name, data, zlib.crc32(data)) for name, data in records)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(4, len(os.sched_getaffinity(0)))) as pool:
        sums = pool.map(zlib.crc32, [data for _, data in records])
        yield from ((name, data, crc) for (name, data), crc in zip(records, sums, strict=True))


def _identified(records: Iterable[_Summed]) -> Iterator[_Summed]:
    """The records, and one that tells this file from others by two numbers: of the names, and of the contents."""
    names = contents = 0
    for name, data, crc in records:
        names = zlib.crc32(name.encode(), names)
        contents = zlib.crc32(crc.to_bytes(4, "little"), contents)
        yield name, data, crc
    identity = f"{names:020d}{contents:020d}".encode()
    yield ".data/serialization_id", identity, zlib.crc32(identity)


def _write_legacy(write: Callable[[Any], Any], contents: _Contents, folder: str, without_byteorder: bool) -> None:
    write(legacy.head(contents.protocol, pickle.dumps))
    write(contents.pickle)
    write(pickle.dumps([str(key) for key in range(len(contents.storages))], contents.protocol))
    for buffer, dtype in zip(contents.buffers(), contents.dtypes, strict=True):
        width = 1 if dtype is None else dtype.itemsize
        write(legacy.element_count(memoryview(buffer).nbytes // width))
        write(buffer)

"""``load``: from the records of a file to objects."""

from __future__ import annotations

import functools
import io
import mmap as _mmap
import os
import pickle
from collections.abc import Callable
from typing import Any

from ..storage import TypedStorage
from . import legacy, settings
from .archive import ArchiveReader, is_zip
from .locations import restorer_of
from .names import find_in_ember
from .safe_globals import Globals, Survey
from .sources import Source, dtype_of_storage, open_source, swap_bytes
from .unpickler import RestrictedUnpickler

PersistentLoad = Callable[[Any], Any]
Unpickle = Callable[[Any, int, PersistentLoad | None], tuple[Any, int]]

# What the standard library's unpickler takes.
_UNPICKLER_ARGUMENTS = {"fix_imports", "encoding", "errors", "buffers"}


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Loads what :func:`save` or PyTorch's ``save`` wrote.

    A file of 1 MiB and more, given by its path, is mapped: loading takes no time, pages are read when they are used,
    and writing to a tensor leaves the file alone. Replacing the file by a new one is safe (:func:`save` does that);
    cutting or overwriting it in place while its tensors are in use is not: then give ``mmap=False``, which reads
    everything at once and verifies the checksums of all records. Of a mapped file the pickle is verified, not the
    tensors' bytes.

    Args:
        f: a path, or a seekable file object open for reading in binary mode.
        map_location: where tensors go: a device or its name, a dict from saved to wanted names, or a function of an
            untyped CPU storage and its saved name that gives the storage to use; None: where they were.
        pickle_module: replaces :mod:`pickle`, with ``weights_only=False``.
        weights_only: True (default): tensors and plain data only, nothing in the file can run. False: anything that
            pickle can hold, and **the file can run any code**.
        mmap: True maps, False reads, None decides by size. True takes a path only.
        pickle_load_args: for the unpickler, such as ``encoding='latin1'`` for files of Python 2.

    Returns:
        The object that was saved. Tensors that shared memory share it again.

    Raises:
        pickle.UnpicklingError: a damaged pickle, or one that names what ``weights_only=True`` does not build.
        RuntimeError: a damaged or truncated file, a failed checksum, a device that is not there.

    Example::

        >>> ember.save({"w": ember.ones(2)}, "w.pt")
        >>> ember.load("w.pt")
        {'w': tensor([1., 1.])}
    """
    safe = weights_only is not False and (weights_only or pickle_module is None)
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if mmap and not isinstance(f, (str, os.PathLike)):
        raise ValueError("f must be a file path in order to use the mmap argument")
    encoding = pickle_load_args.get("encoding", "utf-8")
    if safe:
        for name in pickle_load_args.keys() - _UNPICKLER_ARGUMENTS:
            raise TypeError(f"load(): got an unexpected keyword argument {name!r}.")
        globals_now = Globals()

        def unpickle(data: Any, position: int, persistent_load: PersistentLoad | None) -> tuple[Any, int]:
            unpickler = RestrictedUnpickler(data, globals_now, persistent_load, encoding, position)
            return unpickler.load(), unpickler.position
    else:
        kind = _unpickler_class(pickle_module or pickle)
        pickle_load_args.setdefault("encoding", encoding)

        def unpickle(data: Any, position: int, persistent_load: PersistentLoad | None) -> tuple[Any, int]:
            stream = io.BytesIO(data)
            stream.seek(position)
            unpickler = kind(stream, persistent_load, **pickle_load_args)
            return unpickler.load(), stream.tell()

    shared = settings.get_default_mmap_options() == _mmap.MAP_SHARED
    with open_source(_readable(f), mmap, shared) as source:
        return _load(source, unpickle, restorer_of(map_location))


def get_unsafe_globals_in_checkpoint(f: Any) -> list[str]:
    """The names in a file that ``load(weights_only=True)`` would refuse.

    Args:
        f: a path, or a seekable file object open for reading in binary mode; a zip file as :func:`save` writes.
    """
    with open_source(_readable(f), None, False) as source:
        found: list[str] = []
        pickled = ArchiveReader(source).read("data.pkl")
        RestrictedUnpickler(pickled, Survey(found), persistent_load=lambda identity: None).load()
        return found


def _readable(f: Any) -> Any:
    """A path as a string, or the file object."""
    if isinstance(f, (str, os.PathLike)):
        return os.fsdecode(f)
    for method in ("seek", "tell", "read"):
        if not hasattr(f, method):
            raise AttributeError(
                f"{type(f).__name__!r} object has no attribute {method!r}. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
    return f


def _load(source: Source, unpickle: Unpickle, restore: Callable[[Any, str], Any]) -> Any:
    if source.size == 0:
        raise EOFError("load(): the file is empty.")
    if not is_zip(source.read(0, min(4, source.size))):
        return legacy.load(source, unpickle, restore)
    archive = ArchiveReader(source)
    storages = _ArchiveStorages(archive, restore)
    return unpickle(archive.read("data.pkl"), 0, storages.persistent_load)[0]


class _ArchiveStorages:
    """The storages of a zip file, each built once, however many tensors lie on it."""

    def __init__(self, archive: ArchiveReader, restore: Callable[[Any, str], Any]) -> None:
        self._archive = archive
        self._restore = restore
        self._storages: dict[str, Any] = {}
        self._swapped = self._is_byte_swapped()

    def _is_byte_swapped(self) -> bool:
        if "byteorder" in self._archive:
            order = self._archive.read("byteorder")
            if order not in (b"little", b"big"):
                raise RuntimeError(f"load(): the file's byte order is {order!r}; expected b'little' or b'big'.")
            return order == b"big"
        return settings.get_default_load_endianness() is settings.LoadEndianness.BIG

    def persistent_load(self, identity: Any) -> TypedStorage:
        match identity:
            case ("storage", kind, str(key), str(location), int(count)):
                dtype = dtype_of_storage(kind)
            case _:
                raise pickle.UnpicklingError(f"load(): {identity!r} is no storage.")
        if key not in self._storages:
            self._storages[key] = self._restore(self._read(key, dtype, count), location)
        return TypedStorage(wrap_storage=self._storages[key], dtype=dtype)

    def _read(self, key: str, dtype: Any, count: int) -> Any:
        name = f"data/{key}"
        wanted = count * dtype.itemsize
        if self._archive.size(name) != wanted:
            raise RuntimeError(
                f"load(): storage {key} is {self._archive.size(name)} bytes long in the file; {wanted} are expected. "
                "It is corrupted."
            )
        storage = self._archive.storage(name)
        if self._swapped:
            swap_bytes(storage, dtype)
        return storage


@functools.cache
def _unpickler_class(pickle_module: Any) -> Any:
    """The module's unpickler, taught where Ember keeps what files name after PyTorch."""

    class Unpickler(pickle_module.Unpickler):  # type: ignore[misc]
        def __init__(self, stream: Any, persistent_load: PersistentLoad | None, **arguments: Any) -> None:
            super().__init__(stream, **arguments)
            self._persistent_load = persistent_load

        def persistent_load(self, identity: Any) -> Any:
            if self._persistent_load is None:
                raise pickle.UnpicklingError("load(): a persistent id stands where none can.")
            return self._persistent_load(identity)

        def find_class(self, module: str, name: str) -> Any:
            if module.partition(".")[0] != "torch":
                return super().find_class(module, name)
            if (module, name) == ("torch.storage", "_load_from_bytes"):
                return _load_from_bytes
            try:
                return find_in_ember(module, name)
            except (ImportError, AttributeError) as error:
                raise pickle.UnpicklingError(
                    f"load(): the file names {module}.{name}, which Ember does not have ({error})."
                ) from error

    return Unpickler


def _load_from_bytes(data: bytes) -> Any:
    """How PyTorch's plain pickles hold a storage: as a file within the pickle."""
    return load(io.BytesIO(data), weights_only=False)

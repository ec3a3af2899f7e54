"""Storages as Python sees them: raw bytes, and the typed view of them that older code uses."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from . import _C

__all__ = ["TypedStorage", "UntypedStorage"]

UntypedStorage: Any = _C.Storage

F = TypeVar("F", bound=Callable[..., Any])


def _method(function: F) -> F:
    """Puts a function on the storage type, which the core makes."""
    setattr(UntypedStorage, function.__name__, function)
    return function


@_method
def __getitem__(self: Any, index: int | slice) -> Any:
    """A byte; or a storage on some of the bytes, which are shared."""
    if not isinstance(index, slice):
        return memoryview(self)[index]
    start, stop, step = index.indices(self.nbytes())
    if step != 1:
        raise RuntimeError(f"UntypedStorage: a slice with step {step}; only step 1 keeps the bytes together.")
    return UntypedStorage.from_buffer(memoryview(self)[start:stop]) if stop > start else UntypedStorage(0)


@_method
def __setitem__(self: Any, index: int | slice, value: int) -> None:
    bytes_of(self)[index] = value


@_method
def __iter__(self: Any) -> Iterator[int]:
    return iter(memoryview(self))


@_method
def tolist(self: Any) -> list[int]:
    """The bytes as numbers."""
    return list(memoryview(self))


@_method
def clone(self: Any) -> _C.Storage:
    """A copy with bytes of its own."""
    return bytes_of(self).clone().untyped_storage()


@_method
def cpu(self: Any) -> _C.Storage:
    """This storage where it is on the CPU already, else a copy there."""
    return self if self.device.type == "cpu" else bytes_of(self).cpu().untyped_storage()


@_method
def copy_(self: Any, source: Any, non_blocking: bool | None = None) -> _C.Storage:
    """Copies the bytes of ``source``."""
    bytes_of(self).copy_(bytes_of(source))
    return self


@_method
def fill_(self: Any, value: int) -> _C.Storage:
    """Sets every byte to ``value``."""
    bytes_of(self).fill_(value)
    return self


@_method
def is_shared(self: Any) -> bool:
    """Whether other processes may see these bytes."""
    return bool(_C._is_shared(self))


@_method
def share_memory_(self: Any) -> _C.Storage:
    """Moves the bytes to where processes that get this storage see them too; arrays made before keep the old ones."""
    _C._share_memory(self)
    return self


@_method
def element_size(self: Any) -> int:
    """Bytes of one element: 1."""
    return 1


@_method
def __sizeof__(self: Any) -> int:
    """Bytes of the object and of what it holds: summaries of memory ask ``sys.getsizeof``."""
    return object.__sizeof__(self) + int(self.nbytes())


@_method
def untyped(self: Any) -> _C.Storage:
    """Itself."""
    return self


def _from_file(filename: str | os.PathLike[str], shared: bool = False, nbytes: int = 0) -> Any:
    """A storage on the pages of a file.

    Args:
        filename: path of the file.
        shared: True: what is written to the storage goes to the file, which grows to ``nbytes`` if it is shorter.
            False: it stays in memory.
        nbytes: number of bytes, from the file's start; 0: all of them, where the file is not shared.
    """
    with open(filename, "r+b" if shared else "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if shared and nbytes > size:
            file.truncate(nbytes)
        elif nbytes > size:
            raise RuntimeError(f"from_file(): {nbytes} bytes are asked for and {os.fspath(filename)} has {size}.")
        count = nbytes or size
        if count == 0:
            return UntypedStorage(0)
        return UntypedStorage.from_buffer(
            mmap.mmap(file.fileno(), count, access=mmap.ACCESS_WRITE if shared else mmap.ACCESS_COPY)
        )


UntypedStorage.from_file = staticmethod(_from_file)


@_method
def __reduce_ex__(self: Any, protocol: Any) -> Any:
    from ._rebuild import reduce_storage

    return reduce_storage(self, protocol)


@_method
def __deepcopy__(self: Any, memo: dict[Any, Any]) -> Any:
    from ._rebuild import copy_of_storage

    return copy_of_storage(self, memo)


@_method
def __repr__(self: Any) -> str:
    lines = "".join(f" {value}\n" for value in self)
    return f"{lines}[torch.storage.UntypedStorage(device={self.device}) of size {self.nbytes()}]"


def bytes_of(storage: Any) -> Any:
    """A tensor of the bytes."""
    return _C._rebuild_tensor(storage, _C.uint8, 0, (storage.nbytes(),), (1,))


class MetaStorage:
    """A storage of the ``meta`` device: a size and no bytes.

    Args:
        nbytes: its size in bytes.
    """

    device = _C.device("meta")

    def __init__(self, nbytes: int) -> None:
        self._nbytes = nbytes

    def nbytes(self) -> int:
        """Number of bytes that it stands for."""
        return self._nbytes

    def data_ptr(self) -> int:
        """0, for there is no address."""
        return 0


class TypedStorage:
    """A storage read as elements of one dtype; ``tensor.storage()`` gives one.

    Args:
        size_or_values: number of elements, or the elements; given instead of ``wrap_storage``.
        wrap_storage: the bytes to look at; shared, not copied.
        dtype: type of the elements.
        device: where a new storage lies; default: the CPU.

    Example::

        >>> storage = ember.arange(3.).storage()
        >>> storage.size(), storage.dtype
        (3, torch.float32)
    """

    dtype: Any = None

    def __init__(
        self,
        size_or_values: Any = None,
        *,
        wrap_storage: Any = None,
        dtype: Any = None,
        device: Any = None,
        _internal: bool = False,
    ) -> None:
        self.dtype = dtype or type(self).dtype or _C.get_default_dtype()
        if wrap_storage is not None:
            if not isinstance(wrap_storage, (UntypedStorage, MetaStorage)):
                raise TypeError(
                    f"TypedStorage(): wrap_storage is {type(wrap_storage).__name__}; expected an UntypedStorage."
                )
            self._untyped_storage = wrap_storage
        elif size_or_values is None or isinstance(size_or_values, int):
            self._untyped_storage = UntypedStorage((size_or_values or 0) * self.dtype.itemsize)
        else:
            self._untyped_storage = _C._tensor_from_data(list(size_or_values), self.dtype).untyped_storage()
        if device is not None and self.device != _C.device(device):
            self._untyped_storage = self._moved(device)._untyped_storage

    def _elements(self) -> Any:
        """A one-dimensional tensor on these bytes."""
        bytes: Any = self._untyped_storage
        return _C._rebuild_tensor(bytes, self.dtype, 0, (self.size(),), (1,))

    @property
    def device(self) -> Any:
        return self._untyped_storage.device

    @property
    def is_cuda(self) -> bool:
        return bool(self.device.type == "cuda")

    def untyped(self) -> Any:
        """The bytes."""
        return self._untyped_storage

    def size(self) -> int:
        """Number of elements."""
        return int(self._untyped_storage.nbytes() // self.dtype.itemsize)

    __len__ = size

    def nbytes(self) -> int:
        """Number of bytes."""
        return int(self._untyped_storage.nbytes())

    def element_size(self) -> int:
        """Bytes of one element."""
        return int(self.dtype.itemsize)

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.nbytes()

    def data_ptr(self) -> int:
        """Address of the first byte."""
        return int(self._untyped_storage.data_ptr())

    def tolist(self) -> list[Any]:
        """The elements as Python numbers."""
        return list(self._elements().tolist())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(self.tolist()[index], dtype=self.dtype)
        return self._elements()[index].item()

    def __setitem__(self, index: int | slice, value: Any) -> None:
        self._elements()[index] = value

    def fill_(self, value: Any) -> TypedStorage:
        """Sets every element to ``value``."""
        self._elements().fill_(value)
        return self

    def copy_(self, source: TypedStorage, non_blocking: bool | None = None) -> TypedStorage:
        """Copies the elements of ``source``, converted to this dtype."""
        self._elements().copy_(source._elements())
        return self

    def clone(self) -> TypedStorage:
        """A copy with bytes of its own."""
        return TypedStorage(wrap_storage=self._elements().clone().untyped_storage(), dtype=self.dtype)

    def cpu(self) -> TypedStorage:
        """This storage where it is on the CPU already, else a copy there."""
        return self if self.device.type == "cpu" else self._moved("cpu")

    def cuda(self, device: Any = None, non_blocking: bool = False) -> TypedStorage:
        """A copy on a CUDA device."""
        return self._moved("cuda" if device is None else device)

    def _moved(self, device: Any) -> TypedStorage:
        return TypedStorage(wrap_storage=self._elements().to(device).untyped_storage(), dtype=self.dtype)

    def __copy__(self) -> TypedStorage:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> TypedStorage:
        from ._rebuild import copy_of_storage

        return TypedStorage(wrap_storage=copy_of_storage(self._untyped_storage, memo), dtype=self.dtype)

    def __reduce_ex__(self, protocol: Any) -> Any:
        from ._rebuild import _rebuild_typed_storage

        return _rebuild_typed_storage, (self._untyped_storage, self.dtype)

    def __repr__(self) -> str:
        lines = "".join(f" {value}\n" for value in self.tolist())
        kind = f"torch.storage.TypedStorage(dtype={self.dtype}, device={self.device})"
        return f"{lines}[{kind} of size {self.size()}]"


class _LegacyStorageType(type):
    """``isinstance(storage, FloatStorage)`` asks for a typed storage of that dtype on the CPU."""

    dtype: Any

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, TypedStorage) and instance.dtype == cls.dtype and instance.device.type == "cpu"


class LegacyStorage(metaclass=_LegacyStorageType):
    """Base of ``FloatStorage`` and the others; constructing one gives a :class:`TypedStorage`."""

    def __new__(cls, size_or_values: Any = None, *, wrap_storage: Any = None) -> TypedStorage:  # type: ignore[misc]
        return TypedStorage(size_or_values, wrap_storage=wrap_storage, dtype=cls.dtype)


LEGACY_STORAGES: dict[Any, Any] = {
    dtype: _LegacyStorageType(f"{stem}Storage", (LegacyStorage,), {"dtype": dtype, "__module__": "ember"})
    for dtype, (stem, limited) in _C._DTYPES.items()
    if not limited
}
"""The legacy storage class of each dtype, as files name it: `torch.FloatStorage`. Limited dtypes have none."""

globals().update({kind.__name__: kind for kind in LEGACY_STORAGES.values()})
__all__ += [kind.__name__ for kind in LEGACY_STORAGES.values()]

Storage = LEGACY_STORAGES[_C.float32]
__all__ += ["Storage"]

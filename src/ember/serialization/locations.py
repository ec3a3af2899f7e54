"""Which device a storage belongs to: tags in the file, and what ``map_location`` makes of them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .. import _C
from ..storage import MetaStorage, bytes_of

MAP_LOCATION = Callable[[Any, str], Any] | _C.device | str | dict[str, str] | None

_Tagger = Callable[[Any], str | None]
_Deserializer = Callable[[Any, str], Any]

_packages: list[tuple[int, _Tagger, _Deserializer]] = []


def register_package(priority: int, tagger: _Tagger, deserializer: _Deserializer) -> None:
    """Registers how storages of one kind of device are tagged in files and restored from them.

    Args:
        priority: the lowest is asked first.
        tagger: gives the tag of a storage, or None where it is of another kind.
        deserializer: takes a storage and its tag; gives the storage on its device, or None where the tag is another's.
    """
    _packages.append((priority, tagger, deserializer))
    _packages.sort(key=operator.itemgetter(0))


def location_tag(storage: Any) -> str:
    """The tag that a file gives to a storage: ``'cpu'``, ``'cuda:0'``, ...

    Raises:
        RuntimeError: no registered package knows the storage.
    """
    for _, tagger, _ in _packages:
        location = tagger(storage)
        if location:
            return location
    raise RuntimeError(f"save(): no location is known for a storage on {storage.device}.")


def default_restore_location(storage: Any, location: str) -> Any:
    """The storage on the device that its tag names.

    Args:
        storage: an untyped storage on the CPU.
        location: the tag.

    Raises:
        RuntimeError: no registered package knows the tag, or the device is not there.
    """
    for _, _, deserializer in _packages:
        result = deserializer(storage, location)
        if result is not None:
            return result
    raise RuntimeError(
        f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {location}). "
        "Give map_location='cpu' to load the tensors on the CPU."
    )


def restorer_of(map_location: Any) -> Callable[[Any, str], Any]:
    """A function of storage and tag that does what ``map_location`` says."""
    if map_location is None:
        return default_restore_location
    if isinstance(map_location, dict):
        return lambda storage, location: default_restore_location(storage, map_location.get(location, location))
    if isinstance(map_location, bytes):
        map_location = map_location.decode("ascii")
    if isinstance(map_location, (str, _C.device)):
        target = str(map_location)
        return lambda storage, location: default_restore_location(storage, target)
    if not callable(map_location):
        raise TypeError(
            f"load(): map_location is {type(map_location).__name__}; expected a device, its name, a dict of names, or "
            "a function of storage and location."
        )

    def restore(storage: Any, location: str) -> Any:
        result = map_location(storage, location)
        return default_restore_location(storage, location) if result is None else result

    return restore


def _cpu_tag(storage: Any) -> str | None:
    return "cpu" if storage.device.type == "cpu" else None


def _to_cpu(storage: Any, location: str) -> Any:
    return storage if location.partition(":")[0] == "cpu" else None


def _meta_tag(storage: Any) -> str | None:
    return "meta" if storage.device.type == "meta" else None


def _to_meta(storage: Any, location: str) -> Any:
    return MetaStorage(storage.nbytes()) if location.partition(":")[0] == "meta" else None


def _cuda_tag(storage: Any) -> str | None:
    return f"cuda:{storage.device.index or 0}" if storage.device.type == "cuda" else None


def _to_cuda(storage: Any, location: str) -> Any:
    if location.partition(":")[0] != "cuda":
        return None
    try:
        return bytes_of(storage).to(location).untyped_storage()
    except AssertionError:
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
            "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your "
            f"storages to the CPU. (The file says {location!r}.)"
        ) from None


register_package(10, _cpu_tag, _to_cpu)
register_package(20, _cuda_tag, _to_cuda)
register_package(22, _meta_tag, _to_meta)

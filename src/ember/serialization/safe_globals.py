"""The globals that ``load(weights_only=True)`` knows, what it makes from them, and what users add."""

from __future__ import annotations

import codecs
import functools
import math
import pickle
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import _C, _rebuild
from ..storage import LEGACY_STORAGES, TypedStorage, UntypedStorage
from . import numpy_values
from .names import current_name, name_in_files

_MOST_ELEMENTS = 2**63 - 1
_MOST_DIMS = 64

_added: list[Any] = []


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Lets ``load(weights_only=True)`` build these classes and call these functions.

    Args:
        safe_globals: classes, functions, or pairs of one of them and the dotted name that files use for it.

    Example::

        >>> import fractions
        >>> ember.serialization.add_safe_globals([fractions.Fraction])
    """
    _added.extend(safe_globals)


def get_safe_globals() -> list[Any]:
    """What :func:`add_safe_globals` added."""
    return list(_added)


def clear_safe_globals() -> None:
    """Takes back all that :func:`add_safe_globals` added."""
    _added.clear()


@contextmanager
def safe_globals(safe_globals: list[Any]) -> Iterator[None]:
    """:func:`add_safe_globals` for the length of a ``with`` block."""
    before = get_safe_globals()
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _added[:] = before


# What the table's functions and classes do when a file calls them. Each takes only arguments that cannot ask for more
# memory than the file itself gave.


def _checked_view(storage: Any, element_size: int, offset: Any, size: Any, stride: Any) -> None:
    """Refuses a view that does not lie within its storage, in exact arithmetic."""
    if not isinstance(storage, TypedStorage):
        raise TypeError(f"a tensor is built on {type(storage).__name__}, not on a storage")
    numbers = (offset, *size, *stride)
    if not all(type(number) is int and number >= 0 for number in numbers) or len(size) != len(stride):
        raise ValueError(f"a tensor has offset {offset!r}, size {size!r} and stride {stride!r}")
    if len(size) > _MOST_DIMS or math.prod(size) > _MOST_ELEMENTS:
        raise ValueError(f"a tensor has size {size!r}")
    if 0 in size:
        return
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if (last + 1) * element_size > storage.nbytes():
        raise ValueError(
            f"a tensor of size {size!r} and stride {stride!r} at offset {offset} reaches past its storage of "
            f"{storage.nbytes()} bytes"
        )


def _tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Any:
    _checked_view(storage, storage.dtype.itemsize, offset, size, stride)
    return _rebuild._rebuild_tensor(storage, offset, size, stride)


def _tensor_v2(storage: Any, offset: Any, size: Any, stride: Any, *rest: Any) -> Any:
    _checked_view(storage, storage.dtype.itemsize, offset, size, stride)
    return _rebuild._rebuild_tensor_v2(storage, offset, size, stride, *rest)


def _tensor_v3(storage: Any, offset: Any, size: Any, stride: Any, grad: Any, hooks: Any, dtype: Any, *rest: Any) -> Any:
    _checked_view(storage, dtype.itemsize, offset, size, stride)
    return _rebuild._rebuild_tensor_v3(storage, offset, size, stride, grad, hooks, dtype, *rest)


def _meta_tensor(dtype: Any, size: Any, stride: Any, requires_grad: Any) -> Any:
    if math.prod(size) > _MOST_ELEMENTS or min((*size, *stride), default=0) < 0 or len(size) > _MOST_DIMS:
        raise ValueError(f"a tensor has size {size!r} and stride {stride!r}")
    return _rebuild._rebuild_meta_tensor_no_storage(dtype, size, stride, requires_grad)


def _sequence(items: Any) -> Sequence[Any]:
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"{type(items).__name__} where a list should be")
    return items


def _bytearray(data: Any = b"", encoding: str = "latin-1") -> bytearray:
    if isinstance(data, str):
        return bytearray(_encoded(data, encoding))
    if not isinstance(data, bytes):
        raise TypeError(f"a bytearray of {type(data).__name__}")
    return bytearray(data)


def _encoded(text: str, encoding: str = "utf-8") -> bytes:
    if encoding not in ("latin1", "latin-1", "utf-8", "ascii"):
        raise ValueError(f"the encoding {encoding!r}")
    return text.encode(encoding)


_FACTORIES = (None, list, dict, set, tuple, int, float, str, bool, OrderedDict)


def _defaultdict(factory: Any = None) -> Any:
    if factory not in _FACTORIES:
        raise TypeError(f"a defaultdict of {factory!r}")
    return defaultdict(factory)


def _counter(counts: Any = ()) -> Any:
    return Counter(counts if isinstance(counts, dict) else _sequence(counts))


@functools.cache
def _builders() -> dict[Any, Callable[..., Any]]:
    """What is done for each thing that a file may call."""
    return {
        OrderedDict: lambda pairs=(): OrderedDict(_sequence(pairs)),
        Counter: _counter,
        defaultdict: _defaultdict,
        deque: lambda items=(), longest=None: deque(_sequence(items), longest),
        set: lambda items=(): set(_sequence(items)),
        frozenset: lambda items=(): frozenset(_sequence(items)),
        bytes: lambda: b"",
        bytearray: _bytearray,
        codecs.encode: _encoded,
        complex: complex,
        slice: slice,
        range: range,
        _C.Size: lambda items=(): _C.Size(_sequence(items)),
        _C.device: _C.device,
        _rebuild._rebuild_tensor: _tensor,
        _rebuild._rebuild_tensor_v2: _tensor_v2,
        _rebuild._rebuild_tensor_v3: _tensor_v3,
        _rebuild._rebuild_meta_tensor_no_storage: _meta_tensor,
        _rebuild._rebuild_sparse_tensor: _rebuild._rebuild_sparse_tensor,
        _rebuild._rebuild_parameter: _rebuild._rebuild_parameter,
        _rebuild._rebuild_parameter_with_state: _rebuild._rebuild_parameter_with_state,
        _rebuild._get_layout: _rebuild._get_layout,
        numpy_values.dtype: numpy_values.dtype,
        numpy_values.scalar: numpy_values.scalar,
        numpy_values.array_shell: numpy_values.array_shell,
        numpy_values.array_of_buffer: numpy_values.array_of_buffer,
    }


@functools.cache
def _table() -> dict[str, Any]:
    """Everything that a file may name."""
    named = [*_builders(), _rebuild._rebuild_from_type_v2, TypedStorage, *LEGACY_STORAGES.values()]
    table = {name_in_files(target): target for target in named if target.__module__ != numpy_values.__name__}
    # Inert: nothing calls them, they only appear as values.
    table |= {f"builtins.{kind.__name__}": kind for kind in (int, float, str, bool, list, dict, tuple, object)}
    table |= {str(dtype): dtype for dtype in _C._DTYPES}
    # CUDA's storages differ from the CPU's by the location that the file gives, not by their elements.
    table |= {f"torch.cuda.{kind.__name__}": kind for kind in LEGACY_STORAGES.values()}
    table |= {"torch.Tensor": _C.Tensor, "torch.Size": _C.Size, "torch.device": _C.device}
    table |= {"torch.storage.UntypedStorage": UntypedStorage, "torch.UntypedStorage": UntypedStorage}
    return table | numpy_values.NAMES


def _unsupported(name: str) -> pickle.UnpicklingError:
    return pickle.UnpicklingError(
        f"Weights only load failed: Unsupported global: GLOBAL {name} was not an allowed global by default. "
        f"Please use `ember.serialization.add_safe_globals([{name}])` or the "
        f"`ember.serialization.safe_globals([{name}])` context manager to allowlist this global if you trust this "
        "class/function. Or, if you trust the whole file: load(..., weights_only=False), which runs what the file says."
    )


class Globals:
    """The fixed table and what the user added to it at the time of loading."""

    def __init__(self) -> None:
        pairs = [entry if isinstance(entry, tuple) else (entry, name_in_files(entry)) for entry in _added]
        self._added = {name: target for target, name in pairs}

    def is_added(self, target: Any) -> bool:
        """Whether the user vouched for this very object."""
        return any(target is added for added in self._added.values())

    def find(self, module: str, name: str) -> Any:
        """What a name in the file stands for."""
        full_name = current_name(module, name)
        if full_name in self._added:
            return self._added[full_name]
        if full_name in _table():
            return _table()[full_name]
        if full_name == "torch.nn.parameter.Parameter":  # not in the table: few files need nn to be imported
            from ..nn.parameter import Parameter

            return Parameter
        raise _unsupported(full_name.removeprefix("builtins."))

    def call(self, function: Any, args: Any) -> Any:
        """What the file gets for calling ``function``."""
        if not isinstance(args, tuple):
            raise TypeError(f"a call with {type(args).__name__} for its arguments")
        if self.is_added(function):
            return function(*args)
        if function is _rebuild._rebuild_from_type_v2:
            return self._subclass(*args)
        builder = _builders().get(function)
        if builder is None:
            raise pickle.UnpicklingError(
                f"load(): the pickle calls {function!r}, which load(weights_only=True) does not do."
            )
        return builder(*args)

    def _subclass(self, function: Any, new_type: Any, args: Any, state: Any) -> Any:
        from ..nn.parameter import Parameter

        if new_type not in (_C.Tensor, Parameter) and not self.is_added(new_type):
            raise TypeError(f"a tensor of type {new_type!r}")
        return _rebuild._rebuild_from_type_v2(functools.partial(self._call_with, function), new_type, args, state)

    def _call_with(self, function: Any, *args: Any) -> Any:
        return self.call(function, args)

    def construct(self, cls: Any, args: Any, keywords: Any) -> Any:
        """A new object of a class."""
        if isinstance(cls, type) and self.is_added(cls):
            return cls.__new__(cls, *args, **keywords)
        if keywords:
            raise TypeError(f"keywords for {cls!r}")
        return self.call(cls, args)

    def set_state(self, target: Any, state: Any) -> None:
        """Gives an object the attributes that the file holds for it."""
        if numpy_values.set_state(target, state):
            return
        if type(target) in (OrderedDict, Counter):
            target.__dict__.update(_named(state))
        elif self.is_added(type(target)):
            _restore(target, state)
        else:
            raise TypeError(f"cannot set the state of {type(target).__name__}")


def _named(state: Any) -> dict[str, Any]:
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise TypeError("attributes that are not named by strings")
    return state


def _restore(target: Any, state: Any) -> None:
    set_state = getattr(type(target), "__setstate__", None)
    if set_state is not None:
        set_state(target, state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if attributes:
        target.__dict__.update(_named(attributes))
    for name, value in (slots or {}).items():
        setattr(target, name, value)


class _Unknown:
    """Stands for any object while a file is only surveyed."""

    def extend(self, items: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class Survey(Globals):
    """For reading through a pickle without building anything but plain data.

    Args:
        found: gets the names that the table lacks.
    """

    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self._found = found

    def is_added(self, target: Any) -> bool:
        return target is _Unknown

    def find(self, module: str, name: str) -> Any:
        full_name = current_name(module, name)
        known = self._added.get(full_name) or _table().get(full_name)
        if known is None and full_name not in (*self._found, "torch.nn.parameter.Parameter"):
            self._found.append(full_name)
        # Persistent ids name storage classes, and whoever surveys wants to know them.
        return known if known is UntypedStorage or known in LEGACY_STORAGES.values() else _Unknown

    def call(self, function: Any, args: Any) -> Any:
        return _Unknown()

    def construct(self, cls: Any, args: Any, keywords: Any) -> Any:
        return _Unknown()

    def set_state(self, target: Any, state: Any) -> None:
        pass

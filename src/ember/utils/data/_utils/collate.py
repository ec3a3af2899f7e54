"""Making one batch of many samples, and tensors of arrays."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

from .... import _C

Tensor = _C.Tensor
CollateMap = dict[type | tuple[type, ...], Callable[..., Any]]

np_str_obj_array_pattern = re.compile(r"[SaUO]")  # numpy's codes of types that no tensor holds: strings and objects
default_collate_err_msg_format = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"
)


def default_convert(data: Any) -> Any:
    """Turn the numpy arrays in ``data``, however nested, into tensors; leave everything else as it is.

    Example:
        >>> import numpy
        >>> from ember.utils.data import default_convert
        >>> default_convert([1, numpy.zeros(2, dtype="float32")])
        [1, tensor([0., 0.])]
    """
    kind = type(data)
    if isinstance(data, (Tensor, str, bytes)):
        return data
    if kind.__module__ == "numpy":
        if kind.__name__ == "ndarray" and np_str_obj_array_pattern.search(data.dtype.str) is not None:
            return data
        return _as_tensor(data)
    if isinstance(data, Mapping):
        return _like_mapping(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple):
        items = [default_convert(item) for item in data]
        return kind(*items) if hasattr(data, "_fields") else items
    if isinstance(data, Sequence):
        return _like_sequence(data, [default_convert(item) for item in data])
    return data


def collate(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """Make one batch of a list of samples, by their type: containers item by item, the rest by ``collate_fn_map``.

    Args:
        batch: samples of one kind and structure.
        collate_fn_map: from a type, or a tuple of types, to ``function(batch, *, collate_fn_map)``.

    Raises:
        TypeError: for a type that is neither in the map nor a container.
        RuntimeError: for sequences of different lengths.
    """
    sample = batch[0]
    kind = type(sample)
    if collate_fn_map is not None:
        function = _function_for(sample, collate_fn_map)
        if function is not None:
            return function(batch, collate_fn_map=collate_fn_map)
    if isinstance(sample, Mapping):
        columns = {key: collate([item[key] for item in batch], collate_fn_map=collate_fn_map) for key in sample}
        return _like_mapping(sample, columns)
    if isinstance(sample, Sequence) and not isinstance(sample, (str, bytes)):
        if any(len(item) != len(sample) for item in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        items = [collate(column, collate_fn_map=collate_fn_map) for column in zip(*batch, strict=True)]
        if isinstance(sample, tuple):
            return kind(*items) if hasattr(sample, "_fields") else items
        return _like_sequence(sample, items)
    raise TypeError(default_collate_err_msg_format.format(kind))


def _function_for(sample: Any, functions: CollateMap) -> Callable[..., Any] | None:
    if functions is default_collate_fn_map and "numpy" in sys.modules:
        _know_numpy()
    function = functions.get(type(sample))
    if function is not None:
        return function
    return next((function for kinds, function in functions.items() if isinstance(sample, kinds)), None)


def _like_mapping(original: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    """``items`` in a mapping of the type of ``original``, or in a dict where that cannot be made."""
    try:
        if isinstance(original, MutableMapping):
            clone = copy.copy(original)  # keeps attributes, such as a default factory
            clone.update(items)
            return clone
        return type(original)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def _like_sequence(original: Sequence[Any], items: list[Any]) -> Any:
    """``items`` in a sequence of the type of ``original``, or in a list where that cannot be made."""
    try:
        if isinstance(original, MutableSequence):
            clone = copy.copy(original)
            for i, item in enumerate(items):
                clone[i] = item
            return clone
        return type(original)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def _as_tensor(data: Any) -> Tensor:
    from .... import as_tensor

    return as_tensor(data)


def collate_tensor_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Stack tensors of one shape along a new first dimension."""
    return _C.ops.stack(list(batch), 0)


def collate_numpy_array_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Stack numpy arrays of one shape as a tensor."""
    dtype = batch[0].dtype
    if np_str_obj_array_pattern.search(dtype.str) is not None:
        raise TypeError(default_collate_err_msg_format.format(dtype))
    return collate([_as_tensor(array) for array in batch], collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Make a tensor of numpy scalars, of their type."""
    import numpy

    return _as_tensor(numpy.array(batch))


def collate_float_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Make a float64 tensor of Python floats."""
    from .... import tensor

    return tensor(batch, dtype=_C.float64)


def collate_int_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Make an integer or bool tensor of Python numbers."""
    from .... import tensor

    return tensor(batch)


def collate_str_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """Leave strings as they are."""
    return batch


default_collate_fn_map: CollateMap = {
    Tensor: collate_tensor_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}


def _know_numpy() -> None:
    """Put numpy's types into the map, before float: numpy.float64 is a float too. Only once a program has numpy."""
    import numpy

    if numpy.ndarray not in default_collate_fn_map:
        others = {kind: function for kind, function in default_collate_fn_map.items() if kind is not Tensor}
        for kind in others:
            del default_collate_fn_map[kind]
        default_collate_fn_map[numpy.ndarray] = collate_numpy_array_fn
        default_collate_fn_map[(numpy.bool_, numpy.number, numpy.object_)] = collate_numpy_scalar_fn
        default_collate_fn_map.update(others)


def default_collate(batch: Any) -> Any:
    """Make one batch of a list of samples.

    Tensors and arrays are stacked, numbers become a tensor, strings stay in a list; of dicts, tuples and lists, each
    item is treated so.

    Args:
        batch: samples of one kind and structure.

    Raises:
        TypeError: for a type of sample that is none of these.
        RuntimeError: for tensors of different shapes, or sequences of different lengths.

    Example:
        >>> from ember.utils.data import default_collate
        >>> default_collate([(1, "a"), (2, "b")])
        [tensor([1, 2]), ('a', 'b')]
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)

"""Dimensions of nested tensors: those of a row, moved, split, joined and indexed."""

from __future__ import annotations

import math
from typing import Any

from .. import _C
from ._elementwise import elements_like
from ._tensor import NestedTensor, RaggedSize, dense_dimension, dimension, refuse, rule

Tensor = _C.Tensor
_ops = _C.ops


@rule("unbind")
def _unbind(function: Any, input: Any, dim: int = 0) -> Any:
    return input.unbind(dim)


@rule("type")
def _type(function: Any, input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    result = function(input._elements, dtype)
    return result if dtype is None else input.with_elements(result)


@rule("numel", "is_same_size")
def _asked(function: Any, input: Any, *others: Any) -> Any:
    if not others:
        return input.numel()
    return all(isinstance(each, NestedTensor) and _sizes(each) == _sizes(input) for each in (input, *others))


def _sizes(tensor: Any) -> Any:
    return tensor._rows.sizes, tensor._ragged, tuple(size for size in tensor.sizes if isinstance(size, int))


# ---- along one dense dimension, which stays where it is


def _along(name: str, place: int, default: int | None) -> None:
    """`name` takes its dimension as argument `place`."""

    def along(function: Any, *args: Any, **keywords: Any) -> Any:
        input = args[0] if args else keywords.pop("input")
        if not isinstance(input, NestedTensor):
            refuse(name, *args)
        given = list(args[1:])
        dim = keywords.pop("dim", given.pop(place - 1) if len(given) >= place else default)
        keywords["dim"] = dense_dimension(name, input, dim)
        result = function(input._elements, *given[: place - 1], **_named(name, given[place - 1 :]), **keywords)
        if isinstance(result, Tensor):
            return input.with_elements(result)
        return type(result)(input.with_elements(each) for each in result)

    rule(name)(along)


def _named(name: str, given: list[Any]) -> dict[str, Any]:
    if given:
        raise TypeError(f"{name}(): of a nested tensor the arguments after dim are given by name.")
    return {}


for _name, _place, _default in (
    *(("chunk", 2, 0), ("split", 2, 0), ("sort", 1, -1), ("argsort", 1, -1), ("topk", 2, -1), ("cumsum", 1, None)),
    *(("cumprod", 1, None), ("logcumsumexp", 1, None), ("glu", 1, -1), ("normalize", 2, 1)),
):
    _along(_name, _place, _default)


@rule("narrow")
def _narrow(function: Any, input: Any, dim: int, start: Any, length: int) -> Any:
    return input.with_elements(function(input._elements, dense_dimension("narrow", input, dim), start, length))


@rule("cat", "concat", "concatenate", "stack")
def _cat(function: Any, tensors: Any, dim: int = 0) -> Any:
    tensors = list(tensors)
    like = next(each for each in tensors if isinstance(each, NestedTensor))
    name, more = function.__name__, int(function.__name__ == "stack")
    if not all(isinstance(each, NestedTensor) for each in tensors):
        refuse(name, *tensors, why="another one is not nested")
    place = dense_dimension(name, like, dim, more)
    elements = [elements_like(name, each, like) for each in tensors]
    return like.with_elements(function(elements, place), like._ragged + (1 if more and place < like._ragged else 0))


# ---- dimensions moved


@rule("transpose", "swapaxes", "swapdims")
def _transpose(function: Any, input: Any, dim0: int, dim1: int) -> Any:
    first, second = (dimension("transpose", input, dim) for dim in (dim0, dim1))
    if first == second:
        return input
    if 0 in (first, second):
        raise RuntimeError("transpose(): Nested tensor dimension 0 cannot be transposed")
    ragged = {first: second, second: first}.get(input._ragged, input._ragged)
    return input.with_elements(_ops.transpose(input._elements, first - 1, second - 1), ragged)


@rule("mT")
def _transposed(function: Any, input: Any) -> Any:
    return _transpose(function, input, -2, -1)


@rule("permute")
def _permute(function: Any, input: Any, *dims: Any) -> Any:
    dims = tuple(dims[0]) if len(dims) == 1 and not isinstance(dims[0], int) else dims
    places = [dimension("permute", input, dim) for dim in dims]
    if sorted(places) != list(range(input.dim())) or places[0] != 0:
        raise RuntimeError(
            f"permute(): dims are {dims}; expected each of the {input.dim()} dims once, that of the rows first."
        )
    elements = _ops.permute(input._elements, [each - 1 for each in places[1:]])
    return input.with_elements(elements, places.index(input._ragged))


# ---- dimensions added and removed


@rule("unsqueeze")
def _unsqueeze(function: Any, input: Any, dim: int) -> Any:
    place = dense_dimension("unsqueeze", input, dim, 1)
    return input.with_elements(_ops.unsqueeze(input._elements, place), input._ragged + (place < input._ragged))


@rule("squeeze")
def _squeeze(function: Any, input: Any, dim: int | None = None) -> Any:
    if dim is None:
        refuse("squeeze", input, why="dim is not given")
    place = dense_dimension("squeeze", input, dim)
    elements = _ops.squeeze(input._elements, place)
    return input.with_elements(elements, _without(input, place, input.dim() - 1 - elements.dim()))


def _without(input: Any, place: int, count: int = 1) -> int:
    """The ragged dimension after `count` dims of the elements from `place` on are gone."""
    return int(input._ragged - (count if place < input._ragged - 1 else 0))


@rule("select")
def _select(function: Any, input: Any, dim: int, index: int) -> Any:
    if dimension("select", input, dim) == 0:
        return _row(input, index)
    place = dense_dimension("select", input, dim)
    return input.with_elements(_ops.select(input._elements, place, index), _without(input, place))


@rule("unflatten")
def _unflatten(function: Any, input: Any, dim: int, sizes: Any) -> Any:
    place = dense_dimension("unflatten", input, dim)
    elements = function(input._elements, place, sizes)
    return input.with_elements(elements, _without(input, place, input.dim() - 1 - elements.dim()))


@rule("flatten")
def _flatten(function: Any, input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    first, last = (dense_dimension("flatten", input, dim) for dim in (start_dim, end_dim))
    if first < input._ragged - 1 < last:
        raise RuntimeError(
            f"flatten(): dims {start_dim} to {end_dim} have the ragged dimension between them; expected none."
        )
    elements = function(input._elements, first, last)
    return input.with_elements(elements, _without(input, first, input.dim() - 1 - elements.dim()))


@rule("view", "reshape")
def _view(function: Any, input: Any, *shape: Any) -> Any:
    size = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    name, along = function.__name__, input._ragged - 1
    if not all(isinstance(each, (int, RaggedSize)) for each in size):
        refuse(name, input, why="the argument is not a size")
    before = math.prod(input._elements.shape[:along])
    # The ragged dimension is where its RaggedSize stands, else the first -1 after as many elements as before it.
    places = [place for place, each in enumerate(size) if each is input._rows.size]
    places = places or [place for place, each in enumerate(size) if each == -1 and math.prod(size[1:place]) == before]
    if not places or places[0] == 0 or size[0] not in (-1, len(input)):
        raise RuntimeError(
            f"{name}(): cannot view a nested tensor of size {input.written_size} as {size}; expected {len(input)} rows "
            f"and -1 or {input._rows.size} for the ragged dimension."
        )
    sizes = [*size[1:]]
    sizes[places[0] - 1] = input._elements.shape[along]
    return input.with_elements(function(input._elements, sizes), places[0])


# ---- indices


def _row(input: Any, index: int) -> Any:
    count = len(input)
    if not -count <= index < count:
        raise IndexError(f"index {index} is out of bounds for dimension 0 with size {count}")
    return input.unbind()[index]


@rule("__getitem__")
def _getitem(function: Any, input: Any, key: Any) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    if keys and isinstance(keys[0], int) and not isinstance(keys[0], bool):
        row = _row(input, keys[0])
        return row[keys[1:]] if len(keys) > 1 else row
    whole = slice(None)
    if any(each is Ellipsis for each in keys):
        place = next(place for place, each in enumerate(keys) if each is Ellipsis)
        keys = (*keys[:place], *[whole] * (input.dim() - len(keys) + 1), *keys[place + 1 :])
    keys = (*keys, *[whole] * (input.dim() - len(keys)))
    plain = all(isinstance(each, (int, slice)) and not isinstance(each, bool) for each in keys)
    if not plain or len(keys) != input.dim() or keys[0] != whole or keys[input._ragged] != whole:
        refuse(
            "__getitem__", input, why="the index is no row, nor numbers and slices of other dims than the ragged one"
        )
    removed = sum(isinstance(each, int) for each in keys[1 : input._ragged])
    return input.with_elements(input._elements[keys[1:]], input._ragged - removed)

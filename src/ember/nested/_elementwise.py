"""Operations element by element: of a nested tensor, with numbers, others of the same lengths, and dense tensors."""

from __future__ import annotations

import functools
from typing import Any

from .. import _C
from ._padding import packed
from ._tensor import NestedTensor, refuse, rule, without_holes

Tensor = _C.Tensor
_ops = _C.ops

# Composed operations and others that treat each element for itself, beside those whose record says that they do.
_COMPOSED = (
    *("__and__", "__invert__", "__or__", "__xor__", "absolute", "alpha_dropout", "angle", "arccos", "arcsin"),
    *("arctan", "bernoulli", "bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "clip", "clone", "conj"),
    *("copy_", "cpu", "cuda", "deg2rad", "detach", "divide", "double", "dropout", "dropout_", "empty_like", "fill_"),
    *("fix", "float", "float_power", "full_like", "greater", "greater_equal", "half", "imag", "int", "isclose"),
    *("isreal", "less", "less_equal", "logsigmoid", "long", "masked_fill", "multiply", "native_dropout", "negative"),
    *("normal_", "not_equal", "ones_like", "pin_memory", "positive", "rand_like", "randn_like", "real", "rrelu"),
    *("sgn", "short", "subtract", "tanhshrink", "true_divide", "uniform_", "xlogy", "zero_", "zeros_like"),
)
# Along a dimension, though one formula does it.
_NOT_ALONE = {"glu", "prelu"}


@rule("to", "type_as")
def _cast(function: Any, input: Any, *args: Any, **keywords: Any) -> Any:
    plain = [each._elements if isinstance(each, NestedTensor) else each for each in args]
    named = {key: each._elements if isinstance(each, NestedTensor) else each for key, each in keywords.items()}
    if not isinstance(input, NestedTensor):
        return function(input, *plain, **named)
    result = function(input._elements, *plain, **named)
    return input if result is input._elements else input.with_elements(result)


@functools.cache
def _elementwise_names() -> frozenset[str]:
    records = {each["name"].lstrip("_") for each in _C._records() if each["kind"] == "pointwise"}
    return frozenset((records - _NOT_ALONE).union(_COMPOSED))


def is_elementwise(name: str) -> bool:
    """Whether the operation, or the one that it does in place, treats each element for itself."""
    names = _elementwise_names()
    return name in names or (name.endswith("_") and name[:-1] in names)


def elementwise(name: str, function: Any, args: Any, keywords: Any) -> Any:
    """`function` of the elements, those of all nested arguments at the same places."""
    given = (*args, *keywords.values())
    nested = [each for each in given if isinstance(each, NestedTensor)]
    if not nested:
        refuse(name, *args)
    like = nested[0]
    if name.endswith("_"):
        if args[0] is not like:
            raise RuntimeError(f"{name}(): the tensor that is changed is not nested, another argument is.")
    elif any(isinstance(each, Tensor) and getattr(each, "_rows", None) is not like._rows for each in given):
        like = without_holes(like)
    plain = [elements_like(name, each, like) if isinstance(each, Tensor) else each for each in args]
    named = {
        key: elements_like(name, each, like) if isinstance(each, Tensor) else each for key, each in keywords.items()
    }
    result = function(*plain, **named)
    for each in nested:
        if each._elements is result:
            return each
    return _nested(result, like)


def _nested(result: Any, like: Any) -> Any:
    if isinstance(result, (tuple, list)):
        return type(result)(_nested(each, like) for each in result)
    if result.dim() != like.dim() - 1 or result.shape[like._ragged - 1] != like._elements.shape[like._ragged - 1]:
        raise RuntimeError(
            f"a dense tensor does not broadcast to a nested tensor of size {like.written_size}: the result would have "
            "more dims."
        )
    return like.with_elements(result)


def elements_like(name: str, tensor: Any, like: Any) -> Any:
    """What stands in `tensor`, nested or not, for each of the elements of `like`, as it broadcasts to them."""
    if isinstance(tensor, NestedTensor):
        return _elements_of_nested(name, tensor, like)
    count = tensor.dim()
    if count == 0:
        return tensor
    wanted = tuple(tensor.shape)
    if count > like.dim():
        _refuse_shapes(name, wanted, like)
    wide = tensor.reshape((1,) * (like.dim() - count) + wanted)
    along = like._ragged
    rows, length = wide.shape[0], wide.shape[along]
    if (rows not in (1, len(like._rows))) or length not in (1, like._rows.longest):
        _refuse_shapes(name, wanted, like)
    if rows == 1 and length == 1:
        return wide[0]
    if like._rows.holes:
        refuse(
            name,
            like,
            why="its rows have holes between them and a dense argument has sizes for rows. Use .contiguous()",
        )
    full = list(wide.shape)
    full[0], full[along] = len(like._rows), like._rows.longest
    return packed(wide.expand(full), like)._elements


def _elements_of_nested(name: str, tensor: Any, like: Any) -> Any:
    if tensor._rows is like._rows and tensor._ragged == like._ragged:
        return tensor._elements
    if tensor._ragged != like._ragged or tensor.dim() != like.dim() or tensor._rows.sizes != like._rows.sizes:
        raise RuntimeError(
            f"{name}(): nested tensors of sizes {like.written_size} and {tensor.written_size} have rows of lengths "
            f"{like._rows.sizes} and {tensor._rows.sizes}; expected the same lengths along the same dimension."
        )
    if like._rows.holes:
        refuse(name, like, why="its rows have holes between them. Use .contiguous()")
    return without_holes(tensor)._elements


def _refuse_shapes(name: str, shape: tuple[int, ...], like: Any) -> None:
    raise RuntimeError(
        f"{name}(): a dense tensor of shape {shape} does not broadcast to a nested tensor of size {like.written_size} "
        f"with {len(like._rows)} rows, the longest of length {like._rows.longest}."
    )

"""Reductions of nested tensors, and softmax: over dims of a row, over the ragged one, over all elements."""

from __future__ import annotations

from typing import Any

from .. import _C
from ._padding import packed, padded
from ._tensor import dense_dimension, dimension, integers, rule, without_holes

Tensor = _C.Tensor
_ops = _C.ops


def _lowest(tensor: Any) -> Any:
    if tensor.dtype.is_floating_point:
        return -float("inf")
    return False if tensor.dtype == _C.bool else _info(tensor).min


def _highest(tensor: Any) -> Any:
    if tensor.dtype.is_floating_point:
        return float("inf")
    return True if tensor.dtype == _C.bool else _info(tensor).max


def _info(tensor: Any) -> Any:
    from .._number_info import iinfo

    return iinfo(tensor.dtype)


# What stands after the end of a row, so that it does not count.
_NEUTRAL = {
    "sum": lambda tensor: 0,
    "nansum": lambda tensor: 0,
    "mean": lambda tensor: 0,
    "prod": lambda tensor: 1,
    "all": lambda tensor: True,
    "any": lambda tensor: False,
    "amax": _lowest,
    "max": _lowest,
    "argmax": _lowest,
    "logsumexp": _lowest,
    "amin": _highest,
    "min": _highest,
    "argmin": _highest,
}


@rule(*_NEUTRAL)
def _reduced(function: Any, input: Any, dim: Any = None, keepdim: bool = False, **keywords: Any) -> Any:
    name = function.__name__
    dim = keywords.pop("other", dim)
    if isinstance(dim, Tensor):  # the larger or the smaller of two
        from ._elementwise import elementwise

        return elementwise(name, function, (input, dim), keywords)
    if dim is None or dim == ():
        return function(without_holes(input)._elements, **keywords)
    dims = sorted({dimension(name, input, each) for each in ((dim,) if isinstance(dim, int) else dim)})
    if dims == [input._ragged]:
        return _over_ragged(name, function, input, keepdim, keywords)
    if 0 in dims and input._ragged in dims:
        return _over_rows(function, input, dims, keepdim, keywords)
    if 0 in dims or input._ragged in dims:
        raise RuntimeError(
            f"{name}(): dim is {dim}; a nested tensor of size {input.written_size} is reduced over the ragged "
            f"dimension {input._ragged} alone, over it and the rows (dim 0), or over neither."
        )
    return _over_dense(function, input, dims, keepdim, keywords)


def _over_ragged(name: str, function: Any, input: Any, keepdim: bool, keywords: Any) -> Any:
    along = input._ragged
    if name == "mean":
        counts = integers(input._rows.sizes).reshape([-1] + [1] * (input.dim() - 1 - (not keepdim)))
        of = input._elements.to(keywords.get("dtype"))
        if not (of.dtype.is_floating_point or of.dtype.is_complex):
            raise RuntimeError(
                f"mean(): could not infer output dtype; the tensor has type {of.dtype}; expected floats."
            )
        return padded(input.with_elements(of), 0).sum(along, keepdim) / counts
    return function(padded(input, _NEUTRAL[name](input)), along, keepdim, **keywords)


def _over_rows(function: Any, input: Any, dims: list[int], keepdim: bool, keywords: Any) -> Any:
    result = function(without_holes(input)._elements, [dim - 1 for dim in dims[1:]], keepdim, **keywords)
    return result.unsqueeze(0) if keepdim else result


def _over_dense(function: Any, input: Any, dims: list[int], keepdim: bool, keywords: Any) -> Any:
    places = [dim - 1 for dim in dims]
    result = function(input._elements, places[0] if len(places) == 1 else places, keepdim, **keywords)
    ragged = input._ragged - (0 if keepdim else sum(dim < input._ragged for dim in dims))
    if isinstance(result, Tensor):
        return input.with_elements(result, ragged)
    return type(result)([input.with_elements(each, ragged) for each in result])


@rule("softmax", "log_softmax", "softmin")
def _softmax(function: Any, input: Any, dim: int | None = None, *rest: Any, **keywords: Any) -> Any:
    name = function.__name__
    if dim is None:
        raise RuntimeError(f"{name}(): dim is not given; expected one of a nested tensor's.")
    if dimension(name, input, dim) != input._ragged:
        return input.with_elements(function(input._elements, dense_dimension(name, input, dim), *rest, **keywords))
    tight = without_holes(input)
    outside = float("inf") if name == "softmin" else -float("inf")
    return packed(function(padded(tight, outside), input._ragged, *rest, **keywords), tight)

"""Indexing composed from index, gather and scatter."""

from __future__ import annotations

from typing import Any, Literal, overload

from .. import _C
from .._C import Tensor
from .._composite import composite
from ..types import _size
from .views import broadcast_shapes

_ops = _C.ops


@overload
def nonzero(input: Tensor, *, out: Tensor | None = None, as_tuple: Literal[False] = False) -> Tensor: ...


@overload
def nonzero(input: Tensor, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]: ...


@composite
def nonzero(input: Tensor, *, out: Tensor | None = None, as_tuple: bool = False) -> Any:
    """The indices of all elements that are not 0: (N, dims), or with `as_tuple` one tensor for each dim."""
    if not as_tuple:
        return _ops.nonzero(input, out=out)
    return _ops.unbind(_ops.nonzero(_ops.reshape(input, 1) if input.dim() == 0 else input), 1)


@composite
def argwhere(input: Tensor) -> Tensor:
    """The indices of all elements that are not 0, one row each."""
    return _ops.nonzero(input)


@composite
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at `index` (int64, any shape) of `input` seen as flat."""
    count = input.numel()
    _check_flat("take", index, count)
    return _ops.index(_ops.reshape(input, -1), [index])


def _check_flat(name: str, index: Any, count: int) -> None:
    if index.dtype != _C.int64:
        raise RuntimeError(f"{name}(): Expected a long tensor for index, but got {index.dtype}.")
    if index.is_meta or not index.numel():
        return
    least, largest = int(index.min()), int(index.max())
    if least < -count or largest >= count:
        bad = least if least < -count else largest
        raise IndexError(f"{name}(): out of range: tried to access index {bad} on a tensor of {count} elements.")


@composite
def put_(self: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """Set the elements at `index` of this tensor seen as flat to those of `source`; `accumulate` adds them."""
    _check_flat("put_", index, self.numel())
    if index.numel() != source.numel():
        raise RuntimeError(
            f"put_(): Expected source and index to have the same number of elements, but got {source.numel()} "
            f"and {index.numel()}."
        )
    flat = _ops.reshape(self, -1)
    changed = _ops.index_put(flat, [_ops.reshape(index, -1)], _ops.reshape(source, -1), accumulate)
    return _ops.copy_(self, _ops.view(changed, self.shape))


@composite
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of `input` with `put_`."""
    return put_(_ops.clone(input), index, source, accumulate)


@composite
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """`gather` whose shapes broadcast apart from `dim`; without `dim` both are flat."""
    if indices.dtype not in (_C.int64, _C.int32):
        raise RuntimeError(f"take_along_dim(): dtype of indices should be Long but got {indices.dtype}.")
    if dim is None:
        return _ops.gather(_ops.reshape(input, -1), 0, _ops.reshape(indices, -1), out=out)
    if input.dim() != indices.dim():
        raise RuntimeError(
            f"take_along_dim(): input and indices should have the same number of dimensions, but got {input.dim()} "
            f"dimensions for input, and {indices.dim()} dimensions for indices."
        )
    if not -input.dim() <= dim < input.dim():
        raise IndexError(f"take_along_dim(): Dimension out of range: dim {dim} of a {input.dim()}-d tensor.")
    along = dim % input.dim()
    shape = broadcast_shapes(*((*each.shape[:along], *each.shape[along + 1 :]) for each in (input, indices)))
    input_shape = [*shape[:along], input.size(along), *shape[along:]]
    index_shape = [*shape[:along], indices.size(along), *shape[along:]]
    return _ops.gather(_ops.expand(input, input_shape), along, _ops.expand(indices, index_shape), out=out)


@composite
def index_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`input`, its slices along `dim` named by `index` reduced with those of `source`: prod, mean, amax or amin."""
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): reduce argument must be either prod, mean, amax or amin, got {reduce}.")
    place = [1] * source.dim()
    place[dim] = index.numel()
    wide = _ops.expand(_ops.reshape(index, place), source.shape)
    return _ops.scatter_reduce(input, dim, wide, source, reduce, include_self=include_self, out=out)


@composite
def index_reduce_(
    self: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """`index_reduce` in place."""
    return _ops.copy_(self, index_reduce(self, dim, index, source, reduce, include_self=include_self))


@composite
def unravel_index(indices: Tensor, shape: int | _size) -> tuple[Tensor, ...]:
    """The coordinates, one tensor for each dim of `shape`, of flat indices into it."""
    sizes = [shape] if isinstance(shape, int) else list(shape)
    coordinates = []
    for size in reversed(sizes):
        coordinates.append(_ops.remainder(indices, size))
        indices = _ops.floor_divide(indices, size)
    return tuple(reversed(coordinates))

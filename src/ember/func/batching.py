"""vmap: a function of samples as a function of batches."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from .._tensor_of_elements import TensorOfElements
from ..random import get_rng_state, set_rng_state
from ..utils._pytree import TreeSpec, _broadcast_to_and_flatten, tree_flatten, tree_unflatten, treespec_leaf
from ._random import Draws, check_randomness

__all__ = ["vmap"]


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that maps `func` over a dim of its arguments and stacks what it returns.

    `func` runs once. Each mapped tensor looks like one of its samples, and an operation on it works on all of them: its
    rule puts the batch in front of the dims, among the rows of a product, or among the images of a convolution. An
    operation without a rule runs sample by sample, and warns. What depends on the numbers in a mapped tensor, as
    ``item()``, ``if`` or the shape of ``nonzero()``, is an error. What `func` does besides returning happens once.

    Args:
        func: from tensors, or nested containers of them and of other things, to tensors, alone or in containers.
        in_dims: which dim of each argument is mapped; ``None`` gives the argument whole to each call. One for all, or a
            tuple built like the arguments, as far down as they differ. Default: 0.
        out_dims: where the mapped dim comes in each result, in the same way; ``None`` for what is the same for each
            sample, which may be no tensor. Default: 0.
        randomness: ``"error"``: `func` may not draw random numbers from the default generator; ``"different"``: each
            sample has its own; ``"same"``: all have the same. Default: ``"error"``.
        chunk_size: how many samples are computed together, for less memory. Default: all.

    Shape:
        arguments (..., B, ...), results (B, *) or with B where `out_dims` says; B is the same for all arguments.

    Returns:
        A function of the same arguments; keyword arguments are mapped over their dim 0.

    Raises:
        ValueError: `in_dims` or `out_dims` do not fit, sizes of mapped dims differ, or a result is no tensor.
        RuntimeError: `func` drew random numbers, where `randomness` is ``"error"``; it wrote mapped numbers into a
            tensor that is not mapped; or it asked for the numbers in a mapped tensor.

    Example:
        >>> from ember.func import grad, vmap
        >>> vmap(ember.dot)(ember.ones(2, 3), ember.arange(6.0).view(2, 3))
        tensor([ 3., 12.])
        >>> vmap(grad(lambda weight, x: (weight * x).sum()), in_dims=(None, 0))(ember.ones(2), ember.eye(2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    check_randomness(randomness, "vmap")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap(): chunk_size is {chunk_size}; expected None or a number greater than 0.")

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        batch = _Batch(args, kwargs, in_dims)
        if batch.size == 0:
            return _empty_result(func, batch, out_dims)
        step = chunk_size or batch.size
        parts = [_mapped(func, batch.part(start, step), out_dims, randomness) for start in range(0, batch.size, step)]
        return parts[0] if len(parts) == 1 else _joined(parts, out_dims)

    return mapped


def _mapped(func: Callable[..., Any], batch: _Batch, out_dims: Any, randomness: str) -> Any:
    """`func` of a batch, run once, on stand-ins for the samples."""
    from . import _rules  # noqa: F401  (registers what operations do with batches)

    with Draws(randomness, "vmap"):
        level = _C._enter_batching(batch.size, randomness)
        try:
            output = batch.call(func, level)
        finally:
            _C._exit_batching()
    leaves, structure = _parts_of(output)
    name = getattr(func, "__name__", repr(func))
    results = [
        _taken_out(leaf, level, batch.size, dim, name)
        for leaf, dim in zip(leaves, _out_dims_of(out_dims, structure), strict=True)
    ]
    return tree_unflatten(results, structure)


def _taken_out(leaf: Any, level: int, size: int, dim: int | None, name: str) -> Any:
    """One output, with the batch along `dim`."""
    behind = _C._behind_stand_in(leaf)
    value, own_level, is_mapped = behind or (leaf, 0, False)
    if own_level != level:
        value, is_mapped = leaf, False
    if dim is None:
        if is_mapped:
            raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
        return value
    if not isinstance(value, _C.Tensor):
        raise ValueError(
            f"vmap(): the function returned something of type {type(value)}; expected it to return only Tensors "
            "where out_dims is not None."
        )
    if not is_mapped:
        value = _C.ops.expand(value, (size, *value.shape))
    rank = value.dim()
    if not -rank <= dim < rank:
        raise IndexError(
            f"vmap(): out_dims has {dim} for a result of shape {tuple(value.shape[1:])}; expected a dim with "
            f"-{rank} <= dim < {rank}."
        )
    return _C.ops.movedim(value, (0,), (dim,)) if dim % rank else value


class _Batch:
    """The arguments, each as one value or as a list of samples."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], in_dims: Any) -> None:
        leaves, self._structure = tree_flatten(args)
        if not args:
            raise ValueError("vmap(): got no positional arguments; expected tensors to map over.")
        dims = _dims_of(in_dims, self._structure, leaves)
        named, self._named_structure = tree_flatten(kwargs)
        leaves += named
        dims += [_dim_of(leaf, 0) if isinstance(leaf, _C.Tensor) else None for leaf in named]
        self._is_plain = not named and all(child.is_leaf() for child in self._structure.children())
        self._leaves = leaves
        self._dims = dims
        for leaf, dim in zip(leaves, dims, strict=True):
            if dim is not None and isinstance(leaf, TensorOfElements):
                raise NotImplementedError(
                    f"vmap(): an argument to map over has layout {leaf.layout}{' and is nested' * leaf.is_nested}; "
                    "expected a strided tensor."
                )
        sizes = [leaf.shape[dim] for leaf, dim in zip(leaves, dims, strict=True) if dim is not None]
        if not sizes:
            raise ValueError(f"vmap(): in_dims is {in_dims}; expected a Tensor at least to map over.")
        if len(set(sizes)) > 1:
            raise ValueError(
                f"vmap(): the mapped dims have sizes {sizes}; expected all tensors to have the same size in the mapped "
                "dimension."
            )
        self.size = int(sizes[0])

    def part(self, start: int, count: int) -> _Batch:
        """Some of the samples."""
        if start == 0 and count >= self.size:
            return self
        part = copy.copy(self)
        part.size = min(count, self.size - start)
        part._leaves = [
            leaf if dim is None else _C.ops.narrow(leaf, dim, start, part.size)
            for leaf, dim in zip(self._leaves, self._dims, strict=True)
        ]
        return part

    def call(self, func: Callable[..., Any], level: int) -> Any:
        """`func` of stand-ins for the samples."""
        return self._apply(func, [
            leaf if dim is None else _C._stand_in(_C.ops.movedim(leaf, (dim,), (0,)) if dim else leaf, level, True)
            for leaf, dim in zip(self._leaves, self._dims, strict=True)
        ])  # fmt: skip

    def call_on_zeros(self, func: Callable[..., Any]) -> Any:
        """`func` of a sample that is 0, for the shapes of what it returns."""
        return self._apply(func, [
            leaf if dim is None else leaf.detach().new_zeros((*leaf.shape[:dim], *leaf.shape[dim:][1:]))
            for leaf, dim in zip(self._leaves, self._dims, strict=True)
        ])  # fmt: skip

    def _apply(self, func: Callable[..., Any], leaves: Sequence[Any]) -> Any:
        if self._is_plain:
            return func(*leaves)
        count = self._structure.num_leaves
        args = tree_unflatten(leaves[:count], self._structure)
        return func(*args, **tree_unflatten(leaves[count:], self._named_structure))


_ONE = treespec_leaf()


def _parts_of(output: Any) -> tuple[list[Any], TreeSpec]:
    """What a function returned, as leaves and their structure."""
    return ([output], _ONE) if isinstance(output, _C.Tensor) else tree_flatten(output)


def _dims_of(in_dims: Any, structure: TreeSpec, leaves: Sequence[Any]) -> list[int | None]:
    """The mapped dim of each leaf, as a number from 0; None for those that are not mapped."""
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"vmap(): in_dims is of type {type(in_dims)}; expected an int or a tuple built like the arguments."
        )
    dims = _broadcast_to_and_flatten(in_dims, structure)
    if dims is None:
        raise ValueError(f"vmap(): in_dims is {in_dims}; expected a structure like that of the arguments, {structure}.")
    return [_dim_of(leaf, dim) for leaf, dim in zip(leaves, dims, strict=True)]


def _dim_of(leaf: Any, dim: Any) -> int | None:
    if dim is None:
        return None
    if not isinstance(dim, int):
        raise ValueError(f"vmap(): in_dims has {dim!r} for an argument; expected an int or None.")
    if not isinstance(leaf, _C.Tensor):
        raise ValueError(
            f"vmap(): in_dims has {dim} for an argument of type {type(leaf)}; expected None for what is no Tensor."
        )
    count = leaf.dim()
    if not -count <= dim < count:
        raise ValueError(
            f"vmap(): in_dims has {dim} for a tensor of shape {tuple(leaf.shape)}; expected a dim with "
            f"-{count} <= dim < {count}."
        )
    return dim % count


def _joined(parts: Sequence[Any], out_dims: Any) -> Any:
    """The results of several chunks as one."""
    flat = [_parts_of(part) for part in parts]
    structure = flat[0][1]
    columns = zip(*[leaves for leaves, _ in flat], strict=True)
    dims = _out_dims_of(out_dims, structure)
    joined = [
        column[0] if dim is None else _C.ops.cat(list(column), dim) for column, dim in zip(columns, dims, strict=True)
    ]
    return tree_unflatten(joined, structure)


def _out_dims_of(out_dims: Any, structure: TreeSpec) -> list[Any]:
    given, _ = tree_flatten(out_dims)
    if not all(each is None or isinstance(each, int) for each in given):
        raise ValueError(f"vmap(): out_dims is {out_dims!r}; expected an int, None or a collection of them.")
    if structure.is_leaf() and isinstance(out_dims, tuple) and len(out_dims) == 1:
        out_dims = out_dims[0]
    dims = _broadcast_to_and_flatten(out_dims, structure)
    if dims is None:
        raise ValueError(f"vmap(): out_dims is {out_dims}; expected a structure like that of the results, {structure}.")
    return dims


def _empty_result(func: Callable[..., Any], batch: _Batch, out_dims: Any) -> Any:
    """What no samples give: the function runs on one of zeros, for its shapes."""
    before = get_rng_state()
    leaves, structure = tree_flatten(batch.call_on_zeros(func))
    set_rng_state(before)
    name = getattr(func, "__name__", repr(func))
    results = []
    for leaf, dim in zip(leaves, _out_dims_of(out_dims, structure), strict=True):
        result = _taken_out(leaf, -1, 1, dim, name)
        results.append(result if dim is None else result.detach().narrow(dim, 0, 0))
    return tree_unflatten(results, structure)

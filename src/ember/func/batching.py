"""vmap: a function of samples as a function of batches."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
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

    `func` runs once for each sample, on views of the arguments, so that the cost is that of a loop: it may do what it
    does outside, with ``item()``, ``if`` and shapes that depend on it, where PyTorch refuses; and what it does besides
    returning happens for each sample. Write the batch into the operations where speed matters.

    Args:
        func: from tensors, or nested containers of them and of other things, to tensors, alone or in containers.
        in_dims: which dim of each argument is mapped; ``None`` gives the argument whole to each call. One for all, or a
            tuple built like the arguments, as far down as they differ. Default: 0.
        out_dims: where the mapped dim comes in each result, in the same way; ``None`` for what is the same for each
            sample, which may be no tensor. Default: 0.
        randomness: ``"error"``: `func` may not draw random numbers from the default generator; ``"different"``: each
            sample has its own; ``"same"``: all have the same. Default: ``"error"``.
        chunk_size: how many samples are computed together in PyTorch; here each is alone, whatever it is.

    Shape:
        arguments (..., B, ...), results (B, *) or with B where `out_dims` says; B is the same for all arguments.

    Returns:
        A function of the same arguments; keyword arguments are mapped over their dim 0.

    Raises:
        ValueError: `in_dims` or `out_dims` do not fit, sizes of mapped dims differ, or a result is no tensor.
        RuntimeError: `func` drew random numbers, where `randomness` is ``"error"``; it changed an argument in place
            that is not mapped; or results have different shapes.

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
        draws = Draws(randomness, "vmap")
        results: list[list[Any]] = []  # by sample, then by output
        first = None
        for i in range(batch.size):
            draws.again()
            leaves, structure = _parts_of(batch.call(func, i))
            if i in (0, batch.size - 1):
                draws.check()
            first = first or structure
            if structure is not first and structure != first:
                raise RuntimeError(
                    f"vmap(): the function's result is built as {structure} for sample {i} and as {first} for sample "
                    "0; expected the same for all."
                )
            results.append(leaves)
        assert first is not None
        return _joined(list(zip(*results, strict=True)), first, out_dims)

    return mapped


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
        self._whole = [x for x, dim in zip(leaves, dims, strict=True) if dim is None and isinstance(x, _C.Tensor)]
        self._leaves = leaves
        self._dims = dims
        sizes = [leaf.shape[dim] for leaf, dim in zip(leaves, dims, strict=True) if dim is not None]
        if not sizes:
            raise ValueError(f"vmap(): in_dims is {in_dims}; expected a Tensor at least to map over.")
        if len(set(sizes)) > 1:
            raise ValueError(
                f"vmap(): the mapped dims have sizes {sizes}; expected all tensors to have the same size in the mapped "
                "dimension."
            )
        self.size = int(sizes[0])
        self._samples = [
            [leaf] * self.size if dim is None else leaf.unbind(dim) for leaf, dim in zip(leaves, dims, strict=True)
        ]

    def call(self, func: Callable[..., Any], i: int) -> Any:
        """`func` of sample i."""
        versions = [leaf._version for leaf in self._whole]
        output = self._apply(func, [samples[i] for samples in self._samples])
        if versions != [leaf._version for leaf in self._whole]:
            raise RuntimeError(
                "vmap(): the function changed in place an argument that all samples share; expected changes of mapped "
                "arguments only. Return the changed tensor, or map the argument."
            )
        return output

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


def _joined(columns: Sequence[Sequence[Any]], structure: TreeSpec, out_dims: Any) -> Any:
    dims = _out_dims_of(out_dims, structure)
    return tree_unflatten([_stacked(column, dim) for column, dim in zip(columns, dims, strict=True)], structure)


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


def _stacked(column: Sequence[Any], dim: int | None) -> Any:
    """What all samples gave for one output, along `dim`."""
    first = column[0]
    if dim is None:
        if isinstance(first, _C.Tensor) and not all(_same(first, each) for each in column[1:]):
            raise ValueError("vmap(): out_dims is None for a result that differs between samples; expected an int.")
        return first
    for each in column:
        if not isinstance(each, _C.Tensor):
            raise ValueError(
                f"vmap(): the function returned something of type {type(each)}; expected it to return only Tensors "
                "where out_dims is not None."
            )
        if each.shape != first.shape:
            raise RuntimeError(
                f"vmap(): results have shapes {tuple(first.shape)} and {tuple(each.shape)}; expected the same for each "
                "sample."
            )
    return _C.ops.stack(list(column), dim)


def _same(a: Any, b: Any) -> bool:
    return a is b or (a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all()))


def _empty_result(func: Callable[..., Any], batch: _Batch, out_dims: Any) -> Any:
    """What no samples give: the function runs on one of zeros, for its shapes."""
    draws = Draws("same", "vmap")
    leaves, structure = tree_flatten(batch.call_on_zeros(func))
    draws.again()
    results = []
    for leaf, dim in zip(leaves, _out_dims_of(out_dims, structure), strict=True):
        result = _stacked([leaf], dim)
        results.append(result if dim is None else result.detach().narrow(dim, 0, 0))
    return tree_unflatten(results, structure)

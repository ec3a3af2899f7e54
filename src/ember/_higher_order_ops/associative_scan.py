"""Running results of an associative function of two: sums, products, states of a linear recurrence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _C
from ..func import vmap
from ..utils._pytree import tree_flatten, tree_unflatten

__all__ = ["associative_scan"]

Leaves = list[Any]


def associative_scan(
    combine_fn: Callable[[Any, Any], Any], xs: Any, dim: int, reverse: bool = False, combine_mode: str = "pointwise"
) -> Any:
    """``y[0] = x[0], y[i] = combine_fn(y[i - 1], x[i])`` along a dim, in 2 n calls of which most run together.

    Args:
        combine_fn: of two trees of tensors like `xs`, without `dim`, gives a third; associative.
        xs: a tensor, or a tree of tensors with as many elements in `dim`.
        dim: the dim that is scanned.
        reverse: from the end to the beginning. Default: False.
        combine_mode: "generic" for any function; "pointwise" is a promise that it combines element by element, and is
            computed in the same way. Default: "pointwise".

    Returns:
        A tree like `xs`.

    Source: Blelloch 1990, Prefix Sums and Their Applications

    Example:
        >>> from ember._higher_order_ops import associative_scan
        >>> associative_scan(lambda a, b: a * b, ember.tensor([1.0, 2.0, 3.0]), 0)
        tensor([1., 2., 6.])
    """
    if not callable(combine_fn):
        raise ValueError(f"Combine_fn must be a callable, but got {combine_fn}")
    if combine_mode not in ("pointwise", "generic"):
        raise ValueError(f"Combine_mode must either 'pointwise' or 'generic', but got {combine_mode}")
    leaves, structure = tree_flatten(xs)
    if not leaves:
        raise ValueError("Expected at least 1 xs leaf")
    moved = [leaf.movedim(dim, 0) for leaf in leaves]
    lengths = {len(leaf) for leaf in moved}
    if len(lengths) != 1:
        raise ValueError(
            f"associative_scan(): xs have {sorted(lengths)} elements in dim {dim}; expected as many in all."
        )

    def combine(left: Leaves, right: Leaves) -> Leaves:
        result = vmap(lambda *pair: tree_flatten(_combined(*pair))[0])(left, right)
        return list(result)

    def _combined(left: Leaves, right: Leaves) -> Any:
        result = combine_fn(tree_unflatten(left, structure), tree_unflatten(right, structure))
        found = len(tree_flatten(result)[0])
        if found != len(leaves):
            raise AssertionError(
                f"Combine_fn received wrong number of arguments, expected {len(leaves)}, but got {found}"
            )
        return result

    if reverse:
        moved = [leaf.flip(0) for leaf in moved]
    scanned = _scan(combine, moved)
    if reverse:
        scanned = [leaf.flip(0) for leaf in scanned]
    return tree_unflatten([leaf.movedim(0, dim) for leaf in scanned], structure)


def _scan(combine: Callable[[Leaves, Leaves], Leaves], x: Leaves) -> Leaves:
    """Along the first dim: pairs are combined, their results scanned, and the elements between them follow."""
    length = len(x[0])
    if length < 2:
        return x
    odd = _scan(combine, combine([leaf[:-1:2] for leaf in x], [leaf[1::2] for leaf in x]))
    between = [leaf[2::2] for leaf in x]
    before = [leaf[: len(each)] for leaf, each in zip(odd, between, strict=True)]
    rest = combine(before, between) if len(between[0]) else between
    even = [_C.ops.cat([leaf[:1], each]) for leaf, each in zip(x, rest, strict=True)]
    return [_woven(*pair) for pair in zip(even, odd, strict=True)]


def _woven(even: Any, odd: Any) -> Any:
    """even[0], odd[0], even[1], ...: there is one more of `even`, or as many."""
    paired = _C.ops.stack([even[: len(odd)], odd], 1).flatten(0, 1)
    return paired if len(even) == len(odd) else _C.ops.cat([paired, even[-1:]])

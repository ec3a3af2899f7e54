"""What a tensor was computed from, seen from its place in the graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .. import _C


def new_leaf(tensor: Any) -> Any:
    """A leaf with the values of `tensor`, in the graph of the innermost vmap that runs.

    A tensor that stands for a sample has two places: one in the graph of the function that is mapped, and that of the
    batch behind it, in the graph around vmap, which stays as it is.
    """
    innermost = _C._innermost_batching()
    if innermost is None:
        return tensor.detach().requires_grad_()
    return _C._detached_alias(at_level(tensor, innermost[0])).requires_grad_()


@contextmanager
def outside_of_level(level: int) -> Iterator[None]:
    """A context for what is made for the batches of a level of vmap."""
    before = _C._set_batching_depth(level - 1)
    try:
        yield
    finally:
        _C._set_batching_depth(before)


def at_level(tensor: Any, level: int) -> Any:
    """The same as a tensor of a level of vmap; one from around it is the same for all samples."""
    behind = _C._behind_stand_in(tensor)
    return tensor if behind is not None and behind[1] == level else _C._stand_in(tensor, level, False)


def without_own_graph(tensor: Any) -> Any:
    """The same outside the graph of its level of vmap; outside of any, where it has none."""
    return tensor.detach() if _C._behind_stand_in(tensor) is None else _C._detached_alias(tensor)


def is_followed_outside(tensor: Any) -> bool:
    """Whether the batch that a tensor stands for requires grad, in the graph around vmap."""
    behind = _C._behind_stand_in(tensor)
    return behind is not None and (behind[0].requires_grad or is_followed_outside(behind[0]))


def reaches_others(tensors: Iterable[Any], own: Collection[int]) -> bool:
    """Whether tensors depend on a leaf that requires grad and whose id is not in `own`."""
    seen: dict[int, Any] = {}  # keeps the nodes' objects, so that no two have one id
    waiting = []
    for tensor in tensors:
        if tensor.grad_fn is not None:
            waiting.append(tensor.grad_fn)
        elif tensor.requires_grad and id(tensor) not in own:
            return True
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        variable = getattr(node, "variable", None)
        if variable is None:
            waiting.extend(each for each, _ in node.next_functions if each is not None)
        elif id(variable) not in own:
            return True
    return False

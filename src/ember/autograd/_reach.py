"""What a tensor was computed from, seen from its place in the graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any


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

"""PyTorch's graphs of modules, which Ember does not make: the names that packages ask about, each of which says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._absent import absent_class, refusing
from .graph_module import GraphModule
from .node import NO_GRAPH, Node
from .proxy import Proxy

__all__ = [
    "Graph",
    "GraphModule",
    "Interpreter",
    "Node",
    "Proxy",
    "Tracer",
    "Transformer",
    "has_side_effect",
    "symbolic_trace",
    "wrap",
]

_Named = TypeVar("_Named", str, Callable[..., Any])

_STEPS = ("call_function", "call_method", "call_module", "get_attr", "lint", "output", "placeholder")
Graph = absent_class("Graph", NO_GRAPH, methods=_STEPS)
Interpreter = absent_class("Interpreter", NO_GRAPH)
Tracer = absent_class("Tracer", NO_GRAPH)
Transformer = absent_class("Transformer", NO_GRAPH)
symbolic_trace = refusing("symbolic_trace", NO_GRAPH)


def wrap(fn_or_name: _Named) -> _Named:
    """The function as it is: there is no tracing that could look into it.

    Args:
        fn_or_name: a function, or the name of one.
    """
    return fn_or_name


def has_side_effect(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is: no graph drops calls."""
    return fn

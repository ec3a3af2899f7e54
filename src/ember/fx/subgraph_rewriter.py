"""Parts of a graph that look like a pattern, and what is put in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ._symbolic_trace import symbolic_trace
from .graph import Graph
from .graph_module import GraphModule
from .node import Node

__all__ = ["Match", "replace_pattern"]


class Match(NamedTuple):
    """A part of a graph that looks like the pattern: the pattern's last step, and what stands for each of its steps."""

    anchor: Node
    nodes_map: dict[Node, Node]


def _graph_of(pattern: Any) -> Graph:
    if isinstance(pattern, Graph):
        return pattern
    return pattern.graph if isinstance(pattern, GraphModule) else symbolic_trace(pattern).graph


def _same(pattern: Any, found: Any, met: dict[Node, Any]) -> bool:
    """Whether a value of the graph looks like one of the pattern; `met` takes what stands for the pattern's steps."""
    if isinstance(pattern, Node):
        if pattern in met:
            return met[pattern] is found
        if pattern.op == "placeholder":
            met[pattern] = found
            return True
        if not isinstance(found, Node) or (pattern.op, pattern.target) != (found.op, found.target):
            return False
        met[pattern] = found
        return _same(pattern.args, found.args, met) and _same(pattern.kwargs, found.kwargs, met)
    if isinstance(pattern, (tuple, list)):
        same = isinstance(found, (tuple, list)) and len(pattern) == len(found)
        return same and all(_same(a, b, met) for a, b in zip(pattern, found, strict=True))
    if isinstance(pattern, dict):
        return (
            isinstance(found, dict)
            and pattern.keys() == found.keys()
            and all(_same(value, found[key], met) for key, value in pattern.items())
        )
    return type(pattern) is type(found) and bool(pattern == found)


def _alone(pattern: Graph, met: dict[Node, Any], results: list[Any]) -> bool:
    """Whether nobody but the part itself uses what lies inside it."""
    inside = {met[node] for node in met if node.op not in ("placeholder", "output") and isinstance(met[node], Node)}
    kept = {met[node] for node in results if isinstance(node, Node)}
    return all(user in inside for node in inside - kept for user in node.users)


def replace_pattern(
    gm: GraphModule, pattern: Callable[..., Any] | GraphModule, replacement: Callable[..., Any] | GraphModule
) -> list[Match]:
    """Put `replacement` wherever the module's graph looks like `pattern`; what was found.

    Args:
        gm: the module; it is changed.
        pattern: a function or graph; its inputs stand for any values.
        replacement: one with the same inputs in the same order.

    Example:
        >>> import ember
        >>> net = ember.fx.symbolic_trace(lambda x: ember.relu(x) * 2)
        >>> len(ember.fx.replace_pattern(net, lambda x: ember.relu(x), lambda x: ember.tanh(x)))
        1
    """
    graph, sought, instead = gm.graph, _graph_of(pattern), _graph_of(replacement)
    result = sought.output_node().args[0]
    anchor = result[-1] if isinstance(result, (tuple, list)) else result
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    matches: list[Match] = []
    taken: set[Node] = set()
    for node in list(graph.nodes):
        met: dict[Node, Any] = {}
        if (
            node.op == "output"
            or not _same(anchor, node, met)
            or not _same(results, [met.get(r) for r in results], met)
        ):
            continue
        own = {met[p] for p in met if p.op != "placeholder" and isinstance(met[p], Node)}
        if own & taken or not _alone(sought, met, results):
            continue
        taken |= own
        matches.append(Match(anchor, met))
    changed: dict[Any, Any] = {}
    for match in matches:
        _put(graph, sought, instead, match, results, changed)
    gm.recompile()
    return matches


def _put(
    graph: Graph, sought: Graph, instead: Graph, match: Match, results: list[Any], changed: dict[Any, Any]
) -> None:
    inputs = [match.nodes_map.get(node) for node in sought.nodes if node.op == "placeholder"]
    there: dict[Node, Any] = dict(
        zip(
            (node for node in instead.nodes if node.op == "placeholder"),
            (changed.get(each, each) if isinstance(each, Node) else each for each in inputs),
            strict=False,
        )
    )
    users = {user for old in results for user in match.nodes_map[old].users}
    first = next((node for node in graph.nodes if node in users), match.nodes_map[match.anchor])
    with graph.inserting_before(first):
        made = graph.graph_copy(instead, there)
    new = list(made) if isinstance(made, (tuple, list)) else [made]
    for old, value in zip(results, new, strict=True):
        found = match.nodes_map[old]
        found.replace_all_uses_with(value)
        changed[found] = value
    inside = [n for p, n in match.nodes_map.items() if p.op != "placeholder" and isinstance(n, Node)]
    for node in reversed([n for n in graph.nodes if any(n is each for each in inside)]):
        if not node.users:
            graph.erase_node(node)

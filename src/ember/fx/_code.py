"""Graphs as programs: the text of a `forward`, and the names that it needs."""

from __future__ import annotations

import builtins
import dataclasses
import enum
import functools
import math
import operator
from typing import TYPE_CHECKING, Any

from .. import _C
from .node import Node, map_arg, public_value, qualified_name, type_name

if TYPE_CHECKING:
    from .graph import Graph

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "lshift": "<<",
    "rshift": ">>",
    "and_": "&",
    "or_": "|",
    "xor": "^",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}
_PREFIX = {"neg": "-", "pos": "+", "invert": "~"}
_OPERATORS: dict[Any, str] = {
    **{getattr(operator, name): f"{{}} {sign} {{}}" for name, sign in _INFIX.items()},
    **{getattr(operator, name): f"{sign}{{}}" for name, sign in _PREFIX.items()},
    operator.getitem: "{}[{}]",
}
# Functions that tracing has recorded instead of calling, by the name that the program has for them.
wrapped: dict[str, Any] = {}


@dataclasses.dataclass
class PythonCode:
    """A program.

    Args:
        src: its text.
        globals: the values of the names that it does not make itself.
    """

    src: str
    globals: dict[str, Any]


class _Writer:
    def __init__(self, graph: Graph, root: str) -> None:
        self.graph, self.root = graph, root
        self.globals: dict[str, Any] = {}
        self.wrapped: dict[str, None] = {}

    def name_of(self, value: Any) -> str:
        """A function or class in the program; what is not reached through torch is a global of its own."""
        name = qualified_name(value)
        if getattr(builtins, name, None) is value:
            return name
        if name.startswith("torch.") and public_value(name) is value:
            self.globals["torch"] = public_value("torch")
            return name
        own = name.replace(".", "_").replace("<", "_").replace(">", "_")
        while self.globals.setdefault(own, value) is not value:
            own += "_"
        if any(each is value for each in wrapped.values()):
            self.wrapped[own] = None
        return own

    def argument(self, value: Any) -> str:
        if isinstance(value, Node):
            return value.name
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return f"{self.name_of(type(value))}({', '.join(map(self.argument, value))})"
        if type(value) is tuple:
            return f"({', '.join(map(self.argument, value))}{',' if len(value) == 1 else ''})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.argument, value))}]"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self.argument(each)}' for key, each in value.items())}}}"
        if isinstance(value, slice):
            return f"slice({', '.join(self.argument(each) for each in (value.start, value.stop, value.step))})"
        if isinstance(value, enum.Enum):
            return f"{self.name_of(type(value))}.{value.name}"
        if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
            return self.name_of(value)
        if isinstance(value, float) and not math.isfinite(value):
            self.globals |= {"inf": math.inf, "nan": math.nan}
        if isinstance(value, _C.device):
            self.globals["device"] = _C.device
        text = repr(value)
        if text.startswith("torch."):
            self.globals["torch"] = public_value("torch")
        return text

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        return ", ".join(
            [*map(self.argument, args), *(f"{name} = {self.argument(each)}" for name, each in kwargs.items())]
        )

    def reached(self, path: str) -> str:
        """What stands under a path of the module: ``self.layers.weight``, or with getattr where a part is no name."""
        text = self.root
        for part in path.split("."):
            text = f"{text}.{part}" if part.isidentifier() else f'getattr({text}, "{part}")'
        return text

    def value(self, node: Node) -> str:
        """The expression of a step."""
        if node.op == "get_attr":
            return self.reached(str(node.target))
        if node.op == "call_module":
            return f"{self.reached(str(node.target))}({self.arguments(node.args, node.kwargs)})"
        if node.op == "call_method":
            first = self.argument(node.args[0])
            return f"{first}.{node.target}({self.arguments(node.args[1:], node.kwargs)})"
        pattern = _OPERATORS.get(node.target)
        if pattern is not None and not node.kwargs and len(node.args) == pattern.count("{}"):
            return pattern.format(*map(self.argument, node.args))
        if node.target is getattr and len(node.args) == 2 and str(node.args[1]).isidentifier():
            return f"{self.argument(node.args[0])}.{node.args[1]}"
        return f"{self.name_of(node.target)}({self.arguments(node.args, node.kwargs)})"

    def parameter(self, node: Node) -> str:
        kind = f" : {self.kind(node.type)}" if node.type is not None else ""
        default = f" = {self.argument(node.args[0])}" if node.args else ""
        return f"{node.target}{kind}{default}"

    def kind(self, kind: Any) -> str:
        name = type_name(kind)
        if name.startswith("torch."):
            self.globals["torch"] = public_value("torch")
        elif not isinstance(kind, type) or kind.__module__ != "builtins":
            self.globals.setdefault("Any", Any)
            return self.name_of(kind) if isinstance(kind, type) else "Any"
        return name


def _last_uses(graph: Graph) -> dict[Node, list[Node]]:
    """The values that nobody uses after a step."""
    last: dict[Node, list[Node]] = {}
    used: set[Node] = set()

    def note(user: Node, node: Node) -> Node:
        if node not in used:
            used.add(node)
            last.setdefault(user, []).append(node)
        return node

    for user in reversed(graph.nodes):
        map_arg((user.args, user.kwargs), functools.partial(note, user))
    for node in graph.nodes:
        if not node.users and node.op not in ("placeholder", "output"):
            last.setdefault(node, []).append(node)
    return last


def program(graph: Graph, root: str) -> PythonCode:
    """The graph as the text of a function ``forward``."""
    writer = _Writer(graph, root)
    last = _last_uses(graph)
    parameters, lines, returned = [], [], ""
    for node in graph.nodes:
        if node.op == "placeholder":
            parameters.append(writer.parameter(node))
            if str(node.target).lstrip("*") != node.name:
                lines.append(f"{node.name} = {str(node.target).lstrip('*')}")
        elif node.op == "output":
            returned = f" -> {writer.kind(node.type)}" if node.type is not None else ""
            lines.append(f"return {writer.argument(node.args[0])}")
        else:
            done = [each.name for each in last.get(node, ())]
            freed = f";  {' = '.join([*done, 'None'])}" if done else ""
            lines.append(f"{node.name} = {writer.value(node)}{freed}")
    head = ", ".join([root, *parameters])
    body = "".join(f"    {line}\n" for line in lines or ["pass"])
    wraps = "\n".join(f'torch.fx._symbolic_trace.wrap("{name}")' for name in writer.wrapped)
    if wraps:
        writer.globals["torch"] = public_value("torch")
    return PythonCode(f"\n{wraps}\n\ndef forward({head}){returned}:\n{body}    ", writer.globals)

"""Graphs of calculations, as lists of steps that can be read, changed and turned into a program."""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ._code import PythonCode, program
from .node import Argument, Node, Target, map_aggregate, map_arg, public_value, qualified_name

if TYPE_CHECKING:
    from .graph_module import GraphModule

__all__ = ["Graph", "PythonCode"]

_NONE = inspect.Parameter.empty
_RESERVED = {*keyword.kwlist, *dir(builtins), "torch", "device", "inf", "nan", "NoneType", "self"}


class _Namespace:
    """The names that are taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._highest: Counter[str] = Counter()

    def create_name(self, candidate: str, obj: Any = None) -> str:
        """A name like `candidate` that nobody has, legal in a program."""
        candidate = re.sub(r"\W+", "_", candidate) or "_unnamed"
        if candidate[0].isdigit():
            candidate = f"_{candidate}"
        numbered = re.fullmatch(r"(.*?)_(\d+)", candidate)
        stem, number = (numbered[1], int(numbered[2])) if numbered else (candidate, None)
        if candidate in self._taken or candidate in _RESERVED:
            number = max(self._highest[stem], number or 0)
            while f"{stem}_{number}" in self._taken or number == 0:
                number += 1
            candidate = f"{stem}_{number}"
        if number is not None:
            self._highest[stem] = max(self._highest[stem], number)
        self._taken.add(candidate)
        return candidate


class _NodeList:
    """The steps of a graph, in order."""

    def __init__(self, graph: Graph, direction: str = "_next") -> None:
        self.graph, self.direction = graph, direction

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Node]:
        node = getattr(self.graph._root, self.direction)
        while node is not self.graph._root:
            following = getattr(node, self.direction)
            if not node._erased:
                yield node
                if not node._erased:  # its neighbours may be others now
                    following = getattr(node, self.direction)
            node = following

    def __reversed__(self) -> _NodeList:
        return _NodeList(self.graph, "_next" if self.direction == "_prev" else "_prev")


class Graph:
    """A calculation: inputs, steps and one output.

    Args:
        owning_module: the module whose tensors and submodules the steps name.
        tracer_cls: the class of the tracer that made it.
        tracer_extras: what that has kept.
    """

    def __init__(
        self,
        owning_module: GraphModule | None = None,
        tracer_cls: type[Any] | None = None,
        tracer_extras: dict[str, Any] | None = None,
    ) -> None:
        self._root = Node(self, "", "root", "", (), {})
        self._graph_namespace = _Namespace()
        self._insert_before = self._root
        self._owning_module = owning_module
        self._owners = 0
        self._tracer_cls, self._tracer_extras = tracer_cls, tracer_extras

    @property
    def owning_module(self) -> GraphModule | None:
        """The module whose `graph` this is."""
        return self._owning_module

    @owning_module.setter
    def owning_module(self, module: GraphModule | None) -> None:
        self._owning_module = module

    @property
    def nodes(self) -> _NodeList:
        """The steps, in order."""
        return _NodeList(self)

    def output_node(self) -> Node:
        """The output."""
        last = self._root._prev
        assert last.op == "output", "the graph has no output"
        return last

    def find_nodes(self, *, op: str, target: Target | None = None, sort: bool = True) -> list[Any]:
        """The steps of a kind, or those that call `target`."""
        if op == "call_function":
            assert target is not None
        return [node for node in self.nodes if node.op == op and (target is None or node.target == target)]

    def _place(self, node: Node) -> int:
        return next(i for i, each in enumerate(self.nodes) if each is node)

    # ---- making steps ----------------------------------------------------------------------------------------------

    def create_node(
        self,
        op: str,
        target: Target,
        args: tuple[Argument, ...] | None = None,
        kwargs: dict[str, Argument] | None = None,
        name: str | None = None,
        type_expr: Any | None = None,
    ) -> Node:
        """Insert a step where new ones go: at the end, or where `inserting_before` says."""
        _check_keys((args, kwargs))
        if name is None:
            name = target if isinstance(target, str) else getattr(target, "__name__", type(target).__name__)
            name = {"*": "_"}.get(name[0], name[0]) + name[1:].lstrip("*") if op == "placeholder" else name
            name = name.strip("_") if op == "call_function" and name.startswith("__") else name
            name = _snake_case(name)
        node = Node(
            self, self._graph_namespace.create_name(name), op, target, tuple(args or ()), kwargs or {}, type_expr
        )
        self._insert_before.prepend(node)
        return node

    def placeholder(
        self, name: str, type_expr: Any | None = None, default_value: Any = inspect.Parameter.empty
    ) -> Node:
        """An input."""
        args = () if default_value is inspect.Parameter.empty else (default_value,)
        return self.create_node("placeholder", name, args, type_expr=type_expr)

    def get_attr(self, qualified_name: str, type_expr: Any | None = None) -> Node:
        """A parameter, buffer or other attribute of the module."""
        return self.create_node("get_attr", qualified_name, type_expr=type_expr)

    def call_module(
        self,
        module_name: str,
        args: tuple[Argument, ...] | None = None,
        kwargs: dict[str, Argument] | None = None,
        type_expr: Any | None = None,
    ) -> Node:
        """A call of a submodule."""
        return self.create_node("call_module", module_name, args, kwargs, type_expr=type_expr)

    def call_method(
        self,
        method_name: str,
        args: tuple[Argument, ...] | None = None,
        kwargs: dict[str, Argument] | None = None,
        type_expr: Any | None = None,
    ) -> Node:
        """A call of a method of the first argument."""
        return self.create_node("call_method", method_name, args, kwargs, type_expr=type_expr)

    def call_function(
        self,
        the_function: Callable[..., Any],
        args: tuple[Argument, ...] | None = None,
        kwargs: dict[str, Argument] | None = None,
        type_expr: Any | None = None,
        name: str | None = None,
    ) -> Node:
        """A call of a function."""
        return self.create_node("call_function", the_function, args, kwargs, name, type_expr)

    def output(self, result: Argument, type_expr: Any | None = None) -> Node:
        """What the graph returns; the last step."""
        return self.create_node("output", "output", (result,), type_expr=type_expr)

    def node_copy(self, node: Node, arg_transform: Callable[[Node], Argument] = lambda x: x) -> Node:
        """A copy of a step of another graph; `arg_transform` gives what stands here for the steps there."""
        args, kwargs = map_arg(node.args, arg_transform), map_arg(node.kwargs, arg_transform)
        copied = self.create_node(node.op, node.target, args, kwargs, node.name, node.type)
        copied.meta = dict(node.meta)
        return copied

    def graph_copy(self, g: Graph, val_map: dict[Node, Node], return_output_node: bool = False) -> Any:
        """Copy the steps of `g` here, but not its output; what that would return.

        Args:
            g: the other graph.
            val_map: what stands here for steps there; those are not copied. The copied ones are added.
            return_output_node: return the output's step there too.
        """
        for node in g.nodes:
            if node in val_map:
                continue
            if node.op == "output":
                result = map_arg(node.args[0], lambda each: val_map[each])
                return (result, node) if return_output_node else result
            val_map[node] = self.node_copy(node, lambda each: val_map[each])
        return None

    # ---- changing ----------------------------------------------------------------------------------------------------

    def erase_node(self, to_erase: Node) -> None:
        """Remove a step whose value nobody uses."""
        if to_erase.users:
            raise RuntimeError(
                f"Tried to erase Node {to_erase} but it still had {len(to_erase.users)} users in the graph: "
                f"{to_erase.users}!"
            )
        if to_erase.graph is not self:
            raise RuntimeError(f"Attempting to remove {to_erase} from wrong graph!")
        to_erase._leave()
        to_erase._erased = True
        to_erase._set((), {})

    def inserting_before(self, n: Node | None = None) -> _InsertPoint:
        """New steps go before `n`, by default at the beginning; as a context: until its end."""
        return _InsertPoint(self, self._root._next if n is None else n)

    def inserting_after(self, n: Node | None = None) -> _InsertPoint:
        """New steps go after `n`, by default at the end; as a context: until its end."""
        return _InsertPoint(self, self._root if n is None else n._next)

    def eliminate_dead_code(self, is_impure_node: Callable[[Node], bool] | None = None) -> bool:
        """Remove the steps whose values nobody uses and that change nothing; whether there were any."""
        self.lint()
        dead = False
        for node in reversed(self.nodes):
            if not node.users and not (is_impure_node or Node.is_impure)(node):
                self.erase_node(node)
                dead = True
        return dead

    def lint(self) -> None:
        """Check that steps use only earlier ones of this graph, names differ, and the module has what they name."""
        names: set[str] = set()
        seen: set[Node] = set()
        for node in self.nodes:
            if node.graph is not self:
                raise RuntimeError(f"Node '{node}' does not belong to this Graph!")
            if node.name in names:
                raise RuntimeError(f"Node redefined name {node.name}!")
            for each in node.all_input_nodes:
                if each.graph is not self:
                    raise RuntimeError(f"Argument '{each}' of Node '{node}' does not belong to this Graph!")
                if each not in seen:
                    raise RuntimeError(f"Argument '{each}' of Node '{node}' was used before it has been defined!")
            names.add(node.name)
            seen.add(node)
            if self._owning_module is not None and node.op in ("get_attr", "call_module"):
                self._check_target(node)

    def _check_target(self, node: Node) -> None:
        value: Any = self._owning_module
        for part in str(node.target).split("."):
            if not hasattr(value, part):
                raise RuntimeError(f"Node {node} target {node.target} references nonexistent attribute {part}")
            value = getattr(value, part)

    # ---- showing -----------------------------------------------------------------------------------------------------

    def python_code(self, root_module: str, *, verbose: bool = False, **options: Any) -> PythonCode:
        """The graph as a program.

        Args:
            root_module: the name that the program has for the module: "self".
            verbose: accepted; the program is the same.
        """
        return program(self, root_module)

    def print_tabular(self) -> None:
        """Print the steps as a table."""
        rows = [("opcode", "name", "target", "args", "kwargs")]
        rows += [(n.op, n.name, n._pretty_print_target(n.target), str(n.args), str(n.kwargs)) for n in self.nodes]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
        print("\n".join("  ".join(f"{part:<{width}}" for part, width in zip(row, widths, strict=True)) for row in rows))

    def __str__(self) -> str:
        return "\n    ".join(["graph():", *(str(node.format_node()) for node in self.nodes)])

    # ---- copies ------------------------------------------------------------------------------------------------------

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Graph:
        copied = Graph(tracer_cls=self._tracer_cls, tracer_extras=self._tracer_extras)
        found = copied.graph_copy(self, {}, return_output_node=True)
        if found is not None:
            result, output = found
            copied.output(result, output.type).meta = dict(output.meta)
        return copied

    def __reduce__(self) -> Any:
        order = {node: i for i, node in enumerate(self.nodes)}

        def kept(value: Any) -> Any:
            if isinstance(value, Node):
                return _Kept(order[value])
            name = qualified_name(value) if callable(value) else ""
            return _Kept(name) if name.startswith("torch.") and public_value(name) is value else value

        fields = [(n.op, n.target, n.args, n.kwargs, n.name, n.type) for n in self.nodes]
        return _graph_of_steps, ([map_aggregate(each, kept) for each in fields], self._tracer_cls)


class _InsertPoint:
    """Where new steps go, until the end of the block."""

    def __init__(self, graph: Graph, before: Node) -> None:
        assert before.graph is graph, "Node to insert before is not in graph."
        self._graph, self._earlier = graph, graph._insert_before
        graph._insert_before = before

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        self._graph._insert_before = self._earlier


class _Kept:
    """In a pickle: a step by its number, or what Ember publishes by its name."""

    def __init__(self, what: int | str) -> None:
        self.what = what


def _graph_of_steps(steps: list[Any], tracer_cls: type[Any] | None) -> Graph:
    graph = Graph(tracer_cls=tracer_cls)
    made: list[Node] = []

    def value(each: Any) -> Any:
        if not isinstance(each, _Kept):
            return each
        return made[each.what] if isinstance(each.what, int) else public_value(each.what)

    for step in steps:
        made.append(graph.create_node(*map_aggregate(step, value)))
    return graph


def _check_keys(value: Any) -> None:
    """No Node is a key of a dict."""
    if isinstance(value, dict):
        for key in value:
            if isinstance(key, Node):
                raise RuntimeError(f"Keys for dictionaries used as an argument cannot contain a Node. Got key: {key}")
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        for each in value:
            _check_keys(each)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if not name.isupper() else name

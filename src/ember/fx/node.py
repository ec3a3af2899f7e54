"""Nodes of graphs: what is computed from what."""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _C

if TYPE_CHECKING:
    from .graph import Graph

__all__ = ["Node", "has_side_effect", "map_aggregate", "map_arg"]

Target = Callable[..., Any] | str
Argument = Any
BaseArgumentTypes = str | int | float | bool | complex | _C.dtype | _C.Tensor | _C.device | None

OPERATIONS = ("placeholder", "get_attr", "call_function", "call_method", "call_module", "output", "root")
_side_effectful_functions: set[Any] = set()


def has_side_effect(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function whose calls stay in a graph even if nobody uses the result."""
    _side_effectful_functions.add(fn)
    return fn


def map_aggregate(a: Any, fn: Callable[[Any], Any]) -> Any:
    """`a` with each value in its lists, tuples, dicts and slices replaced by ``fn(value)``."""
    if isinstance(a, tuple):
        parts = [map_aggregate(each, fn) for each in a]
        return tuple(parts) if not hasattr(a, "_fields") else type(a)(*parts)
    if isinstance(a, list):
        return [map_aggregate(each, fn) for each in a]
    if isinstance(a, dict):
        return {key: map_aggregate(value, fn) for key, value in a.items()}
    if isinstance(a, slice):
        return slice(*(map_aggregate(each, fn) for each in (a.start, a.stop, a.step)))
    return fn(a)


def map_arg(a: Any, fn: Callable[[Node], Any]) -> Any:
    """`a` with each Node in it replaced by ``fn(node)``."""
    return map_aggregate(a, lambda each: fn(each) if isinstance(each, Node) else each)


def public_function(function: Any) -> Any:
    """What Ember publishes for a function that a class's ``__torch_function__`` was given; None if only a method is."""
    name, module = getattr(function, "__name__", ""), str(getattr(function, "__module__", ""))
    if module.partition(".")[0] != "ember":
        return function
    import ember
    from ember.nn import functional

    for place in (functional, ember) if module == "ember.nn.functional" else (ember, functional):
        public = vars(place).get(name)
        if public is not None and (public is function or getattr(public, "__wrapped__", None) is function):
            return public
    found = inspect.getmodule(function)
    return function if found is not None and vars(found).get(name) is function else None


def qualified_name(function: Any) -> str:
    """The name that a function is reached by: ``operator.add``, ``torch.relu``."""
    name = getattr(function, "__name__", type(function).__name__)
    if getattr(builtins, name, None) is function:
        return name
    if getattr(operator, name, None) is function:
        return f"operator.{name}"
    head, dot, rest = str(getattr(function, "__module__", None) or "").partition(".")
    if head == "ember":
        for short in (f"torch.{name}", f"torch.nn.functional.{name}"):
            if public_value(short) is function:
                return short
    return f"{'torch' if head == 'ember' else head}{dot}{rest}.{name}"


def public_value(name: str) -> Any:
    """What is reached by a name that :func:`qualified_name` gave, ``torch.relu``; None if nothing is."""
    import ember

    found: Any = ember
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


def type_name(kind: Any) -> str:
    """How a type is written in a program."""
    if isinstance(kind, str):
        return kind
    if isinstance(kind, type):
        if kind.__module__ == "builtins":
            return kind.__qualname__
        return f"{kind.__module__}.{kind.__qualname__}".replace("ember", "torch", 1)
    return repr(kind).replace("ember.", "torch.")


def _shown(value: Any) -> str:
    """An argument as a graph's text has it."""
    if isinstance(value, Node):
        return f"%{value.name}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_shown(each)}' for key, each in value.items())}}}"
    return str(value)


class Node:
    """One step of a graph.

    Args:
        graph: the graph that it belongs to.
        name: its name in the graph.
        op: "placeholder" (an input), "get_attr" (a tensor of the module), "call_function", "call_method",
            "call_module" or "output".
        target: the function, the method's name, or the path of what the module has.
        args: what it is called with; values of other steps are Nodes.
        kwargs: the same by name.
        return_type: the type of its value, if that is known.
    """

    def __init__(
        self,
        graph: Graph,
        name: str,
        op: str,
        target: Target,
        args: tuple[Argument, ...],
        kwargs: dict[str, Argument],
        return_type: Any | None = None,
    ) -> None:
        assert op in OPERATIONS, f"op '{op}' is not in _legal_ops"
        if op == "call_function" and not callable(target):
            raise ValueError(f"Node(): target is {target!r}; call_function expects a function.")
        if op != "call_function" and not isinstance(target, str):
            raise ValueError(f"Node(): target is {target!r}; {op} expects a string.")
        self.graph, self.name, self.op, self.target, self.type = graph, name, op, target, return_type
        self.users: dict[Node, None] = {}
        self.meta: dict[str, Any] = {}
        self._input_nodes: dict[Node, None] = {}
        self._next = self._prev = self
        self._erased = False
        self._set(args, kwargs)

    def _set(self, args: tuple[Argument, ...], kwargs: dict[str, Argument]) -> None:
        for each in self._input_nodes:
            each.users.pop(self, None)
        self._input_nodes = {}

        def note(node: Node) -> Node:
            self._input_nodes[node] = None
            node.users[self] = None
            return node

        self._args, self._kwargs = map_arg(tuple(args), note), map_arg(dict(kwargs), note)

    @property
    def next(self) -> Node:
        """The step after it."""
        return self._next

    @property
    def prev(self) -> Node:
        """The step before it."""
        return self._prev

    @property
    def args(self) -> tuple[Argument, ...]:
        """What it is called with, by position."""
        return self._args

    @args.setter
    def args(self, args: tuple[Argument, ...]) -> None:
        self._set(args, self._kwargs)

    @property
    def kwargs(self) -> dict[str, Argument]:
        """What it is called with, by name."""
        return self._kwargs

    @kwargs.setter
    def kwargs(self, kwargs: dict[str, Argument]) -> None:
        self._set(self._args, kwargs)

    @property
    def all_input_nodes(self) -> list[Node]:
        """The steps whose values it uses, each once."""
        return list(self._input_nodes)

    @property
    def stack_trace(self) -> str | None:
        """Where the program made it, if that was noted."""
        return self.meta.get("stack_trace")

    @stack_trace.setter
    def stack_trace(self, trace: str | None) -> None:
        self.meta["stack_trace"] = trace

    def prepend(self, x: Node) -> None:
        """Move `x` before this step."""
        assert self.graph is x.graph, "Attempting to move a Node into a different Graph"
        if x is not self:
            x._leave()
            before = self._prev
            before._next, x._prev, x._next, self._prev = x, before, self, x

    def append(self, x: Node) -> None:
        """Move `x` after this step."""
        self._next.prepend(x) if self._next is not x else None

    def _leave(self) -> None:
        self._prev._next, self._next._prev = self._next, self._prev

    def update_arg(self, idx: int, arg: Argument) -> None:
        """Change one argument by position."""
        args = list(self._args)
        args[idx] = arg
        self.args = tuple(args)

    def insert_arg(self, idx: int, arg: Argument) -> None:
        """Insert an argument before position `idx`."""
        assert 0 <= idx <= len(self._args), "insert_args index must be between 0 and len(self.args)"
        self.args = (*self._args[:idx], arg, *self._args[idx:])

    def update_kwarg(self, key: str, arg: Argument) -> None:
        """Change or add one argument by name."""
        self.kwargs = {**self._kwargs, key: arg}

    def replace_all_uses_with(
        self, replace_with: Node, delete_user_cb: Callable[[Node], bool] | None = None, *, propagate_meta: bool = False
    ) -> list[Node]:
        """Let what uses this step's value use `replace_with`; the steps that changed.

        Args:
            replace_with: the other step.
            delete_user_cb: whether a step is to be changed; default: all.
            propagate_meta: copy `meta` to the other step too, which must have none.
        """
        if propagate_meta:
            assert not replace_with.meta, "Called node.replace_all_uses_with(propagate_meta=True) on a node with meta"
            replace_with.meta.update(self.meta)
        changed = [user for user in self.users if delete_user_cb is None or delete_user_cb(user)]
        for user in changed:
            user.replace_input_with(self, replace_with)
        return changed

    def replace_input_with(self, old_input: Node, new_input: Node) -> None:
        """Use `new_input` wherever this step uses `old_input`."""

        def swapped(node: Node) -> Node:
            return new_input if node is old_input else node

        self._set(map_arg(self._args, swapped), map_arg(self._kwargs, swapped))

    def is_impure(self, impure_random: bool = True) -> bool:
        """Whether it has to stay even if nobody uses its value: inputs, outputs, changes in place, random numbers."""
        if self.op in ("placeholder", "output"):
            return True
        if self.op == "call_function":
            name = getattr(self.target, "__name__", "")
            if impure_random and name in ("dropout", "rand", "randn", "randint", "bernoulli", "normal"):
                return True
            in_place = name.endswith("_") and qualified_name(self.target).startswith("torch.")
            return self.target in _side_effectful_functions or in_place
        if self.op == "call_method":
            return str(self.target).endswith("_") and not str(self.target).endswith("__")
        if self.op == "call_module":
            module = self.graph.owning_module
            assert module is not None, "self.graph.owning_module not set for purity check"
            return bool(getattr(module.get_submodule(str(self.target)), "_is_impure", False))
        return False

    def _pretty_print_target(self, target: Any) -> str:
        if isinstance(target, str):
            return target
        name = qualified_name(target)
        return f"builtins.{name}" if "." not in name else name

    def format_node(
        self,
        placeholder_names: list[str] | None = None,
        maybe_return_typename: list[str] | None = None,
        *,
        include_tensor_metadata: bool = False,
    ) -> str | None:
        """One line that describes the step."""
        if self.op == "output":
            return f"return {self._args[0]}"
        kind = f"{type_name(self.type)} " if self.type is not None else ""
        head = f"%{self.name} : {kind}[num_users={len(self.users)}] = {self.op}"
        if self.op == "placeholder":
            default = f"(default={self._args[0]})" if self._args else ""
            return f"{head}[target={self.target}]{default}"
        if self.op == "get_attr":
            return f"{head}[target={self.target}]"
        arguments = f"(args = {_shown(self._args)}, kwargs = {_shown(self._kwargs)})"
        return f"{head}[target={self._pretty_print_target(self.target)}]{arguments}"

    def __repr__(self) -> str:
        return self.name

    def __lt__(self, other: Node) -> bool:
        return self.graph._place(self) < self.graph._place(other)

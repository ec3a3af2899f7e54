"""Modules whose `forward` is a graph."""

from __future__ import annotations

import copy
import itertools
import linecache
from typing import Any

from .. import _C
from ..nn.modules.module import Module
from ._code import PythonCode
from .graph import Graph

__all__ = ["GraphModule"]

_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"
_numbers = itertools.count()


def _copy_attr(from_module: Module, to_module: Module, target: str) -> None:
    """Let `to_module` have what stands under a path of `from_module`; modules on the way are made."""
    *path, name = target.split(".")
    for part in path:
        inner, own = getattr(from_module, part), getattr(to_module, part, None)
        if own is inner:
            return  # the whole submodule is there already
        if own is None:
            own = Module()
            setattr(to_module, part, own)
        from_module, to_module = inner, own
    value = getattr(from_module, name)
    _set(to_module, name, value)


def _assign_attr(from_obj: Any, to_module: Module, target: str) -> None:
    """Let `to_module` have a value under a path; modules on the way are made."""
    *path, name = target.split(".")
    for part in path:
        inner = getattr(to_module, part, None)
        if inner is None:
            inner = Module()
            setattr(to_module, part, inner)
        to_module = inner
    _set(to_module, name, from_obj)


def _set(module: Module, name: str, value: Any) -> None:
    if isinstance(value, _C.Tensor) and not isinstance(value, _parameter()):
        module.register_buffer(name, value)
    else:
        setattr(module, name, value)


def _parameter() -> type:
    from ..nn.parameter import Parameter

    return Parameter


class GraphModule(Module):
    """A module made from a graph; a change of the graph takes effect after :meth:`recompile`.

    Args:
        root: the module that has what the graph's steps name, or a dict of it by path.
        graph: the graph.
        class_name: what the module is called when it is shown.

    Example:
        >>> import ember
        >>> graph = ember.fx.Graph()
        >>> x = graph.placeholder("x")
        >>> _ = graph.output(graph.call_function(ember.neg, (x,)))
        >>> ember.fx.GraphModule({}, graph)(ember.ones(1))
        tensor([-1.])
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # Each has a class of its own, with a forward of its own.
        base = next(each for each in cls.__mro__ if "_of_one_graph" not in vars(each))
        own = type(base.__name__, (base,), {"_of_one_graph": True, "__module__": base.__module__})
        return super().__new__(own)

    def __init__(self, root: Module | dict[str, Any], graph: Graph, class_name: str = "GraphModule") -> None:
        super().__init__()
        type(self).__name__ = class_name
        if isinstance(root, Module):
            self.training = root.training
        self.meta: dict[str, Any] = dict(getattr(root, "meta", {}))
        targets = [str(node.target) for node in graph.nodes if node.op in ("get_attr", "call_module")]
        for target in sorted(targets, key=lambda each: each.count(".")):
            if isinstance(root, Module):
                _copy_attr(root, self, target)
            elif target in root:
                _assign_attr(root[target], self, target)
            else:
                raise RuntimeError(
                    f"Node in graph references target {target} but root does not have it; it has {sorted(root)}."
                )
        self.graph = graph
        self._tracer_cls = graph._tracer_cls

    @property
    def graph(self) -> Graph:
        """The graph; setting it makes the program of it."""
        return self._graph

    @graph.setter
    def graph(self, g: Graph) -> None:
        assert isinstance(g, Graph), f"Expected a Graph instance, but got {type(g)}"
        self._graph = g
        g.owning_module = self
        self.recompile()

    @property
    def code(self) -> str:
        """The program of `forward`."""
        return self._code

    def recompile(self) -> PythonCode:
        """Make `forward` of the graph as it is now."""
        made = self._graph.python_code("self")
        self._code = made.src
        file = f"<eval_with_key>.{next(_numbers)}"
        linecache.cache[file] = (len(made.src), None, made.src.splitlines(True), file)
        functions = dict(made.globals)
        start = made.src.index("def forward(")  # what comes before only says which functions are recorded
        exec(compile("\n" * made.src[:start].count("\n") + made.src[start:], file, "exec"), functions)
        type(self).forward = functions["forward"]
        return made

    # ---- submodules --------------------------------------------------------------------------------------------------

    def add_submodule(self, target: str, m: Module) -> bool:
        """Put a module under a path; False if something else is in the way."""
        *path, name = target.split(".")
        module: Module = self
        for part in path:
            if not hasattr(module, part):
                setattr(module, part, Module())
            module = getattr(module, part)
            if not isinstance(module, Module):
                return False
        module.add_module(name, m)
        return True

    def delete_submodule(self, target: str) -> bool:
        """Remove the module under a path; False if there is none."""
        path, _, name = target.rpartition(".")
        try:
            module = self.get_submodule(path)
        except AttributeError:
            return False
        if not isinstance(getattr(module, name, None), Module):
            return False
        delattr(module, name)
        return True

    def delete_all_unused_submodules(self) -> None:
        """Remove the submodules of which no step uses anything."""
        used: set[str] = set()
        for node in self._graph.nodes:
            if node.op in ("get_attr", "call_module"):
                parts = str(node.target).split(".")
                used |= {".".join(parts[: i + 1]) for i in range(len(parts))}
                if node.op == "call_module":
                    module = self.get_submodule(str(node.target))
                    used |= {f"{node.target}.{name}" for name, _ in module.named_modules() if name}
        for name in [name for name, _ in self.named_modules() if name and name not in used]:
            self.delete_submodule(name)

    # ---- showing and copies ------------------------------------------------------------------------------------------

    def print_readable(self, print_output: bool = True, **options: Any) -> str:
        """The program as a class; it is printed too."""
        lines = self._code.strip().splitlines()
        text = "\n".join(["class " + type(self).__name__ + "(torch.nn.Module):", *(f"    {line}" for line in lines)])
        if print_output:
            print(text)
        return text

    def __str__(self) -> str:
        note = "# To see more debug info, please use `graph_module.print_readable()`"
        return "\n".join([super().__str__(), self._code, note])

    def _get_name(self) -> str:
        return type(self).__name__

    def _attributes(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_graph", "_code")}

    def __deepcopy__(self, memo: dict[int, Any]) -> GraphModule:
        attributes = copy.deepcopy(self._attributes(), memo)
        return _restored(type(self).__name__, attributes, copy.deepcopy(self._graph, memo))

    def __copy__(self) -> GraphModule:
        return _restored(type(self).__name__, dict(self._attributes()), copy.deepcopy(self._graph))

    def __reduce__(self) -> Any:
        return _restored, (type(self).__name__, self._attributes(), self._graph)


def _restored(name: str, attributes: dict[str, Any], graph: Graph) -> GraphModule:
    module = GraphModule({}, Graph(), name)
    vars(module).update(attributes)
    module.graph = graph
    return module


class _CodeOnlyModule(Module):
    """A module of which only its attributes are known.

    Args:
        body: the attributes.
    """

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        vars(self).update(body)

"""Functions written in Python as stubs: their annotations and overloads, with names as they are known in the stub."""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import inspect
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

from stub_records import OUTSIDE, body_of

import ember

PACKAGE = Path(ember.__file__).parent


@functools.cache
def source_of(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text())


def module_of(path: str) -> str:
    """`ember.ops.views` of src/ember/ops/views.py."""
    names = Path(path).relative_to(PACKAGE).with_suffix("").parts
    return ".".join(["ember", *(names[:-1] if names[-1] == "__init__" else names)])


def plain(function: Any) -> FunctionType:
    """Without what was put around it."""
    return inspect.unwrap(getattr(function, "fget", None) or function)


def definitions(function: FunctionType) -> list[ast.FunctionDef]:
    """Its definition, after its overloads if it has some."""
    code = function.__code__
    found: list[ast.FunctionDef] = []
    for node in ast.walk(source_of(code.co_filename)):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if first <= code.co_firstlineno <= node.lineno or is_overload(node):
                found.append(node)
    overloads = [node for node in found if is_overload(node)]
    return overloads or found


def is_nested(function: FunctionType) -> bool:
    """Whether it was made within another, for each of many names."""
    tree = source_of(function.__code__.co_filename)
    return not any(node in tree.body for node in definitions(function))


def is_overload(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "overload" for each in node.decorator_list)


@functools.cache
def origins(path: str) -> dict[str, str]:
    """Where the names of a module come from: `Sequence` is of `collections.abc`."""
    found: dict[str, str] = {}
    package = module_of(path).split(".")
    if Path(path).name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(source_of(path)):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
            found |= {each.asname or each.name: f"{module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {each.asname or each.name: each.name for each in node.names}
    return found


class Annotations(ast.NodeTransformer):
    """Names in a definition, as they are known in the stub; `imports` gathers where they come from."""

    def __init__(self, path: str, imports: set[str]) -> None:
        self.origins, self.module, self.imports = origins(path), module_of(path), imports

    def known(self, name: str, origin: str) -> ast.Name:
        module, _, original = origin.rpartition(".")
        local = OUTSIDE.get(original, original)
        self.imports.add(f"from {module} import {original} as {local}")
        return ast.Name(local)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "Tensor":
            return self.known("Tensor", "ember._C.Tensor")
        if node.id in self.origins:
            return self.known(node.id, self.origins[node.id])
        if hasattr(builtins, node.id) and node.id not in top_level(self.module):
            return self.known(node.id, f"builtins.{node.id}") if node.id in OUTSIDE else node
        return self.known(node.id, f"{self.module}.{node.id}")

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        base = node.value
        if isinstance(base, ast.Name) and base.id == "return_types":
            return node
        if isinstance(base, ast.Name) and base.id in self.origins:
            return self.known(node.attr, f"{self.origins[base.id]}.{node.attr}")
        raise SystemExit(f"{self.module}: annotation {ast.unparse(node)} is not understood")

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node


@functools.cache
def top_level(module: str) -> set[str]:
    """The names that a module's source defines."""
    names: set[str] = set()
    for node in source_of(sys.modules[module].__file__ or "").body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))
    return names


def of_definition(
    name: str, function: FunctionType, imports: set[str], in_place: bool = False, method: bool = True
) -> str:
    """The method (or function) `name` that a function of Python is."""
    nodes = definitions(function)
    path = function.__code__.co_filename
    written = ""
    for node in nodes:
        node = copy.deepcopy(node)
        translate = Annotations(path, imports)
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if each is not None and each.annotation is not None:
                each.annotation = translate.visit(each.annotation)
        if method:
            as_method(arguments)
        arguments.defaults = [standard(each) for each in arguments.defaults]
        arguments.kw_defaults = [each and standard(each) for each in arguments.kw_defaults]
        result = ast.unparse(translate.visit(node.returns)) if node.returns else "None"
        if in_place or (result == "Tensor" and name.endswith("_") and not name.startswith("__")):
            result = "Self"
        overload = "@overload\n" if len(nodes) > 1 else ""
        written += f"{overload}def {name}({ast.unparse(arguments)}) -> {result}:{body_of(function.__doc__)}"
    return written


def as_method(arguments: ast.arguments) -> None:
    """Of a tensor itself; that the method takes `out` too is no promise."""
    first = (arguments.posonlyargs or arguments.args)[0]
    first.arg, first.annotation = "self", None
    for each in list(arguments.kwonlyargs):
        if each.arg == "out":
            del arguments.kw_defaults[arguments.kwonlyargs.index(each)]
            arguments.kwonlyargs.remove(each)


def standard(default: ast.expr) -> ast.expr:
    """A default that says something in a stub, or `...`."""
    try:
        ast.literal_eval(default)
    except ValueError:
        return ast.Constant(...)
    return default

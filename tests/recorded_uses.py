"""What tests use of Ember while they run: every attribute that they read and everything that they call.

`recording()` lets Python load the files of folders with each `a.b` and each `f(x)` of their source told to a `Uses`, as
pytest rewrites their assertions; what `eval` is given as text is told too. Nothing of Ember is changed, and what a test
does not itself name (what Ember calls inside, what only stands in a table) is not told.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.machinery
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_NAME = "__uses__"
_sites = itertools.count()


class _Told(ast.NodeTransformer):
    """`a.b` becomes `__uses__.read(a, 'b')`, `f(x)` becomes `__uses__.returned(n, __uses__.called(n, f)(x))`."""

    def _call(self, method: str, *arguments: ast.expr) -> ast.expr:
        return ast.Call(ast.Attribute(ast.Name(_NAME, ast.Load()), method, ast.Load()), list(arguments), [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or (node.attr[:2] == "__" and node.attr[-2:] != "__"):
            return node
        return ast.copy_location(self._call("read", node.value, ast.Constant(node.attr)), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        site = ast.Constant(next(_sites))
        node.func = ast.copy_location(self._call("called", site, node.func), node)
        return ast.copy_location(self._call("returned", site, node), node)

    def _definition(self, node: Any) -> Any:
        self.generic_visit(node)
        node.decorator_list = [ast.copy_location(self._call("applied", each), each) for each in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            node.bases = [ast.copy_location(self._call("derived", base), base) for base in node.bases]
        return node

    visit_FunctionDef = visit_ClassDef = _definition


def _told(source: str, path: str, mode: str) -> Any:
    tree = ast.parse(source, path, mode)
    return compile(ast.fix_missing_locations(_Told().visit(tree)), path, mode, dont_inherit=True)


class Uses:
    """Takes what is told; a subclass says what becomes of it."""

    def __init__(self) -> None:
        self._called: dict[int, Any] = {}  # by site: what was called there last, as arguments of `call`
        self._read: tuple[Any, Any, str] = (None, None, "")  # the value that was read last, its owner and name
        replaced = {getattr: self._getattr, hasattr: self._hasattr, eval: self._eval}
        replaced |= {isinstance: self._isinstance, issubclass: self._issubclass}
        self._replaced = {id(function): instead for function, instead in replaced.items()}

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        """A test has read `owner.name`."""

    def call(self, function: Any, owner: Any, name: str, returned: bool) -> None:
        """A test calls `function`, or `function` has returned; it is a method `name` of `owner` if that is not None."""

    def of_class(self, cls: Any, found: bool = True) -> None:
        """A test derives a class from `cls`, or has looked for an instance of it."""

    def read(self, owner: Any, name: str) -> Any:
        value = getattr(owner, name)
        self.attribute(owner, name, value)
        self._read = (value, owner, name)
        return value

    def called(self, site: int, function: Any) -> Any:
        value, owner, name = self._read
        if value is not function:
            owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
        self._read = (None, None, "")
        self._called[site] = (function, owner, name)
        self.call(function, owner, name, False)
        return self._replaced.get(id(function), function)

    def returned(self, site: int, value: Any) -> Any:
        self.call(*self._called.pop(site, (None, None, "")), True)
        return value

    def applied(self, decorator: Any) -> Any:
        self.call(decorator, None, "", True)
        return decorator

    def derived(self, value: Any) -> Any:
        self.of_class(value)
        return value

    def _getattr(self, owner: Any, name: str, *default: Any) -> Any:
        value = getattr(owner, name, *default)
        self.attribute(owner, name, value)
        self._read = (value, owner, name)
        return value

    def _hasattr(self, owner: Any, name: str) -> bool:
        self.attribute(owner, name, None)
        return hasattr(owner, name)

    def _isinstance(self, value: Any, classes: Any) -> bool:
        for cls in classes if isinstance(classes, tuple) else (classes,):
            self.of_class(cls, isinstance(value, cls))
        return isinstance(value, classes)

    def _issubclass(self, cls: Any, classes: Any) -> bool:
        for each in (cls, *(classes if isinstance(classes, tuple) else (classes,))):
            self.of_class(each, issubclass(cls, each))
        return issubclass(cls, classes)

    def _eval(self, source: Any, *places: Any) -> Any:
        if not places:
            frame = sys._getframe(1)
            places = (frame.f_globals, frame.f_locals)
        return eval(_told(source.strip(), "<eval>", "eval") if isinstance(source, str) else source, *places)


@contextlib.contextmanager
def recording(uses: Uses, folders: Iterable[Path]) -> Iterator[None]:
    """Within the block, modules that are loaded from `folders` tell `uses` what they use."""
    folders = set(folders)
    loader = importlib.machinery.SourceFileLoader
    get_code = loader.get_code

    def get_code_told(self: Any, name: str) -> Any:
        path = Path(self.path)
        if folders.isdisjoint(path.parents):
            return get_code(self, name)
        return _told(path.read_text(), str(path), "exec")

    setattr(builtins, _NAME, uses)
    loader.get_code = get_code_told  # type: ignore[method-assign]
    try:
        yield
    finally:
        loader.get_code = get_code  # type: ignore[method-assign]
        delattr(builtins, _NAME)

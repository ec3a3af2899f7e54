"""Who may know whom: reads every #include and every import, and holds the arrows of ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CSRC = ROOT / "csrc"
PACKAGE = ROOT / "src" / "ember"

# A layer of csrc/ may include itself and these.
ARROWS: dict[str, set[str]] = {
    "scalar": set(),
    "core": {"scalar"},
    "op": {"core", "scalar"},
    "ops": {"op", "core", "scalar"},
    "cpu": {"ops", "op", "core", "scalar"},
    "graph": {"op", "core"},
    "bind": {"graph", "cpu", "ops", "op", "core", "scalar"},
}
# A library is known in one layer alone.
ONLY_IN = {"Python.h": "bind", "structmember.h": "bind", "nanobind/": "bind", "dnnl": "cpu", "oneapi/": "cpu"}
# Taken from outside the standard library: NumPy always inside a function, the others where a feature is asked for.
INSTALLED = {"numpy"}
OPTIONAL = {"scipy", "tensorboard", "PIL", "google", "onnx", "matplotlib", "IPython", "typing_extensions"}
LONGEST_FILE = 600

SOURCES = sorted(path for path in CSRC.rglob("*") if path.suffix in (".h", ".cpp"))
MODULES = sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def includes(source: Path) -> list[str]:
    """What a file includes, without the brackets or quotes."""
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', source.read_text(), re.MULTILINE)


def own(source: Path, include: str) -> Path | None:
    """The file of csrc/ that an #include means, or None for a library's."""
    for folder in (CSRC, source.parent):
        if (folder / include).is_file():
            return folder / include
    return None


def layer(source: Path) -> str:
    return source.relative_to(CSRC).parts[0]


def imports(module: Path) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, bool]]:
    """Each import: the statement, the full name of what it loads, and whether it runs when the module is loaded."""
    package = ["ember", *module.relative_to(PACKAGE).parent.parts]

    def visit(node: ast.AST, at_load: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((child, alias.name, at_load) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = package[: len(package) - child.level + 1] if child.level else []
                parent = ".".join([*base, *([child.module] if child.module else [])])
                yield from ((child, f"{parent}.{alias.name}", at_load) for alias in child.names)
            else:
                function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                yield from visit(child, at_load and not function and not is_type_checking(child))

    yield from visit(ast.parse(module.read_text()), True)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def test_every_layer_has_arrows() -> None:
    assert {layer(source) for source in SOURCES} <= set(ARROWS)


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_includes_follow_the_arrows(source: Path) -> None:
    here = layer(source)
    for include in includes(source):
        target = own(source, include)
        if target is not None:
            assert layer(target) in ARROWS[here] | {here}, f"{here}/ may not include {include}"
        for library, home in ONLY_IN.items():
            if include.startswith(library):
                assert here == home, f"<{include}> belongs to {home}/ alone"


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_quoted_includes_exist(source: Path) -> None:
    quoted = re.findall(r'^\s*#\s*include\s+"([^"]+)"', source.read_text(), re.MULTILINE)
    assert [include for include in quoted if own(source, include) is None and "dnnl" not in include] == []


@pytest.mark.parametrize("source", sorted((CSRC / "scalar").glob("*.h")), ids=name)
def test_scalar_mathematics_needs_no_library(source: Path) -> None:
    """A compiler for another device has no standard library."""
    assert [include for include in includes(source) if own(source, include) is None] == []


@pytest.mark.parametrize("source", [source for source in SOURCES if source.suffix == ".h"], ids=name)
def test_headers_are_read_once(source: Path) -> None:
    assert "#pragma once" in source.read_text()


@pytest.mark.parametrize("source", sorted((CSRC / "cpu" / "kernels").glob("*.cpp")), ids=name)
def test_kernels_share_nothing_between_instruction_sets(source: Path) -> None:
    """Everything in them is in namespace EMBER_ISA: a shared function might be the one that the processor lacks."""
    for include in includes(source):
        assert include not in {"vector", "string", "map", "unordered_map", "functional", "memory", "iostream"}


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_imports_come_from_ember_the_standard_library_or_numpy(module: Path) -> None:
    for statement, target, at_load in imports(module):
        top = target.split(".")[0]
        if top in sys.stdlib_module_names or top == "ember":
            continue
        assert top in INSTALLED | OPTIONAL, f"line {statement.lineno}: {top} is not something Ember may need"
        assert not at_load, f"line {statement.lineno}: import {top} in the function that uses it"


def part(target: str) -> str:
    """The subpackage or module directly below ember that a full name is in."""
    names = target.split(".")
    return names[1] if len(names) > 1 else ""


def test_parts_of_the_package_do_not_need_each_other() -> None:
    """What the parts load of each other while they are being loaded has an order, with `ember` itself at its end."""
    needs: dict[str, set[str]] = {}
    for module in MODULES:
        here = part("ember." + ".".join(module.relative_to(PACKAGE).with_suffix("").parts))
        if here in ("__init__", "__main__"):
            continue
        targets = {part(target) for _, target, at_load in imports(module) if at_load and target.startswith("ember")}
        needs.setdefault(here, set()).update(targets - {here})
    while needs:
        free = {here for here, targets in needs.items() if not targets & set(needs)}
        assert free, f"these need each other in a circle: {sorted(needs)}"
        needs = {here: targets for here, targets in needs.items() if here not in free}


@pytest.mark.parametrize("path", [*SOURCES, *MODULES], ids=name)
def test_files_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE

"""Writes src/ember/_stubs: what type checkers know of the names that Ember makes at run time.

    PYTHONPATH=src python tools/write_stubs.py           writes what has changed
    PYTHONPATH=src python tools/write_stubs.py --check   exits with 1 and names the files that are not up to date

Operations are read from their records, what is composed in Python from its definition, with the annotations and
overloads that stand there. What the extension module has besides is described by hand in src/ember/_C.pyi.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import copy
import functools
import importlib.util
import inspect
import keyword
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import ember
import ember.nn.functional  # fills functional_in_torch
import ember.utils
from ember import _C, _composite, return_types

PACKAGE = Path(ember.__file__).parent
STUBS = PACKAGE / "_stubs"
HEADER = '"""Written by tools/write_stubs.py: {}."""\n\n'
FUNCTIONAL = 4  # Record::where of what stands in nn.functional (csrc/op/record.h)
# What Tensor has of every class, or is described in _C.pyi.
OF_ALL_CLASSES = {"__module__", "__doc__", "__dict__", "__weakref__", "__init_subclass__"}
# Names that mean an attribute of Tensor within its class, and what is meant outside.
OUTSIDE = {name: "_" + name for name in ("bool", "device", "dtype", "float", "int", "layout", "type")}

RECORDS: dict[str, dict[str, Any]] = {record["name"]: record for record in _C._records()}
Function: Any = type(_C.ops.add)
# What ember/__init__.py imports when it is first used.
LAZY, LAZY_NAMES = vars(ember)["_LAZY"], vars(ember)["_LAZY_NAMES"]

# ---- records ---------------------------------------------------------------------------------------------------------

KINDS = {
    "Tensor": "Tensor",
    "Tensor[]": "Sequence[Tensor]",
    "int": "int",
    "int[]": "int | _size",
    "int...": "int | _size",
    "float": "float",
    "float[]": "Sequence[float]",
    "bool": "bool",
    "number": "complex | Tensor",  # type checkers take int and float for complex; a tensor of one element does too
    "dtype": "dtype",
    "device": "Device",
    "str": "str",
    "generator": "Generator",
}


class Parameter:
    """One of a schema line: `int[]? dim=None`."""

    def __init__(self, text: str, keyword_only: bool) -> None:
        kind, declared = text.split(" ", 1)
        self.name, _, self.default = declared.partition("=")
        if keyword.iskeyword(self.name):  # `from`, which nobody can name in a call
            self.name += "_"
        self.keyword_only = keyword_only
        self.optional = kind.endswith("?")
        self.kind = kind.removesuffix("?")

    def text(self, takes_numbers: bool, outside: bool) -> str:
        """`dim: int | _size | None = None`; `takes_numbers`: a tensor's place takes a number too."""
        kind = KINDS[self.kind]
        if takes_numbers and self.kind == "Tensor":
            kind += " | complex"
        if outside:
            kind = " | ".join(OUTSIDE.get(each, each) for each in kind.split(" | "))
            kind = kind.replace("[float]", "[_float]")
        if self.optional:
            kind += " | None"
        if not self.default:
            return f"{self.name}: {kind}"
        return f"{self.name}: {kind} = {self.standard()}"

    def standard(self) -> str:
        if self.default == "[]":
            return "()"
        try:
            ast.literal_eval(self.default)
        except ValueError:  # inf
            return "..."
        return self.default


def parameters_of(schema: str) -> list[Parameter]:
    parameters: list[Parameter] = []
    keyword_only = False
    text = schema[schema.index("(") + 1 : schema.index(") -> ")]
    for part in filter(None, text.split(", ")):
        if part == "*":
            keyword_only = True
        else:
            parameters.append(Parameter(part, keyword_only))
    return parameters


def result_of(record: dict[str, Any]) -> str:
    count = record["outputs"]
    if count < 0:
        return "tuple[Tensor, ...]"
    if record["output_names"] and count > 1:
        return f"return_types.{record['public_name']}"
    return ("None", "Tensor")[count] if count < 2 else f"tuple[{', '.join(['Tensor'] * count)}]"


def of_record(name: str, function: Any, method: bool) -> str:
    """The function, or method, that stands under `name`."""
    record = next(record for record in RECORDS.values() if record["schema"] == function.schema)
    in_place = function.__name__ != record["name"]
    parameters = parameters_of(record["schema"])
    tensors = [parameter.name for parameter in parameters if parameter.kind == "Tensor"]
    texts = []
    for parameter in parameters:
        # By element, tensors meet numbers; elsewhere only a `value`, or what stands in place of elements, may be one.
        takes_numbers = parameter.name == "value" or (
            (record["kind"] == "pointwise" or record["name"] in ("where", "scatter"))
            and len(tensors) > 1
            and (parameter.name != tensors[0] or (not method and not in_place))
            and parameter.name not in ("condition", "tensor1", "tensor2")
        )
        texts.append((parameter, parameter.text(takes_numbers, method)))
    if method:
        texts[0] = (parameters[0], "self")
    result = result_of(record)
    if in_place:
        result = "Self" if method else "Tensor"
    last = []
    if record["outputs"] == 1 and not in_place and not method:
        last = ["out: Tensor | None = None"]
    forms = [texts]
    variadic = next((i for i, parameter in enumerate(parameters) if parameter.kind == "int..."), None)
    if variadic is not None:  # view((2, 3)) or view(2, 3)
        integer = OUTSIDE["int"] if method else "int"
        spread = list(texts)
        spread[variadic] = (parameters[variadic], f"*{parameters[variadic].name}: {integer}")
        texts[variadic] = (parameters[variadic], f"{parameters[variadic].name}: _size")
        forms.append(spread)
    return written(name, [joined(form, last) for form in forms], result)


def joined(texts: Iterable[tuple[Parameter, str]], last: list[str]) -> str:
    plain = [text for parameter, text in texts if not parameter.keyword_only]
    keywords = [text for parameter, text in texts if parameter.keyword_only] + last
    spread = any(text.startswith("*") for text in plain)
    return ", ".join([*plain, *(["*"] if keywords and not spread else []), *keywords])


def written(name: str, forms: list[str], result: str) -> str:
    overload = "@overload\n" if len(forms) > 1 else ""
    return "".join(f"{overload}def {name}({form}) -> {result}: ...\n" for form in forms)


# ---- functions of Python ---------------------------------------------------------------------------------------------


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
        written += f"{overload}def {name}({ast.unparse(arguments)}) -> {result}: ...\n"
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


# ---- the files -------------------------------------------------------------------------------------------------------


def dtypes() -> str:
    """The types of elements; the others are names of these."""
    names = [name for name, value in vars(_C).items() if isinstance(value, _C.dtype)]
    lines = "".join(f"{name}: Final[dtype]\n" for name in names)
    return "from typing import Final\n\nfrom .._C import dtype\n\n" + lines


def extension() -> str:
    """Functions of the extension module that src/ember/_C.pyi does not describe, which the package alone uses."""
    described = {
        node.name
        for node in ast.parse((PACKAGE / "_C.pyi").read_text()).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    names = sorted(name for name, value in vars(_C).items() if callable(value) and not isinstance(value, _C.dtype))
    names = [name for name in names if name not in described and not name.startswith("__")]
    listed = "".join(f'    "{name}",\n' for name in names)
    functions = "".join(f"def {name}(*args: Any, **kwargs: Any) -> Any: ...\n" for name in names)
    return f"from typing import Any\n\n__all__ = [\n{listed}]\n\n{functions}"


def results() -> str:
    """The named tuples that operations return."""
    fields = {each["public_name"]: each["output_names"] for each in RECORDS.values() if len(each["output_names"]) > 1}
    fields |= {name: kind.__match_args__ for name, kind in return_types.OF_FUNCTIONS.items()}
    text = "from typing import final\n\nfrom _typeshed import structseq\n\nfrom .._C import Tensor\n"
    for name, names in sorted(fields.items()):
        text += f"\n@final\nclass {name}(structseq[Tensor], tuple[{', '.join(['Tensor'] * len(names))}]):\n"
        text += "".join(f"    @property\n    def {each}(self) -> Tensor: ...\n" for each in names)
    return text


def operations() -> str:
    """Every operation by its plain name, as ember._C.ops has it."""
    text = (
        "from collections.abc import Sequence\nfrom typing import overload\n\n"
        "from .._C import Generator, Tensor, dtype\nfrom ..types import Device, _size\nfrom . import return_types\n\n"
    )
    functions = {name: value for name, value in sorted(vars(_C.ops).items()) if isinstance(value, Function)}
    return text + "".join(of_record(name, function, method=False) for name, function in functions.items())


def tensor_methods() -> str:
    """The methods of Tensor that operations and functions of Python are."""
    imports = {
        "from collections.abc import Sequence as Sequence",
        "from typing import overload as overload",
        "from typing_extensions import Self as Self",
        "from ember._C import Generator as Generator",
        "from ember._C import Tensor as Tensor",
        "from ember._C import dtype as _dtype",
        "from ember.types import Device as Device",
        "from ember.types import _size as _size",
        *(f"from builtins import {name} as {OUTSIDE[name]}" for name in ("bool", "float", "int")),
    }
    body = "".join(member(_C.Tensor, name, value, imports) for name, value in sorted(vars(_C.Tensor).items()))
    return "\n".join(sorted(imports)) + "\n\nfrom . import return_types\n\n" + class_of("TensorMethods", body)


def storage_methods() -> str:
    """The methods of storages that are Python."""
    imports: set[str] = set()
    body = "".join(member(_C.Storage, name, value, imports) for name, value in sorted(vars(_C.Storage).items()))
    return "\n".join(sorted(imports)) + "\n\n" + class_of("StorageMethods", body)


def class_of(name: str, body: str) -> str:
    return f"class {name}:\n" + "".join(f"    {line}\n" for line in body.splitlines())


def member(kind: type, name: str, value: Any, imports: set[str]) -> str:
    """An attribute of a class, if it is an operation or of Python."""
    if name in OF_ALL_CLASSES or keyword.iskeyword(name):
        return ""
    if isinstance(value, Function):
        return of_record(name, value, method=True)
    if isinstance(value, property):
        return of_property(name, value, imports)
    if isinstance(value, (staticmethod, classmethod)) or not callable(value):
        return ""
    function = plain(value)
    if not isinstance(function, FunctionType):
        return ""
    if is_nested(function) and name.endswith("_") and name.removesuffix("_") in vars(kind):
        return in_place_form(name, imports)
    return of_definition(name, function, imports)


def of_property(name: str, value: property, imports: set[str]) -> str:
    if isinstance(value.fget, Function):
        read = of_record(name, value.fget, method=True)
    else:
        read = of_definition(name, plain(value), imports)
    if value.fset is None:
        return "@property\n" + read
    return f"{name}: {read.partition(' -> ')[2].removesuffix(': ...' + chr(10))}\n"


def in_place_form(name: str, imports: set[str]) -> str:
    """`unsqueeze_` takes what `unsqueeze` takes."""
    value = vars(_C.Tensor)[name.removesuffix("_")]
    if not isinstance(value, Function):
        return of_definition(name, plain(value), imports, in_place=True)
    return of_record(name, value, method=True).replace("-> Tensor:", "-> Self:")


def namespace() -> str:
    """All that `ember` has, also what it imports when that is first used."""
    imports, body = {"from builtins import float as _float", "from ember._C import Tensor as Tensor"}, ""
    lazy = [name for name in LAZY if importlib.util.find_spec(f"ember.{name}")]
    imports |= {f"from . import {name} as {name}" for name in lazy}
    imports |= {f"from ember.{module} import {name} as {name}" for name, module in LAZY_NAMES.items()}
    imported = imports_of(ember)
    exported = {*lazy, *LAZY_NAMES}
    for name, value in sorted({**vars(ember), **_composite.functional_in_torch}.items()):
        if name in exported:
            continue
        if isinstance(value, ModuleType):
            if not value.__name__.startswith("ember."):
                continue
            imports.add(f"from . import {name} as {name}")
        elif isinstance(value, Function):
            imports.add(f"from ember._stubs.ops import {value.__name__} as {name}")
        elif isinstance(value, _C.Overridable):
            function = plain(value)
            if not is_nested(function):
                code = function.__code__
                imports.add(f"from {module_of(code.co_filename)} import {code.co_name} as {name}")
            elif hasattr(_C.Tensor, name):
                body += f"{name} = Tensor.{name}\n"
            else:
                body += of_definition(name, function, imports, method=False)
        elif name in imported and (name == "__version__" or not name.startswith("_")):
            if isinstance(value, type) and not stands_in(imported[name].split()[1], name):  # BoolStorage
                base = value.__mro__[1].__name__
                imports.add(imported[name].replace(name, base))
                body += f"class {name}({base}): ...\n"
            else:
                imports.add(imported[name])
        elif isinstance(value, type) and name in _composite.published:  # FloatTensor
            body += f"class {name}(Tensor): ...\n"
        elif isinstance(value, (_C.dtype, builtins.float)):
            body += f"{name}: {'dtype' if isinstance(value, _C.dtype) else '_float'}\n"
        elif name == "newaxis":
            body += "newaxis: None\n"
        else:
            continue
        exported.add(name)
    return "\n".join(sorted(imports)) + f"\n\n{body}"


def stands_in(module: str, name: str) -> bool:
    """Whether a name stands in a module's source, for all to see, or the module is C."""
    path = sys.modules[module].__file__ or ""
    return not path.endswith(".py") or name in top_level(module) or name in origins(path)


def imports_of(module: Any) -> dict[str, str]:
    """The statements that import what a module imports from others of the package, each name by itself."""
    found: dict[str, str] = {}
    for node in source_of(module.__file__).body:
        if not isinstance(node, ast.ImportFrom) or not node.level or not node.module:
            continue
        source = f"{module.__name__}.{node.module}"
        names = [each.name for each in node.names]
        for name in sys.modules[source].__all__ if names == ["*"] else names:
            found[name] = f"from {source} import {name} as {name}"
    return found


def functional() -> str:
    """What nn.functional has from records."""
    names = sorted(
        name for name in _C._operation_names(FUNCTIONAL) if vars(ember.nn.functional)[name] is getattr(_C.ops, name)
    )
    return "".join(f"from .ops import {name} as {name}\n" for name in names)


def utilities() -> str:
    """The modules of ember.utils, which are imported when they are first used."""
    names = [each.name for each in pkgutil.iter_modules(ember.utils.__path__) if not each.name.startswith("_")]
    return "".join(f"from ..utils import {name} as {name}\n" for name in sorted(names))


FILES = {
    "../__init__": ("all names of ember", namespace),
    "__init__": ("what is made at run time", lambda: ""),
    "dtypes": ("the types of elements", dtypes),
    "extension": ("functions that _C.pyi does not describe", extension),
    "functional": ("the operations in nn.functional", functional),
    "ops": ("all operations, by their records", operations),
    "return_types": ("the named tuples that operations return", results),
    "storage": ("the methods of storages", storage_methods),
    "tensor": ("the methods of Tensor", tensor_methods),
    "utils": ("the modules of ember.utils", utilities),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, say what is not up to date")
    check = parser.parse_args().check
    old = []
    for name, (what, make) in FILES.items():
        text, path = (HEADER.format(what) + make()).rstrip() + "\n", (STUBS / f"{name}.pyi").resolve()
        if path.exists() and path.read_text() == text:
            continue
        old.append(str(path))
        if not check:
            STUBS.mkdir(exist_ok=True)
            path.write_text(text)
    if check and old:
        sys.exit(f"{', '.join(old)}: not up to date; run `make stubs`.")


if __name__ == "__main__":
    main()

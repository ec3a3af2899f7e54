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
import importlib.util
import keyword
import pkgutil
import sys
from types import FunctionType, ModuleType
from typing import Any

from stub_definitions import (
    PACKAGE,
    is_nested,
    module_of,
    of_definition,
    origins,
    plain,
    source_of,
    top_level,
)
from stub_records import OUTSIDE, RECORDS, Function, body_of, of_record

import ember
import ember.nn.functional  # fills functional_in_torch
import ember.utils
from ember import _C, _composite, return_types

STUBS = PACKAGE / "_stubs"
HEADER = '"""Written by tools/write_stubs.py: {}."""\n\n'
FUNCTIONAL = 4  # Record::where of what stands in nn.functional (csrc/op/record.h)
# What Tensor has of every class, or is described in _C.pyi.
OF_ALL_CLASSES = {"__module__", "__doc__", "__dict__", "__weakref__", "__init_subclass__"}
# What ember/__init__.py imports when it is first used.
LAZY, LAZY_NAMES = vars(ember)["_LAZY"], vars(ember)["_LAZY_NAMES"]

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
    result = read.partition(") -> ")[2].partition(":")[0]
    if value.fset is None:
        return f"@property\ndef {name}(self) -> {result}:{body_of(value.__doc__)}"
    return f"{name}: {result}\n"


def in_place_form(name: str, imports: set[str]) -> str:
    """`unsqueeze_` takes what `unsqueeze` takes."""
    value = vars(_C.Tensor)[name.removesuffix("_")]
    if not isinstance(value, Function):
        return of_definition(name, plain(value), imports, in_place=True)
    return of_record(name, value, method=True).replace("-> Tensor:", "-> Self:", 1)


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

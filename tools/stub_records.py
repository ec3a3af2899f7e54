"""Records as stubs: the line `sum(Tensor input, int[]? dim=None) -> Tensor` becomes a typed function or method."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable
from typing import Any

from ember import _C

# Names that mean an attribute of Tensor within its class, and what is meant outside.
OUTSIDE = {name: "_" + name for name in ("bool", "device", "dtype", "float", "int", "layout", "type")}

RECORDS: dict[str, dict[str, Any]] = {record["name"]: record for record in _C._records()}
Function: Any = type(_C.ops.add)

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
    return written(name, [joined(form, last) for form in forms], result, record["doc"])


def joined(texts: Iterable[tuple[Parameter, str]], last: list[str]) -> str:
    plain = [text for parameter, text in texts if not parameter.keyword_only]
    keywords = [text for parameter, text in texts if parameter.keyword_only] + last
    spread = any(text.startswith("*") for text in plain)
    return ", ".join([*plain, *(["*"] if keywords and not spread else []), *keywords])


def written(name: str, forms: list[str], result: str, doc: str) -> str:
    overload = "@overload\n" if len(forms) > 1 else ""
    return "".join(f"{overload}def {name}({form}) -> {result}:{body_of(doc)}" for form in forms)


def body_of(doc: str | None) -> str:
    """What editors show of a function, where there is something: the first paragraph of its docstring."""
    summary = " ".join((doc or "").partition("\n\n")[0].split())
    if not summary:
        return " ...\n"
    return '\n    """' + summary.replace("\\", "\\\\") + '"""\n'

"""Specifications of trees as JSON, in PyTorch's form: [1, {"type": ..., "context": ..., "children_spec": [...]}]."""

from __future__ import annotations

import json
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import _C
from . import _pytree

_PROTOCOL = 1


class _Form(NamedTuple):
    """The name of a type of containers, and its contexts as JSON can hold them."""

    name: str
    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]


_forms: dict[Any, _Form] = {}
_namedtuples: dict[type, str] = {}


def register_name(cls: Any, name: str | None, to_json: Any = None, from_json: Any = None) -> None:
    """Note the name of a type; without one it cannot be written."""
    if name is not None:
        _forms[cls] = _Form(name, to_json or json.dumps, from_json or json.loads)


def forget_name(cls: Any) -> None:
    """Undo `register_name`."""
    _forms.pop(cls, None)


def register_namedtuple_name(cls: type, name: str) -> None:
    """Note the name of a class of named tuples."""
    _namedtuples[cls] = name


def _namedtuple_to_json(cls: Any) -> str:
    if cls not in _namedtuples:
        raise NotImplementedError(
            f"Can't serialize TreeSpec of namedtuple class {cls} because we didn't register a serializated_type_name. "
            "Please register using `_register_namedtuple`."
        )
    return _namedtuples[cls]


def _namedtuple_from_json(name: str) -> Any:
    found = [cls for cls, known in _namedtuples.items() if known == name]
    if not found:
        raise NotImplementedError(f"treespec_loads(): no class of named tuples is registered as {name!r}.")
    return found[0]


def _defaultdict_to_json(context: Any) -> Any:
    factory, keys = context
    return {
        "default_factory_module": factory.__module__,
        "default_factory_name": factory.__qualname__,
        "dict_context": keys,
    }


def _defaultdict_from_json(context: Any) -> Any:
    import importlib

    module = importlib.import_module(context["default_factory_module"])
    return [getattr(module, context["default_factory_name"]), context["dict_context"]]


for _cls in (tuple, list, dict):
    register_name(_cls, f"builtins.{_cls.__name__}")
register_name(OrderedDict, "collections.OrderedDict")
register_name(deque, "collections.deque")
register_name(defaultdict, "collections.defaultdict", _defaultdict_to_json, _defaultdict_from_json)
register_name(namedtuple, "collections.namedtuple", _namedtuple_to_json, _namedtuple_from_json)
register_name(_C.Size, "torch.Size")


def _to_json(spec: _pytree.TreeSpec) -> dict[str, Any]:
    if spec.is_leaf():
        return {"type": None, "context": None, "children_spec": []}
    if spec.type not in _forms:
        raise NotImplementedError(
            f"No registered serialization name for {spec.type} found. Please update your _register_pytree_node call "
            "with a `serialized_type_name` kwarg."
        )
    form = _forms[spec.type]
    children = [_to_json(child) for child in spec.children()]
    return {"type": form.name, "context": form.to_json(spec.context), "children_spec": children}


def _from_json(written: dict[str, Any]) -> _pytree.TreeSpec:
    if written["type"] is None:
        return _pytree.treespec_leaf()
    known = [(cls, form) for cls, form in _forms.items() if form.name == written["type"]]
    if not known:
        raise NotImplementedError(f"treespec_loads(): no type is registered as {written['type']!r}.")
    cls, form = known[0]
    return _pytree.TreeSpec(
        cls, form.from_json(written["context"]), [_from_json(each) for each in written["children_spec"]]
    )


def dumps(spec: _pytree.TreeSpec, protocol: int | None) -> str:
    """A specification as JSON."""
    if not isinstance(spec, _pytree.TreeSpec):
        raise TypeError(f"treespec_dumps(): expected a TreeSpec, not {type(spec).__name__}.")
    _check_protocol(_PROTOCOL if protocol is None else protocol)
    return json.dumps([_PROTOCOL, _to_json(spec)])


def loads(text: str) -> _pytree.TreeSpec:
    """The specification that `dumps` has written."""
    protocol, written = json.loads(text)
    _check_protocol(protocol)
    return _from_json(written)


def _check_protocol(protocol: int) -> None:
    if protocol != _PROTOCOL:
        raise ValueError(f"Unknown protocol {protocol}. Available protocols: [{_PROTOCOL}]")

"""Programs as graphs, which Ember does not make: the names that packages read, each honest about what is there."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from .._absent import absent_class, refusing

_REASON = "Ember makes no graphs of programs; save the state_dict with torch.save and load it into a module."

export = refusing("export.export", _REASON)
draft_export = refusing("export.draft_export", _REASON)
save = refusing("export.save", _REASON)
load = refusing("export.load", _REASON)
unflatten = refusing("export.unflatten", _REASON)
default_decompositions = refusing("export.default_decompositions", _REASON)
ExportedProgram = absent_class("ExportedProgram", _REASON)
ExportGraphSignature = absent_class("ExportGraphSignature", _REASON)
ExportBackwardSignature = absent_class("ExportBackwardSignature", _REASON)
ModuleCallEntry = absent_class("ModuleCallEntry", _REASON)
ModuleCallSignature = absent_class("ModuleCallSignature", _REASON)
UnflattenedModule = absent_class("UnflattenedModule", _REASON)


class _DimHint(Enum):
    """How a size may vary from call to call."""

    AUTO = auto()
    STATIC = auto()
    DYNAMIC = auto()

    def __repr__(self) -> str:
        return f"DimHint({self.name})"


class Dim:
    """A size that may vary from call to call, for an export; programs describe their inputs with it.

    Args:
        name: the size's name.
        min, max: its bounds. Default: 0 and none.
    """

    AUTO, STATIC, DYNAMIC = _DimHint.AUTO, _DimHint.STATIC, _DimHint.DYNAMIC

    def __init__(self, name: str, *, min: int | None = None, max: int | None = None) -> None:
        least = min or 0
        if max is not None and max <= least:
            raise AssertionError(f"Cannot create Dim with inconsistent min={least}, max={max}")
        if not name.isidentifier():
            raise AssertionError(f"Dim name must be a valid identifier, got {name}")
        self.__name__, self.min, self.max = name, least, max

    def __repr__(self) -> str:
        # Exports take sizes of 0 and 1 for fixed ones, so that 2 goes without saying.
        least = "" if self.min == 2 else f", min={self.min}"
        largest = "" if self.max is None else f", max={self.max}"
        return f"Dim({self.__name__!r}{least}{largest})"


def dims(*names: str, min: int | None = None, max: int | None = None) -> tuple[Dim, ...]:
    """Several of them with the same bounds."""
    return tuple(Dim(name, min=min, max=max) for name in names)


def register_dataclass(cls: type[Any], *, serialized_type_name: str | None = None) -> None:
    """Let trees of containers (`utils._pytree`) see the fields of a dataclass."""
    from ..utils import _pytree

    _pytree.register_dataclass(cls, serialized_type_name=serialized_type_name)

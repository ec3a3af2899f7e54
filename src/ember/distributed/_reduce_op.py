"""How numbers of several processes become one."""

from __future__ import annotations

import enum
from typing import Any


class RedOpType(enum.IntEnum):
    """The kinds of a reduction."""

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7
    PREMUL_SUM = 8

    __str__ = enum.Enum.__str__


class _Kinds(type):
    """The kinds are members of the class, and its instances."""

    def __getattr__(cls, name: str) -> RedOpType:
        if name in RedOpType.__members__:
            return RedOpType[name]
        raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance) in (cls, RedOpType)

    def __dir__(cls) -> list[str]:
        return [*super().__dir__(), *RedOpType.__members__]


class ReduceOp(metaclass=_Kinds):
    """A reduction, equal to its kind.

    Args:
        op: the kind, such as ``ReduceOp.SUM``.
    """

    RedOpType = RedOpType

    def __init__(self, op: Any) -> None:
        self.op = RedOpType(op)

    def __eq__(self, other: object) -> bool:
        return self.op == (other.op if type(other) is ReduceOp else other)

    def __hash__(self) -> int:
        return int(self.op)


RedOpType.__qualname__ = "ReduceOp.RedOpType"
ReduceOp.__module__ = "ember.distributed.distributed_c10d"

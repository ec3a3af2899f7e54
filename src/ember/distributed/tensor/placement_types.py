"""How a distributed tensor lies over processes; there is one process, and these are what plans are written in."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .._names import absent_classes

globals().update(absent_classes("distributed.tensor.placement_types", ("_StridedShard",)))


class Placement:
    """What one dimension of the mesh of processes has of a tensor."""

    def is_shard(self, dim: int | None = None) -> bool:
        """Whether each process has a part; with `dim`: of that dimension."""
        return False

    def is_replicate(self) -> bool:
        """Whether each process has all of it."""
        return False

    def is_partial(self, reduce_op: str | None = None) -> bool:
        """Whether each process has a term of it; with `reduce_op`: of that reduction."""
        return False


@dataclasses.dataclass(frozen=True)
class Shard(Placement):
    """Each process has a part along a dimension.

    Args:
        dim: the dimension.
    """

    dim: int

    def __post_init__(self) -> None:
        if not isinstance(self.dim, int):
            raise TypeError(f"Shard(): dim is {self.dim!r}; expected an int.")

    def is_shard(self, dim: int | None = None) -> bool:
        return dim is None or dim == self.dim

    def __str__(self) -> str:
        return f"S({self.dim})"


@dataclasses.dataclass(frozen=True)
class Replicate(Placement):
    """Each process has all of the tensor."""

    def is_replicate(self) -> bool:
        return True

    def __str__(self) -> str:
        return "R"


@dataclasses.dataclass(frozen=True, repr=False)
class Partial(Placement):
    """Each process has a term, and their reduction is the tensor.

    Args:
        reduce_op: "sum", "avg", "min", "max" or "product".
    """

    ALL_REDUCE_OPS: ClassVar[tuple[str, ...]] = ("sum", "avg", "min", "max", "product")
    LINEAR_REDUCE_OPS: ClassVar[tuple[str, ...]] = ("sum", "avg")

    reduce_op: str = "sum"

    def is_partial(self, reduce_op: str | None = None) -> bool:
        return reduce_op is None or reduce_op == self.reduce_op

    def __repr__(self) -> str:
        return f"Partial({self.reduce_op})"

    def __str__(self) -> str:
        return f"P({self.reduce_op})"

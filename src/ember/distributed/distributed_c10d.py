"""PyTorch's inner module of process groups."""

from __future__ import annotations

from . import Backend as Backend
from . import GroupMember as GroupMember
from . import ProcessGroup as ProcessGroup
from . import ReduceOp as ReduceOp
from . import group as group
from . import is_initialized as is_initialized
from ._one_process import _member


def _get_default_group() -> ProcessGroup:
    """The group of all processes; a ValueError before there is one."""
    _member("_get_default_group", None)
    assert group.WORLD is not None
    return group.WORLD

"""PyTorch's inner module of process groups: none is there."""

from __future__ import annotations

from . import Backend as Backend
from . import GroupMember as GroupMember
from . import ProcessGroup as ProcessGroup
from . import ReduceOp as ReduceOp
from . import group as group
from . import is_initialized as is_initialized
from ._names import of_a_group

globals().update(of_a_group(("_get_default_group",)))

"""Shapes of the parts of a distributed tensor."""

from __future__ import annotations

from .._names import absent_functions

globals().update(absent_functions("distributed.tensor._utils", ("compute_local_shape_and_global_offset",)))

"""The inner module of `distributed.rpc` from which packages import."""

from __future__ import annotations

from .._names import absent_functions

globals().update(absent_functions("distributed.rpc.api", ("_require_initialized",)))

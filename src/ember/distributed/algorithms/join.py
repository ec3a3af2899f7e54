"""Processes with inputs of unequal number."""

from __future__ import annotations

from .._names import absent_classes

globals().update(absent_classes("distributed.algorithms.join", ("Join", "Joinable", "JoinHook")))

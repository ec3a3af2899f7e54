"""Nodes of graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._absent import absent_class, refusing

NO_GRAPH = "Ember makes no graphs of modules; they run eagerly."

Node = absent_class("Node", NO_GRAPH)
for _name in ("args", "kwargs"):
    setattr(Node, _name, property(refusing(f"Node.{_name}", NO_GRAPH)))
Target = Callable[..., Any] | str

"""What stands for a tensor while a graph is made."""

from __future__ import annotations

from .._absent import absent_class
from .node import NO_GRAPH

Proxy = absent_class("Proxy", NO_GRAPH)
TracerBase = absent_class("TracerBase", NO_GRAPH)

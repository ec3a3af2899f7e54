"""Modules made from graphs."""

from __future__ import annotations

from .._absent import absent_class, refusing
from ..nn.modules.module import Module
from .node import NO_GRAPH

GraphModule = absent_class("GraphModule", NO_GRAPH, base=Module)
_CodeOnlyModule = absent_class("_CodeOnlyModule", NO_GRAPH, base=Module)
_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"
_copy_attr = refusing("_copy_attr", NO_GRAPH)

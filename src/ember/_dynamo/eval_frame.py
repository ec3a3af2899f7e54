"""The class of compiled modules, of which there are none."""

from __future__ import annotations

from .._absent import absent_class
from ..nn.modules.module import Module

OptimizedModule = absent_class(
    "OptimizedModule", "nothing is compiled: ember.compile returns a module as it is.", base=Module
)


def is_dynamo_supported() -> bool:
    """False: nothing is compiled."""
    return False

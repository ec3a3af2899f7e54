"""What packages use to say how ONNX would write their operations."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

# The version of ONNX's operations for which PyTorch's exporter is set, which packages read.
GLOBALS = SimpleNamespace(export_onnx_opset_version=18)


def parse_args(*arg_descriptors: str) -> Callable[[F], F]:
    """A decorator that returns its function as it is: nothing is exported, and it is never called."""

    def same(function: F) -> F:
        return function

    return same

"""ONNX, which Ember does not write yet: what is asked about an export answers that there is none."""

from __future__ import annotations

from typing import Any

from .._absent import absent_class, refusing
from . import errors, symbolic_helper, symbolic_opset11

_REASON = "Ember does not write ONNX files."

export = refusing("onnx.export", _REASON)
ONNXProgram = absent_class("ONNXProgram", _REASON)


def is_in_onnx_export() -> bool:
    """False: nothing is being exported."""
    return False


def register_custom_op_symbolic(symbolic_name: str, symbolic_fn: Any, opset_version: int) -> None:
    """Accepted: how an operation would be written, which nothing asks for."""


def unregister_custom_op_symbolic(symbolic_name: str, opset_version: int) -> None:
    """Accepted: see `register_custom_op_symbolic`."""

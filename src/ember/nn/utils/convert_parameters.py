"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import _C


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters in one vector, one after another.

    Args:
        parameters: on one device.
    """
    return _C.ops.cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Give each parameter its part of the vector, as :func:`parameters_to_vector` lays it out; they share its memory.

    Args:
        vec: as many elements as all parameters together.
        parameters: to be changed.
    """
    if not isinstance(vec, _C.Tensor):
        raise TypeError(f"vector_to_parameters(): vec is a {type(vec).__name__}; a Tensor is expected.")
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[start : start + count].view_as(parameter).data
        start += count

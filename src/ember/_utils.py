"""Names of PyTorch's private module ``torch._utils`` that packages read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _C
from ._rebuild import (  # noqa: F401
    _rebuild_from_type_v2,
    _rebuild_parameter,
    _rebuild_parameter_with_state,
    _rebuild_sparse_tensor,
    _rebuild_tensor,
    _rebuild_tensor_v2,
    _rebuild_tensor_v3,
)
from .utils.data._utils.worker import ExceptionWrapper, KeyErrorMessage  # noqa: F401


def _flatten_dense_tensors(tensors: Sequence[Any]) -> Any:
    """The elements of all tensors in one, tensor by tensor."""
    return _C.ops.cat([tensor.reshape(-1) for tensor in tensors])


def _unflatten_dense_tensors(flat: Any, tensors: Sequence[Any]) -> tuple[Any, ...]:
    """Views of `flat` with the shapes of the tensors, one after the other."""
    parts = flat.split([tensor.numel() for tensor in tensors])
    return tuple(part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True))


def _get_available_device_type() -> None:
    """None: there is no device beside the CPU."""


def _get_device_module(device_type: str) -> Any:
    """The module of a device's own functions."""
    from .settings import get_device_module

    return get_device_module(device_type)

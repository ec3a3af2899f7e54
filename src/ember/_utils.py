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


def _element_size(dtype: Any) -> int:
    """Bytes of an element."""
    return int(dtype.itemsize)


def _get_device_index(device: Any, optional: bool = False, allow_cpu: bool = False) -> int:
    """The number of a device that is not the CPU; `allow_cpu`: -1 stands for that; `optional`: None may come back."""
    if isinstance(device, int):
        return device
    if device is None:
        if optional:
            return None  # type: ignore[return-value]
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
    device = _C.device(device) if isinstance(device, str) else device
    if device.type == "cpu" and not allow_cpu:
        raise ValueError(f"Expected a non cpu device, but got: {device}")
    if device.index is None and device.type != "cpu" and not optional:
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
    return -1 if device.type == "cpu" else device.index


def _get_available_device_type() -> None:
    """None: there is no device beside the CPU."""


def _get_device_module(device_type: str) -> Any:
    """The module of a device's own functions."""
    from .settings import get_device_module

    return get_device_module(device_type)

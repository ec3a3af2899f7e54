"""New tensors: from data, filled, counted, drawn at random."""

from __future__ import annotations

from typing import Any

from . import _C
from ._composite import published


class layout:
    """How a tensor's elements lie in memory; `strided` is the one layout."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"


strided = layout("strided")


def _creation(function: Any) -> Any:
    published[function.__name__] = function
    return function


def _finished(tensor: Any, device: Any, requires_grad: bool) -> Any:
    if device is not None:
        tensor = tensor.to(device)
    return tensor.requires_grad_() if requires_grad else tensor


@_creation
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Any:
    """A new tensor with a copy of `data`: numbers, nested sequences of them, arrays, tensors."""
    return _finished(_C._tensor_from_data(data, dtype), device, requires_grad)


@_creation
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """`data` as a tensor, without a copy where it is a tensor or an array of the type asked for."""
    if isinstance(data, _C.Tensor):
        result = data
    elif hasattr(data, "__array_interface__"):
        result = from_numpy(data)
    else:
        return _finished(_C._tensor_from_data(data, dtype), device, False)
    return _finished(result if dtype is None else result.to(dtype), device, False)


@_creation
def from_numpy(ndarray: Any) -> Any:
    """A tensor on the memory of a NumPy array; a change of one is seen in the other."""
    if not hasattr(ndarray, "__array_interface__"):
        raise TypeError(f"from_numpy(): expected np.ndarray (got {type(ndarray).__name__})")
    return _C._from_numpy(ndarray)


@_creation
def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Any:
    """A 1-d tensor on the memory of an object with the buffer protocol, from byte `offset`, `count` elements or all."""
    return _finished(_C._frombuffer(buffer, dtype, count, offset), None, requires_grad)


@_creation
def from_dlpack(ext_tensor: Any) -> Any:
    """A tensor on the memory of another library's tensor that speaks DLPack (or of its capsule)."""
    capsule = ext_tensor.__dlpack__() if hasattr(ext_tensor, "__dlpack__") else ext_tensor
    return _C._from_dlpack(capsule)

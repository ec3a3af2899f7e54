"""New tensors from data that exists: numbers, sequences, arrays, buffers, other libraries' tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .. import _C
from .._C import Tensor
from .._composite import published
from .._layout import strided
from ..types import Device

F = TypeVar("F", bound=Callable[..., Any])


def _creation(function: F) -> F:
    published[function.__name__] = function
    return function


def _finished(tensor: Any, device: Any, requires_grad: bool) -> Any:
    if device is not None:
        tensor = tensor.to(device)
    elif not _C._is_default_device_cpu() and not tensor.is_meta:
        tensor = tensor.to(_C.get_default_device())
    return tensor.requires_grad_() if requires_grad else tensor


@_creation
def tensor(
    data: Any,
    *,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A new tensor with a copy of `data`: numbers, nested sequences of them, arrays, tensors."""
    return _finished(_C._tensor_from_data(data, dtype), device, requires_grad)


@_creation
def as_tensor(data: Any, dtype: _C.dtype | None = None, device: Device = None) -> Tensor:
    """`data` as a tensor, without a copy where it is a tensor or an array of the type asked for."""
    if isinstance(data, _C.Tensor):
        result = data
    elif hasattr(data, "__array_interface__"):
        result = from_numpy(data)
    else:
        return _finished(_C._tensor_from_data(data, dtype), device, False)
    return _finished(result if dtype is None else result.to(dtype), device, False)


@_creation
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the memory of a NumPy array; a change of one is seen in the other."""
    if not hasattr(ndarray, "__array_interface__"):
        raise TypeError(f"from_numpy(): expected np.ndarray (got {type(ndarray).__name__})")
    return _C._from_numpy(ndarray)


@_creation
def frombuffer(
    buffer: Any, *, dtype: _C.dtype, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A 1-d tensor on the memory of an object with the buffer protocol, from byte `offset`, `count` elements or all."""
    return _finished(_C._frombuffer(buffer, dtype, count, offset), "cpu", requires_grad)


@_creation
def from_dlpack(ext_tensor: Any, *, device: Device = None, copy: bool | None = None) -> Tensor:
    """A tensor on the memory of another library's tensor that speaks DLPack (or of its capsule).

    Args:
        ext_tensor: a tensor of whatever library, or a capsule.
        device: where the result is to be. Default: where `ext_tensor` is.
        copy: True for memory of its own; False for an error where that would be needed. Default: where it is needed.
    """
    speaks = hasattr(ext_tensor, "__dlpack__")
    tensor = _C._from_dlpack(ext_tensor.__dlpack__() if speaks else ext_tensor)
    if device is None or _C.device(device) == tensor.device:
        return tensor.clone() if copy else tensor
    if copy is False:
        raise BufferError(
            f"from_dlpack(): the tensor is on {tensor.device}; expected copy=True, or None, to have it on {device}."
        )
    return tensor.to(device)


@_creation
def asarray(
    obj: Any,
    *,
    dtype: _C.dtype | None = None,
    device: Device = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`obj` as a tensor, on its memory where that can be, unless `copy`; an error if `copy` is False and it cannot."""
    result = as_tensor(obj, dtype, device)
    shared = isinstance(obj, _C.Tensor) and result is obj
    shared = shared or (hasattr(obj, "__array_interface__") and dtype in (None, _C._from_numpy(obj).dtype))
    if copy and shared:
        result = result.clone()
    if copy is False and not shared:
        raise ValueError(
            "asarray(): copy=False, but the data cannot be shared; expected a tensor or an array of that type."
        )
    if requires_grad or (isinstance(obj, _C.Tensor) and result is not obj and result.requires_grad):
        result = result.detach().requires_grad_(requires_grad)
    return result


def _legacy_tensor(*data: Any, device: Any = None, dtype: Any = None) -> Any:
    """Tensor(2, 3), Tensor([1, 2]), Tensor(tensor): a shape, or data, of the default type or of `dtype`."""
    kind = dtype if dtype is not None else _C.get_default_dtype()
    if not data:
        return _C.ops.empty((0,), dtype=kind, device="cpu")
    if all(isinstance(size, int) for size in data):
        return _C.ops.empty(data, dtype=kind, device="cpu")
    if isinstance(data[0], _C.Size):
        return _C.ops.empty(tuple(data[0]), dtype=kind, device="cpu")
    if isinstance(data[0], _C.Tensor):
        return data[0].detach() if data[0].dtype is kind else data[0].detach().to(kind)
    return _C._tensor_from_data(data[0], kind)


class _TypedConstructor(type):
    """Types such as FloatTensor: they construct, and isinstance() looks at the element type."""

    dtype: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _C.Tensor) and instance.dtype is cls.dtype and instance.layout is strided

    def __call__(cls, *data: Any, device: Any = None) -> Any:
        return _legacy_tensor(*data, device=device, dtype=cls.dtype)

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


for _legacy, _dtype in {
    "BoolTensor": _C.bool,
    "ByteTensor": _C.uint8,
    "CharTensor": _C.int8,
    "ShortTensor": _C.int16,
    "IntTensor": _C.int32,
    "LongTensor": _C.int64,
    "HalfTensor": _C.float16,
    "BFloat16Tensor": _C.bfloat16,
    "FloatTensor": _C.float32,
    "DoubleTensor": _C.float64,
}.items():
    _doc = f"The legacy type of {_dtype} tensors: of a shape, or with data; `isinstance` looks at the dtype."
    published[_legacy] = _TypedConstructor(_legacy, (), {"dtype": _dtype, "__module__": "torch", "__doc__": _doc})

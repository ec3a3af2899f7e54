"""Methods of Tensor that are Python: conversion to NumPy, gradients with options, pickling, printing.

Importing this module puts them on the Tensor type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _C

if TYPE_CHECKING:
    import numpy as np

    from ._layout import layout, memory_format
    from .storage import TypedStorage
    from .types import Device
    from .utils.hooks import RemovableHandle

Tensor = _C.Tensor

F = TypeVar("F", bound=Callable[..., Any])


def _method(function: F) -> F:
    setattr(Tensor, function.__name__, function)
    return function


@_method
def numpy(self: Tensor, *, force: bool = False) -> np.ndarray[Any, Any]:
    """A NumPy array on the same memory; `force` first detaches and copies where that is needed."""
    if self.requires_grad and _C.is_grad_enabled():
        if not force:
            raise RuntimeError(
                "numpy(): Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        self = self.detach()
    import numpy

    return numpy.asarray(_C._buffer_of(self))


@_method
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
    array = self.numpy()
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


Tensor.__array_priority__ = 1000  # NumPy's operators leave mixed expressions to the tensor


@_method
def __array_wrap__(self: Tensor, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
    return _C._from_numpy(array) if array.shape else _C._tensor_from_data(array, None)


@_method
def __dlpack__(
    self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
) -> Any:
    """A DLPack capsule of the same memory."""
    return _C._to_dlpack(self.clone() if copy else self)


@_method
def __dlpack_device__(self: Tensor) -> tuple[int, int]:
    """(device type, device number) of DLPack: (1, 0) is the CPU."""
    return (1, 0)


@_method
def backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradients of this tensor by the graph's leaves into their `.grad`; see `autograd.backward`."""
    if gradient is None and inputs is None and not retain_graph and not create_graph:
        _C._tensor_backward(self)
        return
    from .autograd import backward as run

    run(self, gradient, retain_graph, create_graph, inputs=inputs)


@_method
def register_hook(self: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Call `hook(gradient)` whenever this tensor's gradient was computed; what it returns replaces the gradient."""
    return _C._register_hook(self, hook)


@_method
def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Call `hook(tensor)` after a gradient was added into this leaf's `.grad`."""
    return _C._register_accumulation_hook(self, hook)


@_method
def cpu(self: Tensor, memory_format: memory_format | None = None) -> Tensor:
    """Itself: its memory is the CPU's."""
    return self.to("cpu")


def _no_device(name: str) -> str:
    return f"{name}(): this build of Ember has no {name.upper()} devices; tensors are on cpu. Use .to(device)."


@_method
def cuda(
    self: Tensor, device: Device = None, non_blocking: bool = False, memory_format: memory_format | None = None
) -> Tensor:
    """AssertionError: this build of Ember has no CUDA."""
    raise AssertionError(_no_device("cuda"))


@_method
def xpu(
    self: Tensor, device: Device = None, non_blocking: bool = False, memory_format: memory_format | None = None
) -> Tensor:
    """AssertionError: this build of Ember has no XPU."""
    raise AssertionError(_no_device("xpu"))


@_method
def mtia(
    self: Tensor, device: Device = None, non_blocking: bool = False, memory_format: memory_format | None = None
) -> Tensor:
    """AssertionError: this build of Ember has no MTIA."""
    raise AssertionError(_no_device("mtia"))


@_method
def ipu(
    self: Tensor, device: Device = None, non_blocking: bool = False, memory_format: memory_format | None = None
) -> Tensor:
    """RuntimeError: this build of Ember has no IPU."""
    raise RuntimeError(_no_device("ipu"))


@_method
def record_stream(self: Tensor, s: Any) -> None:
    """NotImplementedError: memory on the CPU belongs to no stream of a device."""
    raise NotImplementedError("record_stream(): the tensor is on cpu, whose memory belongs to no stream.")


@_method
def _typed_storage(self: Tensor) -> Any:
    """Its memory as a list of numbers of its type."""
    return self.storage()


@_method
def dequantize(self: Tensor) -> Tensor:
    """Itself, as float32: no dtype of Ember is quantized."""
    return self.to(_C.float32)


@overload
def type(self: Tensor, dtype: None = None, non_blocking: bool = False) -> str: ...


@overload
def type(self: Tensor, dtype: _C.dtype | str, non_blocking: bool = False) -> Tensor: ...


@_method
def type(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The legacy type name ('torch.FloatTensor'); or the tensor cast to a dtype or such a name."""
    if dtype is None:
        return f"torch.{_LEGACY[self.dtype]}Tensor"
    if isinstance(dtype, str):
        for known, name in _LEGACY.items():
            if dtype == f"torch.{name}Tensor":
                return self.to(known)
        raise ValueError(f"type(): invalid type: {dtype!r}; expected a dtype or a name such as 'torch.FloatTensor'.")
    # FloatTensor and its like know their dtype.
    return self.to(dtype if isinstance(dtype, _C.dtype) else getattr(dtype, "dtype", dtype))


_LEGACY = {dtype: stem for dtype, (stem, _) in _C._DTYPES.items()}


@_method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Cast to the type of `other`."""
    return self.to(other.dtype)


@_method
def get_device(self: Tensor) -> int:
    """The number of a CUDA device; -1 on the CPU."""
    return -1


@_method
def is_pinned(self: Tensor, device: Device = None) -> bool:
    """Whether the memory is page-locked for CUDA: never in this build."""
    return False


@_method
def pin_memory(self: Tensor, device: Device = None) -> Tensor:
    """Itself: there is no CUDA device to pin memory for."""
    return self


@_method
def is_shared(self: Tensor) -> bool:
    """Whether the memory is shared between processes."""
    return self.device.type == "cpu" and bool(self.untyped_storage().is_shared())


@_method
def share_memory_(self: Tensor) -> Tensor:
    """Moves the memory to where processes that get this tensor see it and its changes; returns itself."""
    if self.device.type != "cpu":
        raise RuntimeError(f"share_memory_(): the tensor is on {self.device}; only memory of the CPU can be shared.")
    self.untyped_storage().share_memory_()
    return self


@_method
def __reversed__(self: Tensor) -> Tensor:
    return self.flip(0) if self.dim() else self


@_method
def __complex__(self: Tensor) -> complex:
    return complex(self.item())


@_method
def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:
    from ._rebuild import deepcopy_tensor

    return deepcopy_tensor(self, memo)


@_method
def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    from ._rebuild import reduce_tensor

    return reduce_tensor(self, protocol)


@_method
def __format__(self: Tensor, format_spec: str) -> str:
    if self.dim() == 0 and not self.is_meta and type_is_plain(self):
        return self.item().__format__(format_spec)
    return object.__format__(self, format_spec)


def type_is_plain(tensor: Any) -> bool:
    """Whether a tensor is a Tensor itself, not of a subclass."""
    return tensor.__class__ is Tensor


@_method
def storage(self: Tensor) -> TypedStorage:
    """The storage, counted in elements, as before untyped storages."""
    from .storage import TypedStorage

    return TypedStorage(wrap_storage=self.untyped_storage(), dtype=self.dtype, _internal=True)


def _view_in_place(name: str) -> None:
    view = getattr(Tensor, name)

    def in_place(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._become_view(view(self, *args, **kwargs))

    in_place.__name__ = name + "_"
    in_place.__doc__ = f"`{name}` in place: this tensor itself takes the new shape."
    setattr(Tensor, name + "_", in_place)


def finish_methods() -> None:
    """Methods that are made of operations; called when these are all there."""
    for name in ("unsqueeze", "squeeze", "transpose", "swapaxes", "swapdims", "t"):
        if hasattr(Tensor, name):
            _view_in_place(name)


@_method
def resize(self: Tensor, *sizes: Any) -> Tensor:
    """The elements in another shape with as many; deprecated in favour of `reshape`."""
    import warnings

    warnings.warn("non-inplace resize is deprecated", stacklevel=2)
    shape = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    count = 1
    for size in shape:
        count *= size
    if count != self.numel():
        raise RuntimeError(
            f"resize(): requested resize to {shape} ({count} elements in total), but the given tensor has a size of "
            f"{tuple(self.shape)} ({self.numel()} elements). autograd's resize can only change the shape of a given "
            "tensor, while preserving the number of elements."
        )
    return self.contiguous().view(shape)


@_method
def new(self: Tensor, *data: Any, device: Device = None) -> Tensor:
    """A tensor of the same type: of a shape, or with data."""
    from .ops.from_data import _legacy_tensor

    return _legacy_tensor(*data, dtype=self.dtype)


def _layout(self: Tensor) -> layout:
    from ._layout import strided

    return strided


def _names(self: Tensor) -> tuple[None, ...]:
    return (None,) * self.dim()


for _name, _value in {
    "layout": property(_layout),
    "names": property(_names),
    "nelement": Tensor.numel,
    "__module__": "torch",
}.items():
    setattr(Tensor, _name, _value)


def __getattr__(name: str) -> Any:
    if name == "_rebuild_from_type_v2":  # where files of PyTorch's and packages look for it
        from ._rebuild import _rebuild_from_type_v2

        return _rebuild_from_type_v2
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

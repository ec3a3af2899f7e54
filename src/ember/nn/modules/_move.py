"""Changing the dtype and device of all tensors of a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ... import _C
from ..._number_info import dtype_of
from ...autograd import no_grad
from ...ops.creation import empty_like
from ...types import Device
from ..parameter import Parameter, is_lazy
from ._state import StatefulModule

if TYPE_CHECKING:
    from typing_extensions import Self

Tensor = _C.Tensor


class MovableModule(StatefulModule):
    """The part of Module that converts its parameters and buffers, in place."""

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Self:
        """Replace the values of parameters, gradients and buffers by ``fn`` of them; parameters stay the same."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._apply_to_parameter(fn, name, parameter)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def _apply_to_parameter(self, fn: Callable[[Any], Any], name: str, parameter: Any) -> None:
        with no_grad():
            applied = fn(parameter)
            gradient = None if parameter.grad is None else fn(parameter.grad)
        # Memory cannot come to or go from a tensor on the meta device, so there the object changes too.
        if "meta" in (parameter.device.type, applied.device.type) and parameter.device != applied.device:
            moved = applied if is_lazy(applied) else Parameter(applied, parameter.requires_grad)
            self._parameters[name] = moved
        else:
            moved = parameter
            if gradient is not None:
                parameter.grad = None  # a gradient has the dtype of its tensor at all times
            parameter.data = applied
        if gradient is not None:
            moved.grad = gradient.requires_grad_(parameter.requires_grad and gradient.requires_grad)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move parameters and buffers to a device, and floating-point ones to a dtype, in place.

        Called as ``to(device)``, ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``.

        Args:
            device: where to. Default: where they are.
            dtype: a floating-point or complex type. Default: as they are.
            non_blocking: let a copy from pinned memory run in the background. Default: ``False``.
            memory_format: the order in memory of tensors with 4 or 5 dims. Default: as it is.
            tensor: take its dtype and device.

        Example:
            >>> ember.nn.Linear(2, 2).to(ember.float64).weight.dtype
            torch.float64
        """
        device, dtype, non_blocking, memory_format = _parse_to(args, kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )

        def convert(tensor: Any) -> Any:
            target = dtype if tensor.is_floating_point() or tensor.is_complex() else None
            options = {"memory_format": memory_format} if memory_format is not None and tensor.dim() in (4, 5) else {}
            return tensor.to(device or tensor.device, target or tensor.dtype, non_blocking, **options)

        return self._apply(convert)

    def to_empty(self, *, device: Device, recurse: bool = True) -> Self:
        """Move to a device without copying the values: they are undefined afterwards."""
        return self._apply(lambda tensor: empty_like(tensor, device=device), recurse=recurse)

    def cpu(self) -> Self:
        """Move parameters and buffers to the CPU."""
        return self._apply(lambda tensor: tensor.cpu())

    def cuda(self, device: Device = None) -> Self:
        """Move parameters and buffers to a GPU; default: the current one."""
        return self._apply(lambda tensor: tensor.cuda(device))

    def xpu(self, device: Device = None) -> Self:
        """Move parameters and buffers to an XPU; default: the current one."""
        return self._apply(lambda tensor: tensor.xpu(device))

    def mtia(self, device: Device = None) -> Self:
        """Move parameters and buffers to an MTIA; default: the current one."""
        return self._apply(lambda tensor: tensor.mtia(device))

    def ipu(self, device: Device = None) -> Self:
        """Move parameters and buffers to an IPU; default: the current one."""
        return self._apply(lambda tensor: tensor.ipu(device))

    def type(self, dst_type: _C.dtype | str) -> Self:
        """Convert parameters and buffers to a type."""
        return self._apply(lambda tensor: tensor.type(dst_type))

    def float(self) -> Self:
        """Convert floating-point parameters and buffers to float32."""
        return self._to_floating(_C.float32)

    def double(self) -> Self:
        """Convert floating-point parameters and buffers to float64."""
        return self._to_floating(_C.float64)

    def half(self) -> Self:
        """Convert floating-point parameters and buffers to float16."""
        return self._to_floating(_C.float16)

    def bfloat16(self) -> Self:
        """Convert floating-point parameters and buffers to bfloat16."""
        return self._to_floating(_C.bfloat16)

    def _to_floating(self, dtype: Any) -> Any:
        return self._apply(lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor)

    def share_memory(self) -> Self:
        """Move parameters and buffers to memory that other processes can map."""
        return self._apply(lambda tensor: tensor.share_memory_())


def _parse_to(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, bool, Any]:
    """(device, dtype, non_blocking, memory_format) of the forms of ``to``."""
    known = {"device", "dtype", "non_blocking", "memory_format", "tensor"}
    for name in kwargs.keys() - known:
        raise TypeError(
            f"to(): unknown argument '{name}'; expected device, dtype, non_blocking, tensor or memory_format."
        )
    rest = list(args)
    tensor = kwargs.get("tensor")
    if rest and isinstance(rest[0], Tensor):
        tensor = rest.pop(0)
    device, dtype = (None, None) if tensor is None else (tensor.device, tensor.dtype)
    if (
        rest
        and tensor is None
        and (rest[0] is None or isinstance(rest[0], (str, int, _C.device)))
        and not isinstance(rest[0], bool)
    ):
        device = rest.pop(0)
    if rest and tensor is None and (rest[0] is None or isinstance(dtype_of(rest[0]), _C.dtype)):
        dtype = rest.pop(0)
    non_blocking = rest.pop(0) if rest and isinstance(rest[0], bool) else kwargs.get("non_blocking", False)
    if rest:
        kinds = ", ".join(type(each).__name__ for each in args)
        raise TypeError(f"to(): arguments ({kinds}) are not understood; expected a device, a dtype, both, or a tensor.")
    device = kwargs.get("device", device)
    return (
        None if device is None else _C.device(device),
        dtype_of(kwargs.get("dtype", dtype)),
        non_blocking,
        kwargs.get("memory_format"),
    )

"""The objects behind ``torch.ops.aten.mm``: PyTorch's names of operations, as packages call, compare and count them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from . import _C
from ._absent import refusing

__all__ = ["OpOverload", "OpOverloadPacket"]


class OpOverload:
    """One form of an operation, ``torch.ops.aten.add.Tensor``; Ember has one function for all forms.

    Args:
        packet: the operation.
        overload: the form's name, or "default".
    """

    def __init__(self, packet: OpOverloadPacket, overload: str) -> None:
        self._overloadpacket, self._overloadname = packet, overload
        self.__name__ = f"{packet.__name__}.{overload}"
        self.__module__ = packet.__module__

    @property
    def overloadpacket(self) -> OpOverloadPacket:
        """The operation."""
        return self._overloadpacket

    @property
    def namespace(self) -> str:
        """As 'aten'."""
        return self._overloadpacket._namespace

    def name(self) -> str:
        """As 'aten::add.Tensor'."""
        form = "" if self._overloadname == "default" else f".{self._overloadname}"
        return f"{self._overloadpacket._qualified_op_name}{form}"

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._overloadpacket(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self._overloadpacket}.{self._overloadname}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='{self._overloadpacket}', overload='{self._overloadname}')>"


class OpOverloadPacket:
    """An operation with all its forms, ``torch.ops.aten.add``.

    Args:
        namespace, name: as 'aten' and 'add'.
        function: computes it.
    """

    def __init__(self, namespace: str, name: str, function: Callable[..., Any]) -> None:
        self._namespace, self._function = namespace, function
        self._qualified_op_name = f"{namespace}::{name}"
        self.__name__, self.__module__, self.__doc__ = name, f"torch._ops.{namespace}", function.__doc__

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __getattr__(self, name: str) -> OpOverload:
        if name.startswith("_"):
            raise AttributeError(f"'OpOverloadPacket' object has no attribute {name!r}")
        overload = OpOverload(self, name)
        self.__dict__[name] = overload
        return overload

    def __str__(self) -> str:
        return f"{self._namespace}.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='{self}')>"


def _convolution(
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Any:
    """A convolution with 1 to 3 dims, or its transpose."""
    from .nn import functional

    dims = f"{input.dim() - 2}d"
    if transposed:
        transpose = getattr(functional, f"conv_transpose{dims}")
        return transpose(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return getattr(functional, f"conv{dims}")(input, weight, bias, stride, padding, dilation, groups)


# What has another name here, or is done by a function that calls for itself only: a name to compare with and count by.
_NAMES_ONLY = (
    "_pin_memory",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_backward",
    "_sparse_addmm",
    "_sparse_mm_reduce_impl",
    "_to_copy",
    "convolution_backward",
)


def _function_or_method(name: str) -> Callable[..., Any] | None:
    import ember

    found = getattr(ember, name, None) or getattr(_C.Tensor, name, None)
    return found if callable(found) and not isinstance(found, type) else None


@functools.cache
def aten(name: str) -> OpOverloadPacket | None:
    """The operation ``torch.ops.aten.<name>``; None where Ember has no such function."""
    function = _C.ops.__dict__.get(name)
    if name == "convolution":
        function = _convolution
    elif name in _NAMES_ONLY:
        function = refusing(
            f"torch.ops.aten.{name}", "this is a name only; call the function of torch or torch.nn.functional."
        )
    elif function is None and not name.startswith("_"):
        function = _function_or_method(name)
    return None if function is None else OpOverloadPacket("aten", name, function)

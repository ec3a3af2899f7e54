"""Memory formats of convolutions' weights."""

from __future__ import annotations

from typing import Any, TypeVar

from ..modules.module import Module

_M = TypeVar("_M", bound=Module)


def _convert(module: Any, memory_format: Any, endings: tuple[str, ...]) -> None:
    for each in module.modules():
        if type(each).__name__.removeprefix("Parametrized") in endings:
            each.weight.data = each.weight.detach().clone(memory_format=memory_format)


def convert_conv2d_weight_memory_format(module: _M, memory_format: Any) -> _M:
    """Lay out the weights of all 2-d convolutions in a module in a memory format. Returns the module."""
    _convert(module, memory_format, ("Conv2d", "ConvTranspose2d"))
    return module


def convert_conv3d_weight_memory_format(module: _M, memory_format: Any) -> _M:
    """Lay out the weights of all 3-d convolutions in a module in a memory format. Returns the module."""
    _convert(module, memory_format, ("Conv3d", "ConvTranspose3d"))
    return module

"""Where a model would change between floating-point and quantized numbers."""

from __future__ import annotations

from typing import Any

from ...nn.modules.module import Module

__all__ = ["DeQuantStub", "QuantStub", "QuantWrapper"]


class _Stub(Module):
    def __init__(self, qconfig: Any = None) -> None:
        super().__init__()
        if qconfig is not None:
            self.qconfig = qconfig

    def forward(self, x: Any) -> Any:
        """The input as it is."""
        return x


class QuantStub(_Stub):
    """Marks where numbers would be quantized; gives its input as it is.

    Args:
        qconfig: kept as ``qconfig``. Default: none.

    Example:
        >>> from ember.ao.quantization import QuantStub
        >>> QuantStub()(ember.ones(1))
        tensor([1.])
    """


class DeQuantStub(_Stub):
    """Marks where quantized numbers would become floating-point ones; gives its input as it is.

    Args:
        qconfig: kept as ``qconfig``. Default: none.

    Example:
        >>> from ember.ao.quantization import DeQuantStub
        >>> DeQuantStub()(ember.ones(1))
        tensor([1.])
    """


class QuantWrapper(Module):
    """A module between a :class:`QuantStub` and a :class:`DeQuantStub`.

    Args:
        module: the module.

    Shape:
        Input and output: those of the module.

    Example:
        >>> from ember.ao.quantization import QuantWrapper
        >>> list(QuantWrapper(ember.nn.Linear(2, 1)).state_dict())
        ['module.weight', 'module.bias']
    """

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.quant, self.dequant = QuantStub(), DeQuantStub()
        self.module = module

    def forward(self, X: Any) -> Any:
        """The module's output."""
        return self.dequant(self.module(self.quant(X)))

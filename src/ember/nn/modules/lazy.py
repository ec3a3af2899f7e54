"""Modules whose sizes the first batch tells."""

from __future__ import annotations

from typing import Any

from ..parameter import UninitializedBuffer, UninitializedParameter, _MaterializedBuffer, is_lazy
from ._hooks import HookedModule

__all__ = ["LazyModuleMixin", "UninitializedBuffer", "UninitializedParameter"]


class LazyModuleMixin(HookedModule):
    """Makes a module wait with the memory of its parameters for its first call, whose inputs tell the shapes.

    A lazy module is declared as ``class LazyLinear(LazyModuleMixin, Linear)``. Its ``__init__`` puts
    :class:`UninitializedParameter` and :class:`UninitializedBuffer` in the places of what it cannot know yet, and
    ``initialize_parameters``, which gets the arguments of ``forward``, calls their ``materialize``.

    Loading a state dict tells the shapes too. An optimizer may be made before the first call: a parameter stays the
    same object.

    Attributes:
        cls_to_become: the class of the module after the first call; None leaves it as it is.

    Example:
        >>> net = ember.nn.Sequential(ember.nn.LazyLinear(8), ember.nn.ReLU(), ember.nn.LazyLinear(1))
        >>> net(ember.zeros(2, 4)).shape
        torch.Size([2, 1])
        >>> net[0]
        Linear(in_features=4, out_features=8, bias=True)
    """

    cls_to_become: Any = None
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give every parameter and buffer its shape, from the arguments of ``forward``, and its first values."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer of the module itself still waits for its shape."""
        return any(is_lazy(each) for each in (*self._parameters.values(), *self._buffers.values()))

    def _infer_parameters(self, module: Any, args: Any, kwargs: Any = None) -> None:
        """The hook before the first forward."""
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {type(module).__name__} has not been fully initialized")
        for name, buffer in module._buffers.items():
            if isinstance(buffer, _MaterializedBuffer):
                module._buffers[name] = buffer.data
        module._initialize_hook.remove()
        del module._initialize_hook
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

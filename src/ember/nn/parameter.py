"""Tensors that a module owns: parameters, which are trained, and buffers, which are not."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from .. import _C
from ..ops.creation import empty

Tensor = _C.Tensor


class _ParameterMeta(type(Tensor)):  # type: ignore[misc]
    # A parameter made from a subclass of Tensor keeps that class and is marked instead.
    def __instancecheck__(cls, instance: Any) -> bool:
        return super().__instancecheck__(instance) or (
            cls is Parameter and isinstance(instance, Tensor) and getattr(instance, "_is_param", False)
        )


class Parameter(Tensor, metaclass=_ParameterMeta):
    """A tensor that a module trains: assigned to a module, it is listed in ``module.parameters()``.

    Args:
        data: the values; the parameter shares their memory. Default: an empty tensor.
        requires_grad: whether it wants a gradient. Default: ``True``.

    Example:
        >>> scale = ember.nn.Parameter(ember.ones(3))
        >>> scale.requires_grad
        True
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            data = empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter(): data is a {type(data).__name__}; a Tensor is expected.")
        if type(data) is Tensor or issubclass(type(data), Parameter):
            return Tensor._make_subclass(cls, data, requires_grad)
        marked = data.detach().requires_grad_(requires_grad)
        if type(marked) is not type(data):
            raise RuntimeError(
                f"Parameter(): detach() of {type(data).__name__} gave {type(marked).__name__}; "
                "a subclass that becomes a parameter must return its own class."
            )
        marked._is_param = True
        return marked

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        from .. import _rebuild

        # No hooks are kept: they are functions of the process that made them.
        base: tuple[Any, ...] = (self.data, self.requires_grad, OrderedDict())
        state = getattr(self, "__dict__", None)
        if state:
            return _rebuild._rebuild_parameter_with_state, (*base, dict(state))
        return _rebuild._rebuild_parameter, base

    def __repr__(self, *, tensor_contents: str | None = None) -> str:
        return "Parameter containing:\n" + Tensor.__repr__(self)


class _BufferMeta(type(Tensor)):  # type: ignore[misc]
    def __instancecheck__(cls, instance: Any) -> bool:
        return super().__instancecheck__(instance) or (
            cls is Buffer and isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)
        )


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor that a module keeps but does not train: assigned to a module, it becomes a buffer.

    The result is the tensor itself, marked; its class stays.

    Args:
        data: the values. Default: an empty tensor.
        persistent: whether ``state_dict()`` has it. Default: ``True``.
    """

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = empty(0)
        marked = data.detach().requires_grad_(data.requires_grad)
        marked.persistent = persistent
        marked._is_buffer = True
        return marked

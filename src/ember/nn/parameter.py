"""Tensors that a module owns: parameters, which are trained, and buffers, which are not."""

from __future__ import annotations

from collections import OrderedDict
from types import WrapperDescriptorType
from typing import TYPE_CHECKING, Any, NoReturn

from .. import _C
from .._torch_function import DisableTorchFunctionSubclass, _disabled_torch_function_impl
from ..autograd import no_grad
from ..ops.creation import empty

if TYPE_CHECKING:
    from typing_extensions import Self

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

    __torch_function__ = _disabled_torch_function_impl  # results of operations are no parameters

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Self:
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
        parameter: Any = marked
        parameter._is_param = True
        return parameter

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

    __torch_function__ = _disabled_torch_function_impl

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = empty(0)
        marked: Any = data.detach().requires_grad_(data.requires_grad)
        marked.persistent = persistent
        marked._is_buffer = True
        return marked


# ---- what lazy modules own before their first call ----

# Methods that give the same without values, of another dtype or on another device.
_CONVERSIONS = frozenset(["bfloat16", "cpu", "cuda", "double", "float", "half", "to", "type"])
_WITHOUT_VALUES = frozenset(["get_device", "is_complex", "is_floating_point", "requires_grad_", "size"])
_ALLOWED = _CONVERSIONS | _WITHOUT_VALUES | {"copy_", "detach"}


def is_lazy(param: Any) -> bool:
    """Whether a parameter or buffer still waits for its shape."""
    return isinstance(param, UninitializedTensorMixin)


def _refuse(name: str) -> NoReturn:
    raise ValueError(
        f"{name}(): this parameter or buffer has no values: the shape of what a lazy module owns is known after its "
        "first call. Call the module on a batch first."
    )


class UninitializedTensorMixin:
    """What a parameter or buffer of a lazy module can do before its shape is known."""

    cls_to_become: Any = None
    data: Any
    device: Any
    dtype: Any
    requires_grad: Any

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # Attributes other than the shape, and methods that need no values.
        if type(func).__name__ != "method-wrapper" and getattr(func, "__name__", "") not in _ALLOWED:
            _refuse(getattr(func, "__name__", repr(func)))
        with DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Take memory for a shape; the values are undefined.

        Args:
            shape: the sizes.
            device, dtype: Default: as now.
        """
        with no_grad():
            self.data = empty(shape, device=device or self.device, dtype=dtype or self.dtype)
        self.__class__ = self.cls_to_become

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "shape: this parameter or buffer of a lazy module has no shape before the module's first call, nor can it "
            "be loaded into one that has. Call the module on a batch first."
        )

    def share_memory_(self) -> NoReturn:
        """Not possible before there is memory."""
        raise RuntimeError(
            "share_memory_(): this parameter or buffer of a lazy module has no memory before the module's first call. "
            "Call the module on a batch first."
        )

    def __getattribute__(self, name: str) -> Any:
        if name in _CONVERSIONS:
            return lambda *args, **kwargs: self._converted(getattr(Tensor, name), args, kwargs)
        value = super().__getattribute__(name)
        if name[0] == "_" or name in _WITHOUT_VALUES or hasattr(UninitializedTensorMixin, name) or not callable(value):
            return value
        return lambda *args, **kwargs: _refuse(name)

    def _converted(self, method: Any, args: Any, kwargs: Any) -> Any:
        with no_grad():
            result = method(self, *args, **kwargs)
        if not isinstance(result, Tensor) or (result.dtype, result.device) == (self.dtype, self.device):
            return self
        other = type(self)(self.requires_grad, result.device, result.dtype)  # type: ignore[call-arg]
        other.__dict__.update(self.__dict__)
        return other

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.requires_grad, self.device, self.dtype)


def _refusing(name: str) -> Any:
    return lambda self, *args: _refuse(name)


for _name in dir(Tensor):  # operators, [] and len() do not pass through __getattribute__
    if isinstance(getattr(Tensor, _name), WrapperDescriptorType) and not hasattr(object, _name) and _name != "__del__":
        setattr(UninitializedTensorMixin, _name, _refusing(_name))
del _name


class UninitializedParameter(UninitializedTensorMixin, Parameter):  # type: ignore[misc]
    """A parameter of a lazy module, whose shape the module's first call tells; it then becomes a :class:`Parameter`.

    Args:
        requires_grad: whether it wants a gradient. Default: ``True``.
        device, dtype: of the values to come. Default: the current ones.

    Example:
        >>> weight = ember.nn.UninitializedParameter()
        >>> weight.materialize((3, 4))
        >>> weight.shape
        torch.Size([3, 4])
    """

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return Tensor._make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return memo[id(self)]


class _MaterializedBuffer(Tensor):
    """A buffer that has just got its shape; the lazy module puts a plain tensor in its place."""

    __torch_function__ = _disabled_torch_function_impl


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer of a lazy module, whose shape the module's first call tells; it then becomes a plain tensor.

    Args:
        requires_grad: whether it wants a gradient. Default: ``False``.
        device, dtype: of the values to come. Default: the current ones.
        persistent: whether ``state_dict()`` has it. Default: ``True``.
    """

    cls_to_become = _MaterializedBuffer
    persistent: bool
    _is_buffer: bool

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> Any:
        buffer = Tensor._make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype, self.persistent)
        return memo[id(self)]

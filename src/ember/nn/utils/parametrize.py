"""Parametrizations: a parameter or buffer of a module computed from others, whenever it is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ... import _C
from ...autograd import no_grad
from ..modules.container import ModuleDict, ModuleList
from ..modules.module import Module
from ..parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]

Tensor = _C.Tensor

_cached_depth = 0
_cache: dict[tuple[int, str], Any] = {}


@contextmanager
def cached() -> Iterator[None]:
    """Within the block, every parametrized tensor is computed once.

    Worth it where one is read several times a step, as in recurrent networks. What is computed is forgotten at the end
    of the outermost block.

    Example:
        >>> from ember.nn.utils import parametrize, parametrizations
        >>> layer = parametrizations.weight_norm(ember.nn.Linear(2, 2))
        >>> with parametrize.cached():
        ...     layer.weight is layer.weight
        True
    """
    global _cached_depth
    _cached_depth += 1
    try:
        yield
    finally:
        _cached_depth -= 1
        if not _cached_depth:
            _cache.clear()


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, the first applied first, and the tensors that they start from.

    Args:
        modules: the parametrizations.
        original: the tensor that is parametrized.
        unsafe: do not check that the result is like the original. Default: ``False``.

    Attributes:
        original: what the first parametrization gets; ``original0, original1, ...`` where its ``right_inverse`` gives
            several tensors.
    """

    def __init__(self, modules: Sequence[Module], original: Any, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        with no_grad():
            value: Any = original
            for module in reversed(self):
                if hasattr(module, "right_inverse"):
                    with suppress(NotImplementedError):
                        value = module.right_inverse(value)
        if not isinstance(value, (Tensor, Sequence)):
            raise ValueError(
                f"'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(value).__name__}"
            )
        self.is_tensor = isinstance(value, Tensor)
        self.ntensors = 1 if isinstance(value, Tensor) else len(value)
        if isinstance(value, Tensor):
            if original.dtype != value.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {value.dtype}"
                )
            with no_grad():
                original.data = value.data
            _register(self, "original", original)
        else:
            for i, each in enumerate(value):
                if not isinstance(each, Tensor):
                    raise ValueError(
                        "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                        f"Got element {i} of the sequence with type {type(each).__name__}."
                    )
                if isinstance(original, Parameter):
                    each = Parameter(each, original.requires_grad)
                _register(self, f"original{i}", each.requires_grad_(original.requires_grad))
        if not unsafe:
            _check(self(), dtype, shape)

    def _originals(self) -> list[Any]:
        return [self.original] if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the parametrized tensor becomes ``value``.

        Raises:
            RuntimeError: a parametrization has no ``right_inverse``.
        """
        with no_grad():
            for module in reversed(self):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                value = module.right_inverse(value)
            values = [value] if self.is_tensor else value
            originals = self._originals()
            if len(values) != len(originals):
                raise ValueError(
                    f"'right_inverse' must return a sequence of tensors of length {len(originals)}. Got {len(values)}."
                )
            for original, each in zip(originals, values, strict=True):
                if not isinstance(each, Tensor):
                    raise ValueError(f"`right_inverse` should return a tensor. Got {type(each).__name__}")
                if original.dtype != each.dtype:
                    raise ValueError(
                        f"The tensor returned by `right_inverse` has dtype {each.dtype} while `original` has dtype "
                        f"{original.dtype}"
                    )
                original.data = each.data

    def forward(self) -> Any:
        value = self[0](*self._originals())
        for module in list(self)[1:]:
            value = module(value)
        return value


def _check(value: Any, dtype: Any, shape: Any) -> None:
    """Raise ``ValueError`` unless the value is a tensor of this type and shape."""
    if not isinstance(value, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(value).__name__}.")
    for what, before, after in (("dtype", dtype, value.dtype), ("shape", shape, value.shape)):
        if before != after:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is "
                f"enabled.\nunparametrized {what}: {before}\nparametrized {what}: {after}"
            )


def _register(module: Module, name: str, tensor: Any) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _property(name: str) -> property:
    def read(self: Any) -> Any:
        if not _cached_depth:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = self.parametrizations[name]()
        return _cache[key]

    def write(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(read, write)


def _deepcopy(self: Any, memo: dict[int, Any]) -> Any:
    replica = memo[id(self)] = self.__new__(type(self))
    replica.__dict__.update(copy.deepcopy(self.__dict__, memo))
    return replica


def _getstate(self: Any) -> Any:
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). Save model.state_dict() instead "
        "of the model, and load it into a model with the same parametrizations."
    )


def _show(module: Any, names: list[str]) -> None:
    """Give the module a class of its own, in which each of the names is computed when it is read."""
    plain = type_before_parametrizations(module)
    members: dict[str, Any] = {name: _property(name) for name in names}
    members |= {"__getstate__": _getstate, "__module__": __name__}
    if not hasattr(plain, "__deepcopy__"):
        members["__deepcopy__"] = _deepcopy
    module.__class__ = type(f"Parametrized{plain.__name__}", (plain,), members)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Compute a parameter or buffer by a module, from a tensor that takes its place among the parameters.

    Reading ``module.weight`` calls ``parametrization(module.parametrizations.weight.original)``. Where the
    parametrization has a ``right_inverse``, the original starts at its value of the present tensor, and
    ``module.weight = value`` sets it. Further parametrizations are applied to the result of those before.

    Args:
        module: is changed in place: its class becomes one of its own.
        tensor_name: of the parameter or buffer.
        parametrization: a module from a tensor to a tensor of the same shape and type.
        unsafe: do not check that. Default: ``False``.

    Returns:
        the module.

    Raises:
        ValueError: there is no such tensor, or shape or type changed.

    Example:
        >>> class Symmetric(ember.nn.Module):
        ...     def forward(self, x):
        ...         return x.triu() + x.triu(1).mT
        >>> layer = ember.nn.Linear(3, 3)
        >>> layer = ember.nn.utils.parametrize.register_parametrization(layer, "weight", Symmetric())
        >>> ember.equal(layer.weight, layer.weight.mT)
        True
        >>> list(layer.state_dict())
        ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    owner: Any = module
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_next(getattr(module, tensor_name), parametrization)
        owner.parametrizations[tensor_name].append(parametrization)
        owner.parametrizations[tensor_name].unsafe |= unsafe
    elif tensor_name in owner._buffers or tensor_name in owner._parameters:
        chain = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            owner.parametrizations = ModuleDict()
        _show(module, [*owner.parametrizations, tensor_name])
        owner.parametrizations[tensor_name] = chain
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _check_next(present: Any, parametrization: Any) -> None:
    value = parametrization(present)
    _check(value, present.dtype, present.shape)
    if hasattr(parametrization, "right_inverse"):
        try:
            inverse = parametrization.right_inverse(value)
        except NotImplementedError:
            return
        if not isinstance(inverse, Tensor):
            raise ValueError(f"parametrization.right_inverse must return a tensor. Got: {type(inverse).__name__}")
        _check(inverse, present.dtype, present.shape)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the module, or the tensor of this name in it, is parametrized."""
    chains = getattr(module, "parametrizations", None)
    if not isinstance(chains, ModuleDict):
        return False
    return len(chains) > 0 if tensor_name is None else tensor_name in chains


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a tensor a plain parameter or buffer again.

    Args:
        module: is changed in place.
        tensor_name: of the parametrized tensor.
        leave_parametrized: keep the computed value, else the original one. Default: ``True``.

    Raises:
        ValueError: the tensor is not parametrized, or there is not one original.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    owner: Any = module
    chain = owner.parametrizations[tensor_name]
    if chain.is_tensor:
        plain = chain.original
        if leave_parametrized:
            plain.data = getattr(module, tensor_name).detach()
    elif leave_parametrized:
        computed = getattr(module, tensor_name)
        plain = Parameter(computed.detach()) if computed.requires_grad else computed
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    del owner.parametrizations[tensor_name]
    left = list(owner.parametrizations)
    if left:
        _show(module, left)
    else:
        owner.__class__ = type_before_parametrizations(module)
        delattr(module, "parametrizations")
    _register(module, tensor_name, plain)
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class that the module had before it was parametrized."""
    if type(module).__dict__.get("__getstate__") is _getstate:
        return type(module).__bases__[0]
    return type(module)


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Register the parametrizations of one module, with the tensors that they start from, on another.

    Args:
        from_module: the parametrized one; it stays as it is.
        to_module: is changed in place.
        tensor_name: which tensor. Default: all that are parametrized.
    """
    source: Any = from_module
    target: Any = to_module
    for name in source.parametrizations if tensor_name is None else [tensor_name]:
        if not hasattr(target, name):
            setattr(target, name, Parameter(getattr(source, name).detach()))
        for parametrization in source.parametrizations[name]:
            register_parametrization(to_module, name, parametrization)
        chain = source.parametrizations[name]
        for key in ["original"] if chain.is_tensor else [f"original{i}" for i in range(chain.ntensors)]:
            setattr(target.parametrizations[name], key, getattr(chain, key))
    return to_module

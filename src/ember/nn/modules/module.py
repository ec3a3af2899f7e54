"""Module, the base class of all layers and models."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ... import _C
from ...autograd import no_grad
from ...utils.hooks import RemovableHandle
from .._error_location import locate_error
from ..parameter import Buffer, Parameter
from . import _hooks
from ._hooks import (  # noqa: F401  (public here)
    _global_backward_hooks,
    _global_backward_pre_hooks,
    _global_forward_hooks,
    _global_forward_hooks_always_called,
    _global_forward_hooks_with_kwargs,
    _global_forward_pre_hooks,
    register_module_backward_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from ._move import MovableModule
from ._state import _EXTRA_STATE_KEY_SUFFIX, T_destination, _IncompatibleKeys  # noqa: F401

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Module"]

Tensor = _C.Tensor

# Called as hook(module, name, value) when something is registered; a result takes its place.
_global_buffer_registration_hooks: dict[int, Callable[..., Any]] = OrderedDict()
_global_module_registration_hooks: dict[int, Callable[..., Any]] = OrderedDict()
_global_parameter_registration_hooks: dict[int, Callable[..., Any]] = OrderedDict()

_TENSOR_TYPES = "torch.nn.Buffer, torch.Tensor or None"


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` when a buffer is registered; a result is registered in its place."""
    return _hooks._register(_global_buffer_registration_hooks, hook, False)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, submodule)`` when a submodule is registered; a result is registered in its place."""
    return _hooks._register(_global_module_registration_hooks, hook, False)


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, parameter)`` when a parameter is registered; a result is registered in its place."""
    return _hooks._register(_global_parameter_registration_hooks, hook, False)


def _through(hooks: dict[int, Callable[..., Any]], module: Any, name: str, value: Any) -> Any:
    for hook in hooks.values():
        changed = hook(module, name, value)
        if changed is not None:
            value = changed
    return value


def _typename(value: Any) -> str:
    if isinstance(value, Tensor):
        return str(value.type())
    kind = value if isinstance(value, type) else type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _addindent(text: str, spaces: int) -> str:
    return text.replace("\n", "\n" + spaces * " ")


class _CallSignature:
    """What ``inspect.signature`` says of a module's call, which is in C++ and so has none; classes keep their own."""

    def __get__(self, module: Module | None, kind: type[Module]) -> inspect.Signature:
        if module is None:
            raise AttributeError("__signature__")
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature(list(map(inspect.Parameter, ("args", "kwargs"), kinds)))


class Module(MovableModule):
    """Base class of layers and models: a subclass makes its parts in ``__init__`` and computes in ``forward``.

    Parameters, buffers and submodules are registered by assigning them to attributes.

    Attributes:
        training: whether the module is in training mode; see :meth:`train`.

    Example:
        >>> class Net(ember.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.layer = ember.nn.Linear(2, 1)
        ...     def forward(self, x):
        ...         return self.layer(x)
        >>> Net()(ember.zeros(3, 2)).shape
        torch.Size([3, 1])
    """

    training: bool
    dump_patches: bool = False
    call_super_init: bool = False
    __signature__ = _CallSignature()
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Any]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]
    _locate_error = locate_error

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (args or kwargs):
            name = type(self).__name__
            if kwargs:
                raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'")
            given = f"{len(args) + 1} were given"
            raise TypeError(f"{name}.__init__() takes 1 positional argument but {given}")
        self.__dict__.update(training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    if TYPE_CHECKING:
        # For type checkers a call takes and gives what `forward` of the class does; that of some module may be any.
        forward: Callable[..., Any]
    else:

        def forward(self, *input: Any) -> Any:
            """The computation of the module; every subclass defines it."""
            raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # ---- registering ----

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Keep a tensor that is not trained, as attribute ``name``.

        Args:
            name: the attribute.
            tensor: the values, or None to leave a place for them.
            persistent: whether ``state_dict()`` has it. Default: ``True``.
        """
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = _through(_global_buffer_registration_hooks, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Own a parameter as attribute ``name``; None leaves a place for one."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name("parameter", name, self._parameters)
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{_typename(param)}' object to parameter '{name}' "
                    "(torch.nn.Parameter or None required)"
                )
            if param.grad_fn is not None:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                    "explicitly. "
                    f"To express '{name}' as a function of another Tensor, compute the value in the forward() method."
                )
            param = _through(_global_parameter_registration_hooks, self, name, param)
        self._parameters[name] = param

    def register_module(self, name: str, module: Module | None) -> None:
        """Own a submodule as attribute ``name``; None leaves a place for one."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{_typename(module)} is not a Module subclass")
        self._check_name("module", name, self._modules)
        self._modules[name] = _through(_global_module_registration_hooks, self, name, module)

    add_module = register_module

    def _check_name(self, kind: str, name: Any, registry: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_typename(name)}")
        if "." in name:
            got = f", got: {name}" if kind == "module" else ""
            raise KeyError(f'{kind} name can\'t contain "."{got}')
        if not name:
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in registry and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        is_buffer = False
        if isinstance(value, Tensor):
            is_buffer = isinstance(value, Buffer)
            if isinstance(value, Parameter):
                if "_parameters" not in own:
                    raise AttributeError("cannot assign parameters before Module.__init__() call")
                self._forget(name, keep="_parameters")
                return self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError("cannot assign module before Module.__init__() call")
            if name not in own["_modules"]:
                self._forget(name, keep="_modules")
            own["_modules"][name] = _through(_global_module_registration_hooks, self, name, value)
            return None
        if "_modules" not in own:
            return object.__setattr__(self, name, value)
        if name in own["_parameters"]:
            self._expect_none(value, f"parameter '{name}' (torch.nn.Parameter or None expected)")
            return self.register_parameter(name, value)
        if name in own["_modules"]:
            self._expect_none(value, f"child module '{name}' (torch.nn.Module or None expected)")
            own["_modules"][name] = _through(_global_module_registration_hooks, self, name, value)
            return None
        if is_buffer or name in own["_buffers"]:
            if not isinstance(value, Tensor):
                self._expect_none(value, f"buffer '{name}' ({_TENSOR_TYPES} expected)")
            persistent = name not in self._non_persistent_buffers_set
            if is_buffer:
                persistent = value.persistent
                self._forget(name, keep="_buffers")
            return self.register_buffer(name, value, persistent)
        return object.__setattr__(self, name, value)

    def _forget(self, name: str, keep: str) -> None:
        """Take ``name`` out of every place but one, before it is registered there."""
        own = self.__dict__
        own.pop(name, None)
        for registry in ("_parameters", "_buffers", "_modules"):
            if registry != keep:
                own[registry].pop(name, None)
        if keep != "_buffers":
            own["_non_persistent_buffers_set"].discard(name)

    @staticmethod
    def _expect_none(value: Any, place: str) -> None:
        if value is not None:
            raise TypeError(f"cannot assign '{_typename(value)}' as {place}")

    def __delattr__(self, name: str) -> None:
        for registry in (self._parameters, self._buffers, self._modules):
            if name in registry:
                del registry[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_non_persistent_buffers_set", set())
        if any(state.get(name) for name in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")):
            self.__dict__["_hooked"] = True

    # ---- walking ----

    def _named_members(
        self, get_members_fn: Any, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, member in get_members_fn(module):
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield f"{path}.{name}" if path else name, member

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Each parameter once; without those of submodules where ``recurse`` is False."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Each parameter with its path.

        Args:
            prefix: what every path begins with. Default: ``""``.
            recurse: go into submodules. Default: ``True``.
            remove_duplicate: give a parameter that stands in several places only once. Default: ``True``.
        """
        yield from self._named_members(lambda each: each._parameters.items(), prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Each buffer once; without those of submodules where ``recurse`` is False."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Each buffer with its path; arguments as in :meth:`named_parameters`."""
        yield from self._named_members(lambda each: each._buffers.items(), prefix, recurse, remove_duplicate)

    def children(self) -> Iterator[Module]:
        """Each direct submodule once."""
        for _, module in self.named_children():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Each direct submodule with its name."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all inside it, parents first."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all inside it with their paths, parents first.

        Args:
            memo: modules to leave out; those given are added.
            prefix: the path of this module. Default: ``""``.
            remove_duplicate: give a module that stands in several places only once. Default: ``True``.
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def get_submodule(self, target: str) -> Module:
        """The submodule at a path such as ``"net.0"``; ``""`` is this module."""
        module: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put ``module`` at a path.

        Args:
            target: the path; all but its last name must exist.
            module: the module.
            strict: the last name must exist too. Default: ``False``.
        """
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as ``"net.0.weight"``."""
        _, name, found = self._get_member(target)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path such as ``"norm.running_mean"``."""
        owner, name, found = self._get_member(target)
        if name not in owner._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return found

    def _get_member(self, target: str) -> tuple[Module, str, Any]:
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        if not hasattr(owner, name):
            raise AttributeError(f"{owner._get_name()} has no attribute `{name}`")
        return owner, name, getattr(owner, name)

    # ---- changing the whole tree ----

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call ``fn`` on every submodule and then on this module, as when initialising weights."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set training mode, in which Dropout and BatchNorm work differently, here and in all submodules."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Set evaluation mode: the same as ``train(False)``."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether the parameters want gradients: False freezes them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or set them to zero where ``set_to_none`` is False."""
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            if set_to_none:
                parameter.grad = None
            else:
                parameter.grad = parameter.grad.detach()
                with no_grad():
                    parameter.grad.zero_()

    # ---- showing ----

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Accepted, as :func:`ember.compile`: the module runs eagerly."""

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands in the parentheses of the repr; layers show their sizes and options here."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + _addindent(repr(module), 2) for name, module in self._modules.items()]
        if children or len(lines) > 1:
            return f"{self._get_name()}(\n  " + "\n  ".join(lines + children) + "\n)"
        return f"{self._get_name()}({extra})"

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers}
        return sorted(name for name in names if not name[0].isdigit())

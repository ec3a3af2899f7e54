"""The base class of optimizers: parameter groups, state, checkpoints and hooks."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from .. import _C
from ..utils.hooks import RemovableHandle

Tensor = _C.Tensor

ParamsT: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
StateDict: TypeAlias = dict[str, Any]
F = TypeVar("F", bound=Callable[..., Any])

_global_optimizer_pre_hooks: dict[int, Callable[..., Any]] = OrderedDict()
_global_optimizer_post_hooks: dict[int, Callable[..., Any]] = OrderedDict()


class _RequiredParameter:
    """The default of an option that every parameter group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _RequiredParameter()


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before every step of every optimizer."""
    handle = RemovableHandle(_global_optimizer_pre_hooks)
    _global_optimizer_pre_hooks[handle.id] = hook
    return handle


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after every step of every optimizer."""
    handle = RemovableHandle(_global_optimizer_post_hooks)
    _global_optimizer_post_hooks[handle.id] = hook
    return handle


class Optimizer:
    """Base of all optimizers: it holds parameter groups and the state of each parameter.

    A subclass passes its options as ``defaults`` and overrides :meth:`step`.

    Args:
        params: tensors, ``(name, tensor)`` pairs, or dicts that each describe a group: ``"params"`` and options.
        defaults: the value of each option that a group does not give.

    Attributes:
        param_groups: one dict per group, with ``"params"`` and the options.
        state: from a parameter to the dict of its state tensors.

    Raises:
        TypeError: for a single tensor, or anything that is not a tensor.
        ValueError: for an empty list, a tensor that is not a leaf, or a parameter given twice.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.ones(2))
        >>> optimizer = ember.optim.SGD([weight], lr=0.5)
        >>> weight.sum().backward()
        >>> optimizer.step()
        >>> weight.tolist()
        [0.5, 0.5]
    """

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + params.type()
            )
        self.state: defaultdict[Tensor, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _make_hooks(self) -> None:
        self._optimizer_step_pre_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_step_post_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_state_dict_pre_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_state_dict_post_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_load_state_dict_pre_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_load_state_dict_post_hooks: dict[int, Callable[..., Any]] = OrderedDict()
        self._patch_step_function()

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_optimizer_step_pre_hooks" not in self.__dict__:
            self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            if i > 0:
                lines.append("")
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"

    # ---- steps

    @staticmethod
    def profile_hook_step(func: F) -> F:
        """Make ``func`` a step that runs the hooks around it."""

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self = args[0]
            if _global_optimizer_pre_hooks or self._optimizer_step_pre_hooks:
                for hook in chain(_global_optimizer_pre_hooks.values(), self._optimizer_step_pre_hooks.values()):
                    result = hook(self, args, kwargs)
                    if result is None:
                        continue
                    if not (isinstance(result, tuple) and len(result) == 2):
                        raise RuntimeError(
                            f"{func} must return None or a tuple of (new_args, new_kwargs), but got {result}."
                        )
                    args, kwargs = result
            out = self._profiled(func, args, kwargs) if _C._is_profiling() else func(*args, **kwargs)
            if self._optimizer_step_post_hooks or _global_optimizer_post_hooks:
                for hook in chain(self._optimizer_step_post_hooks.values(), _global_optimizer_post_hooks.values()):
                    hook(self, args, kwargs)
            return out

        return wrapper  # type: ignore[return-value]

    def _profiled(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """The step as a range of the profile."""
        opened = _C._open_range(f"Optimizer.step#{type(self).__name__}.step")
        try:
            return func(*args, **kwargs)
        finally:
            _C._close_range(opened)

    def _patch_step_function(self) -> None:
        step = type(self).step
        if not getattr(step, "hooked", None):
            hooked = self.profile_hook_step(step)
            hooked.hooked = True  # type: ignore[attr-defined]
            type(self).step = hooked  # type: ignore[method-assign]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: set each ``grad`` to None (default); if false, fill it with zeros in place.
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif (gradient := parameter.grad) is not None:
                    if gradient.grad_fn is not None:
                        gradient.detach_()
                    else:
                        gradient.requires_grad_(False)
                    gradient.zero_()

    # ---- parameter groups

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, with options of its own where it gives them.

        Args:
            param_group: ``"params"`` (a tensor, or an iterable of tensors or of ``(name, tensor)`` pairs) and options.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        _list_parameters(param_group)
        for parameter in param_group["params"]:
            if not isinstance(parameter, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is {type(parameter).__name__}"
                )
            if not (self.defaults.get("differentiable", None) or parameter.is_leaf or parameter.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, value in self.defaults.items():
            if value is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, value)
        parameters = set(param_group["params"])
        if len(parameters) != len(param_group["params"]):
            warnings.warn("optimizer contains a parameter group with duplicate parameters", stacklevel=3)
        for group in self.param_groups:
            if not parameters.isdisjoint(group["params"]):
                raise ValueError("some parameters appear in more than one parameter group")
            if ("param_names" in group) != ("param_names" in param_group):
                without = "without" if "param_names" in group else "with"
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {without} names to the optimizer"
                )
        self.param_groups.append(param_group)

    # ---- checkpoints

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; it may return new ``(args, kwargs)``."""
        return _register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return _register(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before :meth:`state_dict`."""
        return _register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after :meth:`state_dict`; it may return another dict."""
        return _register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before :meth:`load_state_dict`; it may return another dict."""
        return _register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after :meth:`load_state_dict`."""
        return _register(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    def state_dict(self) -> StateDict:
        """Return ``{"state": ..., "param_groups": ...}``, in which parameters are numbered in the order of the groups.

        The tensors are the optimizer's own, not copies.
        """
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers.setdefault(id(parameter), len(numbers)) for parameter in group["params"]]
            groups.append(packed)
        state = {(numbers[id(key)] if isinstance(key, Tensor) else key): value for key, value in self.state.items()}
        state_dict: StateDict = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            result = hook(self, state_dict)
            if result is not None:
                state_dict = result
        return state_dict

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over options and state from a dict made by :meth:`state_dict`, matching parameters by position.

        State tensors are converted to the type and device of their parameter, except ``step``.

        Raises:
            ValueError: if the number of groups, or of parameters in a group, differs.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            result = hook(self, state_dict)
            if result is not None:
                state_dict = result
        groups = self.param_groups
        saved_groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(group["params"]) != len(saved["params"]) for group, saved in zip(groups, saved_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )

        parameters: dict[int, tuple[Tensor, dict[str, Any]]] = {}  # by number, with the options of the saved group
        for group, saved in zip(groups, saved_groups, strict=True):
            for number, parameter in zip(saved["params"], group["params"], strict=True):
                parameters[number] = (parameter, saved)
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in parameters:
                parameter, saved = parameters[key]
                state[parameter] = _adapted(value, parameter, saved)
            else:
                state[key] = value
        for group, saved in zip(groups, saved_groups, strict=True):
            saved["params"] = group["params"]
            if "param_names" in group and "param_names" not in saved:
                saved["param_names"] = group["param_names"]
        self.__setstate__({"state": state, "param_groups": saved_groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)


def _register(hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)  # type: ignore[attr-defined]
    return handle


def _list_parameters(group: dict[str, Any]) -> None:
    """Make ``group["params"]`` a list of tensors, and ``group["param_names"]`` that of their names if they have any."""
    parameters = group["params"]
    if isinstance(parameters, Tensor):
        group["params"] = [parameters]
        return
    if isinstance(parameters, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    parameters = list(parameters)
    named = [isinstance(parameter, tuple) for parameter in parameters]
    if any(named):
        if not all(named):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group["param_names"] = [name for name, _ in parameters]
        parameters = [parameter for _, parameter in parameters]
    group["params"] = parameters


def _adapted(value: Any, parameter: Tensor, group: dict[str, Any], key: Any = None) -> Any:
    """A piece of saved state as ``parameter`` needs it."""
    if isinstance(value, Tensor):
        if key == "step":
            on_device = group.get("capturable") or group.get("fused")
            return value.to(dtype=_C.float32, device=parameter.device) if on_device else value
        if parameter.is_floating_point():
            return value.to(dtype=parameter.dtype, device=parameter.device)
        return value.to(device=parameter.device)
    if isinstance(value, dict):
        return {name: _adapted(item, parameter, group, name) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        make = getattr(value, "_make", type(value))  # a named tuple takes its fields one by one
        return make(_adapted(item, parameter, group) for item in value)
    return value


# ---- what the algorithms share


def evaluate(closure: Callable[[], Any] | None) -> Any:
    """The loss that ``closure`` returns, with gradients recorded whatever the caller's mode; None without a closure."""
    if closure is None:
        return None
    from ..autograd import enable_grad

    with enable_grad():
        return closure()


def with_gradients(group: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters of ``group`` that have a gradient, and the gradients."""
    parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
    return parameters, [parameter.grad for parameter in parameters]


def new_step() -> Tensor:
    """A step counter: a 0-d tensor on the CPU, so that checkpoints are PyTorch's."""
    from .. import zeros

    return zeros((), dtype=_C.float64 if _C.get_default_dtype() == _C.float64 else _C.float32)


def new_state(parameter: Tensor, value: float = 0) -> Tensor:
    """A state tensor like ``parameter``, each number of which (each part of a complex one) is ``value``."""
    from .. import full_like

    return full_like(parameter, complex(value, value) if parameter.is_complex() else value)


def learning_rate(group: dict[str, Any]) -> tuple[float, Tensor | None]:
    """The rate as a number; where a step is to be differentiated by it, 1 and the tensor that is its factor."""
    lr = group["lr"]
    if group["differentiable"] and isinstance(lr, Tensor) and lr.requires_grad:
        return 1.0, lr
    return float(lr), None


def fill_missing_options(groups: list[dict[str, Any]], **options: Any) -> None:
    """Give groups of an older checkpoint the options that it did not know yet."""
    for group in groups:
        for name, value in options.items():
            group.setdefault(name, value)


def tensor_steps(state: dict[Any, Any], name: str = "step") -> None:
    """Turn the step counters (or other numbers) of an older checkpoint, plain numbers, into tensors."""
    for entry in state.values():
        if isinstance(entry, dict) and name in entry and not isinstance(entry[name], Tensor):
            entry[name] = new_step().fill_(float(entry[name]))


def check_nonnegative(what: str, value: Any) -> None:
    """Raise ``ValueError: Invalid {what}: {value}`` unless ``value`` is at least 0."""
    if not value >= 0.0:  # nan is refused too
        raise ValueError(f"Invalid {what}: {value}")


def check_learning_rate(lr: Any, foreach: bool | None = None, capturable: bool = True) -> None:
    """Check a learning rate: a number that is at least 0, or a tensor of one element."""
    if isinstance(lr, Tensor):
        if foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        if lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
    check_nonnegative("learning rate", lr)


def check_betas(betas: Any) -> None:
    """Check the shares that Adam and its kin keep of their running means."""
    for i in (0, 1):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")


def check_form(differentiable: bool, foreach: bool | None, fused: bool | None = None) -> None:
    """Check the options that choose among forms of one step: it is fused, or recorded where it is differentiable."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")

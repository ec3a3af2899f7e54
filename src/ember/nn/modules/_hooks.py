"""Hooks of modules: functions that run before or after ``forward``, and before or after a module's backward."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ... import _C
from ...utils.hooks import RemovableHandle

Tensor = _C.Tensor
Hook = Callable[..., Any]
_NONE: Mapping[int, Any] = {}

_global_forward_pre_hooks: dict[int, Hook] = OrderedDict()
_global_forward_hooks: dict[int, Hook] = OrderedDict()
_global_forward_hooks_always_called: dict[int, bool] = OrderedDict()
_global_forward_hooks_with_kwargs: dict[int, bool] = OrderedDict()
_global_backward_pre_hooks: dict[int, Hook] = OrderedDict()
_global_backward_hooks: dict[int, Hook] = OrderedDict()
_global_is_full_backward_hook: bool | None = None

_ONE_KIND = (
    "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
)


def _register_global(hooks: dict[int, Hook], hook: Hook, **flags: dict[int, bool]) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=list(flags.values()))
    hooks[handle.id] = hook
    for each in flags.values():
        each[handle.id] = True
    _C.ModuleBase._watch_global_hooks()
    return handle


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, args)`` before the forward of every module; what it returns replaces ``args``."""
    return _register_global(_global_forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after the forward of every module; what it returns replaces ``output``.

    Args:
        hook: the function.
        with_kwargs: call ``hook(module, args, kwargs, output)``. Default: ``False``.
        always_call: call it also when forward raised an exception. Default: ``False``.
    """
    flags = {}
    if with_kwargs:
        flags["with_kwargs"] = _global_forward_hooks_with_kwargs
    if always_call:
        flags["always_call"] = _global_forward_hooks_always_called
    return _register_global(_global_forward_hooks, hook, **flags)


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before every module's backward; what it returns replaces ``grad_output``."""
    return _register_global(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` after every module's backward; it may replace ``grad_input``."""
    _set_global_kind(True)
    return _register_global(_global_backward_hooks, hook)


def register_module_backward_hook(hook: Hook) -> RemovableHandle:
    """Older form of :func:`register_module_full_backward_hook` that sees only the last operation of each module."""
    _set_global_kind(False)
    return _register_global(_global_backward_hooks, hook)


def _set_global_kind(full: bool) -> None:
    global _global_is_full_backward_hook
    if _global_is_full_backward_hook not in (None, full):
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. "
            "Please use only one of them."
        )
    _global_is_full_backward_hook = full


class HookDict:
    """A dict of hooks that a module gets when somebody first asks for it; a module without hooks stays small and fast.

    The making of one that concerns calls leaves the mark ``_hooked`` in the module, by which a call knows that it must
    look for hooks.
    """

    def __init__(self, concerns_calls: bool = True) -> None:
        self.concerns_calls = concerns_calls

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, owner: type | None = None) -> Any:
        if module is None:
            return self
        attributes = module.__dict__
        hooks = attributes.get(self.name)
        if hooks is None:
            self.__set__(module, hooks := OrderedDict())
        return hooks

    def __set__(self, module: Any, hooks: Any) -> None:
        module.__dict__[self.name] = hooks
        if self.concerns_calls:
            module.__dict__["_hooked"] = True


class HookedModule(_C.ModuleBase):
    """The part of Module that registers and runs hooks."""

    _backward_pre_hooks = HookDict()
    _backward_hooks = HookDict()
    _forward_pre_hooks = HookDict()
    _forward_pre_hooks_with_kwargs = HookDict()
    _forward_hooks = HookDict()
    _forward_hooks_with_kwargs = HookDict()
    _forward_hooks_always_called = HookDict()
    _is_full_backward_hook: bool | None = None

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before each forward; what it returns replaces ``args``.

        Args:
            hook: the function.
            prepend: run it before the hooks that are there already. Default: ``False``.
            with_kwargs: call ``hook(module, args, kwargs)``, which returns both or None. Default: ``False``.
        """
        flags = [self._forward_pre_hooks_with_kwargs] if with_kwargs else []
        return _register(self._forward_pre_hooks, hook, prepend, flags)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after each forward; what it returns replaces ``output``.

        Args:
            hook: the function.
            prepend: run it before the hooks that are there already. Default: ``False``.
            with_kwargs: call ``hook(module, args, kwargs, output)``. Default: ``False``.
            always_call: call it also when forward raised an exception; ``output`` is then None. Default: ``False``.
        """
        flags = [self._forward_hooks_with_kwargs] if with_kwargs else []
        if always_call:
            flags.append(self._forward_hooks_always_called)
        return _register(self._forward_hooks, hook, prepend, flags)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the module's backward; what it returns replaces ``grad_output``.

        Args:
            hook: the function; ``grad_output`` is a tuple, one gradient for each output.
            prepend: run it before the hooks that are there already. Default: ``False``.
        """
        return _register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` after the module's backward; a result replaces ``grad_input``.

        Args:
            hook: the function; both gradients are tuples, ``grad_input`` with one entry for each positional argument.
            prepend: run it before the hooks that are there already. Default: ``False``.
        """
        self._set_backward_kind(True)
        return _register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Older form of :meth:`register_full_backward_hook`, which sees only the last operation of the module."""
        self._set_backward_kind(False)
        return _register(self._backward_hooks, hook, False)

    def _set_backward_kind(self, full: bool) -> None:
        if self._is_full_backward_hook not in (None, full):
            raise RuntimeError(_ONE_KIND)
        self._is_full_backward_hook = full

    def _call_impl(self, *args: Any, **kwargs: Any) -> Any:
        """A call with all of its hooks: the work of ``module(...)`` where there are any."""
        if not _any_hooks(self):
            return self.forward(*args, **kwargs)
        called: set[int] = set()
        try:
            return _run(self, args, kwargs, called)
        except Exception:
            _run_remaining(self, args, kwargs, called)
            raise

    _call_with_hooks = _call_impl


def _register(hooks: Any, hook: Hook, prepend: bool, flags: list[Any] | None = None) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=flags)
    hooks[handle.id] = hook
    for each in flags or ():
        each[handle.id] = True
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _own(module: Any, name: str) -> Mapping[int, Any]:
    """The module's hooks, without making the dict for them."""
    hooks: Mapping[int, Any] = module.__dict__.get(name) or _NONE
    return hooks


def _any_hooks(module: HookedModule) -> bool:
    return bool(
        _own(module, "_forward_hooks")
        or _own(module, "_forward_pre_hooks")
        or _own(module, "_backward_hooks")
        or _own(module, "_backward_pre_hooks")
        or _global_forward_hooks
        or _global_forward_pre_hooks
        or _global_backward_hooks
        or _global_backward_pre_hooks
    )


def _run(module: HookedModule, args: tuple[Any, ...], kwargs: dict[str, Any], called: set[int]) -> Any:
    args, kwargs = _run_forward_pre_hooks(module, args, kwargs)
    backward = _BackwardHooks.of(module)
    if backward:
        args = backward.watch_inputs(args)
    output = module.forward(*args, **kwargs)
    for key, hook, with_kwargs, always in _forward_hooks(module):
        if always:
            called.add(key)
        changed = hook(module, args, kwargs, output) if with_kwargs else hook(module, args, output)
        if changed is not None:
            output = changed
    if backward:
        output = backward.watch_outputs(output)
    _attach_partial_backward_hooks(module, output)
    return output


def _run_forward_pre_hooks(module: HookedModule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    for key, hook in [*_global_forward_pre_hooks.items(), *_own(module, "_forward_pre_hooks").items()]:
        if key in _own(module, "_forward_pre_hooks_with_kwargs"):
            changed = hook(module, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            args, kwargs = changed
        else:
            changed = hook(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    return args, kwargs


def _forward_hooks(module: HookedModule) -> Iterator[tuple[int, Hook, bool, bool]]:
    """Each as (key, hook, with_kwargs, always_call), those for all modules first."""
    for key, hook in [*_global_forward_hooks.items()]:
        yield key, hook, key in _global_forward_hooks_with_kwargs, key in _global_forward_hooks_always_called
    with_kwargs = _own(module, "_forward_hooks_with_kwargs")
    always_called = _own(module, "_forward_hooks_always_called")
    for key, hook in [*_own(module, "_forward_hooks").items()]:
        yield key, hook, key in with_kwargs, key in always_called


def _run_remaining(module: HookedModule, args: tuple[Any, ...], kwargs: dict[str, Any], called: set[int]) -> None:
    """After an exception: the hooks that are always called and have not been."""
    for key, hook, with_kwargs, always in _forward_hooks(module):
        if not always or key in called:
            continue
        try:
            _ = hook(module, args, kwargs, None) if with_kwargs else hook(module, args, None)
        except Exception as error:
            warnings.warn(f"forward hook with ``always_call=True`` raised an exception: {error}", stacklevel=4)


class _BackwardHooks:
    """One call's backward hooks, run by two identity nodes: in front of the module's inputs and behind its outputs."""

    def __init__(self, module: HookedModule, hooks: list[Hook], pre_hooks: list[Hook]) -> None:
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_output: tuple[Any, ...] | None = None
        self.inputs = 0  # positional arguments
        self.watched: list[int] = []  # which of them want a gradient

    @classmethod
    def of(cls, module: HookedModule) -> _BackwardHooks | None:
        hooks = [*_global_backward_hooks.values()] if _global_is_full_backward_hook else []
        if module._is_full_backward_hook:
            hooks += _own(module, "_backward_hooks").values()
        pre_hooks = [*_global_backward_pre_hooks.values(), *_own(module, "_backward_pre_hooks").values()]
        return cls(module, hooks, pre_hooks) if hooks or pre_hooks else None

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.inputs = len(args)
        self.watched = _wanting_grad(args)
        if not self.hooks or not self.watched:
            return args
        passed = list(args)
        for i, tensor in zip(self.watched, _identity(self.after, [args[i] for i in self.watched]), strict=True):
            passed[i] = tensor
        return tuple(passed)

    def watch_outputs(self, output: Any) -> Any:
        outputs = output if isinstance(output, tuple) else (output,)
        watched = _wanting_grad(outputs)
        if not watched:
            return output
        passed = list(outputs)

        def before(gradients: tuple[Any, ...]) -> tuple[Any, ...]:
            return self.before(_spread(gradients, watched, len(outputs)), watched)

        for i, tensor in zip(watched, _identity(before, [outputs[i] for i in watched]), strict=True):
            passed[i] = tensor
        if not isinstance(output, tuple):
            return passed[0]
        return type(output)(*passed) if hasattr(output, "_fields") else tuple(passed)

    def before(self, grad_output: tuple[Any, ...], watched: list[int]) -> tuple[Any, ...]:
        for hook in self.pre_hooks:
            grad_output = _replaced(grad_output, hook(self.module, grad_output), "Backward pre", "grad_output")
        self.grad_output = grad_output
        if self.hooks and not self.watched:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no "
                "inputs require gradients. See register_full_backward_hook for more details.",
                stacklevel=5,
            )
            nothing = (None,) * self.inputs
            for hook in self.hooks:
                if hook(self.module, nothing, grad_output) is not None:
                    raise RuntimeError(
                        "Backward hook for Modules where no input requires gradient should always return None or None "
                        "for all gradients."
                    )
        return tuple(grad_output[i] for i in watched)

    def after(self, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.grad_output is None:
            raise RuntimeError(
                "Module backward hook for grad_input is called before the grad_output one. This happens because the "
                "gradient in your nn.Module flows to the Module's input without passing through the Module's output. "
                "Make sure that the output depends on the input and that the loss is computed based on the output."
            )
        grad_input = _spread(gradients, self.watched, self.inputs)
        for hook in self.hooks:
            grad_input = _replaced(
                grad_input, hook(self.module, grad_input, self.grad_output), "Backward", "grad_input"
            )
        self.grad_output = None
        return tuple(grad_input[i] for i in self.watched)


def _wanting_grad(values: tuple[Any, ...]) -> list[int]:
    if not _C.is_grad_enabled():
        return []
    return [i for i, each in enumerate(values) if isinstance(each, Tensor) and each.requires_grad]


def _spread(gradients: tuple[Any, ...], places: list[int], length: int) -> tuple[Any, ...]:
    """Gradients at their places among all arguments, None elsewhere."""
    all_places: list[Any] = [None] * length
    for place, gradient in zip(places, gradients, strict=True):
        all_places[place] = gradient
    return tuple(all_places)


def _replaced(gradients: tuple[Any, ...], result: Any, kind: str, name: str) -> tuple[Any, ...]:
    if result is None:
        return gradients
    if not isinstance(result, tuple):
        result = (result,)
    if len(result) != len(gradients):
        raise RuntimeError(
            f"{kind} hook returned an invalid number of {name}, got {len(result)}, but expected {len(gradients)}"
        )
    return result


@functools.cache
def _identity_function() -> Any:
    from ...autograd import Function

    class BackwardHookFunction(Function):
        """Passes tensors on unchanged; their gradients go through ``on_backward``."""

        @staticmethod
        def forward(ctx: Any, on_backward: Callable[..., Any], *tensors: Any) -> Any:
            ctx.on_backward = on_backward
            return tuple(each.view_as(each) for each in tensors)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return None, *ctx.on_backward(gradients)

    return BackwardHookFunction


def _identity(on_backward: Callable[..., Any], tensors: list[Any]) -> tuple[Any, ...]:
    result: tuple[Any, ...] = _identity_function().apply(on_backward, *tensors)
    return result


def _attach_partial_backward_hooks(module: HookedModule, output: Any) -> None:
    """Older backward hooks stand on the node of the first output tensor."""
    hooks = [*_global_backward_hooks.values()] if _global_is_full_backward_hook is False else []
    if module._is_full_backward_hook is False:
        hooks += _own(module, "_backward_hooks").values()
    if not hooks:
        return
    while not isinstance(output, Tensor):
        output = next(each for each in output.values()) if isinstance(output, dict) else output[0]
    if output.grad_fn is not None:
        for hook in hooks:
            output.grad_fn.register_hook(functools.partial(hook, module))

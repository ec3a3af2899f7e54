"""A module's state as a dict of tensors, and back."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from ... import _C
from ...autograd import no_grad
from ...utils.hooks import RemovableHandle
from ..parameter import Parameter, is_lazy
from ._hooks import HookDict, HookedModule, _own

Tensor = _C.Tensor
T_destination = TypeVar("T_destination", bound=dict[str, Any])

_EXTRA_STATE_KEY_SUFFIX = "_extra_state"


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class _Loading(OrderedDict[str, Any]):
    """The entries still to be read, with the copies to be made once everything is known to fit."""

    def __init__(self, entries: Iterable[tuple[str, Any]], copies: list[Callable[[], None]]) -> None:
        super().__init__(entries)
        self.copies = copies


class StatefulModule(HookedModule):
    """The part of Module that saves and loads."""

    _state_dict_hooks = HookDict(concerns_calls=False)
    _state_dict_pre_hooks = HookDict(concerns_calls=False)
    _load_state_dict_pre_hooks = HookDict(concerns_calls=False)
    _load_state_dict_post_hooks = HookDict(concerns_calls=False)
    _version: int = 1
    T_destination = T_destination

    # ---- save ----

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Every parameter and persistent buffer by its path, as tensors that share the module's memory.

        Args:
            destination: the dict to fill. Default: a new OrderedDict.
            prefix: what every key begins with. Default: ``""``.
            keep_vars: give the parameters themselves and not detached tensors. Default: ``False``.

        Example:
            >>> list(ember.nn.Linear(2, 3).state_dict())
            ['weight', 'bias']
        """
        if args:  # the older positional form
            given = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
            destination = given.get("destination", destination)
            prefix = given.get("prefix", prefix)
            keep_vars = given.get("keep_vars", keep_vars)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        for hook in [*_own(self, "_state_dict_pre_hooks").values()]:
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in [*_own(self, "_state_dict_hooks").values()]:
            changed = hook(self, destination, prefix, local_metadata)
            if getattr(hook, "_from_public_api", False):
                if changed is not None:
                    raise RuntimeError("state_dict post-hook must return None")
            elif changed is not None:
                destination = changed
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Add this module's own entries, without its submodules', to ``destination``."""
        for name, tensor in self._own_state().items():
            destination[prefix + name] = tensor if keep_vars or is_lazy(tensor) else tensor.detach()
        if type(self).get_extra_state is not StatefulModule.get_extra_state:
            destination[prefix + _EXTRA_STATE_KEY_SUFFIX] = self.get_extra_state()

    def _own_state(self) -> dict[str, Any]:
        own = {name: each for name, each in self._parameters.items() if each is not None}
        for name, each in self._buffers.items():
            if each is not None and name not in self._non_persistent_buffers_set:
                own[name] = each
        return own

    def get_extra_state(self) -> Any:
        """What ``state_dict()`` keeps beside tensors; to be overridden together with :meth:`set_extra_state`."""
        raise RuntimeError(f"get_extra_state(): {type(self).__name__} has no extra state; override it to keep some.")

    def set_extra_state(self, state: Any) -> None:
        """Take back what :meth:`get_extra_state` returned."""
        raise RuntimeError(f"set_extra_state(): {type(self).__name__} has no extra state; override it to load some.")

    # ---- load ----

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy the tensors of ``state_dict`` into the parameters and buffers of the same path.

        Nothing is copied unless everything fits; only where load_state_dict post-hooks may still forgive missing keys
        does copying come before the check of the keys.

        Args:
            state_dict: tensors by path, as :meth:`state_dict` gives them.
            strict: require exactly the module's own keys. Default: ``True``.
            assign: take the tensors themselves, with their dtype and device, in place of copying. Default: ``False``.

        Returns:
            a named tuple with ``missing_keys`` and ``unexpected_keys``.

        Raises:
            RuntimeError: a shape differs or, where ``strict``, a key is missing or unexpected.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        copies: list[Callable[[], None]] = []
        metadata = getattr(state_dict, "_metadata", None)
        entries = _Loading(state_dict.items(), copies)
        if metadata is not None:
            entries._metadata = metadata  # type: ignore[attr-defined]
        after: list[tuple[Callable[..., Any], Any]] = []

        def load(module: Any, entries: _Loading, prefix: str) -> None:
            local_metadata = {} if metadata is None else metadata.get(prefix[:-1], {})
            if assign:
                local_metadata["assign_to_params_buffers"] = assign
            module._load_from_state_dict(entries, prefix, local_metadata, True, missing, unexpected, errors)
            for name, child in module._modules.items():
                if child is not None:
                    inside = f"{prefix}{name}."
                    load(child, _Loading((e for e in entries.items() if e[0].startswith(inside)), copies), inside)
            after.extend((hook, module) for hook in _own(module, "_load_state_dict_post_hooks").values())

        load(self, entries, "")
        incompatible = _IncompatibleKeys(missing, unexpected)
        if not errors and after:
            _make(copies)
            for hook, module in after:
                assert hook(module, incompatible) is None, (
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, "
                    "if incompatible_keys need to be modified, it should be done inplace."
                )
        if strict:
            errors[:0] = [
                f"{kind} key(s) in state_dict: {', '.join(map(_quoted, keys))}. "
                for kind, keys in (("Missing", missing), ("Unexpected", unexpected))
                if keys
            ]
        if errors:
            lines = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        _make(copies)
        return incompatible

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own entries, without its submodules'; a subclass may override it to read older files."""
        for hook in [*_own(self, "_load_state_dict_pre_hooks").values()]:
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own_state = self._own_state()
        at_once: list[Callable[[], None]] = []
        copies = getattr(state_dict, "copies", at_once)  # a dict that a subclass made is copied from at once
        for name, own in own_state.items():
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            given, error = _fit(own, state_dict[key], key)
            if error:
                error_msgs.append(error)
            elif local_metadata.get("assign_to_params_buffers", False):
                copies.append(partial(_assign, self, name, own, given))
            else:
                copies.append(partial(_copy, own, given, key))
        self._load_extra_state(state_dict, prefix, strict, missing_keys, unexpected_keys, copies)
        if strict:
            for key in state_dict:
                first, dot, _ = key.removeprefix(prefix).partition(".")
                known = first in self._modules if dot else first in own_state or first == _EXTRA_STATE_KEY_SUFFIX
                if key.startswith(prefix) and not known:
                    unexpected_keys.append(key)
        _make(at_once)

    def _load_extra_state(
        self, state_dict: Any, prefix: str, strict: bool, missing: list[str], unexpected: list[str], copies: list[Any]
    ) -> None:
        key = prefix + _EXTRA_STATE_KEY_SUFFIX
        if type(self).set_extra_state is not StatefulModule.set_extra_state:
            if key in state_dict:
                state = state_dict[key]
                copies.append(lambda: self.set_extra_state(state))
            elif strict:
                missing.append(key)
        elif strict and key in state_dict:
            unexpected.append(key)

    # ---- hooks ----

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before this module's entries are saved."""
        return _register(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after saving; it may change ``state_dict``."""
        hook._from_public_api = True  # type: ignore[attr-defined]
        return _register(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Like :meth:`register_state_dict_post_hook`, but a dict that the hook returns replaces the state dict."""
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return _register(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook`` with the module and the arguments of :meth:`_load_from_state_dict` before loading."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        return _register(self._load_state_dict_pre_hooks, _BoundHook(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after loading; it may take keys out of the two lists."""
        return _register(self._load_state_dict_post_hooks, hook)


class _BoundHook:
    """A hook that gets its module first; unlike a bound method it is copied and pickled with the module."""

    def __init__(self, hook: Callable[..., Any], module: Any) -> None:
        self.hook = hook
        self.module = module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.hook(self.module, *args, **kwargs)


def _register(hooks: Any, hook: Callable[..., Any]) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def _make(copies: list[Callable[[], None]]) -> None:
    for copy in copies:
        copy()
    copies.clear()


def _fit(own: Any, given: Any, key: str) -> tuple[Any, str | None]:
    """The tensor to load, or why it does not fit."""
    if not isinstance(given, Tensor):
        return None, (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(given)}"
        )
    if is_lazy(own):
        return given, None  # it takes any shape
    if is_lazy(given):
        return None, f"{key} comes from a lazy module before its first call: it has no shape yet."
    if own.dim() == 0 and tuple(given.shape) == (1,):
        given = given[0]  # files from before tensors without dims existed
    if given.shape != own.shape:
        return None, (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in current "
            f"model is {own.shape}."
        )
    return given, None


def _copy(own: Any, given: Any, key: str) -> None:
    if is_lazy(own):
        if is_lazy(given):
            return
        own.materialize(given.shape)
    try:
        with no_grad():
            own.copy_(given)
    except Exception as error:
        raise RuntimeError(
            f'While copying the parameter named "{key}", whose dimensions in the model are {own.size()} and whose '
            f"dimensions in the checkpoint are {given.size()}, an exception occurred : {error.args}."
        ) from error


def _assign(module: Any, name: str, own: Any, given: Any) -> None:
    if isinstance(own, Parameter):
        if isinstance(given, Parameter):
            given.requires_grad_(own.requires_grad)
        else:
            given = Parameter(given, requires_grad=own.requires_grad)
    setattr(module, name, given)


def _quoted(key: str) -> str:
    return f'"{key}"'

"""Recomputing the activations of a module in backward, as a module around it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from ....nn.modules.module import Module

_PREFIX = "_checkpoint_wrapped_module."


class CheckpointImpl(enum.Enum):
    """How activations are computed again: with saved-tensor hooks, or with a graph of its own in backward."""

    REENTRANT = enum.auto()
    NO_REENTRANT = enum.auto()


class CheckpointWrapper(Module):
    """A module whose activations are computed again in backward (:func:`ember.utils.checkpoint.checkpoint`)."""

    def __init__(
        self,
        mod: Module,
        checkpoint_impl: CheckpointImpl = CheckpointImpl.NO_REENTRANT,
        checkpoint_fn: Callable[..., Any] | None = None,
        **checkpoint_fn_kwargs: Any,
    ) -> None:
        super().__init__()
        self._checkpoint_wrapped_module = mod
        self.checkpoint_impl = checkpoint_impl
        self._checkpoint = checkpoint_fn
        self._options = checkpoint_fn_kwargs
        # Names in state dicts are those of the module inside.
        self.register_state_dict_post_hook(_without_prefix)
        self.register_load_state_dict_pre_hook(_with_prefix)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self._checkpoint_wrapped_module, name)

    def __getitem__(self, key: Any) -> Any:
        wrapped: Any = self._checkpoint_wrapped_module
        return wrapped[key]

    def named_parameters(self, *args: Any, **kwargs: Any) -> Any:
        """Parameters under the names of the module inside."""
        for name, parameter in super().named_parameters(*args, **kwargs):
            yield name.replace(_PREFIX, ""), parameter

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's output."""
        if self._checkpoint is not None:
            return self._checkpoint(self._checkpoint_wrapped_module, *args, **self._options, **kwargs)
        from ....utils.checkpoint import checkpoint

        reentrant = self.checkpoint_impl is CheckpointImpl.REENTRANT
        return checkpoint(self._checkpoint_wrapped_module, *args, use_reentrant=reentrant, **self._options, **kwargs)


def _without_prefix(module: Module, state: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    for name in [name for name in state if name.startswith(prefix + _PREFIX)]:
        state[prefix + name[len(prefix + _PREFIX) :]] = state.pop(name)


def _with_prefix(module: Module, state: dict[str, Any], prefix: str, *args: Any) -> None:
    for name in [name for name in state if name.startswith(prefix) and not name.startswith(prefix + _PREFIX)]:
        state[prefix + _PREFIX + name[len(prefix) :]] = state.pop(name)


def checkpoint_wrapper(
    module: Module,
    checkpoint_impl: CheckpointImpl = CheckpointImpl.NO_REENTRANT,
    checkpoint_fn: Callable[..., Any] | None = None,
    **checkpoint_fn_kwargs: Any,
) -> Module:
    """A module around `module` whose activations are computed again in backward, to save memory.

    Args:
        module: the module.
        checkpoint_impl: how. Default: with saved-tensor hooks.
        checkpoint_fn: used in place of :func:`ember.utils.checkpoint.checkpoint`.
        checkpoint_fn_kwargs: its options.
    """
    return CheckpointWrapper(module, checkpoint_impl, checkpoint_fn, **checkpoint_fn_kwargs)


def apply_activation_checkpointing(
    model: Module,
    checkpoint_wrapper_fn: Callable[[Module], Module] = checkpoint_wrapper,
    check_fn: Callable[[Module], bool] = lambda _: True,
    auto_wrap_policy: Any = None,
) -> None:
    """Put `checkpoint_wrapper_fn` around the modules inside `model` for which `check_fn` is true, in place."""
    for name, child in model.named_children():
        apply_activation_checkpointing(child, checkpoint_wrapper_fn, check_fn)
        if check_fn(child):
            setattr(model, name, checkpoint_wrapper_fn(child))

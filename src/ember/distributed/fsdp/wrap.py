"""Which parts of a module would be shared out: policies are functions of a module, asked from the root on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from ...nn.modules.activation import MultiheadAttention
from ...nn.modules.container import ModuleDict, ModuleList
from ...nn.modules.module import Module


def always_wrap_policy(*args: Any, **kwargs: Any) -> bool:
    """True: every module."""
    return True


def transformer_auto_wrap_policy(
    module: Module, recurse: bool, nonwrapped_numel: int, transformer_layer_cls: set[type[Module]]
) -> bool:
    """Whether `module` is of one of the classes; `recurse` asks whether its children are to be looked at."""
    return recurse or isinstance(module, tuple(transformer_layer_cls))


def lambda_auto_wrap_policy(module: Module, recurse: bool, nonwrapped_numel: int, lambda_fn: Any) -> bool:
    """Whether `lambda_fn(module)` says so; `recurse` asks whether its children are to be looked at."""
    return recurse or bool(lambda_fn(module))


def size_based_auto_wrap_policy(
    module: Module,
    recurse: bool,
    nonwrapped_numel: int,
    min_num_params: int = int(1e8),
    force_leaf_modules: set[type[Module]] | None = None,
    exclude_wrap_modules: set[type[Module]] | None = None,
) -> bool:
    """Whether a module has so many parameters, and may be wrapped.

    Args:
        module: the module asked about.
        recurse: whether the question is if its children are to be looked at.
        nonwrapped_numel: its parameters that belong to no wrapped child yet.
        min_num_params: from this number on it is wrapped.
        force_leaf_modules: classes whose children are not looked at; default: MultiheadAttention.
        exclude_wrap_modules: classes that are not wrapped; default: ModuleList and ModuleDict.
    """
    leaves = {MultiheadAttention} if force_leaf_modules is None else force_leaf_modules
    excluded = {ModuleList, ModuleDict} if exclude_wrap_modules is None else exclude_wrap_modules
    return nonwrapped_numel >= min_num_params and not isinstance(module, tuple(leaves if recurse else excluded))


class ModuleWrapPolicy:
    """The policy of wrapping the modules of some classes.

    Args:
        module_classes: the classes.
    """

    def __init__(self, module_classes: Iterable[type[Module]]) -> None:
        self._module_classes = set(module_classes)
        self._module_classes_str = str(self._module_classes)

    def __call__(self, module: Module, recurse: bool, *args: Any, **kwargs: Any) -> bool:
        return recurse or isinstance(module, tuple(self._module_classes))

    def __repr__(self) -> str:
        return f"{super().__repr__()}({self._module_classes_str})"


@contextlib.contextmanager
def enable_wrap(*, wrapper_cls: Any, **wrapper_kwargs: Any) -> Iterator[None]:
    """Within the block :func:`wrap` wraps a module: ``wrapper_cls(module, **wrapper_kwargs)``."""
    global _wrapper
    before, _wrapper = _wrapper, (wrapper_cls, wrapper_kwargs)
    try:
        yield
    finally:
        _wrapper = before


_wrapper: tuple[Any, dict[str, Any]] | None = None


def wrap(module: Module, **wrap_overrides: Any) -> Module:
    """The module, wrapped if :func:`enable_wrap` says so."""
    if _wrapper is None:
        return module
    cls, options = _wrapper
    return cls(module, **{**options, **wrap_overrides})

"""Handles that take registered hooks away again."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import MutableMapping, Sequence
from typing import Any

from .. import _C

_ids = itertools.count()


class RemovableHandle:
    """What registering a hook returns: :meth:`remove` takes the hook away, and so does leaving a ``with`` block.

    Args:
        hooks_dict: the dict, by hook id, in which the hook stands.
        extra_dict: one more such dict, or several, that hold something about the hook.

    Example:
        >>> layer = ember.nn.Linear(2, 2)
        >>> handle = layer.register_forward_hook(lambda module, args, output: None)
        >>> handle.remove()
    """

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        self.id = next(_ids)
        dicts = [hooks_dict, *_as_list(extra_dict)]
        self._references = [weakref.ref(each) for each in dicts]  # a handle keeps no module alive

    def remove(self) -> None:
        """Take the hook away; does nothing the second time."""
        for reference in self._references:
            hooks = reference()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()

    def __getstate__(self) -> tuple[Any, ...]:
        return self.id, [reference() for reference in self._references]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.id = state[0]
        self._references = [weakref.ref(hooks if hooks is not None else _Lost()) for hooks in state[1]]


class _Lost(dict[int, Any]):
    """Stands for a dict of hooks that no longer exists."""


def _as_list(extra: MutableMapping[int, Any] | Sequence[MutableMapping[int, Any]] | None) -> list[Any]:
    if extra is None:
        return []
    return list(extra) if isinstance(extra, (list, tuple)) else [extra]


class GradientHookHandle:
    """What registering a hook on a tensor's gradient or on a graph node returns: :meth:`remove` takes the hook away."""

    def __init__(self, owner: Any, kind: str, number: int) -> None:
        self._owner: Any = owner
        self._kind = kind
        self.id = number

    def remove(self) -> None:
        """Take the hook away; does nothing the second time."""
        if self._owner is not None:
            _C._remove_hook(self._owner, self._kind, self.id)
            self._owner = None

    def __enter__(self) -> GradientHookHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()

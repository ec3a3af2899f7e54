"""Which modules an operation belongs to, while they run forward and while their backward runs."""

from __future__ import annotations

import weakref
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from .. import _C

if TYPE_CHECKING:
    from ..nn import Module

__all__ = ["ModuleTracker"]


class ModuleTracker:
    """Within ``with tracker:`` knows in which modules the program is, in forward and in backward.

    A node of the graph belongs to the modules that were running when it was made: that is how backward is told apart.

    Attributes:
        parents: the names of the modules, as ``{"Global", "Net", "Net.layer"}``: the class of the outermost, then the
            attributes. "Global" is always there.
        is_bw: whether a backward pass runs.

    Example:
        >>> from ember.utils.module_tracker import ModuleTracker
        >>> net = ember.nn.Sequential(ember.nn.ReLU())
        >>> with ModuleTracker() as tracker:
        ...     handle = net[0].register_forward_pre_hook(lambda *_: print(sorted(tracker.parents)))
        ...     y = net(ember.ones(1))
        ['Global', 'Sequential', 'Sequential.0']
    """

    def __init__(self) -> None:
        self._names: weakref.WeakKeyDictionary[Module, str] = weakref.WeakKeyDictionary()
        self._running: list[str] = []
        # The modules that ran while the graph's nodes from a number on were made.
        self._numbers: list[int] = []
        self._at_number: list[tuple[str, ...]] = []
        self._hooks: list[Any] = []

    def __enter__(self) -> ModuleTracker:
        from ..nn.modules._hooks import register_module_forward_hook, register_module_forward_pre_hook

        self._running.clear()
        self._numbers.clear()
        self._at_number.clear()
        self._note()
        self._hooks = [
            register_module_forward_pre_hook(self._begin),
            register_module_forward_hook(self._end, always_call=True),
        ]
        return self

    def __exit__(self, *exception: object) -> None:
        for hook in self._hooks:
            hook.remove()

    @property
    def is_bw(self) -> bool:
        """Whether a backward pass runs."""
        return _C._graph_position()[1] is not None

    @property
    def parents(self) -> set[str]:
        """The modules that the program is in, or whose backward runs."""
        node = _C._graph_position()[1]
        if node is None or self._running:  # a checkpoint's forward runs within a backward
            return {"Global", *self._running}
        before = bisect_right(self._numbers, node)
        return {"Global", *(self._at_number[before - 1] if before else ())}

    def _begin(self, module: Module, args: Any) -> None:
        self._running.append(self._name(module))
        self._note()

    def _end(self, module: Module, args: Any, output: Any) -> None:
        self._running.pop()
        self._note()

    def _note(self) -> None:
        self._numbers.append(_C._graph_position()[0])
        self._at_number.append(tuple(self._running))

    def _name(self, module: Module) -> str:
        if module not in self._names:
            self._give_names(module, type(module).__name__)
        return self._names[module]

    def _give_names(self, module: Module, name: str) -> None:
        self._names[module] = name
        for child_name, child in module.named_children():
            self._give_names(child, f"{name}.{child_name}")

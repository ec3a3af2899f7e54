"""Who holds the memory: asked when there is no more, so that nothing is kept for it while there is enough.

Modules and optimizers are found by the garbage collector, local variables by the frames that are running, what the
graph has saved for backward by walking it from there. A storage counts once, under the first name in that order.
"""

from __future__ import annotations

import gc
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from . import _C
from ._places import short_path, users_frames
from ._readable import bytes_text

_MOST_SHOWN = 5


class _Holders:
    """The bytes of each name; what has been seen is not counted again."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = defaultdict(int)
        self._storages: set[int] = set()
        self._nodes: set[Any] = set()
        self._owners: dict[int, str] = {}  # of parameters, by identity: the module's path

    def add(self, name: str, tensor: Any) -> None:
        if not isinstance(tensor, _C.Tensor) or tensor.device.type != "cpu":
            return
        storage = tensor.untyped_storage()
        if storage.data_ptr() and storage.data_ptr() not in self._storages:
            self._storages.add(storage.data_ptr())
            self.bytes[name] += storage.nbytes()

    def add_module(self, root: Any) -> None:
        title = type(root).__name__
        for path, module in root.named_modules():
            place = f"{title}.{path}" if path else title
            for name, parameter in module._parameters.items():
                if parameter is not None:
                    self._owners[id(parameter)] = place
                    self.add(f"{place}.{name}", parameter)
                    self.add(f"the gradient of {place}.{name}", parameter.grad)
            for name, buffer in module._buffers.items():
                self.add(f"{place}.{name}", buffer)

    def add_optimizer(self, optimizer: Any) -> None:
        for parameter, state in optimizer.state.items():
            owner = self._owners.get(id(parameter))
            for name, value in state.items() if isinstance(state, dict) else ():
                self.add(f"{type(optimizer).__name__}'s {name}" + (f" of {owner}" if owner else ""), value)

    def add_graph(self, tensors: Iterable[Any]) -> None:
        """What backward from these tensors would read, under the module whose parameter the node uses."""
        left = [tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None]
        while left:
            node = left.pop()
            if node in self._nodes:
                continue
            self._nodes.add(node)
            parents = [parent for parent, _ in node.next_functions if parent is not None]
            owners = [self._owners.get(id(getattr(parent, "variable", None))) for parent in parents]
            owner = next((each for each in owners if each), None)
            title = f"activations saved for backward by {node.name().removesuffix('Backward0').lower()}"
            for saved in node._saved():
                self.add(f"{title} in {owner}" if owner else title, saved)
            left += parents


def _tensors_in(value: Any, depth: int = 2) -> Iterator[Any]:
    if isinstance(value, _C.Tensor):
        yield value
    elif depth and isinstance(value, dict):
        for each in list(value.values()):
            yield from _tensors_in(each, depth - 1)
    elif depth and isinstance(value, (list, tuple, set)):
        for each in list(value):
            yield from _tensors_in(each, depth - 1)


def _frames() -> Iterator[FrameType]:
    """The callers of this module; looking into one's own locals would make a cycle that keeps all of them."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    while frame is not None:
        yield frame
        frame = frame.f_back


def _locals(frame: FrameType) -> dict[str, Any]:
    """A copy of a frame's variables. Until Python 3.13 a function's frame keeps its own copy, which is let go."""
    shared = frame.f_locals
    variables = dict(shared)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        shared.clear()
    return variables


def _roots(modules: list[Any]) -> list[Any]:
    """Modules that are in no other."""
    inner = {id(child) for module in modules for child in module._modules.values()}
    return [module for module in modules if id(module) not in inner]


def _instances(name: str, kind: str) -> list[Any]:
    """Living objects of a class, if the module that defines it has been imported at all."""
    module = sys.modules.get(name)
    if module is None:
        return []
    wanted = getattr(module, kind)
    found = [each for each in gc.get_objects() if issubclass(type(each), wanted)]  # isinstance would run proxies' code
    return [each for each in found if vars(each)]


def largest_holders(arguments: list[tuple[str, Any]]) -> dict[str, int]:
    """Bytes by holder, the largest first; `arguments` are named tensors that nothing else may hold."""
    holders = _Holders()
    modules = [each for each in _instances("ember.nn.modules.module", "Module") if "_modules" in vars(each)]
    for root in _roots(modules):
        holders.add_module(root)
    for optimizer in _instances("ember.optim.optimizer", "Optimizer"):
        holders.add_optimizer(optimizer)
    found = [tensor for _, tensor in arguments]
    for frame in _frames():
        place = (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        for name, value in _locals(frame).items():
            for tensor in _tensors_in(value):
                found.append(tensor)
                # The frames of Ember itself pass on what others hold.
                if users_frames([place, ("", 0, "")])[0] == place:
                    holders.add(f"`{name}` in {short_path(place[0])}:{place[1]}", tensor)
    holders.add_graph(found)
    for name, tensor in arguments:
        holders.add(name, tensor)
    return dict(sorted(holders.bytes.items(), key=lambda item: -item[1]))


def describe(arguments: list[tuple[str, Any]]) -> str:
    """The last words of an OutOfMemoryError: how much is in use, by whom, and what would help."""
    total = _C._memory_statistics()["allocated"]
    shown = list(largest_holders(arguments).items())[:_MOST_SHOWN]
    text = f" In use: {bytes_text(total)}"
    if shown:
        text += ", most of it by " + ", ".join(f"{name} ({bytes_text(size)})" for name, size in shown)
    return text + ". Hint: a smaller batch, gradient accumulation, utils.checkpoint or no_grad() need less."

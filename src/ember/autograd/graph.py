"""The graph from outside: its nodes, and hooks on what they save."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .. import _C

Node = _C.Node


class GradientEdge(NamedTuple):
    """Where a tensor's gradient goes: into output `output_nr` of `node`."""

    node: Any
    output_nr: int


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """The edge of a tensor that requires grad."""
    if not tensor.requires_grad:
        raise RuntimeError("get_gradient_edge(): the tensor does not require grad; expected one that does.")
    return GradientEdge(*_C._gradient_edge(tensor))


class saved_tensors_hooks:
    """Within the block, what operations save for backward passes through `pack_hook`, and through `unpack_hook` on use.

    Args:
        pack_hook: takes the tensor to save, returns anything.
        unpack_hook: takes that, returns a tensor of the same shape, type and contents.

    Example:
        >>> x = ember.ones(3, requires_grad=True)
        >>> with ember.autograd.graph.saved_tensors_hooks(lambda t: t.numpy(force=True), ember.from_numpy):
        ...     y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        tensor([2., 2., 2.])
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        _C._push_saved_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *exception: object) -> None:
        _C._pop_saved_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Saved tensors are kept as copies in the CPU's memory."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(
            lambda tensor: (tensor.device, tensor.detach().cpu().clone()), lambda packed: packed[1].to(packed[0])
        )

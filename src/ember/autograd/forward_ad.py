"""Forward derivatives with dual tensors: a tensor and its tangent, which what is computed from it has as well.

A dual tensor is recorded like one that requires grad, and its tangent is computed when it is asked for, by two backward
passes. Values and tangents are those of the forward mode; results of dual tensors say that they require grad; and what
is computed under ``no_grad`` has no tangent.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _C
from .._contexts import _DecoratorContextManager
from ._forward_product import ForwardProduct
from ._reach import new_leaf, reaches_others
from .function import Function
from .grad_mode import enable_grad

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]

_current_level = -1  # -1 outside, 0 inside: levels do not nest
_duals: list[
    tuple[Any, Any, Any]
] = []  # of the current level: dual tensor, what it was made from in the graph, tangent
_recording = enable_grad()


class UnpackedDualTensor(NamedTuple):
    """The two parts of a dual tensor.

    Attributes:
        primal: the tensor.
        tangent: its derivative along the level's tangents; None where it does not depend on a dual tensor.
    """

    primal: Any
    tangent: Any


def enter_dual_level() -> int:
    """Start a level, in which dual tensors can be made, and return its number.

    Raises:
        RuntimeError: within another level.
    """
    global _current_level
    if _current_level >= 0:
        raise RuntimeError("enter_dual_level(): Nested forward mode AD is not supported; a level is open already.")
    _recording.__enter__()
    _current_level += 1
    return _current_level


def exit_dual_level(*, level: int | None = None) -> None:
    """End a level: its dual tensors have no tangents any more."""
    global _current_level
    if _current_level < 0:
        raise RuntimeError("exit_dual_level(): no level is open. Call enter_dual_level() first.")
    if level not in (None, _current_level):
        raise RuntimeError(
            f"exit_dual_level(): level is {level}; expected {_current_level}, the last one that was created."
        )
    _current_level -= 1
    _duals.clear()
    _recording.__exit__()


class dual_level(_DecoratorContextManager):
    """A level as a context manager.

    Example:
        >>> from ember.autograd import forward_ad
        >>> with forward_ad.dual_level():
        ...     x = forward_ad.make_dual(ember.tensor(3.0), ember.tensor(1.0))
        ...     print(forward_ad.unpack_dual(x * x).tangent)
        tensor(6.)
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exception: object) -> None:
        exit_dual_level()


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """A tensor with a tangent.

    Args:
        tensor: floating point or complex; the dual tensor shares its memory.
        tangent: of its shape.
        level: the open level. Default: that one.

    Raises:
        RuntimeError: no level is open, the shapes differ, or `tensor` has a tangent already.
        ValueError: one of the two is not of a floating point type.
    """
    if _current_level < 0 or (level is not None and level < 0):
        raise RuntimeError("make_dual(): no level exists; expected to be within dual_level().")
    for each, what in ((tensor, "tensor"), (tangent, "tangent")):
        if not (each.is_floating_point() or each.is_complex()):
            raise ValueError(f"make_dual(): {what} is {each.dtype}; expected floating point or complex numbers.")
    if tensor.shape != tangent.shape:
        raise RuntimeError(f"make_dual(): tangent has shape {tuple(tangent.shape)}; tensor {tuple(tensor.shape)}.")
    if any(tensor is dual for dual, _, _ in _duals):
        raise RuntimeError("make_dual(): tensor is a dual tensor already; expected one without a tangent.")
    source = tensor.view_as(tensor) if tensor.requires_grad else new_leaf(tensor)
    dual = source if tensor.requires_grad else _SameMemory.apply(source)
    _duals.append((dual, source, tangent))
    return dual


class _SameMemory(Function):
    """A tensor that is no leaf, so that it can be changed in place."""

    @staticmethod
    def forward(x: Any) -> Any:
        return x.detach()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0]


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The value of a tensor and its tangent.

    Args:
        tensor: dual, or computed from dual tensors, or any other, whose tangent is None.
        level: the open level. Default: that one.

    Raises:
        RuntimeError: recording is off, so that `tensor` cannot tell whether it comes from a dual tensor.
    """
    if not isinstance(tensor, _C.Tensor):
        raise TypeError(f"unpack_dual(): argument 'tensor' (position 1) must be Tensor, not {type(tensor).__name__}.")
    if level not in (None, _current_level):
        raise RuntimeError(f"unpack_dual(): level is {level}; expected {_current_level}.")
    if _duals and not tensor.requires_grad and not _C.is_grad_enabled() and tensor.is_floating_point():
        raise RuntimeError(
            "unpack_dual(): recording is off, and tangents of what was computed without it are unknown. "
            "Enter dual_level() inside of no_grad(), not around it."
        )
    if not (_duals and tensor.requires_grad):
        return UnpackedDualTensor(tensor, None)
    return _unpacked(tensor)


def _unpacked(tensor: Any) -> UnpackedDualTensor:
    sources = [source for _, source, _ in _duals]
    product = ForwardProduct([tensor], sources)
    if all(each is None for each in product.pulled):
        return UnpackedDualTensor(tensor, None)
    (tangent,) = product([tangent for _, _, tangent in _duals], create_graph=True)
    return UnpackedDualTensor(_outside(tensor, sources), _outside(tangent, [*sources, *product.probes]))


def _outside(tensor: Any, own: list[Any]) -> Any:
    """`tensor`, without its graph where that ends at the level's own tensors."""
    return tensor if reaches_others([tensor], {id(each) for each in own}) else tensor.detach()

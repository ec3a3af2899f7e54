"""Tensors that hold another tensor with their elements: what sparse and nested tensors share.

Their own body has the type but lies on ``meta``: there is no memory that an operation for strided tensors could read by
mistake. The graph is that of the elements: such a tensor requires grad if they do, and its gradient holds theirs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import GetSetDescriptorType
from typing import Any

from . import _C

Tensor = _C.Tensor


@functools.cache
def _names_of_getters() -> dict[Any, str]:
    properties = {
        name: each for name, each in vars(Tensor).items() if isinstance(each, (GetSetDescriptorType, property))
    }
    return {each.__get__: name for name, each in properties.items()}


def operation_name(function: Any) -> str:
    """The name of the operation, method or property that was called."""
    return str(_names_of_getters().get(function) or function.__name__)


class TensorOfElements(Tensor):
    """A tensor whose place in the graph is that of `_elements`, an ordinary tensor."""

    layout: Any
    _elements: Any
    _gradient: Any = None
    _is_gradient = False  # another's elements hold these elements as their gradient: changes go into these

    def with_elements(self, elements: Any) -> Any:
        """Other elements at the same places."""
        raise NotImplementedError

    def elements_of_gradient(self, gradient: Any) -> Any:
        """A gradient of this tensor, of any layout, as one of its elements."""
        raise NotImplementedError

    def assigned_gradient(self, gradient: Any) -> Any:
        """The elements of what is assigned to `grad`, which has this tensor's layout and shape."""
        raise NotImplementedError

    # ---- where it is, and what it is

    @property
    def device(self) -> Any:
        """Where the elements are."""
        return self._elements.device

    @property
    def is_cpu(self) -> bool:
        """Whether the elements are in memory of the CPU."""
        return self._elements.is_cpu

    @property
    def is_meta(self) -> bool:
        """Whether the elements have no memory."""
        return self._elements.is_meta

    @property
    def _version(self) -> int:
        return self._elements._version

    # ---- its place in the graph, which is that of its elements

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded."""
        return self._elements.requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self._elements.requires_grad = wanted

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Sets `requires_grad`; returns itself."""
        self._elements.requires_grad_(requires_grad)
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self._elements.is_leaf

    @property
    def grad_fn(self) -> Any:
        """The graph node that made its elements; None for a leaf."""
        return self._elements.grad_fn

    @property
    def grad(self) -> Any:
        """The gradient that backward() added up here, at the places of the elements, or None."""
        gradient = self._elements.grad
        if gradient is None:
            return None
        if self._gradient is None or self._gradient._elements is not gradient:
            self._gradient = self.with_elements(gradient)
            self._gradient._is_gradient = True
        return self._gradient

    @grad.setter
    def grad(self, gradient: Any) -> None:
        self._gradient = None
        if gradient is None:
            self._elements.grad = None
            return
        self._elements.grad = self.assigned_gradient(gradient)

    _grad = grad

    @property
    def retains_grad(self) -> bool:
        """Whether retain_grad() was called on this non-leaf."""
        return self._elements.retains_grad

    def retain_grad(self) -> None:
        """Keeps grad on a non-leaf too."""
        self._elements.retain_grad()

    def register_hook(self, hook: Callable[[Any], Any]) -> Any:
        """Call `hook(gradient)` whenever this tensor's gradient was computed; what it returns replaces the gradient."""

        def of_elements(gradient: Any) -> Any:
            changed = hook(self.with_elements(gradient))
            return None if changed is None else self.elements_of_gradient(changed)

        return self._elements.register_hook(of_elements)

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Add the gradients of this tensor by the graph's leaves into their `.grad`."""
        if gradient is None:
            raise RuntimeError(
                "backward(): grad can be implicitly created only for scalar outputs; the output has layout "
                f"{self.layout}. Pass gradient=."
            )
        self._elements.backward(self.elements_of_gradient(gradient), retain_graph, create_graph, inputs)

    def detach(self) -> Any:
        """The same elements, outside the graph."""
        return self.with_elements(self._elements.detach())

    def detach_(self) -> Any:
        """Takes this tensor out of the graph."""
        self._elements = self._elements.detach()
        return self


def grad_by_elements(outputs: Any, inputs: Any, grad_outputs: Any = None, *options: Any, **more: Any) -> Any:
    """`ember.autograd.grad` where tensors take part that hold another one with their elements."""
    from .autograd import grad as of_strided

    roots, wanted, given = _of_elements(outputs, inputs, grad_outputs)
    results = of_strided(roots, [_elements_of(each) for each in wanted], given, *options, **more)
    pairs = zip(wanted, results, strict=True)
    return tuple(
        each.with_elements(result) if isinstance(each, TensorOfElements) and result is not None else result
        for each, result in pairs
    )


def backward_by_elements(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """`ember.autograd.backward` where tensors take part that hold another one with their elements."""
    from .autograd import backward as of_strided

    roots, wanted, given = _of_elements(tensors, inputs, grad_variables if grad_tensors is None else grad_tensors)
    leaves = None if inputs is None else [_elements_of(each) for each in wanted]
    of_strided(roots, given, retain_graph, create_graph, inputs=leaves)


def _elements_of(tensor: Any) -> Any:
    return tensor._elements if isinstance(tensor, TensorOfElements) else tensor


def _tuple(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, Tensor) else tuple(value)


def _of_elements(outputs: Any, inputs: Any, gradients: Any) -> tuple[Any, Any, Any]:
    roots, wanted = _tuple(outputs), _tuple(inputs)
    given = [None] * len(roots) if gradients is None else list(_tuple(gradients))
    given = [
        root.elements_of_gradient(gradient) if isinstance(root, TensorOfElements) and gradient is not None else gradient
        for root, gradient in zip(roots, given, strict=True)
    ]
    return [_elements_of(each) for each in roots], wanted, given


_C._set_always_asked(TensorOfElements)  # even where classes of arguments are not: there is no other way

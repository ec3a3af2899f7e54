"""What a transform records for itself, kept apart from the graph around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from ..autograd import inference_mode
from ..autograd._forward_product import ForwardProduct
from ..autograd._reach import at_level, is_followed_outside, new_leaf, reaches_others, without_own_graph
from ..utils._pytree import TreeSpec, tree_flatten, tree_unflatten
from ._arguments import places, with_others


class Scope:
    """The graph of one transform.

    Inputs enter as leaves of this scope, or as views of what the graph around it follows. Results leave without a graph
    unless something outside reaches them: an outer transform, or a captured tensor that requires grad.
    """

    def __init__(self) -> None:
        self._own: dict[int, Any] = {}

    def own(self, leaf: Any) -> Any:
        """`leaf`, which nothing outside of this scope knows."""
        self._own[id(leaf)] = leaf
        return leaf

    def enter(self, tensor: Any, name: str) -> Any:
        """`tensor` as an input to differentiate by."""
        if not isinstance(tensor, _C.Tensor):
            raise ValueError(f"{name}(): an input to differentiate by is of type {type(tensor)}; expected a Tensor.")
        if not (tensor.is_floating_point() or tensor.is_complex()):
            raise RuntimeError(
                f"{name}(): only Tensors of floating point dtype can require gradients; an input to differentiate by "
                f"is {tensor.dtype}. Convert it with .float()."
            )
        recording = _C.is_grad_enabled()
        level = _C._innermost_batching()
        if level is not None:
            tensor = at_level(tensor if recording else tensor.detach(), level[0])
        return tensor.view_as(tensor) if tensor.requires_grad and recording else self.own(new_leaf(tensor))

    def records(self, tensors: Sequence[Any]) -> bool:
        """Whether what comes from `tensors` is to be differentiable outside of this scope."""
        return _C.is_grad_enabled() and (any(map(is_followed_outside, tensors)) or reaches_others(tensors, self._own))

    def leave(self, result: Any) -> Any:
        """A result as the caller sees it."""
        if not _C.is_grad_enabled():
            return result.detach()
        if not result.requires_grad or reaches_others([result], self._own):
            return result
        return without_own_graph(result)


class Linear:
    """The derivative of `outputs` by `inputs` as a linear map, within a scope."""

    def __init__(self, scope: Scope, outputs: Sequence[Any], inputs: Sequence[Any]) -> None:
        self._scope = scope
        self._product = ForwardProduct(outputs, inputs)
        for probe in self._product.probes:
            scope.own(probe)
        self.outputs = list(outputs)

    def __call__(self, tangents: Sequence[Any]) -> list[Any]:
        """The outputs' derivatives along `tangents` of the inputs; the map can be called again."""
        recorded = [g for g in self._product.pulled if g is not None]
        results = self._product(tangents, self._scope.records([*recorded, *tangents]))
        return [self._scope.leave(result) for result in results]


def call(function: Callable[..., Any], arguments: Sequence[Any], name: str, has_aux: bool) -> tuple[Any, Any]:
    """What `function` returns, recorded, and beside it what `has_aux` says that it returns as well."""
    with inference_mode(False):  # recording is on, and what is made can be saved for backward
        output = function(*arguments)
    if not has_aux:
        return output, None
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError(
            f"{name}(): the function returned {_described(output)}; expected a tuple (output, aux), "
            "because has_aux is True."
        )
    return output


class Evaluation:
    """A function, recorded once, with the arguments that a transform differentiates by."""

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        argnums: Any,
        has_aux: bool,
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        chosen = places(argnums, len(args), name)
        self.scope = Scope()
        self._name = name
        self._single = not isinstance(argnums, tuple)
        leaves, self._structure = tree_flatten(tuple(args[place] for place in chosen))
        self.inputs = [self.scope.enter(leaf, name) for leaf in leaves]
        of_chosen = with_others(func, args, kwargs, chosen)
        self.output, self._aux = call(of_chosen, tree_unflatten(self.inputs, self._structure), name, has_aux)

    def as_arguments(self, of_inputs: Sequence[Any]) -> Any:
        """What belongs to each input, built like the arguments."""
        built = tree_unflatten(of_inputs, self._structure)
        return built[0] if self._single else built

    def aux(self) -> Any:
        """What the function returned besides, as the caller sees it."""
        return leave_all(self.scope, self._aux, self._name)

    def completed(self, found: Sequence[Any]) -> list[Any]:
        """Gradients by the inputs as the caller sees them."""
        return completed(self.scope, found, self.inputs)


def completed(scope: Scope, found: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """Gradients as the caller sees them, 0 for inputs that nothing depends on."""
    return [x.detach().new_zeros(x.shape) if g is None else scope.leave(g) for g, x in zip(found, inputs, strict=True)]


def only_tensors(output: Any, name: str) -> tuple[list[Any], TreeSpec]:
    """The leaves of what a function returned, which must be tensors."""
    leaves, structure = tree_flatten(output)
    for leaf in leaves:
        if not isinstance(leaf, _C.Tensor):
            raise RuntimeError(
                f"{name}(): the function returned something of type {type(leaf)}; expected it to return only tensors."
            )
    return leaves, structure


def only_real(tensors: Sequence[Any], what: str, name: str) -> None:
    """RuntimeError where one is complex: a Jacobian has no place for the two derivatives of such a function."""
    for i, tensor in enumerate(tensors):
        if tensor.is_complex():
            raise RuntimeError(f"{name}(): {what} {i} is {tensor.dtype}; expected real tensors. Use vjp or jvp.")


def leave_all(scope: Scope, tree: Any, name: str) -> Any:
    """A tree of tensors as the caller sees it."""
    leaves, structure = only_tensors(tree, name)
    return tree_unflatten([scope.leave(leaf) for leaf in leaves], structure)


def _described(output: Any) -> str:
    return f"a tuple of {len(output)}" if isinstance(output, tuple) else f"something of type {type(output)}"

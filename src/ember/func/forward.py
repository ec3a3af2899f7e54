"""Derivatives along directions: jvp, jacfwd, linearize."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from ..utils._pytree import tree_flatten, tree_unflatten
from ._arguments import places
from ._graph import Evaluation, Linear, Scope, call, leave_all, only_real, only_tensors
from ._random import Draws, check_randomness
from .batching import vmap
from .reverse import jacobian_rows, units_of

__all__ = ["jacfwd", "jvp", "linearize"]


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """The value of `func` and its derivative along `tangents`: the Jacobian times a vector.

    It is computed by two backward passes, exactly, for any function that can be differentiated twice by them; that
    takes two to three times what the forward mode would.

    Args:
        func: from tensors, or nested containers of them, to tensors, alone or in containers.
        primals: the arguments, as a tuple.
        tangents: the direction, built like `primals`.
        strict: an output that does not depend on the primals is an error instead of 0. Default: ``False``.
        has_aux: `func` returns (output, aux). Default: ``False``.

    Returns:
        (output, tangent of the output), and aux.

    Raises:
        RuntimeError: `primals` is no tuple, `tangents` are built differently, or `func` returns something else than
            tensors.
        ValueError: a primal is not of a floating point type.

    Source: J. Townsend, A new trick for calculating Jacobian vector products, 2017.

    Example:
        >>> ember.func.jvp(ember.square, (ember.tensor([1.0, 2.0]),), (ember.ones(2),))
        (tensor([1., 4.]), tensor([2., 4.]))
    """
    for each, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(each, tuple):
            raise RuntimeError(f"jvp(): {what} is of type {type(each)}; expected a tuple, as in func(*primals).")
    leaves, structure = tree_flatten(primals)
    along, given = tree_flatten(tangents)
    if structure != given:
        raise RuntimeError(f"jvp(): tangents are built as {given}, primals as {structure}; expected the same.")
    if not leaves:
        raise RuntimeError("jvp(): primals is (); expected a Tensor at least.")
    _check_tangents(leaves, along, "jvp")
    scope = Scope()
    inputs = [scope.enter(leaf, "jvp") for leaf in leaves]
    output, aux = call(func, tree_unflatten(inputs, structure), "jvp", has_aux)
    outputs, output_structure = only_tensors(output, "jvp")
    derivative = Linear(scope, outputs, inputs)
    if strict and not all(output.requires_grad for output in outputs):
        raise RuntimeError("jvp(): an output is independent of the inputs, which strict=True does not allow.")
    value = tree_unflatten([scope.leave(each) for each in outputs], output_structure)
    result = value, tree_unflatten(derivative(along), output_structure)
    return (*result, leave_all(scope, aux, "jvp")) if has_aux else result


def _check_tangents(primals: Sequence[Any], tangents: Sequence[Any], name: str) -> None:
    for i, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
        for each, what in ((primal, "primal"), (tangent, "tangent")):
            if not isinstance(each, _C.Tensor):
                raise ValueError(f"{name}(): {what} {i} is of type {type(each)}; expected a Tensor.")
            if not (each.is_floating_point() or each.is_complex()):
                raise ValueError(f"{name}(): {what} {i} is {each.dtype}; expected floating point or complex numbers.")
        if primal.shape != tangent.shape:
            raise RuntimeError(
                f"{name}(): tangent {i} has shape {tuple(tangent.shape)}; its primal has {tuple(primal.shape)}."
            )


def jacfwd(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    randomness: str = "error",
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `func` by a derivative along each element of the arguments.

    `func` runs once; the columns are then one backward pass, of a batch, through its gradient. With fewer inputs than
    outputs this is cheaper than :func:`ember.func.jacrev`; otherwise it is computed as that.

    Args:
        func, argnums, has_aux: as in :func:`ember.func.jacrev`.
        randomness: ``"error"`` where `func` may not draw random numbers. With ``"same"`` and ``"different"`` it may:
            it draws them once, for all columns.

    Shape:
        output (*), argument (**): Jacobian (*, **). Built like the output, and within that like the argument.

    Raises:
        RuntimeError: `func` drew random numbers, where `randomness` is ``"error"``; or something is complex.
        ValueError: an argument is not of a floating point type.

    Example:
        >>> ember.func.jacfwd(ember.square)(ember.tensor([1.0, 2.0]))
        tensor([[2., 0.],
                [0., 4.]])
    """

    check_randomness(randomness, "jacfwd")

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = tree_flatten([args[place] for place in places(argnums, len(args), "jacfwd")])[0]
        _check_tangents(chosen, chosen, "jacfwd")
        with Draws(randomness, "jacfwd"):
            run = Evaluation("jacfwd", func, argnums, has_aux, args, kwargs)
        outputs, structure = only_tensors(run.output, "jacfwd")
        only_real(run.inputs, "input", "jacfwd")
        only_real(outputs, "output", "jacfwd")
        if sum(x.numel() for x in outputs) <= sum(x.numel() for x in run.inputs):
            blocks = [run.as_arguments(jacobian_rows(run, output)) for output in outputs]
        else:
            by_input = _columns(Linear(run.scope, outputs, run.inputs), run.inputs)
            blocks = [run.as_arguments([columns[i] for columns in by_input]) for i in range(len(outputs))]
        result = tree_unflatten(blocks, structure)
        return (result, run.aux()) if has_aux else result

    return jacobian


def _columns(derivative: Linear, inputs: Sequence[Any]) -> list[list[Any]]:
    """For each input the Jacobian of each output."""
    blocks = []
    still = [each.detach().new_zeros(each.shape) for each in inputs]
    for k, x in enumerate(inputs):
        shapes = [(*output.shape, *x.shape) for output in derivative.outputs]
        if not x.numel():
            blocks.append([x.new_zeros(shape) for shape in shapes])
            continue
        columns = vmap(_along(derivative, still, k), out_dims=-1)(units_of(x))
        blocks.append([column.reshape(shape) for column, shape in zip(columns, shapes, strict=True)])
    return blocks


def _along(derivative: Linear, still: Sequence[Any], k: int) -> Callable[[Any], list[Any]]:
    """The derivative as a function of the direction of input k alone."""
    return lambda direction: derivative([*still[:k], direction, *still[k + 1 :]])


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `func` at `primals`, and its derivative there as a linear function.

    `func` runs once; each call of the linear function is one backward pass.

    Args:
        func: from tensors, or nested containers of them, to tensors, alone or in containers.
        primals: the arguments.

    Returns:
        (output, push): ``push(*tangents)`` is the derivative along tangents, which are built like the primals.

    Raises:
        RuntimeError: of `push`, where tangents differ from the primals in structure, shape or type.

    Example:
        >>> value, push = ember.func.linearize(ember.square, ember.tensor([1.0, 2.0]))
        >>> push(ember.ones(2))
        tensor([2., 4.])
    """
    leaves, structure = tree_flatten(primals)
    scope = Scope()
    inputs = [scope.enter(leaf, "linearize") for leaf in leaves]
    output, _ = call(func, tree_unflatten(inputs, structure), "linearize", False)
    outputs, output_structure = only_tensors(output, "linearize")
    derivative = Linear(scope, outputs, inputs)

    def push(*tangents: Any) -> Any:
        """The derivative along tangents of the primals."""
        along, given = tree_flatten(tangents)
        if given != structure:
            raise RuntimeError(f"linearize(): tangents are built as {given}, primals as {structure}.")
        for i, (tangent, primal) in enumerate(zip(along, leaves, strict=True)):
            if tangent.shape != primal.shape or tangent.dtype != primal.dtype:
                raise RuntimeError(
                    f"linearize(): tangent {i} has shape {tuple(tangent.shape)} and dtype {tangent.dtype}; its primal "
                    f"has {tuple(primal.shape)} and {primal.dtype}."
                )
        return tree_unflatten(derivative(along), output_structure)

    return tree_unflatten([scope.leave(each) for each in outputs], output_structure), push

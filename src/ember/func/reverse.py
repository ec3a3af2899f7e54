"""Derivatives by backward passes: grad, vjp, jacrev, hessian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from ..autograd import grad as gradients
from ..utils._pytree import TreeSpec, tree_flatten, tree_unflatten
from ._graph import Evaluation, Scope, call, completed, leave_all, only_real, only_tensors
from .batching import vmap

__all__ = ["grad", "grad_and_value", "hessian", "jacrev", "vjp"]


def grad(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes the gradient of `func`, which returns a scalar.

    Transforms nest: ``grad(grad(f))`` is the second derivative, ``vmap(grad(f))`` has a gradient for each sample. What
    the result depends on beyond this transform can be differentiated: captured tensors and arguments that require grad.

    Args:
        func: from tensors, or nested containers of them, to a 0-d real tensor.
        argnums: the positional arguments to differentiate by. Default: the first.
        has_aux: `func` returns (output, aux), and the gradient comes with aux, which is not differentiated.
            Default: ``False``.

    Returns:
        A function of the same arguments. It returns the gradient, built like the argument; a tuple of them where
        `argnums` is a tuple; and (gradient, aux) where `has_aux`.

    Raises:
        RuntimeError: `func` does not return a scalar, or an input is not of a floating point type.

    Example:
        >>> from ember.func import grad
        >>> grad(ember.sin)(ember.tensor(0.0))
        tensor(1.)
        >>> grad(grad(lambda x: x**3))(ember.tensor(2.0))
        tensor(12.)
    """

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        result, value = _grad_and_value("grad", func, argnums, has_aux, args, kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def grad_and_value(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes the gradient of `func` and its value, as (gradient, value).

    Args:
        func, argnums, has_aux: as in :func:`ember.func.grad`; with `has_aux` the result is (gradient, (value, aux)).

    Example:
        >>> ember.func.grad_and_value(lambda x: (x * x).sum())(ember.tensor([1.0, 2.0]))
        (tensor([2., 4.]), tensor(5.))
    """

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return _grad_and_value("grad_and_value", func, argnums, has_aux, args, kwargs)

    return gradient


def _grad_and_value(
    name: str, func: Callable[..., Any], argnums: Any, has_aux: bool, args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    run = Evaluation(name, func, argnums, has_aux, args, kwargs)
    _check_scalar(run.output, name)
    found: Sequence[Any] = (None,) * len(run.inputs)
    record = run.scope.records([run.output])
    if run.output.requires_grad:
        found = gradients(run.output, run.inputs, create_graph=record, allow_unused=True)
    value = run.output if record else run.output.detach()
    return run.as_arguments(run.completed(found)), (value, run.aux()) if has_aux else value


def _check_scalar(output: Any, name: str) -> None:
    if not isinstance(output, _C.Tensor):
        raise RuntimeError(f"{name}(): the function returned something of type {type(output)}; expected a Tensor.")
    if output.dim():
        raise RuntimeError(
            f"{name}(): the function returned a tensor of shape {tuple(output.shape)}; expected a scalar Tensor, of "
            "shape (). Use vjp or jacrev for others, or sum()."
        )
    if output.is_complex():
        raise RuntimeError(f"{name}(): the function returned a {output.dtype} number; expected a real one.")


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `func` and the function that multiplies vectors with its Jacobian from the left.

    Args:
        func: from tensors, or nested containers of them, to tensors, alone or in containers.
        primals: the arguments; the derivative is taken by all of them.
        has_aux: `func` returns (output, aux). Default: ``False``.

    Returns:
        (output, pull) or (output, pull, aux). ``pull(cotangents)`` takes what is built like the output and returns a
        tuple with the vector-Jacobian product for each primal; it can be called many times.

    Raises:
        RuntimeError: `func` returns something else than tensors, or cotangents do not fit the output.

    Example:
        >>> value, pull = ember.func.vjp(ember.square, ember.tensor([1.0, 2.0]))
        >>> pull(ember.ones(2))
        (tensor([2., 4.]),)
    """
    scope = Scope()
    leaves, structure = tree_flatten(primals)
    inputs = [scope.enter(leaf, "vjp") for leaf in leaves]
    output, aux = call(func, tree_unflatten(inputs, structure), "vjp", has_aux)
    outputs, output_structure = only_tensors(output, "vjp")

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        """The product of the cotangents with the Jacobian, for each primal."""
        found = _pulled(scope, outputs, inputs, _cotangents(cotangents, outputs, output_structure), create_graph)
        return tree_unflatten(completed(scope, found, inputs), structure)

    value = tree_unflatten([scope.leave(each) for each in outputs], output_structure)
    return (value, pull, leave_all(scope, aux, "vjp")) if has_aux else (value, pull)


def _cotangents(cotangents: Any, outputs: Sequence[Any], structure: TreeSpec) -> list[Any]:
    given, found = only_tensors(cotangents, "vjp")
    if found != structure:
        raise RuntimeError(f"vjp(): the cotangents are built as {found}; the function's output as {structure}.")
    for i, (cotangent, output) in enumerate(zip(given, outputs, strict=True)):
        if cotangent.shape != output.shape:
            raise RuntimeError(
                f"vjp(): cotangent {i} has shape {tuple(cotangent.shape)}; the output that it belongs to has "
                f"{tuple(output.shape)}."
            )
    return given


def _pulled(
    scope: Scope, outputs: Sequence[Any], inputs: Sequence[Any], cotangents: Sequence[Any], record: bool | None = None
) -> tuple[Any, ...]:
    """One backward pass; its graph stays for others."""
    live = [i for i, output in enumerate(outputs) if output.requires_grad]
    if not live:
        return (None,) * len(inputs)
    roots, along = [outputs[i] for i in live], [cotangents[i] for i in live]
    if record is None:
        record = scope.records([*roots, *along])
    return gradients(roots, inputs, along, retain_graph=True, create_graph=record, allow_unused=True)


def jacrev(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `func`, by a backward pass of a batch: one unit vector for each row.

    Args:
        func: from tensors, or nested containers of them, to tensors, alone or in containers.
        argnums: the positional arguments to differentiate by. Default: the first.
        has_aux: `func` returns (output, aux), and the Jacobian comes with aux. Default: ``False``.
        chunk_size: how many rows are computed together, for less memory. Default: all.

    Shape:
        output (*), argument (**): Jacobian (*, **). Built like the output, and within that like the argument.

    Raises:
        ValueError: `chunk_size` is not positive.
        RuntimeError: an input or an output is complex.

    Example:
        >>> ember.func.jacrev(ember.square)(ember.tensor([1.0, 2.0]))
        tensor([[2., 0.],
                [0., 4.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"jacrev(): chunk_size is {chunk_size}; expected None or a number greater than 0.")

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        run = Evaluation("jacrev", func, argnums, has_aux, args, kwargs)
        outputs, structure = only_tensors(run.output, "jacrev")
        only_real(run.inputs, "input", "jacrev")
        only_real(outputs, "output", "jacrev")
        blocks = [run.as_arguments(jacobian_rows(run, output, chunk_size)) for output in outputs]
        result = tree_unflatten(blocks, structure)
        return (result, run.aux()) if has_aux else result

    return jacobian


def jacobian_rows(run: Evaluation, output: Any, chunk_size: int | None = None) -> list[Any]:
    """The Jacobian of one output by each input: a backward pass of a batch of unit vectors."""
    shapes = [(*output.shape, *x.shape) for x in run.inputs]
    if not (output.requires_grad and output.numel()):
        return [x.detach().new_zeros(shape) for x, shape in zip(run.inputs, shapes, strict=True)]
    record = run.scope.records([output])

    def row(unit: Any) -> list[Any]:
        return run.completed(_pulled(run.scope, [output], run.inputs, [unit], record))

    rows = vmap(row, chunk_size=chunk_size)(units_of(output))
    return [block.reshape(shape) for block, shape in zip(rows, shapes, strict=True)]


def units_of(tensor: Any) -> Any:
    """The unit vectors of a tensor's space, one after the other."""
    count = tensor.numel()
    units = _C.ops.full([count, count], 0, dtype=tensor.dtype, device=tensor.device)
    units.diagonal().fill_(1)
    return units.view(count, *tensor.shape)


def hessian(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that computes the second derivatives of `func`.

    Args:
        func, argnums: as in :func:`ember.func.jacrev`.

    Shape:
        output (*), argument (**): (*, **, **).

    Example:
        >>> ember.func.hessian(lambda x: (x**3).sum())(ember.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    # Reverse over reverse: a forward derivative is two backward passes here.
    return jacrev(jacrev(func, argnums), argnums)

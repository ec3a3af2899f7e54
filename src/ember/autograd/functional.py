"""Products with Jacobians and Hessians, and these themselves, of functions of one tensor or of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from . import grad, inference_mode
from ._forward_product import ForwardProduct

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of `func` and the product of a vector with its Jacobian, v J.

    Args:
        func: from tensors to a tensor or a tuple of them.
        inputs: a tensor or a tuple of them.
        v: built like the output; may be left out where that is a single element.
        create_graph: results can be differentiated. Default: ``False``.
        strict: an output that does not depend on an input is an error instead of 0. Default: ``False``.

    Returns:
        (output, product): the product is built like `inputs`.

    Example:
        >>> ember.autograd.functional.vjp(ember.square, ember.tensor([1.0, 2.0]), ember.ones(2))
        (tensor([1., 4.]), tensor([2., 4.]))
    """
    call = _Call("vjp", func, inputs, create_graph, strict)
    vectors = call.vectors(v, call.outputs, call.single_output, "output of the function")
    found = call.gradients(call.outputs, vectors, create_graph)
    return call.finish_outputs(), call.finish(call.completed(found, "jacobian"))


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of `func` and the product of its Jacobian with a vector, J v, by two backward passes.

    Args:
        func, inputs, create_graph, strict: as in :func:`vjp`.
        v: built like `inputs`; may be left out where that is a single element.

    Returns:
        (output, product): the product is built like the output.

    Source: J. Townsend, A new trick for calculating Jacobian vector products, 2017.

    Example:
        >>> ember.autograd.functional.jvp(ember.square, ember.tensor([1.0, 2.0]), ember.ones(2))
        (tensor([1., 4.]), tensor([2., 4.]))
    """
    call = _Call("jvp", func, inputs, create_graph, strict)
    vectors = call.vectors(v, call.inputs, call.single_input, "input")
    product = ForwardProduct(call.outputs, call.inputs)
    call.check_dependence(product.pulled)
    tangents = product(vectors, create_graph)
    if strict and create_graph:
        call.check_recorded(tangents, "jacobian")
    return call.finish_outputs(), call.finish(tangents, call.single_output)


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of a scalar function and the product of a vector with its Hessian, v H.

    Args:
        func: from tensors to a tensor of one element.
        inputs, create_graph, strict: as in :func:`vjp`.
        v: built like `inputs`; may be left out where that is a single element.

    Returns:
        (output, product): the product is built like `inputs`.

    Example:
        >>> cubes = lambda x: (x**3).sum()
        >>> ember.autograd.functional.vhp(cubes, ember.tensor([1.0, 2.0]), ember.ones(2))
        (tensor(9.), tensor([ 6., 12.]))
    """
    return _hessian_product("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of a scalar function and the product of its Hessian with a vector, H v.

    A Hessian is symmetric: this is computed as :func:`vhp`.

    Args:
        func, inputs, v, create_graph, strict: as in :func:`vhp`.

    Returns:
        (output, product): the product is built like `inputs`.
    """
    return _hessian_product("hvp", func, inputs, v, create_graph, strict)


def _hessian_product(
    name: str, func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    call = _Call(name, func, inputs, create_graph, strict)
    vectors = call.vectors(v, call.inputs, call.single_input, "input")
    call.check_scalar()
    slopes = call.gradients(call.outputs, None, create_graph=True)
    call.check_dependence(slopes)
    if strict:
        call.check_recorded(slopes, "jacobian")
    pairs = [(g, u) for g, u in zip(slopes, vectors, strict=True) if g is not None]
    found = call.gradients([g for g, _ in pairs], [u for _, u in pairs], create_graph)
    return call.finish_outputs(), call.finish(call.completed(found, "hessian"))


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of `func`: a backward pass for each element of the output, or one of a batch of them.

    Args:
        func, inputs, create_graph, strict: as in :func:`vjp`.
        vectorize: compute all rows in one backward pass, by `vmap`. Default: ``False``, one after the other.
        strategy: ``"reverse-mode"``, or ``"forward-mode"``, a pass for each element of the inputs, which is cheaper
            where these are fewer, and needs ``vectorize=True``.

    Shape:
        output (*), input (**): Jacobian (*, **). A tuple by outputs of tuples by inputs, where these are tuples.

    Example:
        >>> ember.autograd.functional.jacobian(ember.square, ember.tensor([1.0, 2.0]))
        tensor([[2., 0.],
                [0., 4.]])
    """
    _check_strategy("jacobian", strategy, vectorize, strict)
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError("jacobian(): create_graph=True and strategy='forward-mode' do not go together.")
    call = _Call("jacobian", func, inputs, create_graph, strict)
    by_output = _columns(call) if strategy == "forward-mode" else _rows(call, vectorize)
    return _nested(call, by_output)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of a scalar function: the Jacobian of its gradient.

    Args:
        func: from tensors to a tensor of one element.
        inputs, create_graph, strict, vectorize: as in :func:`jacobian`.
        outer_jacobian_strategy: how the gradient is differentiated.

    Shape:
        inputs (*) and (**): block (*, **). A tuple of tuples of blocks, where inputs are a tuple.

    Example:
        >>> ember.autograd.functional.hessian(lambda x: (x**3).sum(), ember.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    _check_strategy("hessian", outer_jacobian_strategy, vectorize, strict)
    single = isinstance(inputs, _C.Tensor)

    def slope(*values: Any) -> Any:
        call = _Call("hessian", func, values[0] if single else values, True, strict, as_given=True)
        call.check_scalar()
        found = call.gradients(call.outputs, None, create_graph=True)
        call.check_dependence(found)
        if strict:
            call.check_recorded(found, "jacobian")
        return call.finish(call.filled(found))

    call = _Call("hessian", slope, inputs, create_graph, strict=False)
    by_output = _columns(call) if outer_jacobian_strategy == "forward-mode" else _rows(call, vectorize)
    return _nested(call, by_output)


def _check_strategy(name: str, strategy: str, vectorize: bool, strict: bool) -> None:
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(f"{name}(): strategy is {strategy!r}; expected 'forward-mode' or 'reverse-mode'.")
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(f"{name}(): strategy='forward-mode' needs vectorize=True.")
    if strict and vectorize:
        raise RuntimeError(f"{name}(): strict=True and vectorize=True do not go together. Leave one of them out.")


class _Call:
    """One call of the user's function, recorded, and its inputs and outputs as tuples."""

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        inputs: Any,
        create_graph: bool,
        strict: bool,
        as_given: bool = False,
    ) -> None:
        self._name = name
        self.create_graph = create_graph
        self._strict = strict
        given, self.single_input = _tuple_of(inputs, name, "inputs")
        with inference_mode(False):  # recording is on, and what is made can be saved for backward
            self.inputs = given if as_given else tuple(_input(x, create_graph, name) for x in given)
            output = func(*self.inputs)
        self.outputs, self.single_output = _tuple_of(output, name, "outputs of the function")
        for i, each in enumerate(self.outputs):
            if strict and not each.requires_grad:
                raise RuntimeError(
                    f"{name}(): Output {i} of the user-provided function does not require gradients; with strict=True "
                    "it must be computed from the inputs in a differentiable manner."
                )

    def check_scalar(self) -> None:
        """RuntimeError where the function returns more than one element."""
        if not self.single_output:
            raise RuntimeError(
                f"{self._name}(): the function returned {len(self.outputs)} tensors; it should return a single Tensor."
            )
        if self.outputs[0].numel() != 1:
            raise RuntimeError(
                f"{self._name}(): the function returned a tensor of shape {tuple(self.outputs[0].shape)}; it should "
                "contain a single element."
            )

    def vectors(self, v: Any, like: Sequence[Any], single: bool, what: str) -> tuple[Any, ...]:
        """The vector of a product, which has the shapes of `like`."""
        if v is None:
            if not single or like[0].numel() != 1:
                raise RuntimeError(
                    f"{self._name}(): v is None; it can only be left out where the {what} is a single Tensor with a "
                    "single element."
                )
            return (like[0].detach().new_ones(like[0].shape),)
        given, _ = _tuple_of(v, self._name, "v")
        if len(given) != len(like):
            raise RuntimeError(
                f"{self._name}(): v has {len(given)} tensors; expected {len(like)}, one for each {what}."
            )
        for i, (u, x) in enumerate(zip(given, like, strict=True)):
            if u.shape != x.shape:
                raise RuntimeError(
                    f"{self._name}(): v has invalid size: tensor {i} has shape {tuple(u.shape)}; expected that of the "
                    f"{what}, {tuple(x.shape)}."
                )
        return given if self.create_graph else tuple(u.detach() for u in given)

    def gradients(self, roots: Sequence[Any], vectors: Sequence[Any] | None, create_graph: bool) -> Sequence[Any]:
        """By the inputs; None for those that no root depends on."""
        live = [i for i, root in enumerate(roots) if root.requires_grad]
        if not live:
            return (None,) * len(self.inputs)
        along = None if vectors is None else [vectors[i] for i in live]
        with inference_mode(False):
            chosen = [roots[i] if vectors is not None else roots[i].sum() for i in live]
        return grad(chosen, self.inputs, along, retain_graph=True, create_graph=create_graph, allow_unused=True)

    def check_dependence(self, found: Sequence[Any]) -> None:
        """With `strict`, RuntimeError where the output is independent of an input."""
        for i, each in enumerate(found):
            if self._strict and each is None:
                raise RuntimeError(
                    f"{self._name}(): The output of the user-provided function is independent of input {i}, which "
                    "strict=True does not allow."
                )

    def check_recorded(self, found: Sequence[Any], what: str) -> None:
        """RuntimeError where a derivative does not depend on the inputs, which strict mode is asked to refuse."""
        for i, each in enumerate(found):
            if each is not None and not each.requires_grad:
                raise RuntimeError(
                    f"{self._name}(): the {what} of the user-provided function is independent of input {i}, which "
                    "strict=True does not allow; expected a function whose derivative depends on the inputs."
                )

    def filled(self, found: Sequence[Any]) -> list[Any]:
        """0 where nothing depends on an input."""
        return [x.detach().new_zeros(x.shape) if g is None else g for g, x in zip(found, self.inputs, strict=True)]

    def completed(self, found: Sequence[Any], what: str) -> list[Any]:
        """The same after the checks of strict mode."""
        self.check_dependence(found)
        if self._strict and self.create_graph:
            self.check_recorded(found, what)
        return self.filled(found)

    def finish(self, results: Sequence[Any], single: bool | None = None) -> Any:
        """Results as the caller gave the inputs: with a graph if that was asked for, and alone or as a tuple."""
        seen = tuple(each if self.create_graph else each.detach() for each in results)
        return seen[0] if (self.single_input if single is None else single) else seen

    def finish_outputs(self) -> Any:
        """What the function returned."""
        return self.finish(self.outputs, self.single_output)


def _tuple_of(value: Any, name: str, what: str) -> tuple[tuple[Any, ...], bool]:
    """Tensors as a tuple, and whether it was a single one."""
    single = not isinstance(value, tuple)
    values = (value,) if single else value
    for i, each in enumerate(values):
        if not isinstance(each, _C.Tensor):
            where = "" if single else f" at index {i}"
            raise TypeError(
                f"{name}(): got {what} of type {type(each)}{where}; expected a Tensor or a tuple of Tensors."
            )
    return values, single


def _input(x: Any, create_graph: bool, name: str) -> Any:
    if not (x.is_floating_point() or x.is_complex()):
        raise RuntimeError(
            f"{name}(): only Tensors of floating point dtype can require gradients; an input is {x.dtype}."
        )
    return x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_()


def _rows(call: _Call, vectorize: bool) -> list[list[Any]]:
    """For each output the blocks by inputs, from a backward pass for each element."""
    blocks = []
    for output in call.outputs:
        if vectorize and output.numel() and output.requires_grad:
            blocks.append(_rows_at_once(call, output))
            continue
        rows: list[list[Any]] = [[] for _ in call.inputs]
        for i in range(output.numel()):
            unit = output.detach().new_zeros(output.numel())
            unit[i] = 1
            found = call.gradients([output], [unit.view(output.shape)], call.create_graph)
            for row, each in zip(rows, call.completed(found, "jacobian"), strict=True):
                row.append(each)
        blocks.append([_block(row, output, x) for row, x in zip(rows, call.inputs, strict=True)])
    return blocks


def _rows_at_once(call: _Call, output: Any) -> list[Any]:
    from ..func import vmap
    from ..func.reverse import units_of

    def row(unit: Any) -> list[Any]:
        return call.completed(call.gradients([output], [unit], call.create_graph), "jacobian")

    rows = vmap(row)(units_of(output.detach()))
    return [each.reshape((*output.shape, *x.shape)) for each, x in zip(rows, call.inputs, strict=True)]


def _block(rows: list[Any], output: Any, x: Any) -> Any:
    """A Jacobian from its rows."""
    shape = (*output.shape, *x.shape)
    return _C.ops.stack(rows).view(shape) if rows else x.detach().new_zeros(shape)


def _columns(call: _Call) -> list[list[Any]]:
    """The same from a pass of a batch of directions for each input."""
    from ..func import vmap
    from ..func.reverse import units_of

    product = ForwardProduct(call.outputs, call.inputs)
    blocks: list[list[Any]] = [[] for _ in call.outputs]
    still = [each.detach().new_zeros(each.shape) for each in call.inputs]
    for k, x in enumerate(call.inputs):
        if not x.numel():
            for block, output in zip(blocks, call.outputs, strict=True):
                block.append(x.detach().new_zeros((*output.shape, *x.shape)))
            continue
        before, after = still[:k], still[k + 1 :]
        columns = vmap(
            lambda unit, before=before, after=after: product([*before, unit, *after], call.create_graph), out_dims=-1
        )(units_of(x.detach()))
        for block, column, output in zip(blocks, columns, call.outputs, strict=True):
            block.append(column.reshape((*output.shape, *x.shape)))
    return blocks


def _nested(call: _Call, blocks: Sequence[Sequence[Any]]) -> Any:
    """Blocks without the tuples that the caller did not give."""
    by_output = tuple(call.finish(block) for block in blocks)
    return by_output[0] if call.single_output else by_output

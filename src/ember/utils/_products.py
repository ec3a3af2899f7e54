"""The matrix products in a call of an operation, as PyTorch names them: what `flop_counter` counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import _C

Size = _C.Size
Shape = Sequence[int]


@dataclass
class Product:
    """One product: PyTorch's name of the operation, its arguments with shapes for tensors, and its result."""

    name: str
    args: Sequence[Any]
    out: Any


def _of_matrices(left: Shape, right: Shape) -> Product:
    return Product("mm", (Size(left), Size(right)), Size((left[0], right[1])))


def _rows(shape: Shape) -> int:
    return math.prod(shape[:-1])


def _linear(args: Any, results: Any) -> Iterator[Product]:
    x, weight, bias = args
    left = Size((_rows(x.shape), x.shape[-1]))
    right = Size((x.shape[-1], weight.numel() // x.shape[-1] if x.shape[-1] else 0))
    product = _of_matrices(left, right)
    yield product if bias is None else Product("addmm", (bias.shape, *product.args), product.out)


def _matmul(args: Any, results: Any) -> Iterator[Product]:
    a, b = (each.shape for each in args)
    out = results[0].shape
    if len(b) == 1:
        left = a if len(a) == 1 else Size((_rows(a), a[-1]))
        yield Product("dot" if len(a) == 1 else "mv", (left, b), out)
    elif len(b) == 2:
        yield _of_matrices((_rows(a), a[-1]), b)
    elif len(a) <= 2:
        yield _of_matrices((a[0] if len(a) == 2 else 1, a[-1]), (b[-2], math.prod(b) // b[-2] if b[-2] else 0))
    else:
        batch = math.prod(out[:-2])
        yield Product("bmm", (Size((batch, *a[-2:])), Size((batch, *b[-2:]))), out)


def _contract_rows(args: Any, results: Any) -> Iterator[Product]:
    left, right = (each.shape for each in args)
    yield _of_matrices((left[-1], _rows(left)), (_rows(right), right[-1]))


def _convolution(args: Any, results: Any) -> Iterator[Product]:
    x, weight, bias, stride, padding, dilation, groups = args
    settings = (stride, padding, dilation, False, [0] * len(stride), groups)
    yield Product("convolution", (x.shape, weight.shape, _shape(bias), *settings), results[0].shape)


def _transposed_convolution(args: Any, results: Any) -> Iterator[Product]:
    x, weight, bias, _, stride, padding, dilation, groups = args
    settings = (stride, padding, dilation, True, [0] * len(stride), groups)
    yield Product("convolution", (x.shape, weight.shape, _shape(bias), *settings), results[0].shape)


def _convolution_by_transposed(args: Any, results: Any) -> Iterator[Product]:
    """The gradient of a transposed convolution's input is a convolution."""
    gradient, weight, _, *settings = args
    yield _gradient_of_convolution(gradient.shape, results[0].shape, weight.shape, settings, transposed=True)


def _convolution_by_input(args: Any, results: Any) -> Iterator[Product]:
    gradient, weight, _, _, *settings = args
    yield _gradient_of_convolution(gradient.shape, results[0].shape, weight.shape, settings, transposed=False)


def _convolution_by_weight(args: Any, results: Any) -> Iterator[Product]:
    gradient, x, _, *settings = args
    yield _gradient_of_convolution(
        gradient.shape, x.shape, results[0].shape, settings, transposed=False, mask=[False, True, False]
    )


def _gradient_of_convolution(
    gradient: Shape,
    x: Shape,
    weight: Shape,
    settings: Any,
    transposed: bool,
    mask: Sequence[bool] = (True, False, False),
) -> Product:
    stride, padding, dilation, groups = settings
    options = (stride, padding, dilation, transposed, [0] * len(stride), groups, list(mask))
    out = [Size(shape) if wanted else None for shape, wanted in zip((x, weight), mask, strict=False)]
    return Product("convolution_backward", (gradient, x, weight, None, *options), (*out, None))


def _shape(tensor: Any) -> Any:
    return None if tensor is None else tensor.shape


def _heads(shape: Shape, batch: Shape) -> Any:
    """A query, key or value as (1, heads of all samples, rows, width); shared heads count for each that reads them."""
    return Size((1, math.prod(batch), *shape[-2:]))


def _attention(args: Any, results: Any) -> Iterator[Product]:
    out = results[0].shape
    operands = tuple(_heads(each.shape, out[:-2]) for each in args[:3])
    yield Product("_scaled_dot_product_flash_attention", operands, _heads(out, out[:-2]))


def _attention_backward(args: Any, results: Any) -> Iterator[Product]:
    batch = args[5].shape[:-2]  # of the output, which went in
    operands = tuple(_heads(each.shape, batch) for each in args[:4])
    yield Product("_scaled_dot_product_flash_attention_backward", operands, operands[1:])


def _recurrent_products(input: Any, w_ih: Any, w_hh: Any, w_hr: Any) -> Iterable[tuple[int, int, int]]:
    """(rows, inputs, outputs) of the products that all steps of a layer make."""
    rows = _rows(input.shape)
    return [(rows, each.shape[1], each.shape[0]) for each in (w_ih, w_hh, w_hr) if each is not None]


def _recurrent(args: Any, results: Any) -> Iterator[Product]:
    for rows, inputs, outputs in _recurrent_products(args[1], args[4], args[5], args[8]):
        yield _of_matrices((rows, inputs), (inputs, outputs))


def _recurrent_backward(args: Any, results: Any) -> Iterator[Product]:
    wanted = args[-1]  # bits: input, hx, cx, w_ih, w_hh, b_ih, b_hh, w_hr
    of_inputs, of_weights = (wanted & 1, 1, 1), (wanted >> 3 & 1, wanted >> 4 & 1, wanted >> 7 & 1)
    for i, (rows, inputs, outputs) in enumerate(_recurrent_products(args[4], args[7], args[8], args[9])):
        if of_inputs[i]:
            yield _of_matrices((rows, outputs), (outputs, inputs))
        if of_weights[i]:
            yield _of_matrices((outputs, rows), (rows, inputs))


_PRODUCTS: dict[str, Callable[[Any, Any], Iterable[Product]]] = {
    "linear": _linear,
    "matmul": _matmul,
    "_contract_rows": _contract_rows,
    "_convolution": _convolution,
    "_convolution_input": _transposed_convolution,
    "_convolution_weight": _convolution_by_weight,
    "scaled_dot_product_attention": _attention,
    "_scaled_dot_product_attention_backward": _attention_backward,
    "_recurrent_layer": _recurrent,
    "_recurrent_layer_backward": _recurrent_backward,
}
_IN_BACKWARD = {"_convolution": _convolution_by_transposed, "_convolution_input": _convolution_by_input}


def products_of(operation: str, args: Sequence[Any], results: list[Any], backward: bool) -> Iterable[Product]:
    """What a call computes, in PyTorch's operations; a call that has the same name there stands for itself.

    Args:
        operation: the record's name.
        args, results: of the call.
        backward: whether a backward pass runs: its convolutions are gradients.
    """
    describe = _PRODUCTS.get(operation)
    if backward and not _C.is_grad_enabled():
        describe = _IN_BACKWARD.get(operation, describe)
    if describe is not None:
        return describe(args, results)
    return [Product(operation, args, results[0] if len(results) == 1 else results)]

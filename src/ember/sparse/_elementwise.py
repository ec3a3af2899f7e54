"""Operations element by element: of one tensor where 0 stays 0, arithmetic with numbers, strided and sparse tensors."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from .. import _C
from .._layout import sparse_coo
from ._conversions import coalesced, converted, dense_of, empty_of, linear_places, merged, positions_in
from ._tensor import CoordinateTensor, SparseTensor, changed_in_place, refuse, rule, same_places

_ops = _C.ops
Tensor = _C.Tensor

# f(0) = 0, and f(a + b) = f(a) + f(b): elements that share a place may stay apart.
_LINEAR = ("conj", "deg2rad", "neg", "positive", "rad2deg")
# f(0) = 0.
_ZERO_TO_ZERO = (
    *("abs", "asin", "asinh", "atan", "atanh", "ceil", "erf", "erfinv", "expm1", "floor", "frac", "isinf", "isnan"),
    *("isneginf", "isposinf", "log1p", "nan_to_num", "relu", "round", "sgn", "sign", "signbit", "sin", "sinh", "sqrt"),
    *("square", "tan", "tanh", "trunc"),
)


def apart(tensor: Any) -> Any:
    """The tensor with each place once, so that its elements are those of the strided tensor."""
    return coalesced(tensor) if isinstance(tensor, CoordinateTensor) else tensor


def _elementwise(name: str, linear: bool) -> None:
    operation = getattr(Tensor, name)

    def of_elements(input: Any, *args: Any, **kwargs: Any) -> Any:
        tensor = input if linear else apart(input)
        return tensor.with_elements(operation(tensor._elements, *args, **kwargs))

    rule(name)(of_elements)


for _name in _LINEAR:
    _elementwise(_name, True)
for _name in _ZERO_TO_ZERO:
    _elementwise(_name, False)


def same_shape(name: str, input: Any, other: Any) -> None:
    """RuntimeError where two sparse tensors differ in shape or in the number of sparse dims."""
    if input.shape != other.shape or input.sparse_dim() != other.sparse_dim():
        raise RuntimeError(
            f"{name}(): the tensors have shapes {tuple(input.shape)} and {tuple(other.shape)}, with "
            f"{input.sparse_dim()} and "
            f"{other.sparse_dim()} sparse dims; expected the same."
        )


def _refuse_dense(name: str) -> NoReturn:
    raise RuntimeError(
        f"{name}(): {name}(sparse, dense) is not supported; expected the strided tensor first. Use {name}(dense, "
        "sparse) or "
        ".to_dense()."
    )


# ---- sums


def _sum_of(input: Any, other: Any, alpha: Any) -> Any:
    """Two sparse tensors added; coalesced if both are."""
    same_shape("add", input, other)
    first, second = (converted(each, sparse_coo) for each in (input, other))
    scaled = second._elements if alpha == 1 else second._elements * alpha
    dtype = (first._elements[:0] + scaled[:0]).dtype
    if same_places(first, second):
        return first.with_elements(first._elements + scaled).as_layout(input.layout)
    elements = _ops.cat([first._elements.to(dtype), scaled.to(dtype)])
    positions = _ops.cat([first._positions, second._positions], 1)
    both = first._coalesced and second._coalesced
    if both:
        positions, elements = merged(positions, input.shape[: len(positions)], elements)
    return CoordinateTensor.of(input.shape, positions, elements, both).as_layout(input.layout)


@rule(mixed=True)
def add(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    if isinstance(input, SparseTensor) and isinstance(other, SparseTensor):
        return _sum_of(input, other, alpha)
    if isinstance(input, SparseTensor):
        if input.layout is sparse_coo or not isinstance(other, Tensor) or other.dim() == 0:
            _refuse_dense("add")
        return other * alpha + dense_of(input)
    if not isinstance(input, Tensor) or input.dim() == 0:
        _refuse_dense("add")
    positions = positions_in(other)
    sizes = other.shape[: len(positions)]
    if input.shape != other.shape or input.dtype != other.dtype:
        return input + dense_of(other) * alpha
    flat = input.reshape((math.prod(sizes), *other.shape[len(sizes) :]))
    return flat.index_add(0, linear_places(positions, sizes), other._elements, alpha=alpha).reshape(input.shape)


@rule(mixed=True)
def add_(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    if isinstance(input, SparseTensor):
        return changed_in_place(input, add(input, other, alpha=alpha), "add_")
    if input.shape != other.shape or input.dtype != other.dtype or not input.is_contiguous():
        return input.add_(dense_of(other), alpha=alpha)
    positions = positions_in(other)
    sizes = other.shape[: len(positions)]
    flat = input.view((math.prod(sizes), *other.shape[len(sizes) :]))
    flat.index_add_(0, linear_places(positions, sizes), other._elements, alpha=alpha)
    return input


@rule(mixed=True)
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    if isinstance(input, SparseTensor) and not isinstance(other, SparseTensor) and input.layout is sparse_coo:
        _refuse_dense("sub")
    if not isinstance(other, Tensor):
        _refuse_dense("sub")
    return add(input, other, alpha=-alpha)


@rule(mixed=True)
def sub_(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    return add_(input, other, alpha=-alpha)


# ---- products


def _is_number(value: Any) -> bool:
    return not isinstance(value, SparseTensor) and (not isinstance(value, Tensor) or value.dim() == 0)


def _scaled(tensor: Any, dense: Any) -> Any:
    """Times a strided tensor that broadcasts to the shape of `tensor`."""
    try:
        wide = dense.expand(tuple(tensor.shape))
    except RuntimeError:
        raise RuntimeError(
            f"mul(): the strided tensor has shape {tuple(dense.shape)}, which does not broadcast to "
            f"{tuple(tensor.shape)}, "
            f"that of the {tensor.layout} one; expected a shape that does."
        ) from None
    return tensor.with_elements(tensor._elements * wide[tuple(positions_in(tensor))])


def _product_of(input: Any, other: Any) -> Any:
    """Two sparse tensors multiplied: the places that both have."""
    same_shape("mul", input, other)
    sizes = tuple(input.shape[: input.sparse_dim()])
    (positions, elements), (others, factors) = (
        merged(each._positions, sizes, each._elements)
        for each in (converted(input, sparse_coo), converted(other, sparse_coo))
    )
    here, there = linear_places(positions, sizes), linear_places(others, sizes)
    if len(there) == 0 or len(here) == 0:
        positions, elements, factors = positions[:, :0], elements[:0], factors[:0]
    elif len(here) != len(there) or not bool((here == there).all()):
        from ..ops.sorting import searchsorted

        at = searchsorted(there, here).clamp(max=len(there) - 1)
        common = (there[at] == here).nonzero()[:, 0]
        positions, elements, factors = positions[:, common], elements[common], factors[at[common]]
    return CoordinateTensor.of(input.shape, positions, elements * factors, True).as_layout(input.layout)


@rule(mixed=True)
def mul(input: Any, other: Any) -> Any:
    if not isinstance(input, SparseTensor):
        input, other = other, input
    if _is_number(other):
        return input.with_elements(input._elements * other)
    return _product_of(input, other) if isinstance(other, SparseTensor) else _scaled(input, other)


@rule(mixed=True)
def mul_(input: Any, other: Any) -> Any:
    if isinstance(input, SparseTensor):
        return changed_in_place(input, mul(input, other), "mul_")
    return input.mul_(dense_of(other))


def _divisor(name: str, input: Any, other: Any) -> None:
    if not isinstance(input, SparseTensor) or not _is_number(other):
        shape = tuple(other.shape) if isinstance(other, Tensor) else ()
        raise RuntimeError(
            f"{name}(): a sparse tensor is divided by a number or a 0-d tensor only; the divisor has shape {shape}"
            f"{' and layout ' + str(other.layout) if isinstance(other, SparseTensor) else ''}."
        )


@rule(mixed=True)
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    _divisor("div", input, other)
    tensor = input if rounding_mode is None else apart(input)
    return tensor.with_elements(_C.Tensor.div(tensor._elements, other, rounding_mode=rounding_mode))


@rule(mixed=True)
def floor_divide(input: Any, other: Any) -> Any:
    _divisor("floor_divide", input, other)
    tensor = apart(input)
    return tensor.with_elements(tensor._elements // other)


@rule(mixed=True)
def pow(input: Any, exponent: Any) -> Any:
    if not isinstance(input, SparseTensor) or not _is_number(exponent):
        refuse("pow", input, exponent)
    if not exponent > 0:
        raise RuntimeError(f"pow(): a sparse tensor's exponent must be above 0, where 0 stays 0; it is {exponent}.")
    tensor = apart(input)
    return tensor.with_elements(tensor._elements**exponent)


# ---- in place, and of two tensors


@rule()
def zero_(input: Any) -> Any:
    if input._is_gradient:
        input._elements.zero_()
    elif isinstance(input, CoordinateTensor):
        input._become(CoordinateTensor.of(input.shape, input._positions[:, :0], input._elements.detach()[:0], True))
    else:
        input._become(empty_of(input.layout, input.shape, input.dtype, input.device))
    return input


@rule(mixed=True)
def copy_(input: Any, src: Any, non_blocking: bool = False) -> Any:
    if not isinstance(input, SparseTensor) or not isinstance(src, SparseTensor):
        raise RuntimeError(
            f"copy_(): copying a tensor of layout {src.layout} into one of {input.layout} is not supported; expected "
            "the same "
            "kind. Use .to_dense() or .to_sparse()."
        )
    return changed_in_place(input, src.clone(), "copy_")


@rule(mixed=True)
def is_same_size(input: Any, other: Any) -> bool:
    return bool(input.shape == other.shape)

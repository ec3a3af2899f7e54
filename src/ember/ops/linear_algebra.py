"""Products of tensors, composed from matmul."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import alias, composite

_ops = _C.ops


def _check_dim(name: str, argument: str, tensor: Any, dims: int) -> None:
    if tensor.dim() != dims:
        raise RuntimeError(
            f"{name}(): {argument} is {tensor.dim()}-d (shape {tuple(tensor.shape)}); expected a {dims}-d tensor."
        )


def _check_size(name: str, left: Any, right: Any) -> None:
    if left.shape[-1] != right.shape[0]:
        raise RuntimeError(
            f"{name}(): shapes {tuple(left.shape)} and {tuple(right.shape)} do not fit: "
            f"{left.shape[-1]} elements against {right.shape[0]}; expected as many."
        )


@composite
@under_autocast("keep")
def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix and a vector: (n, k) and (k) give (n)."""
    _check_dim("mv", "input", input, 2)
    _check_dim("mv", "vec", vec, 1)
    _check_size("mv", input, vec)
    return _ops.matmul(input, vec, out=out)


@composite
@under_autocast("keep")
def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of the products of two vectors' elements."""
    _check_dim("dot", "input", input, 1)
    _check_dim("dot", "tensor", tensor, 1)
    _check_size("dot", input, tensor)
    return _ops.matmul(input, tensor, out=out)


@composite
@under_autocast("keep")
def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """:func:`dot` with the first vector conjugated."""
    _check_dim("vdot", "input", input, 1)
    _check_dim("vdot", "other", other, 1)
    _check_size("vdot", input, other)
    return _ops.matmul(input.conj() if input.is_complex() else input, other, out=out)


@composite
def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of products over the last dims: (*, k) and (+, k) give (*, +)."""
    if input.dim() == 0 or other.dim() == 0:
        return _ops.mul(input, other, out=out)
    if input.dim() == other.dim() == 1:
        return dot(input, other, out=out)
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            f"inner(): shapes {tuple(input.shape)} and {tuple(other.shape)} differ in the last dim; expected equal."
        )
    return tensordot(input, other, ([-1], [-1]), out=out)


@composite
def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Each element of one vector times each of another: (n) and (m) give (n, m)."""
    _check_dim("outer", "input", input, 1)
    _check_dim("outer", "vec2", vec2, 1)
    return _ops.mul(input.unsqueeze(1), vec2, out=out)


alias("ger", outer)


def _scaled(tensor: Any, factor: Any) -> Any:
    return tensor if factor == 1 else tensor * factor


def _added(input: Any, product: Any, beta: Any, alpha: Any, out: Any) -> Any:
    """beta * input + alpha * product; with beta = 0 the input is not read."""
    if beta == 0:
        result = _scaled(product, alpha)
    else:
        result = _ops.add(_scaled(input, beta), product, alpha=alpha)
    if result.shape != product.shape:
        raise RuntimeError(
            f"input of shape {tuple(input.shape)} does not expand to the product's shape {tuple(product.shape)}."
        )
    return result if out is None else out.resize_(result.shape).copy_(result)


@composite
@under_autocast("keep")
def addmv(
    input: Tensor, mat: Tensor, vec: Tensor, *, beta: complex = 1, alpha: complex = 1, out: Tensor | None = None
) -> Tensor:
    """beta * input + alpha * mat @ vec."""
    return _added(input, mv(mat, vec), beta, alpha, out)


@composite
def addr(
    input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: complex = 1, alpha: complex = 1, out: Tensor | None = None
) -> Tensor:
    """beta * input + alpha * outer(vec1, vec2)."""
    return _added(input, outer(vec1, vec2), beta, alpha, out)


@composite
@under_autocast("lower")
def addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: complex = 1, alpha: complex = 1, out: Tensor | None = None
) -> Tensor:
    """beta * input + alpha * the sum of all products of two batches of matrices."""
    return _added(input, _ops.bmm(batch1, batch2).sum(0, dtype=batch1.dtype), beta, alpha, out)


@composite
def addmv_(self: Tensor, mat: Tensor, vec: Tensor, *, beta: complex = 1, alpha: complex = 1) -> Tensor:
    """:func:`addmv` in place."""
    return self.copy_(addmv(self, mat, vec, beta=beta, alpha=alpha))


@composite
def addr_(self: Tensor, vec1: Tensor, vec2: Tensor, *, beta: complex = 1, alpha: complex = 1) -> Tensor:
    """:func:`addr` in place."""
    return self.copy_(addr(self, vec1, vec2, beta=beta, alpha=alpha))


@composite
def addbmm_(self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: complex = 1, alpha: complex = 1) -> Tensor:
    """:func:`addbmm` in place."""
    return self.copy_(addbmm(self, batch1, batch2, beta=beta, alpha=alpha))


@composite
def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """The product of matrices, in the order that is cheapest; see :func:`ember.linalg.multi_dot`."""
    if len(matrices) == 1:
        return matrices[0] if out is None else out.resize_(matrices[0].shape).copy_(matrices[0])
    from ..linalg import multi_dot

    return multi_dot(matrices, out=out)


@composite
@under_autocast("float32")
def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""
    _check_dim("trace", "input", input, 2)
    return input.diagonal().sum()


@composite
def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Kronecker product: each element of input times the whole of other. Missing leading dims have size 1."""
    dims = max(input.dim(), other.dim())
    left = [1] * (dims - input.dim()) + list(input.shape)
    right = [1] * (dims - other.dim()) + list(other.shape)
    wide = input.reshape([n for size in left for n in (size, 1)])
    narrow = other.reshape([n for size in right for n in (1, size)])
    result = (wide * narrow).reshape([a * b for a, b in zip(left, right, strict=True)])
    return result if out is None else out.resize_(result.shape).copy_(result)


@composite
def cross(input: Tensor, other: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The vector product over a dim of size 3 (None: the first such)."""
    if dim is None:
        sizes = list(input.shape)
        if 3 not in sizes:
            raise RuntimeError(f"cross(): input of shape {tuple(sizes)} has no dim of size 3; expected one.")
        dim = sizes.index(3)
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"cross(): inputs of shapes {tuple(input.shape)} and {tuple(other.shape)} have sizes {input.shape[dim]} "
            f"and {other.shape[dim]} in dim {dim}; expected 3."
        )
    result = input.roll(-1, dim) * other.roll(-2, dim) - input.roll(-2, dim) * other.roll(-1, dim)
    return result if out is None else out.resize_(result.shape).copy_(result)


# ---- contraction over chosen dims -----------------------------------------------------------------------------------


@composite
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """The sum of products over pairs of dims.

    Args:
        dims: how many of the last dims of a meet the first of b; or two lists of dims that meet.

    Shape: the dims of a that are left, then those of b.
    """
    if isinstance(dims, _C.Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot(): dims is {dims}; expected 0 or more.")
        dims = (list(range(a.dim() - dims, a.dim())), list(range(dims)))
    left = [dims[0]] if isinstance(dims[0], int) else list(dims[0])
    right = [dims[1]] if isinstance(dims[1], int) else list(dims[1])
    left, right = [d % a.dim() for d in left], [d % b.dim() for d in right]
    if len(left) != len(right) or any(a.shape[i] != b.shape[j] for i, j in zip(left, right, strict=False)):
        raise RuntimeError(
            f"tensordot(): dims {left} of shape {tuple(a.shape)} do not meet dims {right} of shape {tuple(b.shape)}; "
            "expected as many, of equal sizes."
        )
    kept_a = [i for i in range(a.dim()) if i not in left]
    kept_b = [i for i in range(b.dim()) if i not in right]
    count = math.prod(a.shape[i] for i in left)
    rows = a.permute(kept_a + left).reshape(math.prod(a.shape[i] for i in kept_a), count)
    columns = b.permute(right + kept_b).reshape(count, math.prod(b.shape[i] for i in kept_b))
    result = _ops.mm(rows, columns).reshape([a.shape[i] for i in kept_a] + [b.shape[i] for i in kept_b])
    return result if out is None else out.resize_(result.shape).copy_(result)


def _labels(subscript: str, dims: int, equation: str) -> list[str]:
    """The label of each dim; those that '...' stands for are numbered from the right: '.0' is the last."""
    before, dots, after = subscript.partition("...")
    if "." in before + after:
        raise RuntimeError(f"einsum(): '.' outside of one '...' in {equation!r}.")
    for label in before + after:
        if not label.isalpha():
            raise RuntimeError(f"einsum(): invalid subscript {label!r} in {equation!r}; expected letters.")
    more = dims - len(before) - len(after)
    if more < 0 or (more > 0 and not dots):
        raise RuntimeError(
            f"einsum(): subscript {subscript!r} has {len(before) + len(after)} labels; the operand has {dims} dims."
        )
    return [*before, *(f".{i}" for i in reversed(range(more))), *after]


def _diagonal(operand: Any, labels: list[str]) -> tuple[Any, list[str]]:
    """A label that occurs twice keeps the diagonal."""
    for label in set(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if operand.shape[first] != operand.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {label!r} is repeated in one operand with sizes {operand.shape[first]} and "
                    f"{operand.shape[second]}; expected equal ones."
                )
            operand = operand.diagonal(0, first, second)
            labels = [one for i, one in enumerate(labels) if i not in (first, second)] + [label]
    return operand, labels


def _summed(operand: Any, labels: list[str], kept: set[str]) -> tuple[Any, list[str]]:
    folded = [i for i, label in enumerate(labels) if label not in kept]
    if not folded:
        return operand, labels
    return operand.sum(folded), [label for label in labels if label in kept]


def _pair(a: Any, a_labels: list[str], b: Any, b_labels: list[str], kept: set[str]) -> tuple[Any, list[str]]:
    """Contracts two operands by one batched product; labels outside `kept` are summed over."""
    a, a_labels = _summed(a, a_labels, kept | set(b_labels))
    b, b_labels = _summed(b, b_labels, kept | set(a_labels))
    shared = [label for label in a_labels if label in b_labels]
    batch = [label for label in shared if label in kept]
    joined = [label for label in shared if label not in kept]
    left = [label for label in a_labels if label not in shared]
    right = [label for label in b_labels if label not in shared]
    a = a.permute([a_labels.index(label) for label in batch + left + joined])
    b = b.permute([b_labels.index(label) for label in batch + joined + right])
    sizes: dict[str, int] = {}
    for labels, operand in ((batch + left + joined, a), (batch + joined + right, b)):
        for label, size in zip(labels, operand.shape, strict=True):
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
    a = a.expand([sizes[label] for label in batch + left + joined])
    b = b.expand([sizes[label] for label in batch + joined + right])

    def count(labels: list[str]) -> int:
        return math.prod(sizes[label] for label in labels)

    product = _ops.matmul(
        a.reshape(count(batch), count(left), count(joined)) if batch else a.reshape(count(left), count(joined)),
        b.reshape(count(batch), count(joined), count(right)) if batch else b.reshape(count(joined), count(right)),
    )
    labels = batch + left + right
    return product.reshape([sizes[label] for label in labels]), labels


def _sublists(arguments: Sequence[Any]) -> tuple[str, list[Any]]:
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as an equation."""

    def subscript(labels: Sequence[Any]) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        return "".join("..." if label is Ellipsis else letters[label] for label in labels)

    operands = list(arguments[: len(arguments) // 2 * 2 : 2])
    equation = ",".join(subscript(labels) for labels in arguments[1::2])
    return (f"{equation}->{subscript(arguments[-1])}" if len(arguments) % 2 else equation), operands


def _check_sizes(operands: list[Any], labels: list[list[str]], equation: str) -> None:
    sizes: dict[str, int] = {}
    for operand, own in zip(operands, labels, strict=True):
        for label, size in zip(own, operand.shape, strict=True):
            if sizes.setdefault(label, size) != size and 1 not in (size, sizes[label]):
                raise RuntimeError(
                    f"einsum(): subscript {label!r} in {equation!r} has sizes {sizes[label]} and {size}; "
                    "expected equal ones."
                )
            sizes[label] = max(sizes[label], size) if size else 0


@composite
def einsum(*args: Any) -> Tensor:
    """Sums of products over labelled dims.

    Args:
        args: an equation and its operands: ``einsum("ij,jk->ik", a, b)``. Labels are letters; a label outside the
            result is summed over; ``...`` stands for dims that broadcast. Without ``->`` the result has the labels that
            occur once, in alphabetical order. Operands each followed by a list of integer labels are understood too.

    Example:
        >>> ember.einsum("ij,ij->i", ember.ones(2, 3), ember.ones(2, 3))
        tensor([3., 3.])
    """
    if not args:
        raise ValueError("einsum(): no arguments were given; expected an equation and its operands.")
    equation, *rest = args
    if not isinstance(equation, str):
        equation, rest = _sublists(args)
    operands = list(rest[0]) if len(rest) == 1 and isinstance(rest[0], (list, tuple)) else list(rest)
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    subscripts = inputs.split(",")
    if len(subscripts) != len(operands):
        raise RuntimeError(
            f"einsum(): {equation!r} has {len(subscripts)} subscripts for {len(operands)} operands; expected as many."
        )
    labels = [
        _labels(subscript, operand.dim(), equation) for subscript, operand in zip(subscripts, operands, strict=True)
    ]
    used = [label for own in labels for label in own]
    for i, operand in enumerate(operands):
        operands[i], labels[i] = _diagonal(operand, labels[i])
    _check_sizes(operands, labels, equation)
    ellipsis = sorted({label for label in used if label.startswith(".")}, key=lambda label: -int(label[1:]))
    if arrow:
        before, dots, after = output.partition("...")
        result_labels = [*before, *(ellipsis if dots else []), *after]
    else:
        result_labels = ellipsis + sorted(label for label in set(used) if used.count(label) == 1 and label[0] != ".")
    for label in result_labels:
        if label not in used or result_labels.count(label) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {label!r} of {equation!r} must occur once, and in an input."
            )
    result, own = operands[0], labels[0]
    for i in range(1, len(operands)):
        kept = set(result_labels).union(*labels[i + 1 :])
        result, own = _pair(result, own, operands[i], labels[i], kept)
    result, own = _summed(result, own, set(result_labels))
    return result.permute([own.index(label) for label in result_labels])

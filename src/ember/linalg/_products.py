"""Products, powers and the exponential of matrices, and tensors taken as matrices."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import with_numpy_names
from ._matrices import all_samples, check_square, check_type, given, identity_like
from ._solve import invert, solution, solve

_ops = _C.ops


def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Matrix product; see :func:`ember.matmul`."""
    return _ops.matmul(input, other, out=out)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices, as a view; see :func:`ember.diagonal`."""
    return A.diagonal(offset, dim1, dim2)


@with_numpy_names
def cross(input: Tensor, other: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The vector product along a dim of size 3. Shapes broadcast.

    Example:
        >>> ember.linalg.cross(ember.tensor([1., 0., 0.]), ember.tensor([0., 1., 0.]))
        tensor([0., 0., 1.])
    """
    name = "linalg.cross"
    if input.dim() != other.dim():
        raise RuntimeError(
            f"{name}(): inputs must have the same number of dimensions; they have {input.dim()} and {other.dim()}."
        )
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"{name}(): inputs dimension {dim} must have length 3. Got {input.shape[dim]} and {other.shape[dim]}."
        )
    result = input.roll(-1, dim) * other.roll(-2, dim) - input.roll(-2, dim) * other.roll(-1, dim)
    return given(out, result)


@with_numpy_names
@under_autocast("keep")
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """sum conj(x) y along `dim`. Shapes broadcast."""
    for argument, tensor in (("x", x), ("y", y)):
        if not isinstance(tensor, _C.Tensor):
            raise TypeError(f"linalg.vecdot(): argument '{argument}' must be Tensor, not {type(tensor).__name__}.")
    if x.dtype != y.dtype:
        raise RuntimeError(f"linalg.vecdot(): x is of {x.dtype}, y of {y.dtype}; expected the same dtype.")
    left = x.conj() if x.is_complex() else x
    if x.dim() and y.dim() and x.shape[dim] != y.shape[dim]:
        raise RuntimeError(
            f"linalg.vecdot(): x and y have {x.shape[dim]} and {y.shape[dim]} elements in dim {dim}; expected as many."
        )
    return given(out, (left * y).sum(dim, dtype=x.dtype))


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 (default: as many as x has elements) of each element.

    Shape: ``(*, n)`` gives ``(*, n, N)``.

    Example:
        >>> ember.linalg.vander(ember.tensor([1, 2, 3]))
        tensor([[1, 1, 1],
                [1, 2, 4],
                [1, 3, 9]])
    """
    if x.dim() == 0:
        raise RuntimeError("linalg.vander(): x is 0-d; expected at least 1 dim.")
    count = x.shape[-1] if N is None else N
    if count < 1 or (N is not None and N <= 1):
        raise RuntimeError(f"linalg.vander(): N must be greater than 1; it is {count}.")
    if x.dtype is _C.bool or not (x.is_floating_point() or x.is_complex()):
        x = x.to(_C.int64)
    repeated = x.unsqueeze(-1).expand(*x.shape, count - 1)
    return _ops.cat([x.new_ones((*x.shape, 1)), repeated.cumprod(-1)], -1)


# ---- chains and powers ----------------------------------------------------------------------------------------------


def _cheapest_splits(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to split a chain so that multiplications are fewest; matrix i is sizes[i] by sizes[i + 1]
    (Cormen et al. 2009, 15.2).
    """
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    splits = {}
    for length in range(1, count):
        for first in range(count - length):
            last = first + length
            choices = [
                (cost[first, k] + cost[k + 1, last] + sizes[first] * sizes[k + 1] * sizes[last + 1], k)
                for k in range(first, last)
            ]
            cost[first, last], splits[first, last] = min(choices)
    return splits


@under_autocast("lower")
def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of matrices, in the order of multiplication that is cheapest.

    Args:
        tensors: at least two matrices; the first and the last may be vectors, a row and a column.

    Example:
        >>> ember.linalg.multi_dot([ember.ones(2, 3), ember.ones(3, 2), ember.ones(2)])
        tensor([6., 6.])
    """
    given_tensors = list(tensors)
    if len(given_tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(given_tensors)}.")
    matrices = list(given_tensors)
    if matrices[0].dim() == 1:
        matrices[0] = matrices[0].unsqueeze(0)
    if matrices[-1].dim() == 1:
        matrices[-1] = matrices[-1].unsqueeze(1)
    for i, each in enumerate(matrices):
        if each.dim() != 2:
            raise RuntimeError(
                f"multi_dot(): tensor {i} has shape {tuple(given_tensors[i].shape)}; expected a matrix, or a vector as "
                "the first or last."
            )
        if i and matrices[i - 1].shape[1] != each.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i - 1} and {i} with shapes {tuple(given_tensors[i - 1].shape)} and "
                f"{tuple(given_tensors[i].shape)} cannot be multiplied."
            )
    splits = _cheapest_splits([matrices[0].shape[0], *(each.shape[1] for each in matrices)])

    def product(first: int, last: int) -> Any:
        if first == last:
            return matrices[first]
        split = splits[first, last]
        return _ops.mm(product(first, split), product(split + 1, last))

    result = product(0, len(matrices) - 1)
    if given_tensors[-1].dim() == 1:
        result = result.squeeze(1)
    return given(out, result.squeeze(0) if given_tensors[0].dim() == 1 else result)


def power(name: str, input: Tensor, n: int, out: Tensor | None = None) -> Tensor:
    """The n-th power by repeated squaring; of the inverse where n is negative."""
    if input.dim() < 2 or input.shape[-1] != input.shape[-2]:
        raise RuntimeError(
            f"{name}(): input has shape {tuple(input.shape)}; expected batches of square matrices of at least 2 dims."
        )
    if n < 0:
        input, n = invert(name, input), -n
    if n == 0:
        return given(out, identity_like(input, input.shape[-1]).expand(input.shape).clone())
    result: Any = None
    square = input
    while True:
        if n % 2:
            result = square if result is None else result @ square
        n //= 2
        if n == 0:
            return given(out, result.clone() if result is input else result)
        square = square @ square


@under_autocast("float32")
def matrix_power(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """The n-th power of matrices ``(*, m, m)``, by squaring; of the inverse where n is negative."""
    return power("linalg.matrix_power", input, n, out)


# ---- exponential ----------------------------------------------------------------------------------------------------

# Degrees of the diagonal Pade approximant, and the 1-norm up to which its error is below epsilon (Higham 2008,
# "Functions of Matrices", table 10.2 for float64; 2^-24 in place of 2^-53 for float32).
_DEGREES = {_C.float32: (7, 3.925724783138660), _C.float64: (13, 5.371920351148152)}


def _pade(A: Any, degree: int) -> tuple[Any, Any]:
    """Odd and even part of the numerator: exp(A) is about (even - odd)^-1 (even + odd)."""
    factorial = math.factorial
    coefficients = [
        factorial(2 * degree - j) * factorial(degree) // (factorial(j) * factorial(degree - j))
        for j in range(degree + 1)
    ]  # times (2 degree)! / degree!
    common = functools.reduce(math.gcd, coefficients)
    c = [each // common for each in coefficients]
    one = identity_like(A, A.shape[-1])
    squared = A @ A
    powers = [one, squared]
    for _ in range(2, 4):
        powers.append(powers[-1] @ squared)

    def polynomial(own: Sequence[int]) -> Any:
        """sum own[k] A^(2k) with powers of A^2 up to 3; the upper half is multiplied by A^6."""
        low = sum(float(k) * x for k, x in zip(own[:4], powers, strict=False))
        if len(own) <= 4:
            return low
        high = sum(float(k) * x for k, x in zip(own[4:], powers[1:], strict=False))
        return low + powers[3] @ high

    return A @ polynomial(c[1::2]), polynomial(c[0::2])


@under_autocast("float32")
def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices ``(*, n, n)``: 1 + A + A^2 / 2 + ...

    Scaling, a Pade approximant, and squaring, each matrix as often as its norm asks for.

    Source: Higham 2005, "The scaling and squaring method for the matrix exponential revisited".

    Example:
        >>> ember.linalg.matrix_exp(ember.zeros(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    check_square("linalg.matrix_exp", input, "input")
    if input.numel() == 0 or input.is_meta:
        return _ops.mul(input, 1)
    norms = input.detach().abs().sum(-2).amax(-1)
    degree, bound = _DEGREES[norms.dtype]
    squarings = (norms / bound).log2().ceil().clamp(min=0)
    squarings = squarings.masked_fill(~(norms < math.inf), 0)
    scale = (-squarings).exp2()
    odd, even = _pade(input * scale[..., None, None], degree)
    result = solution(even - odd, even + odd)
    for i in range(int(all_samples(squarings).max())):
        again = (squarings > i)[..., None, None]
        result = _ops.where(again, result @ result, result)
    return result


# ---- tensors as matrices --------------------------------------------------------------------------------------------


@under_autocast("float32")
def tensorinv(input: Tensor, ind: int = 2, *, out: Tensor | None = None) -> Tensor:
    """The inverse for ``tensordot(., ., ind)``: the first `ind` dims are a matrix's rows, the others its columns."""
    name = "linalg.tensorinv"
    check_type(name, input, "input")
    if ind <= 0:
        raise RuntimeError(f"{name}(): expected a strictly positive integer for 'ind'; it is {ind}.")
    rows, columns = list(input.shape[:ind]), list(input.shape[ind:])
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            f"{name}(): expected input to satisfy the requirement prod(input.shape[ind:]) == prod(input.shape[:ind]), "
            f"but got {math.prod(columns)} != {math.prod(rows)}."
        )
    matrix = input.reshape(math.prod(rows), math.prod(columns))
    return given(out, invert(name, matrix).reshape([*columns, *rows]))


@under_autocast("float32")
def tensorsolve(
    input: Tensor, other: Tensor, dims: Sequence[int] | None = None, *, out: Tensor | None = None
) -> Tensor:
    """X with ``tensordot(A, X, X.dim()) = B``.

    Args:
        input: A, with the dims of B, then those of X.
        other: B.
        dims: dims of A to be moved to its end first.
    """
    name = "linalg.tensorsolve"
    check_type(name, input, "input")
    if dims is not None:
        input = input.movedim(tuple(dims), tuple(range(-len(dims), 0)))
    wanted = list(input.shape[other.dim() :])
    if math.prod(wanted) != math.prod(other.shape):
        raise RuntimeError(
            f"{name}(): expected input to satisfy the requirement prod(input.shape[other.ndim:]) == "
            f"prod(input.shape[:other.ndim]), but got {math.prod(wanted)} != {math.prod(other.shape)}."
        )
    matrix = input.reshape(math.prod(other.shape), math.prod(wanted))
    return given(out, solve(matrix, other.reshape(-1)).reshape(wanted))

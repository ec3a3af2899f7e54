"""Functions of single elements that are made of others."""

from __future__ import annotations

import math
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite
from . import creation  # methods whose in-place forms are made here

_ops = _C.ops


def _is_inexact(tensor: Any) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


def _given(out: Any, result: Any) -> Any:
    return result if out is None else out.resize_(result.shape).copy_(result)


def _floating(tensor: Any) -> Any:
    return tensor if _is_inexact(tensor) else tensor.to(_C.get_default_dtype())


def met(*values: Any) -> list[Tensor]:
    """Two tensors or numbers as tensors of the floating dtype in which they meet."""
    from ..settings import result_type

    dtype = result_type(*values)
    if not (dtype.is_floating_point or dtype.is_complex):
        dtype = _C.get_default_dtype()
    return [x.to(dtype) if isinstance(x, _C.Tensor) else _C._tensor_from_data(x, dtype) for x in values]


def need_tensor(name: str, argument: str, value: Any) -> None:
    """A TypeError where a tensor is needed and something else was given."""
    if not isinstance(value, _C.Tensor):
        raise TypeError(f"{name}(): argument '{argument}' must be Tensor, not {value.__class__.__name__}.")


@composite
def angle(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle of each complex number in radians; of real ones 0, or pi below 0."""
    if input.is_complex():
        return _ops.atan2(input.imag, input.real, out=out)
    values = _floating(input)
    result = (values < 0).to(values.dtype) * math.pi
    return _given(out, _ops.where(values == values, result, values))


@composite
def sgn(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sign; of complex numbers the number of size 1 in the same direction, 0 for 0."""
    if not input.is_complex():
        return _ops.sign(input, out=out)
    size = input.abs()
    return _given(out, input / size.masked_fill(size == 0, 1))


@composite
def positive(input: Tensor) -> Tensor:
    """`input` itself."""
    if input.dtype is _C.bool:
        raise RuntimeError("positive(): the input is of torch.bool; expected numbers.")
    return input


@composite
def isreal(input: Tensor) -> Tensor:
    """Where the imaginary part is 0."""
    return input.imag == 0 if input.is_complex() else creation.ones_like(input, dtype=_C.bool)


@composite
def xlogy(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * log(other); 0 where input is 0 and other is not nan. Either may be a number."""
    return _ops._xlogy(*met(input, other), out=out)


@composite
def logaddexp2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log2(2^input + 2^other), without overflow."""
    first, second = met(input, other)
    scale = math.log(2)
    return _given(out, _ops.logaddexp(first * scale, second * scale) / scale)


@composite
def heaviside(input: Tensor, values: Tensor, *, out: Tensor | None = None) -> Tensor:
    """0 below 0, 1 above it, `values` where input is 0."""
    need_tensor("heaviside", "values", values)
    if input.dtype != values.dtype:
        raise RuntimeError(
            f"heaviside(): input is of {input.dtype}, values of {values.dtype}; expected the same dtype."
        )
    step = _ops.where(input == 0, values.detach(), (input.detach() > 0).to(input.dtype))
    return _given(out, step)


@composite
def ldexp(input: Tensor, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * 2^other."""
    return _ops.mul(input, _power_of_two(input, other), out=out)


def _power_of_two(input: Any, other: Any) -> Any:
    power = _ops.pow(2.0, other)
    exact = isinstance(other, _C.Tensor) and not _is_inexact(other)
    return power.to(input.dtype) if exact and _is_inexact(input) else power


@composite
def ldexp_(self: Tensor, other: Tensor | complex) -> Tensor:
    """:func:`ldexp` in place."""
    return self.mul_(_power_of_two(self, other))


@composite
def float_power(input: Tensor | complex, exponent: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input to the power of exponent, in float64 (complex128 for complex numbers); either may be a number."""

    def wide(value: Any) -> Any:
        complex_value = value.is_complex() if isinstance(value, _C.Tensor) else isinstance(value, complex)
        kind = _C.complex128 if complex_value else _C.float64
        return value.to(kind) if isinstance(value, _C.Tensor) else _C._tensor_from_data(value, kind)

    return _ops.pow(wide(input), wide(exponent), out=out)


@composite
def gcd(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The greatest common divisor of integers, by Euclid's algorithm on all elements at once."""
    from ..settings import result_type

    need_tensor("gcd", "other", other)
    if _is_inexact(input) or _is_inexact(other) or input.dtype is other.dtype is _C.bool:
        raise NotImplementedError(f"gcd(): not implemented for '{input.dtype}' and '{other.dtype}'; expected integers.")
    rest, divisor = input.to(_C.int64).abs() + other * 0, other.to(_C.int64).abs() + input * 0
    while bool((divisor != 0).any()):
        zero = divisor == 0
        remainder = _ops.fmod(rest, divisor.masked_fill(zero, 1))
        rest, divisor = _ops.where(zero, rest, divisor), _ops.where(zero, 0, remainder)
    return _given(out, rest.to(result_type(input, other)))


@composite
def lcm(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The least common multiple of integers."""
    from ..settings import result_type

    divisor = gcd(input, other).to(_C.int64)
    quotient = _ops.floor_divide(input.to(_C.int64).abs(), _ops.where(divisor == 0, 1, divisor))
    return _given(out, (quotient * other).abs().to(result_type(input, other)))


@composite
def polygamma(n: int, input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The n-th derivative of digamma, for n of 0 or more."""
    if n < 0:
        raise RuntimeError(f"polygamma(): n is {n}; polygamma(n, x) does not support negative n.")
    return _ops.digamma(input, out=out) if n == 0 else _ops._polygamma(input, n, out=out)


@composite
def mvlgamma(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor:
    """log of the p-dimensional gamma function: p (p - 1) / 4 log(pi) + sum over j < p of lgamma(x - j / 2)."""
    if p < 1:
        raise RuntimeError(f"mvlgamma(): p is {p}; p has to be greater than or equal to 1.")
    values = _floating(input)
    halves = _ops.arange(0, p, 1, dtype=values.dtype, device=values.device) / 2
    total = _ops.lgamma(values.unsqueeze(-1) - halves).sum(-1)
    return _given(out, total + p * (p - 1) / 4 * math.log(math.pi))


def _polygamma_of(self: Tensor, n: int) -> Tensor:
    return polygamma(n, self)


setattr(_C.Tensor, "polygamma", _polygamma_of)  # noqa: B010, for type checkers it is there already


def without_derivative(name: str, operation: Any, input: Any, other: Any, out: Any) -> Any:
    """`operation` of both, whose backward pass is an error where it needs the derivative by `input`."""
    result = operation(input.detach(), other, out=out)
    if out is not None or not (_C.is_grad_enabled() and input.requires_grad):
        return result
    from ..autograd.function import Function

    class NotDifferentiable(Function):
        @staticmethod
        def forward(ctx: Any, result: Any, input: Any) -> Any:
            return result.detach()

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            raise NotImplementedError(f"backward(): the derivative for '{name}: input' is not implemented.")

    return NotDifferentiable.apply(result, input)


@composite
def igamma(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x.

    Args:
        input: a, from 0 on; there is no derivative by it.
        other: x, from 0 on.

    Example:
        >>> ember.igamma(ember.tensor([1., 2.]), ember.tensor([1., 1.]))
        tensor([0.6321, 0.2642])
    """
    need_tensor("igamma", "input", input)
    need_tensor("igamma", "other", other)
    return without_derivative("igamma", _ops._gammainc, input, other, out)


@composite
def igammac(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function, 1 - :func:`igamma`, exact also where that is near 1."""
    need_tensor("igammac", "input", input)
    need_tensor("igammac", "other", other)
    return without_derivative("igammac", _ops._gammaincc, input, other, out)


# ---- facts ----


@composite
def is_nonzero(input: Tensor) -> bool:
    """Whether the single element is not 0."""
    if input.numel() != 1:
        raise RuntimeError(f"is_nonzero(): Boolean value of Tensor with {input.numel()} elements is ambiguous.")
    return bool(input)


@composite
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape."""
    return input.shape == other.shape


@composite
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Summed over the dims in which `size` would have to be expanded to this tensor's shape."""
    sizes = list(size[0]) if len(size) == 1 and not isinstance(size[0], int) else list(size)
    extra = self.dim() - len(sizes)
    folded = [*range(extra), *(extra + i for i, n in enumerate(sizes) if n == 1 and self.shape[extra + i] != 1)]
    result = self.sum(folded, keepdim=True).reshape(sizes) if extra >= 0 and folded else self
    if list(result.shape) != sizes:
        raise RuntimeError(f"sum_to_size(): size {tuple(sizes)} is not expandable to size {tuple(self.shape)}.")
    return result


# ---- in place ----


def _in_place(name: str) -> None:
    function = getattr(_C.Tensor, name)

    def in_place(self: Any, *args: Any, **kwargs: Any) -> Any:
        # The function may save what it reads, which then must not change.
        return self.copy_(function(self.clone() if self.requires_grad else self, *args, **kwargs))

    in_place.__name__ = in_place.__qualname__ = name + "_"
    in_place.__doc__ = f"`{name}` in place."
    setattr(_C.Tensor, name + "_", in_place)


_WITH_IN_PLACE = """
bitwise_not conj_physical cumprod cumsum float_power gcd heaviside igamma igammac lcm logaddexp2 logit mvlgamma
sgn xlogy
"""
for _name in _WITH_IN_PLACE.split():
    _in_place(_name)


@composite
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` where positive, ``weight x`` elsewhere, with one learned weight or one for each channel.

    Shape: input ``(N, C, *)`` or any; weight ``(C)`` or ``(1)``.
    """
    if weight.numel() != 1:
        channels = input.shape[1] if input.dim() > 1 else (input.shape[0] if input.dim() else 1)
        if weight.dim() != 1 or weight.numel() != channels:
            raise RuntimeError(
                f"prelu(): weight of shape {tuple(weight.shape)} for input of shape {tuple(input.shape)}; "
                "expected 1 or "
                f"{channels} weights, one for each channel (dim 1)."
            )
        if input.dim() > 1:
            weight = weight.reshape(-1, *[1] * (input.dim() - 2))  # (C, 1, ...) broadcasts against (N, C, ...)
    return _ops._prelu(input, weight if weight.dim() <= input.dim() else weight.reshape(()))

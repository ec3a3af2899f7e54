"""What floating numbers consist of: mantissa and exponent, and their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._number_info import iinfo
from .elementwise import need_tensor

if TYPE_CHECKING:
    from .. import return_types

_ops = _C.ops

_INTEGERS = {_C.float64: _C.int64, _C.float32: _C.int32, _C.float16: _C.int16, _C.bfloat16: _C.int16}


def _exponents(x: Any) -> Any:
    """The e of |x| = m 2^e with 1/2 <= m < 1, int64; 0 for zeros, infinities and nans."""
    wide = x.detach().to(_C.float64)
    small = wide.abs() < 2.0**-1022  # subnormal: without an exponent of its own
    bits = _ops.where(small, wide * 2.0**54, wide).contiguous().view(_C.int64)
    exponents = (bits >> 52 & 0x7FF) - 1022 - small.to(_C.int64) * 54
    return exponents.masked_fill((wide == 0) | ~wide.isfinite(), 0)


def _power_of_two(exponents: Any, dtype: Any) -> Any:
    return (exponents + 1023 << 52).view(_C.float64).to(dtype)


@composite
def frexp(input: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> return_types.frexp:
    """Mantissa m and exponent e of each number: input = m 2^e with 1/2 <= abs(m) < 1.

    Returns:
        A named tuple (mantissa, exponent), the exponent int32. Zeros, infinities and nans are their own mantissa.

    Example:
        >>> ember.frexp(ember.tensor([1., 10.])).mantissa
        tensor([0.5000, 0.6250])
    """
    from ..return_types import OF_FUNCTIONS
    from .reductions import _into

    if not input.is_floating_point():
        raise RuntimeError(f"frexp(): input is of {input.dtype}; torch.frexp() only supports floating-point dtypes.")
    exponents = _exponents(input)
    half = exponents // 2  # 2^-e may be out of range where x is not
    mantissa = input * _power_of_two(-half, input.dtype) * _power_of_two(half - exponents, input.dtype)
    return _into(out, OF_FUNCTIONS["frexp"]((mantissa, exponents.to(_C.int32))))


@composite
def nextafter(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The floating number that follows `input` in the direction of `other`, element by element.

    Example:
        >>> ember.nextafter(ember.tensor([1.]), ember.tensor([2.])) - 1 == ember.finfo(ember.float32).eps
        tensor([True])
    """
    need_tensor("nextafter", "other", other)
    from ..settings import result_type
    from .views import broadcast_tensors

    dtype = result_type(input, other)
    if dtype not in _INTEGERS:
        raise NotImplementedError(f"nextafter(): not implemented for '{dtype}'; expected floating-point tensors.")
    wide, _ = broadcast_tensors(input.to(dtype), other.to(dtype))
    x, target = (each.contiguous() for each in broadcast_tensors(wide.detach(), other.detach().to(dtype)))
    bits = x.view(_INTEGERS[dtype])  # in order of size, apart from the sign
    away = (target > x) == (x > 0)
    bits = _ops.where(away, bits + 1, bits - 1)
    least = _ops.where(target > 0, 1, iinfo(bits.dtype).min + 1).to(bits.dtype)
    result = _ops.where(x == 0, least, bits).view(dtype)
    result = _ops.where(x == target, target, result)
    result = _ops.where((x == x) & (target == target), result, x + target)
    if wide.requires_grad and _C.is_grad_enabled():
        result = result + _ops.where(x.isfinite() & (x != target), wide - x, 0)  # 0, whose gradient is 1
    return result if out is None else out.resize_(result.shape).copy_(result)

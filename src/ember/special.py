"""Special functions under the names of `torch.special`.

What is missing here (Bessel functions, zeta, orthogonal polynomials) does not exist yet: an AttributeError says so.
"""

from __future__ import annotations

import math
from typing import Any

from . import _C, _composite

_ops = _C.ops
_published = _composite.published

digamma = psi = _ops.digamma
erf = _ops.erf
erfc = _ops.erfc
erfcx = _ops.erfcx
erfinv = _ops.erfinv
exp2 = _ops.exp2
expit = _ops.sigmoid
expm1 = _ops.expm1
gammaln = _ops.lgamma
log1p = _ops.log1p
logit = _published["logit"]
logsumexp = _published["logsumexp"]
multigammaln = _published["mvlgamma"]
ndtr = _ops._normal_cdf
polygamma = _published["polygamma"]
round = _published["round"]
sinc = _ops.sinc
xlogy = _published["xlogy"]


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """exp(input) / sum(exp(input)) along `dim`; `dtype` is the type to compute in."""
    return _ops.softmax(input, dim, dtype)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """log(softmax(input)) along `dim`; `dtype` is the type to compute in."""
    return _ops.log_softmax(input, dim, dtype)


def _tensors(*values: Any) -> list[Any]:
    given = [value if isinstance(value, _C.Tensor) else _C._tensor_from_data(value, None) for value in values]
    return [x if x.is_floating_point() else x.to(_C.get_default_dtype()) for x in given]


def entr(input: Any, *, out: Any = None) -> Any:
    """-x log(x); 0 at 0 and -inf below it."""
    (x,) = _tensors(input)
    result = (-xlogy(x, x)).masked_fill(x < 0, -math.inf)
    return result if out is None else out.resize_(result.shape).copy_(result)


def xlog1py(input: Any, other: Any, *, out: Any = None) -> Any:
    """input * log(1 + other); 0 where input is 0 and other is not nan."""
    x, y = _tensors(input, other)
    zero = (x == 0) & (y == y)
    result = (x * y.log1p()).masked_fill(zero, 0)
    return result if out is None else out.resize_(result.shape).copy_(result)


def ndtri(input: Any, *, out: Any = None) -> Any:
    """The number below which a standard normal variable lies with probability `input`: the inverse of `ndtr`."""
    (p,) = _tensors(input)
    result = math.sqrt(2) * (2 * p - 1).erfinv()
    return result if out is None else out.resize_(result.shape).copy_(result)


def log_ndtr(input: Any, *, out: Any = None) -> Any:
    """log(ndtr(input)), exact in the lower tail: log(erfcx(-x / sqrt 2) / 2) - x^2 / 2 there."""
    (x,) = _tensors(input)
    low = x < -1
    tail = (erfcx(-x.clamp(max=-1) / math.sqrt(2)) / 2).log() - x * x / 2
    result = _ops.where(low, tail, (-erfc(x.clamp(min=-1) / math.sqrt(2)) / 2).log1p())
    return result if out is None else out.resize_(result.shape).copy_(result)

"""Special functions under the names of `torch.special`.

What is missing here (the Airy function and the orthogonal polynomials) does not exist yet: an AttributeError says so.
"""

from __future__ import annotations

from . import _C, _composite
from ._C import Tensor
from .ops.elementwise import igamma, igammac, met
from .ops.elementwise import without_derivative as _without_derivative

_ops = _C.ops
_published = _composite.published

bessel_j0 = _ops.bessel_j0
bessel_j1 = _ops.bessel_j1
bessel_y0 = _ops.bessel_y0
bessel_y1 = _ops.bessel_y1
digamma = psi = _ops.digamma
entr = _ops.entr
erf = _ops.erf
erfc = _ops.erfc
erfcx = _ops.erfcx
erfinv = _ops.erfinv
exp2 = _ops.exp2
expit = _ops.sigmoid
expm1 = _ops.expm1
gammainc = igamma
gammaincc = igammac
gammaln = _ops.lgamma
i0 = modified_bessel_i0 = _ops.i0
i0e = _ops.i0e
i1 = modified_bessel_i1 = _ops.i1
i1e = _ops.i1e
log1p = _ops.log1p
log_ndtr = _ops.log_ndtr
logit = _published["logit"]
logsumexp = _published["logsumexp"]
modified_bessel_k0 = _ops.modified_bessel_k0
modified_bessel_k1 = _ops.modified_bessel_k1
multigammaln = _published["mvlgamma"]
ndtr = _ops._normal_cdf
ndtri = _ops.ndtri
polygamma = _published["polygamma"]
round = _published["round"]
scaled_modified_bessel_k0 = _ops.scaled_modified_bessel_k0
scaled_modified_bessel_k1 = _ops.scaled_modified_bessel_k1
sinc = _ops.sinc
spherical_bessel_j0 = _ops.spherical_bessel_j0
xlogy = _published["xlogy"]


def softmax(input: Tensor, dim: int, *, dtype: _C.dtype | None = None) -> Tensor:
    """exp(input) / sum(exp(input)) along `dim`; `dtype` is the type to compute in."""
    return _ops.softmax(input, dim, dtype)


def log_softmax(input: Tensor, dim: int, *, dtype: _C.dtype | None = None) -> Tensor:
    """log(softmax(input)) along `dim`; `dtype` is the type to compute in."""
    return _ops.log_softmax(input, dim, dtype)


def xlog1py(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * log(1 + other); 0 where input is 0 and other is not nan. Either may be a number."""
    return _ops._xlog1py(*met(input, other), out=out)


def zeta(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz' zeta function: the sum of (other + k)^-input over k = 0, 1, 2, ...; either may be a number.

    There is no derivative by `input`.

    Example:
        >>> ember.special.zeta(2, ember.tensor([1., 2.]))
        tensor([1.6449, 0.6449])
    """
    exponent, start = met(input, other)
    return _without_derivative("zeta", _ops._zeta, exponent, start, out)

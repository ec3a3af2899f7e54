"""The linear maps behind `ember.fft`, computed by `numpy.fft`; backward is the conjugate transform, recorded again.

A scale is named by its factor: "none", "ortho" (1 / sqrt(n)) or "full" (1 / n). A map and its conjugate have the same.
"""

from __future__ import annotations

from typing import Any

from .. import _C
from ..autograd.function import Function
from ..ops.from_data import from_numpy

_ops = _C.ops

# numpy.fft's words for a scale: which of the two directions bears the factor 1 / n.
_FORWARD_NORM = {"none": "backward", "ortho": "ortho", "full": "forward"}
_INVERSE_NORM = {"none": "forward", "ortho": "ortho", "full": "backward"}

COMPLEX_OF = {_C.float32: _C.complex64, _C.float64: _C.complex128}
_REAL_OF = {complex_type: real for real, complex_type in COMPLEX_OF.items()}


def _computed(x: Any, shape: list[int], dtype: Any, function: Any, **options: Any) -> Any:
    """`function` of numpy.fft on `x`; of a tensor without data or elements, the shape alone."""
    if x.is_meta or not x.numel():
        return x.new_zeros(shape, dtype=dtype)
    import numpy

    result = getattr(numpy.fft, function)(x.detach().numpy(), **options)
    # NumPy below 2 computes in float64 whatever it is given.
    return from_numpy(numpy.ascontiguousarray(result)).to(dtype)


class ComplexTransform(Function):
    """sum over j of x_j exp(-+2 pi i j k / n) along several dims, complex to complex."""

    @staticmethod
    def _on_batch(x: Any, dims: tuple[int, ...], inverse: bool, scale: str) -> Any:
        return x, tuple(dim % (x.dim() - 1) + 1 for dim in dims), inverse, scale

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.options = inputs[1:]

    @staticmethod
    def forward(x: Any, dims: tuple[int, ...], inverse: bool, scale: str) -> Any:
        norm = (_INVERSE_NORM if inverse else _FORWARD_NORM)[scale]
        return _computed(x, list(x.shape), x.dtype, "ifftn" if inverse else "fftn", axes=dims, norm=norm)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        dims, inverse, scale = ctx.options
        return ComplexTransform.apply(gradient, dims, not inverse, scale), None, None, None


def _weighted(half: Any, n: int, dim: int, factor: float) -> Any:
    """A half spectrum, times `factor` where a coefficient stands for its mirror image too."""
    weights = _ops.full([half.shape[dim]], factor, dtype=_REAL_OF[half.dtype], device=half.device)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return half * _ops.reshape(weights, [-1] + [1] * (half.dim() - 1 - dim))


class RealTransform(Function):
    """The coefficients 0 to n / 2 of a real signal of length n along a dim; the others mirror them."""

    @staticmethod
    def _on_batch(x: Any, dim: int, scale: str) -> Any:
        return x, dim % (x.dim() - 1) + 1, scale

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        x, dim, scale = inputs
        ctx.options = x.shape[dim], dim, scale

    @staticmethod
    def forward(x: Any, dim: int, scale: str) -> Any:
        shape = list(x.shape)
        shape[dim] = shape[dim] // 2 + 1
        return _computed(x, shape, COMPLEX_OF[x.dtype], "rfft", axis=dim, norm=_FORWARD_NORM[scale])

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        n, dim, scale = ctx.options
        # What the mirror images would bring is in the real inverse, which counts each coefficient between twice.
        return InverseRealTransform.apply(_weighted(gradient, n, dim, 0.5), n, dim, scale), None, None


class InverseRealTransform(Function):
    """The real signal of length n with the given coefficients 0 to n / 2 along a dim."""

    @staticmethod
    def _on_batch(x: Any, n: int, dim: int, scale: str) -> Any:
        return x, n, dim % (x.dim() - 1) + 1, scale

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.options = inputs[1:]

    @staticmethod
    def forward(x: Any, n: int, dim: int, scale: str) -> Any:
        shape = list(x.shape)
        shape[dim] = n
        return _computed(x, shape, _REAL_OF[x.dtype], "irfft", n=n, axis=dim, norm=_INVERSE_NORM[scale])

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        n, dim, scale = ctx.options
        return _weighted(RealTransform.apply(gradient, dim, scale), n, dim, 2.0), None, None, None

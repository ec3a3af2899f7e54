"""Window functions under the names of `torch.signal.windows`: `M` points of a bell, symmetric or periodic.

All take `sym` (False leaves out the last of M + 1 symmetric points, as spectra want it), dtype (float32 or float64),
layout, device and requires_grad.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from .. import _C
from .._C import Tensor
from .._layout import layout as _layout
from .._layout import strided
from ..types import Device

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]


def _window(
    name: str,
    M: int,
    sym: bool,
    formula: Callable[[Any, float], Any],
    dtype: Any,
    layout: Any,
    device: Any,
    requires_grad: bool,
) -> Any:
    """`formula` at the points 0 ... M - 1, told the place of the last point of the symmetric window, in float64."""
    dtype = _C.get_default_dtype() if dtype is None else dtype
    if M < 0:
        raise ValueError(f"{name}(): M is {M}; {name} requires non-negative window length.")
    if layout is not strided:
        raise ValueError(f"{name}(): layout is {layout}; {name} is implemented for strided tensors only.")
    if dtype not in (_C.float32, _C.float64):
        raise ValueError(f"{name}(): dtype is {dtype}; {name} expects float32 or float64 dtypes.")
    points = _C.ops.arange(0, M, 1, dtype=_C.float64)
    values = points.new_ones(M) if M < 2 else formula(points, M - 1.0 if sym else float(M))
    return values.to(device=device, dtype=dtype).requires_grad_(requires_grad)


def _need_positive(name: str, argument: str, value: float) -> None:
    if value <= 0:
        raise ValueError(f"{name}(): {argument} must be positive, got: {value} instead.")


def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """exp(-|j - center| / tau).

    Args:
        M: the number of points.
        center: where the window is 1 (None: the middle); a symmetric window has no other.
        tau: the distance in which it falls to 1 / e.

    Example:
        >>> ember.signal.windows.exponential(3)
        tensor([0.3679, 1.0000, 0.3679])
    """
    _need_positive("exponential", "tau", tau)
    if sym and center is not None:
        raise ValueError(f"exponential(): center is {center}; center must be None for symmetric windows.")

    def formula(j: Any, last: float) -> Any:
        return (-(j - (last / 2 if center is None else center)).abs() / tau).exp()

    return _window("exponential", M, sym, formula, dtype, layout, device, requires_grad)


def cosine(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """sin(pi (j + 1/2) / M), half a wave."""

    def formula(j: Any, last: float) -> Any:
        return (math.pi * (j + 0.5) / (last + 1)).sin()

    return _window("cosine", M, sym, formula, dtype, layout, device, requires_grad)


def gaussian(
    M: int,
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """exp(-((j - middle) / std)^2 / 2).

    Args:
        M: the number of points.
        std: the bell's standard deviation in points.
    """
    _need_positive("gaussian", "std", std)

    def formula(j: Any, last: float) -> Any:
        return (-0.5 * ((j - last / 2) / std) ** 2).exp()

    return _window("gaussian", M, sym, formula, dtype, layout, device, requires_grad)


def kaiser(
    M: int,
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """I0(beta sqrt(1 - x^2)) / I0(beta) for x from -1 to 1: :func:`ember.kaiser_window`.

    Args:
        M: the number of points.
        beta: the larger, the narrower the bell.

    Source: Kaiser and Schafer 1980.
    """
    if beta < 0:
        raise ValueError(f"kaiser(): beta must be non-negative, got: {beta} instead.")
    from ..ops.windows import kaiser_window

    def formula(j: Any, last: float) -> Any:
        return kaiser_window(j.shape[0], last == j.shape[0], beta, dtype=j.dtype)

    return _window("kaiser", M, sym, formula, dtype, layout, device, requires_grad)


def general_cosine(
    M: int,
    *,
    a: Iterable[float],
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """sum over i of (-1)^i a_i cos(2 pi i x) for x from 0 to 1.

    Args:
        M: the number of points.
        a: the coefficients.
    """
    if not isinstance(a, Iterable):
        raise TypeError(f"general_cosine(): a is of type {type(a).__name__}; coefficients must be a list/tuple.")
    factors = list(a)
    if not factors:
        raise ValueError("general_cosine(): a is empty; coefficients cannot be empty.")

    def formula(j: Any, last: float) -> Any:
        return sum((-1) ** i * factor * (2 * math.pi * i * j / last).cos() for i, factor in enumerate(factors))

    return _window("general_cosine", M, sym, formula, dtype, layout, device, requires_grad)


def general_hamming(
    M: int,
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """alpha - (1 - alpha) cos(2 pi x)."""
    return general_cosine(
        M, a=[alpha, 1 - alpha], sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def hamming(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """0.54 - 0.46 cos(2 pi x)."""
    return general_hamming(M, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)


def hann(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """sin^2(pi x).

    Example:
        >>> ember.signal.windows.hann(4, sym=False)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return general_hamming(
        M, alpha=0.5, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def blackman(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x)."""
    return general_cosine(
        M, a=[0.42, 0.5, 0.08], sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def bartlett(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """1 - |2 x - 1|, a triangle."""

    def formula(j: Any, last: float) -> Any:
        return 1 - (2 * j / last - 1).abs()

    return _window("bartlett", M, sym, formula, dtype, layout, device, requires_grad)


def nuttall(
    M: int,
    *,
    sym: bool = True,
    dtype: _C.dtype | None = None,
    layout: _layout = strided,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """0.3635819 - 0.4891775 cos(2 pi x) + 0.1365995 cos(4 pi x) - 0.0106411 cos(6 pi x).

    Source: Nuttall 1981.
    """
    return general_cosine(
        M,
        a=[0.3635819, 0.4891775, 0.1365995, 0.0106411],
        sym=sym,
        dtype=dtype,
        layout=layout,
        device=device,
        requires_grad=requires_grad,
    )

"""Window functions for spectra: bells of a given length between 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._layout import layout
from .._number_info import dtype_of
from ..types import Device


def _window(
    name: str,
    length: int,
    periodic: bool,
    formula: Callable[[Any], Any],
    dtype: Any,
    layout: Any,
    device: Any,
    requires_grad: bool,
) -> Any:
    """`formula` at x = 0 ... 1 in float64; a periodic window leaves out the last point of a symmetric one."""
    from .creation import arange, ones

    dtype = _C.get_default_dtype() if dtype is None else dtype_of(dtype)
    if length < 0:
        raise RuntimeError(f"{name}(): window_length is {length}; {name} requires non-negative window_length.")
    if not dtype.is_floating_point:
        raise RuntimeError(f"{name}(): dtype is {dtype}; {name} expects floating point dtypes.")
    if length < 2:
        return ones(length, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)
    points = arange(length, dtype=_C.float64) / (length if periodic else length - 1)
    return formula(points).to(device=device, dtype=dtype).requires_grad_(requires_grad)


@composite
def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """sin^2(pi x) at `window_length` points x of [0, 1).

    Args:
        window_length: the number of points.
        periodic: leave out x = 1, as spectra want it; False gives a symmetric window.

    Example:
        >>> ember.hann_window(4)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return hamming_window(
        window_length, periodic, 0.5, 0.5, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


@composite
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """alpha - beta cos(2 pi x); arguments as in :func:`hann_window`."""
    return _window(
        "hamming_window" if alpha != beta else "hann_window",
        window_length,
        periodic,
        lambda x: alpha - beta * (2 * math.pi * x).cos(),
        dtype,
        layout,
        device,
        requires_grad,
    )


@composite
def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """1 - |2 x - 1|, a triangle; arguments as in :func:`hann_window`."""
    return _window(
        "bartlett_window",
        window_length,
        periodic,
        lambda x: 1 - (2 * x - 1).abs(),
        dtype,
        layout,
        device,
        requires_grad,
    )


@composite
def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x); arguments as in :func:`hann_window`."""
    return _window(
        "blackman_window",
        window_length,
        periodic,
        lambda x: 0.42 - 0.5 * (2 * math.pi * x).cos() + 0.08 * (4 * math.pi * x).cos(),
        dtype,
        layout,
        device,
        requires_grad,
    )


def _bessel_i0(x: Any) -> Any:
    """The sum of (x/2)^2k / k!^2: for 0 <= x < 700 every term is positive and in range."""
    largest = float(x.max())
    if not largest < 700:  # beyond what float64 holds
        return x.new_full(x.shape, math.inf)
    term = total = x.new_ones(x.shape)
    for k in range(1, 40 + 2 * math.ceil(largest)):
        term = term * (x / (2 * k)) ** 2
        total = total + term
    return total


@composite
def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """I0(beta sqrt(1 - (2 x - 1)^2)) / I0(beta), with the Bessel function I0; arguments as in :func:`hann_window`.

    Source: Kaiser and Schafer 1980.
    """

    def formula(x: Any) -> Any:
        inside = beta * (1 - (2 * x - 1) ** 2).clamp(min=0).sqrt()
        return _bessel_i0(inside) / _bessel_i0(x.new_full((), beta))

    return _window("kaiser_window", window_length, periodic, formula, dtype, layout, device, requires_grad)

"""Discrete Fourier transforms under the names of `torch.fft`, computed by NumPy and differentiable to any order.

All take `norm`, which says where the factor 1 / n stands that makes forward and inverse undo each other (n: the number
of points): "backward" (default) in the inverse, "forward" in the forward transform, "ortho" 1 / sqrt(n) in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import with_numpy_names
from .._layout import layout
from .._number_info import dtype_of
from ..ops.elementwise import need_tensor
from ..types import Device
from ._transform import COMPLEX_OF, ComplexTransform, InverseRealTransform, RealTransform

_ops = _C.ops
_Sizes = int | Sequence[int] | None

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]


# ---- arguments ------------------------------------------------------------------------------------------------------


def _prepared(name: str, input: Any, real: bool) -> Any:
    """`input` as complex numbers, or with `real` as real ones, of a dtype that has transforms."""
    need_tensor(name, "input", input)
    if real and input.is_complex():
        raise RuntimeError(f"{name}(): input is of {input.dtype}; {name} expects a real input tensor.")
    if not (input.is_floating_point() or input.is_complex()):
        input = input.to(_C.get_default_dtype())
    if input.is_floating_point() and input.dtype not in COMPLEX_OF:
        raise RuntimeError(
            f"{name}(): Unsupported dtype {input.dtype}; expected float32, float64 or complex numbers. "
            "Hint: input.float() converts it."
        )
    return input if real or input.is_complex() else input.to(COMPLEX_OF[input.dtype])


def _scale(name: str, norm: str | None, inverse: bool) -> str:
    if norm not in (None, "backward", "forward", "ortho"):
        raise RuntimeError(
            f'{name}(): Invalid normalization mode: "{norm}"; expected "backward", "forward" or "ortho".'
        )
    if norm == "ortho":
        return "ortho"
    return "full" if inverse == (norm != "forward") else "none"


def _place(name: str, dim: int, dims: int) -> int:
    if not -dims <= dim < dims:
        raise IndexError(
            f"{name}(): Dimension out of range: dim is {dim}, the input has {dims} dims; "
            f"expected {f'{-dims} to {dims - 1}' if dims else 'a tensor with dims'}."
        )
    return dim % dims


def _places_and_sizes(name: str, input: Any, s: _Sizes, dim: _Sizes, half: bool = False) -> tuple[list[int], list[int]]:
    """The dims to transform and how many points each has; with `half` the last dim holds n // 2 + 1 of n points."""
    dims = input.dim()
    sizes = [s] if isinstance(s, int) else None if s is None else list(s)
    given = [dim] if isinstance(dim, int) else None if dim is None else list(dim)
    if given is None:
        if sizes is not None and len(sizes) > dims:
            raise RuntimeError(f"{name}(): Got shape with {len(sizes)} values but input tensor only has {dims} dims.")
        given = list(range(0 if sizes is None else dims - len(sizes), dims))
    places = [_place(name, each, dims) for each in given]
    if len(set(places)) < len(places):
        raise RuntimeError(f"{name}(): dim is {tuple(given)}; FFT dims must be unique.")
    if sizes is None:
        sizes = [-1] * len(places)
    elif len(sizes) != len(places):
        raise RuntimeError(
            f"{name}(): s has {len(sizes)} values, dim {len(places)}; dim and shape must have the same length."
        )
    points = [input.shape[place] if size == -1 else size for place, size in zip(places, sizes, strict=True)]
    if half and points and sizes[-1] == -1:
        points[-1] = 2 * (points[-1] - 1)
    for size in points:
        if size < 1:
            raise RuntimeError(f"{name}(): Invalid number of data points ({size}) specified; expected 1 or more.")
    return places, points


def _place_and_size(name: str, input: Any, n: int | None, dim: int, half: bool = False) -> tuple[int, int]:
    if n is not None and n < 1:
        raise RuntimeError(f"{name}(): Invalid number of data points ({n}) specified; expected 1 or more.")
    places, points = _places_and_sizes(name, input, n, dim, half)
    return places[0], points[0]


def _resized(x: Any, places: Sequence[int], sizes: Sequence[int]) -> Any:
    """`x` cut off, or filled up with zeros, at the end of each dim."""
    for place, size in zip(places, sizes, strict=True):
        have = x.shape[place]
        if size < have:
            x = x.narrow(place, 0, size)
        elif size > have:
            x = _ops.constant_pad_nd(x, [0, 0] * (x.dim() - 1 - place) + [0, size - have])
    return x


def _given(name: str, out: Any, result: Any) -> Any:
    if out is None:
        return result
    if out.is_complex() != result.is_complex():
        kind = "complex" if result.is_complex() else "floating point"
        raise RuntimeError(f"{name}(): out is of {out.dtype}; {name} expects a {kind} output tensor.")
    return out.resize_(result.shape).copy_(result)


# ---- the three transforms -------------------------------------------------------------------------------------------


def _complex(name: str, input: Any, s: _Sizes, dim: _Sizes, norm: str | None, inverse: bool, out: Any) -> Any:
    x = _prepared(name, input, real=False)
    places, sizes = _places_and_sizes(name, x, s, dim)
    scale = _scale(name, norm, inverse)
    if places:
        x = ComplexTransform.apply(_resized(x, places, sizes), tuple(places), inverse, scale)
    return _given(name, out, x)


def _need_place(name: str, places: Sequence[int]) -> None:
    if not places:
        raise RuntimeError(f"{name}(): no dim is given; {name} must transform at least one axis.")


def _from_real(name: str, input: Any, s: _Sizes, dim: _Sizes, norm: str | None, inverse: bool, out: Any) -> Any:
    """Half of the spectrum of real values along the last of the dims, the complex transform along the others."""
    x = _prepared(name, input, real=True)
    places, sizes = _places_and_sizes(name, x, s, dim)
    _need_place(name, places)
    scale = _scale(name, norm, inverse)
    result = RealTransform.apply(_resized(x, places, sizes), places[-1], scale)
    if inverse:
        result = result.conj()
    if len(places) > 1:
        result = ComplexTransform.apply(result, tuple(places[:-1]), inverse, scale)
    return _given(name, out, result)


def _to_real(name: str, input: Any, s: _Sizes, dim: _Sizes, norm: str | None, inverse: bool, out: Any) -> Any:
    """The complex transform along all dims but the last, along which half of a spectrum gives real values."""
    x = _prepared(name, input, real=False)
    places, sizes = _places_and_sizes(name, x, s, dim, half=True)
    _need_place(name, places)
    scale = _scale(name, norm, inverse)
    x = _resized(x, places, [*sizes[:-1], sizes[-1] // 2 + 1])
    if len(places) > 1:
        x = ComplexTransform.apply(x, tuple(places[:-1]), inverse, scale)
    result = InverseRealTransform.apply(x if inverse else x.conj(), sizes[-1], places[-1], scale)
    return _given(name, out, result)


# ---- one dim --------------------------------------------------------------------------------------------------------


@under_autocast("float32")
def fft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The discrete Fourier transform: X_k = sum over j of x_j exp(-2 pi i j k / n).

    Args:
        input: real or complex values.
        n: the number of points: `input` is cut off or filled up with zeros there (None: as it is).
        dim: the dim to transform.
        norm: "backward", "ortho" or "forward": by what the sum is divided: 1, sqrt(n) or n.

    Shape: that of input, with n at `dim`.

    Example:
        >>> ember.fft.fft(ember.tensor([1., 2., 3., 4.]))
        tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    """
    place, size = _place_and_size("fft", _prepared("fft", input, False), n, dim)
    return _complex("fft", input, size, place, norm, False, out)


@under_autocast("float32")
def ifft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of :func:`fft`: x_j = 1 / n sum over k of X_k exp(2 pi i j k / n); arguments as there.

    Example:
        >>> ember.fft.ifft(ember.fft.fft(ember.tensor([1., 2.]))).real
        tensor([1., 2.])
    """
    place, size = _place_and_size("ifft", _prepared("ifft", input, False), n, dim)
    return _complex("ifft", input, size, place, norm, True, out)


@under_autocast("float32")
def rfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`fft` of real values: the coefficients 0 to n / 2, of which the others are the mirror image.

    Args:
        input: real values.
        n, dim, norm: as in :func:`fft`.

    Shape: that of input, with n // 2 + 1 at `dim`.

    Example:
        >>> ember.fft.rfft(ember.tensor([1., 2., 3., 4.]))
        tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    place, size = _place_and_size("rfft", _prepared("rfft", input, True), n, dim)
    return _from_real("rfft", input, size, place, norm, False, out)


@under_autocast("float32")
def irfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of :func:`rfft`: real values from the coefficients 0 to n / 2.

    Args:
        input: half a spectrum. The imaginary part of its first coefficient, and of that at n / 2, is not read.
        n: the number of real values (None: 2 (m - 1) for m coefficients, so an odd number has to be given).
        dim, norm: as in :func:`ifft`.

    Shape: that of input, with n at `dim`.

    Example:
        >>> ember.fft.irfft(ember.fft.rfft(ember.tensor([1., 2., 4.])), n=3)
        tensor([1., 2., 4.])
    """
    place, size = _place_and_size("irfft", _prepared("irfft", input, False), n, dim, half=True)
    return _to_real("irfft", input, size, place, norm, True, out)


@under_autocast("float32")
def hfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`fft` of a Hermitian signal, given by its first half: the spectrum is real.

    Args:
        input: the elements 0 to n / 2 of the signal; x_(n - j) is the conjugate of x_j.
        n: the number of points of the whole signal (None: 2 (m - 1) for m elements).
        dim, norm: as in :func:`fft`.

    Shape: that of input, with n at `dim`.
    """
    place, size = _place_and_size("hfft", _prepared("hfft", input, False), n, dim, half=True)
    return _to_real("hfft", input, size, place, norm, False, out)


@under_autocast("float32")
def ihfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of :func:`hfft`: the first half of the Hermitian signal that has the real spectrum `input`.

    Shape: that of input, with n // 2 + 1 at `dim`.
    """
    place, size = _place_and_size("ihfft", _prepared("ihfft", input, True), n, dim)
    return _from_real("ihfft", input, size, place, norm, True, out)


# ---- several dims ---------------------------------------------------------------------------------------------------


@under_autocast("float32")
def fftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`fft` along several dims.

    Args:
        input: real or complex values.
        s: the number of points of each dim (-1: as it is).
        dim: the dims (None: the last ones for which `s` has a size, or all).
        norm: as in :func:`fft`, with the product of the sizes for n.
    """
    return _complex("fftn", input, s, dim, norm, False, out)


@under_autocast("float32")
def ifftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`ifft` along several dims; arguments as in :func:`fftn`."""
    return _complex("ifftn", input, s, dim, norm, True, out)


@under_autocast("float32")
def rfftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`rfft` along the last of several dims, :func:`fft` along the others; arguments as in :func:`fftn`."""
    return _from_real("rfftn", input, s, dim, norm, False, out)


@under_autocast("float32")
def irfftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of :func:`rfftn`; arguments as in :func:`fftn`, the last size as `n` in :func:`irfft`."""
    return _to_real("irfftn", input, s, dim, norm, True, out)


@under_autocast("float32")
def hfftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`hfft` along the last of several dims, :func:`fft` along the others; arguments as in :func:`irfftn`."""
    return _to_real("hfftn", input, s, dim, norm, False, out)


@under_autocast("float32")
def ihfftn(
    input: Tensor, s: _Sizes = None, dim: _Sizes = None, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of :func:`hfftn`; arguments as in :func:`fftn`."""
    return _from_real("ihfftn", input, s, dim, norm, True, out)


# ---- two dims -------------------------------------------------------------------------------------------------------


@under_autocast("float32")
def fft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`fftn` along the last two dims."""
    return _complex("fft2", input, s, dim, norm, False, out)


@under_autocast("float32")
def ifft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`ifftn` along the last two dims."""
    return _complex("ifft2", input, s, dim, norm, True, out)


@under_autocast("float32")
def rfft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`rfftn` along the last two dims."""
    return _from_real("rfft2", input, s, dim, norm, False, out)


@under_autocast("float32")
def irfft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`irfftn` along the last two dims."""
    return _to_real("irfft2", input, s, dim, norm, True, out)


@under_autocast("float32")
def hfft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`hfftn` along the last two dims."""
    return _to_real("hfft2", input, s, dim, norm, False, out)


@under_autocast("float32")
def ihfft2(
    input: Tensor, s: _Sizes = None, dim: _Sizes = (-2, -1), norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """:func:`ihfftn` along the last two dims."""
    return _from_real("ihfft2", input, s, dim, norm, True, out)


# ---- frequencies ----------------------------------------------------------------------------------------------------


def _frequencies(name: str, n: int, low: int, high: int, d: float, out: Any, dtype: Any, device: Any) -> Any:
    """The integers from `low` below `high`, divided by n d."""
    dtype = dtype_of(dtype) or (_C.get_default_dtype() if out is None else out.dtype)
    if n < 0:
        raise RuntimeError(f"{name}(): n is {n}; Trying to create tensor with negative dimension {n}.")
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(f"{name}(): dtype is {dtype}; {name} requires a floating point or complex dtype.")
    integers = _ops.arange(low, high, 1, dtype=_C.float64, device=device)
    return (integers / (n * d)).to(dtype)


def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """The frequency of each coefficient of :func:`fft`: 0, 1, ... (n - 1) // 2, -(n // 2), ..., -1, all over n d.

    Args:
        n: the number of points.
        d: the distance of neighbouring points.

    Example:
        >>> ember.fft.fftfreq(4)
        tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    frequencies = _frequencies("fftfreq", n, -(n // 2), (n + 1) // 2, d, out, dtype, device)
    result = ifftshift(frequencies)
    return result.requires_grad_(requires_grad) if out is None else _given("fftfreq", out, result)


def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """The frequency of each coefficient of :func:`rfft`: 0, 1, ... n // 2, over n d; arguments as in :func:`fftfreq`.

    Example:
        >>> ember.fft.rfftfreq(4)
        tensor([0.0000, 0.2500, 0.5000])
    """
    result = _frequencies("rfftfreq", n, 0, n // 2 + 1, d, out, dtype, device)
    return result.requires_grad_(requires_grad) if out is None else _given("rfftfreq", out, result)


def _rolled(name: str, input: Any, dim: _Sizes, forward: bool) -> Any:
    need_tensor(name, "input", input)
    given = range(input.dim()) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    places = [_place(name, each, input.dim()) for each in given]
    halves = [input.shape[place] // 2 if forward else (input.shape[place] + 1) // 2 for place in places]
    return _ops.roll(input, halves, places) if places else input.clone()


def fftshift(input: Tensor, dim: _Sizes = None) -> Tensor:
    """A spectrum rolled so that the frequency 0 stands in the middle of each dim (of all, or of those given).

    Example:
        >>> ember.fft.fftshift(ember.tensor([0, 1, 2, -2, -1]))
        tensor([-2, -1,  0,  1,  2])
    """
    return _rolled("fftshift", input, dim, forward=True)


def ifftshift(input: Tensor, dim: _Sizes = None) -> Tensor:
    """The inverse of :func:`fftshift`."""
    return _rolled("ifftshift", input, dim, forward=False)


for _name in __all__:
    globals()[_name] = with_numpy_names(globals()[_name])

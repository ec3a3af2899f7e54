"""Resampling: images and volumes of other sizes, or seen through a grid of places."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence
from numbers import Real
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import linspace, zeros
from ...types import _size

__all__ = ["affine_grid", "grid_sample", "interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

_ops = _C.ops

# The modes of interpolate: how a dim is resampled (csrc/cpu/bands.h), and for how many spatial dims there is the mode.
_MODES = {
    "nearest": ("nearest", (1, 2, 3)),
    "nearest-exact": ("nearest-exact", (1, 2, 3)),
    "area": ("area", (1, 2, 3)),
    "linear": ("linear", (1,)),
    "bilinear": ("linear", (2,)),
    "trilinear": ("linear", (3,)),
    "bicubic": ("cubic", (2,)),
    "lanczos": ("lanczos", (2,)),
}
_ALIGNED = ("linear", "bilinear", "bicubic", "trilinear")
_ANTIALIASED = ("bilinear", "bicubic", "lanczos")


def interpolate(
    input: Tensor,
    size: int | _size | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Another number of elements along the spatial dims, the same picture.

    Args:
        input: ``(N, C, L)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``, floating point or uint8.
        size: of the spatial dims, one number for all or one for each. Default: by ``scale_factor``.
        scale_factor: the ratio of new to old size, one for all or one for each. Default: by ``size``.
        mode: ``"nearest"``, ``"nearest-exact"`` or ``"area"`` for any input; ``"linear"`` for 3-d, ``"bilinear"``,
            ``"bicubic"`` and ``"lanczos"`` for 4-d, ``"trilinear"`` for 5-d input. Default: ``"nearest"``.
        align_corners: the centres of the outermost elements, not their outer edges, lie on each other.
            Default: ``False``.
        recompute_scale_factor: take the ratio from the sizes, whatever ``scale_factor`` was before the new size was
            rounded down. Default: ``False``.
        antialias: when shrinking, average over all that an element covers; bilinear and bicubic. Default: ``False``.

    Shape: ``(N, C, *size)``.

    Raises:
        ValueError: neither or both of size and scale_factor, or options that the mode has not.
        NotImplementedError: a mode for inputs of other dims.

    Source: Keys 1981 (bicubic).

    Example:
        >>> ember.nn.functional.interpolate(ember.tensor([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
        tensor([[[1.0000, 1.5000, 2.5000, 3.0000]]])
    """
    if align_corners is not None and mode not in _ALIGNED and not (mode == "lanczos" and not align_corners):
        raise ValueError(f"interpolate(): mode {mode!r} takes no align_corners; expected one of {', '.join(_ALIGNED)}.")
    spatial = input.dim() - 2
    sizes, scales = _size_and_scale(input, spatial, size, scale_factor)
    if recompute_scale_factor:
        if size is not None:
            raise ValueError("interpolate(): recompute_scale_factor with size; it is meant for scale_factor.")
        scales = [0.0] * spatial
    if antialias and not (mode in _ANTIALIASED and spatial == 2):
        raise ValueError(
            f"interpolate(): antialias with mode {mode!r} and a {input.dim()}-d input; expected a 4-d input and mode "
            f"{', '.join(_ANTIALIASED)}."
        )
    if mode == "lanczos" and not antialias:
        raise ValueError("interpolate(): mode 'lanczos' without antialias; expected antialias=True.")
    kernel, dims = _MODES.get(mode, ("", ()))
    if spatial not in dims:
        raise NotImplementedError(_unknown_mode(mode, input))
    if (0 in input.shape[1:] and mode != "area") or min(sizes) < 1:
        raise RuntimeError(
            f"interpolate(): input of shape {tuple(input.shape)} to size {tuple(sizes)}; expected sizes of at least 1, "
            "but for the batch."
        )
    if mode == "area":
        scales = [0.0] * spatial
    return _ops._resample(input, sizes, scales, kernel + "-antialias" * antialias, bool(align_corners))


def _unknown_mode(mode: Any, input: Any) -> str:
    if mode not in _MODES:
        return f"interpolate(): unknown mode {mode!r}; expected {', '.join(_MODES)}."
    return (
        f"interpolate(): mode {mode!r} with a {input.dim()}-d input (shape {tuple(input.shape)}); expected "
        f"{' or '.join(f'{dims + 2}-d' for dims in _MODES[mode][1])}: (N, C) and the spatial dims."
    )


def _size_and_scale(input: Any, spatial: int, size: Any, scale_factor: Any) -> tuple[list[int], list[float]]:
    """The new size, and the ratio for each dim, 0 where the sizes tell it."""
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate(): size is {size} and scale_factor is {scale_factor}; expected one of them, and not both."
        )
    if size is not None:
        sizes = [_whole(each, size) for each in _for_each_dim("size", size, input, spatial)]
        return sizes, [0.0] * spatial
    scales = _for_each_dim("scale_factor", scale_factor, input, spatial)
    if not all(isinstance(each, Real) for each in scales):
        raise TypeError(f"interpolate(): scale_factor is {scale_factor!r}; expected a number or one for each dim.")
    scales = [float(each) for each in scales]
    if not all(map(math.isfinite, scales)):
        raise RuntimeError(f"interpolate(): scale_factor is {scale_factor}; expected finite numbers.")
    return [math.floor(n * scale) for n, scale in zip(input.shape[2:], scales, strict=True)], scales


def _for_each_dim(name: str, given: Any, input: Any, spatial: int) -> list[Any]:
    if not isinstance(given, (list, tuple)):
        return [given] * spatial
    if len(given) != spatial:
        raise ValueError(
            f"interpolate(): {name} is {tuple(given)}, for {len(given)} dims; input of shape {tuple(input.shape)} has "
            f"{max(spatial, 0)} spatial ones."
        )
    return list(given)


def _whole(number: Any, size: Any) -> int:
    try:
        if not isinstance(number, bool):
            return operator.index(number)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"interpolate(): size is {size!r}; expected an integer or one for each dim.")


def _deprecated(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=3
    )


def upsample(
    input: Tensor,
    size: int | _size | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """The former name of :func:`interpolate`.

    Args:
        input, size, scale_factor, mode, align_corners: as there.
    """
    _deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor, size: int | _size | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """:func:`interpolate` with mode ``"nearest"``.

    Args:
        input, size, scale_factor: as there.
    """
    _deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor)


def upsample_bilinear(
    input: Tensor, size: int | _size | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """:func:`interpolate` with mode ``"bilinear"`` and ``align_corners=True``.

    Args:
        input, size, scale_factor: as there.
    """
    _deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", True)


def _corners(align_corners: bool | None) -> bool:
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired.",
            UserWarning,
            stacklevel=3,
        )
    return bool(align_corners)


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The values of the input at the places that ``grid`` names.

    A place is ``(x, y)`` or ``(x, y, z)``, x along the input's last dim; -1 and 1 are the input's borders.

    Args:
        input: ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
        grid: ``(N, H_out, W_out, 2)`` or ``(N, D_out, H_out, W_out, 3)``.
        mode: ``"bilinear"`` (trilinear for volumes), ``"nearest"``, or ``"bicubic"`` for images.
            Default: ``"bilinear"``.
        padding_mode: what lies outside: ``"zeros"``, the ``"border"``, or the input's ``"reflection"``.
            Default: ``"zeros"``.
        align_corners: -1 and 1 are the centres of the outermost elements, not their outer edges. Default: ``False``.

    Shape: ``(N, C, H_out, W_out)`` or ``(N, C, D_out, H_out, W_out)``.

    Source: Jaderberg et al. 2015, arXiv 1506.02025.

    Example:
        >>> image, center = ember.tensor([[[[1.0, 3.0]]]]), ember.zeros(1, 1, 1, 2)
        >>> ember.nn.functional.grid_sample(image, center, align_corners=False)
        tensor([[[[2.]]]])
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(f"grid_sample(): mode is {mode!r}; expected 'bilinear', 'nearest' or 'bicubic'.")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"grid_sample(): padding_mode is {padding_mode!r}; expected 'zeros', 'border' or 'reflection'."
        )
    return _ops._grid_sample(input, grid, mode, padding_mode, "corners" if _corners(align_corners) else "edges")


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The grid for :func:`grid_sample` that shows its input under affine maps.

    ``grid[n, i, j] = theta[n] @ (x_j, y_i, 1)``, x and y from -1 to 1.

    Args:
        theta: ``(N, 2, 3)`` for images, ``(N, 3, 4)`` for volumes.
        size: of the result of grid_sample, ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
        align_corners: as in grid_sample. Default: ``False``.

    Shape: ``(N, H, W, 2)`` or ``(N, D, H, W, 3)``.

    Source: Jaderberg et al. 2015, arXiv 1506.02025.

    Example:
        >>> theta = ember.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> ember.nn.functional.affine_grid(theta, (1, 1, 1, 2), align_corners=False)
        tensor([[[[-0.5000,  0.0000],
                  [ 0.5000,  0.0000]]]])
    """
    if not theta.is_floating_point():
        raise ValueError(f"affine_grid(): theta is of {theta.dtype}; expected a floating point tensor.")
    size = tuple(map(operator.index, size))
    if len(size) not in (4, 5):
        raise NotImplementedError(f"affine_grid(): size is {size}; expected (N, C, H, W) or (N, C, D, H, W).")
    aligned = _corners(align_corners)
    spatial = len(size) - 2
    if theta.dim() != 3 or tuple(theta.shape[1:]) != (spatial, spatial + 1):
        raise ValueError(
            f"affine_grid(): theta has shape {tuple(theta.shape)}; size {size} expects (N, {spatial}, {spatial + 1})."
        )
    if min(size) < 1:
        raise ValueError(f"affine_grid(): size is {size}; expected positive numbers.")
    if theta.shape[0] != size[0]:
        raise RuntimeError(f"affine_grid(): theta has {theta.shape[0]} maps for size {size}; expected {size[0]}.")
    if aligned and min(size[2:]) == 1:
        warnings.warn(
            "affine_grid(): with align_corners=True a dim of size 1 has no extent: its place is 0.", stacklevel=2
        )
    # (D * H * W, spatial + 1): x, y(, z) and 1.
    places = zeros((*size[2:], spatial + 1), dtype=theta.dtype, device=theta.device)
    for dim, n in enumerate(size[2:]):
        shape = [1] * spatial
        shape[dim] = n
        places[..., spatial - 1 - dim] = _places(n, aligned, theta).reshape(shape)
    places[..., spatial] = 1
    return (places.reshape(-1, spatial + 1) @ theta.transpose(1, 2)).reshape(size[0], *size[2:], spatial)


def _places(n: int, align_corners: bool, like: Any) -> Any:
    """The centres of n elements side by side from -1 to 1."""
    if n == 1:
        return zeros(1, dtype=like.dtype, device=like.device)
    places = linspace(-1, 1, n, dtype=like.dtype, device=like.device)
    return places if align_corners else places * ((n - 1) / n)

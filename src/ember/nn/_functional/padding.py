"""Padding: a border of constants or of the tensor's own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._autocast import under_autocast
from ...ops.creation import arange


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """Add a border.

    Args:
        input: any shape; for modes other than constant, 2 to 5 dims.
        pad: (before, after) of the last dim, then of the one before it, and so on; negative numbers cut off.
        mode: ``"constant"``, ``"reflect"``, ``"replicate"`` or ``"circular"``. Default: ``"constant"``.
        value: the constant. Default: 0.

    Example:
        >>> ember.nn.functional.pad(ember.zeros(2, 3), (1, 1)).shape
        torch.Size([2, 5])
    """
    widths = [int(each) for each in pad]
    if len(widths) % 2:
        raise RuntimeError(f"pad(): pad has {len(widths)} numbers; an even number is expected, two for each dim.")
    if len(widths) > 2 * input.dim():
        raise RuntimeError(
            f"pad(): pad has {len(widths)} numbers; input of shape {tuple(input.shape)} takes at most "
            f"{2 * input.dim()}."
        )
    borders = [(input.dim() - 1 - i, widths[2 * i], widths[2 * i + 1]) for i in range(len(widths) // 2)]
    for dim, before, after in borders:
        if input.shape[dim] + before + after < 0:
            raise RuntimeError(
                f"pad(): ({before}, {after}) cuts off more than dim {dim} has (shape {tuple(input.shape)})."
            )
    if mode == "constant":
        return _pad_constant(input, borders, 0.0 if value is None else value)
    if mode not in _INDEX:
        raise NotImplementedError(
            f"pad(): unknown mode {mode!r}; expected 'constant', 'reflect', 'replicate' or 'circular'."
        )
    if value is not None:
        raise RuntimeError(f"pad(): mode {mode!r} takes no value.")
    if not 1 <= len(borders) <= 3 or input.dim() - len(borders) not in (1, 2):
        raise NotImplementedError(
            f"pad(): mode {mode!r} with {len(widths)} numbers for {input.dim()} dims; the last 1 to 3 dims may be "
            "padded, with "
            "1 or 2 dims before them."
        )
    padded = _pad_by_index if mode == "circular" else _pad_by_index_in_float32
    return padded(_cut(input, borders), borders, _INDEX[mode])


def _pad_by_index(input: Any, borders: list[tuple[int, int, int]], index: Callable[..., Any]) -> Any:
    for dim, before, after in borders:
        input = input.index_select(dim, index(input, dim, max(before, 0), max(after, 0)))
    return input


_pad_by_index_in_float32 = under_autocast("float32")(_pad_by_index)


def _cut(input: Any, borders: list[tuple[int, int, int]]) -> Any:
    """The input without what negative widths cut off."""
    for dim, before, after in borders:
        if before < 0 or after < 0:
            first = max(-before, 0)
            input = input.narrow(dim, first, input.shape[dim] - first - max(-after, 0))
    return input


def _pad_constant(input: Any, borders: list[tuple[int, int, int]], value: float) -> Any:
    shape = list(input.shape)
    for dim, before, after in borders:
        shape[dim] += before + after
    input = _cut(input, borders)
    if tuple(shape) == tuple(input.shape):
        return input.clone()
    result = input.new_full(shape, value)
    inside = result  # where the input's values go
    for dim, before, _ in borders:
        inside = inside.narrow(dim, max(before, 0), input.shape[dim])
    inside.copy_(input)
    return result


def _positions(input: Any, dim: int, before: int, after: int) -> Any:
    return arange(-before, input.shape[dim] + after, device=input.device)


def _reflected(input: Any, dim: int, before: int, after: int) -> Any:
    last = input.shape[dim] - 1
    if max(before, after) > last:
        raise RuntimeError(
            f"pad(): mode 'reflect' with ({before}, {after}) in dim {dim} of size {last + 1}; less than the size "
            "is expected."
        )
    return last - (last - _positions(input, dim, before, after).abs()).abs()


def _replicated(input: Any, dim: int, before: int, after: int) -> Any:
    return _positions(input, dim, before, after).clamp(0, input.shape[dim] - 1)


def _wrapped(input: Any, dim: int, before: int, after: int) -> Any:
    size = input.shape[dim]
    if max(before, after) > size:
        raise RuntimeError(
            f"pad(): mode 'circular' with ({before}, {after}) in dim {dim} of size {size}; at most the size is "
            "expected."
        )
    return _positions(input, dim, before, after) % size


_INDEX = {"reflect": _reflected, "replicate": _replicated, "circular": _wrapped}

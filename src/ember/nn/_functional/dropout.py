"""Random zeros in training."""

from __future__ import annotations

import math
from typing import Any

from ... import _C
from ..._C import Tensor

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

_ops = _C.ops

# The value that selu approaches at -inf: -scale * alpha (Klambauer et al. 2017, arXiv 1706.02515, section 2).
_SELU_FLOOR = -1.7580993408473766


def _check_probability(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _result(input: Any, result: Any, inplace: bool) -> Any:
    return input.copy_(result) if inplace else result


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero each element with probability ``p`` and scale the others by ``1 / (1 - p)``.

    Args:
        input: any shape.
        p: the probability of a zero. Default: 0.5.
        training: without it the input comes back. Default: ``True``.
        inplace: write into ``input``. Default: ``False``.

    Source: Srivastava et al. 2014.
    """
    _check_probability(p)
    if not training:
        return input
    return _result(input, _ops.dropout(input, p, True), inplace)


def _drop_channels(input: Any, p: float, training: bool, inplace: bool, kept_dims: int) -> Any:
    """Dropout whose zeros span all but the first ``kept_dims`` dims."""
    _check_probability(p)
    if not training:
        return input
    shape = [*input.shape[:kept_dims], *[1] * (input.dim() - kept_dims)]
    noise = _ops.dropout(input.new_ones(shape), p, True)  # 0 or 1 / (1 - p)
    return _result(input, input * noise, inplace)


def feature_dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels, whatever the number of dims.

    Shape: ``(N, C, *)``. Arguments as in :func:`dropout`.
    """
    return _drop_channels(input, p, training, inplace, min(2, input.dim()))


def _check_dims(name: str, input: Any, dims: tuple[int, ...]) -> None:
    if input.dim() not in dims:
        raise RuntimeError(
            f"{name}(): input has {input.dim()} dims (shape {tuple(input.shape)}); expected {dims[0]} (C, ...) or "
            f"{dims[1]} (N, C, ...)."
        )


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels.

    Shape: ``(N, C, L)`` or ``(C, L)``. Arguments as in :func:`dropout`.
    """
    _check_dims("dropout1d", input, (2, 3))
    return _drop_channels(input, p, training, inplace, input.dim() - 1)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels; ``(N, C, L)`` is read as a batch, not as one image.

    Shape: ``(N, C, H, W)`` or ``(N, C, L)``. Arguments as in :func:`dropout`.
    """
    return feature_dropout(input, p, training, inplace)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels.

    Shape: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Arguments as in :func:`dropout`.
    """
    return _drop_channels(input, p, training, inplace, 1 if input.dim() == 4 else min(2, input.dim()))


def _alpha_dropout(input: Any, p: float, training: bool, inplace: bool, shape: list[int]) -> Any:
    _check_probability(p)
    if not training or p == 0:
        return input
    if p == 1:
        return _result(input, input * 0, inplace)
    kept = input.new_empty(shape).bernoulli_(1 - p)
    # a and b bring mean and variance back to 0 and 1 (Klambauer et al. 2017, section 3).
    a = 1 / math.sqrt((1 - p) * (1 + p * _SELU_FLOOR**2))
    b = -a * p * _SELU_FLOOR
    return _result(input, input * (kept * a) + ((1 - kept) * (a * _SELU_FLOOR) + b), inplace)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout for selu: elements take selu's lowest value in place of 0, and mean and variance stay.

    Arguments as in :func:`dropout`, but ``training`` is ``False`` by default.

    Source: Klambauer et al. 2017, arXiv 1706.02515.
    """
    return _alpha_dropout(input, p, training, inplace, list(input.shape))


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """:func:`alpha_dropout` of whole channels.

    Shape: ``(N, C, *)``.
    """
    shape = [*input.shape[:2], *[1] * (input.dim() - 2)]
    return _alpha_dropout(input, p, training, inplace, shape)

"""Bounds for gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ... import _C
from ..._C import Tensor
from ...autograd import no_grad
from ...ops.creation import zeros

_ops = _C.ops


def _as_list(tensors: Any) -> list[Any]:
    return [tensors] if isinstance(tensors, _C.Tensor) else list(tensors)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors taken as one vector.

    Args:
        tensors: one tensor or several.
        norm_type: which norm; ``inf`` is the largest magnitude. Default: 2.
        error_if_nonfinite: raise where the norm is NaN or infinite. Default: ``False``.
        foreach: accepted; there is one way to compute it.

    Returns:
        a 0-d tensor; 0 where there are no tensors.

    Raises:
        RuntimeError: the norm is not finite, where ``error_if_nonfinite``.
    """
    each = _as_list(tensors)
    norm_type = float(norm_type)
    if not each:
        return zeros(())
    if norm_type == 2 or (norm_type > 0 and not any(tensor.is_complex() for tensor in each)):
        total = _ops._total_norm(each, norm_type)
    else:
        total = _ops.stack([tensor.detach().norm(norm_type) for tensor in each]).norm(norm_type)
    if error_if_nonfinite and not math.isfinite(float(total)):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To "
            "disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale the gradients so that a total norm, computed before, becomes at most ``max_norm``.

    Args:
        parameters: one parameter or several; those without a gradient are passed over.
        max_norm: the bound.
        total_norm: the norm of the gradients, as :func:`get_total_norm` gives it.
        foreach: accepted; there is one way to compute it.
    """
    _scale(_gradients(_as_list(parameters)), float(max_norm), total_norm)


def _gradients(parameters: list[Any]) -> list[Any]:
    return [gradient for parameter in parameters if (gradient := parameter.grad) is not None]


def _scale(gradients: list[Any], max_norm: float, total_norm: Any) -> None:
    # 1e-6 keeps the quotient finite; a factor of at most 1 never makes a gradient larger. NaN passes through.
    if gradients:
        _ops._scale_(gradients, (max_norm / (total_norm + 1e-6)).clamp(max=1.0))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients together, in place, so that their norm is at most ``max_norm``.

    Args:
        parameters: one parameter or several; those without a gradient are passed over.
        max_norm: the bound.
        norm_type: which norm; ``inf`` is the largest magnitude. Default: 2.
        error_if_nonfinite: raise where the norm is NaN or infinite. Default: ``False``.
        foreach: accepted; there is one way to compute it.

    Returns:
        the norm before, a 0-d tensor.

    Example:
        >>> layer = ember.nn.Linear(2, 2)
        >>> layer(ember.ones(1, 2)).sum().backward()
        >>> norm = ember.nn.utils.clip_grad_norm_(layer.parameters(), max_norm=1.0)
    """
    max_norm = float(max_norm)
    gradients = _gradients(_as_list(parameters))
    total = get_total_norm(gradients, norm_type, error_if_nonfinite, foreach)
    _scale(gradients, max_norm, total)
    return total


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Older name of :func:`clip_grad_norm_`."""
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None) -> None:
    """Cut off every gradient, in place, at ``-clip_value`` and ``clip_value``.

    Args:
        parameters: one parameter or several; those without a gradient are passed over.
        clip_value: the bound of each element.
        foreach: accepted; there is one way to compute it.
    """
    bound = float(clip_value)
    with no_grad():
        for parameter in _as_list(parameters):
            if parameter.grad is not None:
                parameter.grad.clamp_(min=-bound, max=bound)

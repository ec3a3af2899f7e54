"""First values of parameters: each function fills a tensor in place and returns it."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

from .. import _C
from .._C import Tensor
from ..autograd import no_grad
from ..ops.creation import empty

_LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def calculate_gain(nonlinearity: str, param: int | float | None = None) -> float:
    """By how much weights in front of an activation should be larger to keep the variance.

    Args:
        nonlinearity: the name of the activation in ember.nn.functional, or of a linear layer.
        param: the negative slope of ``"leaky_relu"``. Default: 0.01.
    """
    if nonlinearity in _LINEAR or nonlinearity == "sigmoid":
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, (int, float))):
            raise ValueError(f"negative_slope {param} not a valid number")
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4  # found by trial: the exact value depends on the depth
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: _C.Generator | None = None) -> Tensor:
    """Draw from the uniform distribution on [a, b)."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: _C.Generator | None = None) -> Tensor:
    """Draw from the normal distribution."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: _C.Generator | None = None,
) -> Tensor:
    """Draw from the normal distribution cut off outside [a, b].

    Args:
        tensor: to be filled.
        mean, std: of the distribution before it is cut. Default: 0 and 1.
        a, b: the bounds. Default: -2 and 2.
        generator: where the randomness comes from. Default: the global one.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
            stacklevel=2,
        )

    def cumulative(x: float) -> float:
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    low, high = cumulative((a - mean) / std), cumulative((b - mean) / std)
    with no_grad():
        # The inverse of the distribution function, at uniform points between its values at a and b.
        tensor.uniform_(2 * low - 1, 2 * high - 1, generator=generator)
        tensor.erfinv_().mul_(std * math.sqrt(2.0)).add_(mean)
        return tensor.clamp_(min=a, max=b)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    with no_grad():
        return tensor.zero_()


def eye_(tensor: Tensor) -> Tensor:
    """1 on the diagonal of a matrix, 0 elsewhere."""
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported; got shape {tuple(tensor.shape)}.")
    with no_grad():
        tensor.zero_()
        tensor.diagonal().fill_(1)
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Convolution weights that keep as many input channels as they can: 1 at the centre.

    Args:
        tensor: ``(out, in, *kernel)`` with 1 to 3 kernel dims.
        groups: of the convolution. Default: 1.
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError(f"Only tensors with 3, 4, or 5 dimensions are supported; got shape {tuple(tensor.shape)}.")
    if tensor.shape[0] % groups:
        raise ValueError(f"dim 0 must be divisible by groups; got {tensor.shape[0]} and {groups}.")
    out_of_group = tensor.shape[0] // groups
    centre = tuple(size // 2 for size in tensor.shape[2:])
    with no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(out_of_group, tensor.shape[1])):
                place = (group * out_of_group + channel, channel, *centre)
                tensor[place] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """How many inputs each output reads, and how many outputs each input feeds."""
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions; got shape "
            f"{tuple(tensor.shape)}."
        )
    positions = math.prod(tensor.shape[2:])
    return tensor.shape[1] * positions, tensor.shape[0] * positions


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode.lower() == "fan_in" else fan_out


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: _C.Generator | None = None) -> Tensor:
    """Draw from U(-a, a) with ``a = gain sqrt(6 / (fan_in + fan_out))``.

    Source: Glorot and Bengio 2010.
    """
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: _C.Generator | None = None) -> Tensor:
    """Draw from N(0, std^2) with ``std = gain sqrt(2 / (fan_in + fan_out))``.

    Source: Glorot and Bengio 2010.
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))


def _is_empty(tensor: Any) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: _C.Generator | None = None,
) -> Tensor:
    """Draw from U(-b, b) with ``b = gain sqrt(3 / fan)``.

    Args:
        tensor: to be filled; ``(out, in, *kernel)``.
        a: the negative slope of ``"leaky_relu"``. Default: 0.
        mode: keep the variance forward (``"fan_in"``) or backward (``"fan_out"``). Default: ``"fan_in"``.
        nonlinearity: see :func:`calculate_gain`. Default: ``"leaky_relu"``.
        generator: where the randomness comes from. Default: the global one.

    Source: He et al. 2015, arXiv 1502.01852.
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: _C.Generator | None = None,
) -> Tensor:
    """Draw from N(0, std^2) with ``std = gain / sqrt(fan)``; arguments as in :func:`kaiming_uniform_`.

    Source: He et al. 2015, arXiv 1502.01852.
    """
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: _C.Generator | None = None) -> Tensor:
    """A random matrix whose rows, or columns if they are fewer, are orthogonal and of length ``gain``.

    Args:
        tensor: to be filled; all dims but the first count as columns.
        gain: the length. Default: 1.
        generator: where the randomness comes from. Default: the global one.

    Source: Saxe et al. 2013, arXiv 1312.6120.
    """
    import numpy

    if tensor.dim() < 2:
        raise ValueError(f"Only tensors with 2 or more dimensions are supported; got shape {tuple(tensor.shape)}.")
    if tensor.numel() == 0:
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    drawn = empty((rows, columns), dtype=_C.float64).normal_(0, 1, generator=generator).numpy()
    q, r = numpy.linalg.qr(drawn.T if rows < columns else drawn)
    q = q * numpy.sign(numpy.diag(r))  # so that every rotation is equally likely (Mezzadri 2006, arXiv math-ph/0609050)
    values = empty((rows, columns), dtype=_C.float64)
    values.numpy()[:] = (q.T if rows < columns else q) * gain
    with no_grad():
        return tensor.copy_(values.reshape(tensor.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: _C.Generator | None = None) -> Tensor:
    """Draw from N(0, std^2), with a share of zeros in each column.

    Args:
        tensor: a matrix.
        sparsity: the share of each column that is 0.
        std: of the others. Default: 0.01.
        generator: where the randomness comes from. Default: the global one.

    Source: Martens 2010.
    """
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported; got shape {tuple(tensor.shape)}.")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std, generator=generator)
        # The rows of each column in random order; the first ones become 0.
        order = empty((rows, columns)).uniform_(generator=generator).argsort(0)
        return tensor.scatter_(0, order[:zeros].to(tensor.device), 0.0)


def _older(function: Callable[..., Any]) -> Callable[..., Any]:
    new, old = function.__name__, function.__name__[:-1]

    @functools.wraps(function)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    renamed.__name__ = old
    return renamed


uniform = _older(uniform_)
normal = _older(normal_)
constant = _older(constant_)
eye = _older(eye_)
dirac = _older(dirac_)
xavier_uniform = _older(xavier_uniform_)
xavier_normal = _older(xavier_normal_)
kaiming_uniform = _older(kaiming_uniform_)
kaiming_normal = _older(kaiming_normal_)
orthogonal = _older(orthogonal_)
sparse = _older(sparse_)

"""Activations with an in-place flag, and those composed from others. The rest are records (csrc/ops/activations.h)."""

from __future__ import annotations

import warnings

from ... import _C
from ..._C import Tensor
from ..._composite import in_torch
from ...ops.creation import empty_like, zeros_like
from ...ops.elementwise import prelu as prelu

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "gumbel_softmax",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softshrink",
    "tanh",
    "threshold",
]

_ops = _C.ops


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """``max(x, 0)``, element by element."""
    return _ops.relu_(input) if inplace else _ops.relu(input)


def relu_(input: Tensor) -> Tensor:
    """:func:`relu` in place."""
    return _ops.relu_(input)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(x, 0), 6)``, element by element."""
    return _ops.relu6_(input) if inplace else _ops.relu6(input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``x sigmoid(x)``, element by element; also called swish."""
    return _ops.silu_(input) if inplace else _ops.silu(input)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x tanh(softplus(x))``, element by element."""
    return _ops.mish_(input) if inplace else _ops.mish(input)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` where positive, ``alpha (exp(x) - 1)`` elsewhere."""
    return _ops.elu_(input, alpha) if inplace else _ops.elu(input, alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """``scale * elu(x, alpha)`` with the two constants that keep activations at mean 0 and variance 1."""
    return _ops.selu_(input) if inplace else _ops.selu(input)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``max(0, x) + min(0, alpha (exp(x / alpha) - 1))``, element by element."""
    if alpha == 0:
        raise RuntimeError("celu(): alpha is 0; expected another number.")
    return _ops.celu_(input, alpha) if inplace else _ops.celu(input, alpha)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x`` where positive, ``negative_slope x`` elsewhere."""
    return _ops.leaky_relu_(input, negative_slope) if inplace else _ops.leaky_relu(input, negative_slope)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` cut off at ``min_val`` and ``max_val``."""
    if min_val > max_val:
        raise ValueError(f"hardtanh(): min_val {min_val} cannot be greater than max_val {max_val}.")
    return _ops.hardtanh_(input, min_val, max_val) if inplace else _ops.hardtanh(input, min_val, max_val)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """``relu6(x + 3) / 6``, element by element."""
    return _ops.hardsigmoid_(input) if inplace else _ops.hardsigmoid(input)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x relu6(x + 3) / 6``, element by element."""
    return _ops.hardswish_(input) if inplace else _ops.hardswish(input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x`` where above ``threshold``, ``value`` elsewhere."""
    return _ops.threshold_(input, threshold, value) if inplace else _ops.threshold(input, threshold, value)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x`` moved towards 0 by ``lambd``, 0 where ``|x| <= lambd``."""
    if not lambd >= 0:
        raise RuntimeError(f"softshrink(): lambd is {lambd}; expected 0 or more.")
    return _ops.softshrink(input, lambd)


def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """``x`` times the normal distribution function at ``x``.

    Args:
        input: any shape.
        approximate: ``"tanh"`` takes a cheaper function in its place. Default: ``"none"``.
    """
    if approximate == "none":
        return _ops._gelu(input)
    if approximate == "tanh":
        return _ops._gelu_tanh(input)
    raise RuntimeError(f"gelu(): approximate is {approximate!r}; expected 'none' or 'tanh'.")


@in_torch
def rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """Leaky relu whose slope is drawn for each element in training; the mean of both bounds otherwise.

    Args:
        input: any shape.
        lower, upper: bounds of the slope. Default: 1/8 and 1/3.
        training: draw slopes. Default: ``False``.
        inplace: write into ``input``. Default: ``False``.

    Source: Xu et al. 2015, arXiv 1505.00853.
    """
    if lower > upper:
        raise RuntimeError(f"rrelu(): lower {lower} cannot be greater than upper {upper}.")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    result = _ops._prelu(input, empty_like(input).uniform_(lower, upper))
    return input.copy_(result) if inplace else result


@in_torch
def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """:func:`rrelu` in place."""
    return rrelu(input, lower, upper, training, inplace=True)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """``a sigmoid(b)``, where a and b are the halves of the input along ``dim``.

    Shape: ``(*, 2 n, *)`` to ``(*, n, *)``.
    """
    if input.dim() == 0:
        raise RuntimeError("glu(): input has no dims; expected at least 1.")
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"glu(): dim {dim} has size {input.shape[dim]} (shape {tuple(input.shape)}); an even size is expected."
        )
    value, gate = input.chunk(2, dim)
    return _ops._glu(value, gate)


def _implicit_dim(name: str, dims: int, stacklevel: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel + 1,
    )
    return 0 if dims in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: _C.dtype | None = None) -> Tensor:
    """``exp(x) / sum(exp(x))`` along ``dim``.

    Args:
        input: any shape.
        dim: the dim whose sums are 1.
        dtype: convert the input to it first. Default: as it is.
    """
    if dim is None:
        dim = _implicit_dim("softmax", input.dim(), _stacklevel)
    return _ops.softmax(input, dim, dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: _C.dtype | None = None) -> Tensor:
    """``log(softmax(x))`` along ``dim``, keeping small probabilities; arguments as in :func:`softmax`."""
    if dim is None:
        dim = _implicit_dim("log_softmax", input.dim(), _stacklevel)
    return _ops.log_softmax(input, dim, dtype=dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: _C.dtype | None = None) -> Tensor:
    """``softmax(-x)`` along ``dim``; arguments as in :func:`softmax`."""
    if dim is None:
        dim = _implicit_dim("softmin", input.dim(), _stacklevel)
    return _ops.softmax(-input, dim, dtype=dtype)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A differentiable sample from the categorical distributions with these logits.

    Args:
        logits: log probabilities, up to a constant; any shape.
        tau: temperature; the lower, the closer to one-hot. Default: 1.
        hard: give one-hot vectors, with the gradients of the soft sample. Default: ``False``.
        eps: not used.
        dim: the dim of the classes. Default: -1.

    Source: Jang, Gu and Poole 2016, arXiv 1611.01144.
    """
    noise = -empty_like(logits).exponential_().log()  # Gumbel(0, 1)
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    one_hot = zeros_like(logits).scatter_(dim, index, 1.0)
    return one_hot - soft.detach() + soft


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``, element by element."""
    return _ops.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent, element by element."""
    return _ops.tanh(input)

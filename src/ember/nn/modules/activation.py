"""Activations as layers."""

from __future__ import annotations

import warnings

from ... import _C
from ..._C import Tensor
from ...ops.creation import empty
from ...types import Device
from .. import functional as F
from ..parameter import Parameter
from .attention import MultiheadAttention as MultiheadAttention
from .module import Module

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU",
    "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax",
    "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip

_ops = _C.ops


class _InPlace(Module):
    """An activation without options beside ``inplace``."""

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


def _inplace_text(inplace: bool) -> str:
    return ", inplace=True" if inplace else ""


class ReLU(_InPlace):
    """``max(x, 0)``, element by element.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Example:
        >>> ember.nn.ReLU()(ember.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input, self.inplace)


class SiLU(_InPlace):
    """``x sigmoid(x)``, element by element; also called swish.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.silu(input, self.inplace)


class Mish(_InPlace):
    """``x tanh(softplus(x))``, element by element.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.mish(input, self.inplace)


class SELU(_InPlace):
    """A scaled :class:`ELU` that keeps activations at mean 0 and variance 1.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Klambauer et al. 2017, arXiv 1706.02515.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.selu(input, self.inplace)


class Hardsigmoid(_InPlace):
    """``relu6(x + 3) / 6``, element by element.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:  # PyTorch shows no options here
        return ""


class Hardswish(_InPlace):
    """``x relu6(x + 3) / 6``, element by element.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Howard et al. 2019, arXiv 1905.02244.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:  # PyTorch shows no options here
        return ""


class ELU(Module):
    """``x`` where positive, ``alpha (exp(x) - 1)`` elsewhere.

    Args:
        alpha: minus the limit at -inf. Default: 1.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Clevert et al. 2015, arXiv 1511.07289.
    """

    __constants__ = ["alpha", "inplace"]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}{_inplace_text(self.inplace)}"


class CELU(ELU):
    """``max(0, x) + min(0, alpha (exp(x / alpha) - 1))``: an ELU whose slope is continuous for every alpha.

    Args:
        alpha: minus the limit at -inf. Default: 1.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Barron 2017, arXiv 1704.07483.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)


class LeakyReLU(Module):
    """``x`` where positive, ``negative_slope x`` elsewhere.

    Args:
        negative_slope: the slope below 0. Default: 0.01.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    __constants__ = ["inplace", "negative_slope"]

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}{_inplace_text(self.inplace)}"


class RReLU(Module):
    """Leaky relu whose slope is drawn for each element in training; the mean of both bounds in evaluation.

    Args:
        lower, upper: bounds of the slope. Default: 1/8 and 1/3.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Xu et al. 2015, arXiv 1505.00853.
    """

    __constants__ = ["lower", "upper", "inplace"]

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}{_inplace_text(self.inplace)}"


class PReLU(Module):
    """``x`` where positive, ``weight x`` elsewhere, with a learned weight.

    Args:
        num_parameters: 1, or one weight for each channel. Default: 1.
        init: the weights' first value. Default: 0.25.
        device, dtype: of the weights. Default: the current ones.

    Attributes:
        weight: ``(num_parameters)``.

    Shape:
        Input and output: any; the channels are in dim 1.

    Source: He et al. 2015, arXiv 1502.01852.
    """

    __constants__ = ["num_parameters"]

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: _C.dtype | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights back to ``init``."""
        self.weight.data.fill_(self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Hardtanh(Module):
    """``x`` cut off at ``min_val`` and ``max_val``.

    Args:
        min_val, max_val: the bounds. Default: -1 and 1.
        inplace: write into the input. Default: ``False``.
        min_value, max_value: older names of the bounds.

    Shape:
        Input and output: any.
    """

    __constants__ = ["min_val", "max_val", "inplace"]

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        for old, name, value in (("min_value", "min_val", min_value), ("max_value", "max_val", max_value)):
            if value is not None:
                warnings.warn(
                    f"keyword argument `{old}` is deprecated and renamed to `{name}`", FutureWarning, stacklevel=2
                )
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise AssertionError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")

    def forward(self, input: Tensor) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}{_inplace_text(self.inplace)}"


class ReLU6(Hardtanh):
    """``min(max(x, 0), 6)``, element by element.

    Args:
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def forward(self, input: Tensor) -> Tensor:
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Threshold(Module):
    """``x`` where above ``threshold``, ``value`` elsewhere.

    Args:
        threshold: the bound.
        value: what stands in place of numbers up to the bound.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.
    """

    __constants__ = ["threshold", "value", "inplace"]

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}{_inplace_text(self.inplace)}"


class GELU(Module):
    """``x`` times the normal distribution function at ``x``.

    Args:
        approximate: ``"tanh"`` takes a cheaper function in its place. Default: ``"none"``.

    Shape:
        Input and output: any.

    Source: Hendrycks and Gimpel 2016, arXiv 1606.08415.
    """

    __constants__ = ["approximate"]

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + exp(beta x)) / beta``; ``x`` itself where ``beta x > threshold``.

    Args:
        beta: sharpness. Default: 1.
        threshold: where the straight line begins. Default: 20.

    Shape:
        Input and output: any.
    """

    __constants__ = ["beta", "threshold"]

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        return _ops.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardshrink(Module):
    """``x`` where ``|x| > lambd``, 0 elsewhere.

    Args:
        lambd: the bound. Default: 0.5.

    Shape:
        Input and output: any.
    """

    __constants__ = ["lambd"]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return _ops.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return f"{self.lambd}"


class Softshrink(Hardshrink):
    """``x`` moved towards 0 by ``lambd``; 0 where ``|x| <= lambd``.

    Args:
        lambd: by how much. Default: 0.5.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softshrink(input, self.lambd)


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``, element by element.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return _ops.sigmoid(input)


class LogSigmoid(Module):
    """``log(sigmoid(x))``, element by element.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return _ops.logsigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent, element by element.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return _ops.tanh(input)


class Tanhshrink(Module):
    """``x - tanh(x)``, element by element.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return _ops.tanhshrink(input)


class Softsign(Module):
    """``x / (1 + |x|)``, element by element.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return _ops.softsign(input)


class GLU(Module):
    """``a sigmoid(b)``, where a and b are the halves of the input along ``dim``.

    Args:
        dim: the dim that is halved. Default: -1.

    Shape:
        Input: ``(*, 2 n, *)``. Output: ``(*, n, *)``.

    Source: Dauphin et al. 2016, arXiv 1612.08083.
    """

    __constants__ = ["dim"]

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class _AlongDim(Module):
    """What softmax and its relatives share."""

    __constants__ = ["dim"]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """``exp(x) / sum(exp(x))`` along ``dim``.

    Args:
        dim: the dim whose sums are 1.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softmax(input, self.dim, _stacklevel=5)


class LogSoftmax(_AlongDim):
    """``log(softmax(x))`` along ``dim``.

    Args:
        dim: the dim of the classes.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.log_softmax(input, self.dim, _stacklevel=5)


class Softmin(_AlongDim):
    """``softmax(-x)`` along ``dim``.

    Args:
        dim: the dim whose sums are 1.

    Shape:
        Input and output: any.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softmin(input, self.dim, _stacklevel=5)


class Softmax2d(Module):
    """Softmax over the channels at each position.

    Shape:
        Input and output: ``(N, C, H, W)`` or ``(C, H, W)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3, _stacklevel=5)

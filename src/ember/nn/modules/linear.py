"""Linear maps."""

from __future__ import annotations

import math
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import empty
from ...types import Device
from .. import functional as F
from .. import init
from ..parameter import Parameter, UninitializedParameter
from .lazy import LazyModuleMixin
from .module import Module

__all__ = ["Bilinear", "Identity", "LazyLinear", "Linear"]


class Identity(Module):
    """Gives its input back: a place-holder for a layer.

    Args:
        args, kwargs: taken and not used.

    Shape:
        Input and output: any.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Module):
    """An affine map of the last dim: ``y = x W^T + b``.

    Args:
        in_features: size of the input's last dim.
        out_features: size of the output's last dim.
        bias: add ``b``. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Attributes:
        weight: ``(out_features, in_features)``, uniform within ``1 / sqrt(in_features)``.
        bias: ``(out_features)``, uniform in the same bounds, or None.

    Shape:
        Input: ``(*, in_features)``. Output: ``(*, out_features)``.

    Example:
        >>> ember.nn.Linear(20, 30)(ember.zeros(128, 20)).shape
        torch.Size([128, 30])
    """

    __constants__ = ["in_features", "out_features"]

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty((out_features, in_features), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new values."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # that is, bound = 1 / sqrt(in_features)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class LazyLinear(LazyModuleMixin, Linear):
    """A :class:`Linear` whose ``in_features`` the first batch tells.

    Args:
        out_features: size of the output's last dim.
        bias: add ``b``. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input: ``(*, in_features)``. Output: ``(*, out_features)``.

    Example:
        >>> layer = ember.nn.LazyLinear(30)
        >>> layer(ember.zeros(128, 20)).shape
        torch.Size([128, 30])
        >>> layer
        Linear(in_features=20, out_features=30, bias=True)
    """

    cls_to_become = Linear
    weight: Any
    bias: Any

    def __init__(
        self, out_features: int, bias: bool = True, device: Device = None, dtype: _C.dtype | None = None
    ) -> None:
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw new values, where there is memory for them."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Take ``in_features`` from a batch."""
        features = input.shape[-1]
        if self.has_uninitialized_params():
            self.in_features = features
            self.weight.materialize((self.out_features, features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()
        if self.in_features == 0:  # a state dict was loaded before the first call
            self.in_features = self.weight.shape[-1]
        if features != self.in_features:
            raise AssertionError(
                f"LazyLinear: the input has {features} features in its last dim (shape {tuple(input.shape)}); the "
                f"loaded weight of shape {tuple(self.weight.shape)} expects {self.in_features}."
            )


class NonDynamicallyQuantizableLinear(Linear):
    """:class:`Linear` under the name that :class:`MultiheadAttention` shows for its last layer.

    Shape:
        Input: ``(*, in_features)``. Output: ``(*, out_features)``.
    """


class Bilinear(Module):
    """A bilinear map of two inputs: ``y_k = x1^T A_k x2 + b_k``.

    Args:
        in1_features, in2_features: sizes of the two inputs' last dims.
        out_features: size of the output's last dim.
        bias: add ``b``. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Inputs: ``(*, in1_features)`` and ``(*, in2_features)``. Output: ``(*, out_features)``.
    """

    __constants__ = ["in1_features", "in2_features", "out_features"]

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(empty((out_features, in1_features, in2_features), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new values, uniform within ``1 / sqrt(in1_features)``."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )

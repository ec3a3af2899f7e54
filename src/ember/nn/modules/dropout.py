"""Random zeros in training."""

from __future__ import annotations

from ..._C import Tensor
from .. import functional as F
from .module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _DropoutNd(Module):
    __constants__ = ["p", "inplace"]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Zeroes each element with probability ``p`` in training and scales the others by ``1 / (1 - p)``.

    Args:
        p: the probability of a zero. Default: 0.5.
        inplace: write into the input. Default: ``False``.

    Shape:
        Input and output: any.

    Source: Srivastava et al. 2014.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """Zeroes whole channels; arguments as in :class:`Dropout`.

    Shape:
        Input and output: ``(N, C, L)`` or ``(C, L)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """Zeroes whole channels; arguments as in :class:`Dropout`.

    Shape:
        Input and output: ``(N, C, H, W)`` or ``(N, C, L)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutNd):
    """Zeroes whole channels; arguments as in :class:`Dropout`.

    Shape:
        Input and output: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutNd):
    """Dropout for networks of :class:`SELU`: mean and variance stay; arguments as in :class:`Dropout`.

    Shape:
        Input and output: any.

    Source: Klambauer et al. 2017, arXiv 1706.02515.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(_DropoutNd):
    """:class:`AlphaDropout` of whole channels; arguments as in :class:`Dropout`.

    Shape:
        Input and output: ``(N, C, *)``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)

"""Normalisation of each channel of each sample over its positions."""

from __future__ import annotations

import warnings
from typing import Any

from ..._C import Tensor
from .. import functional as F
from .batchnorm import _LazyNormBase, _NormBase

__all__ = [
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
]


class _InstanceNorm(_NormBase):
    _dims: int  # of one sample, with its channels

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() not in (self._dims, self._dims + 1):
            raise ValueError(f"expected {self._dims}D or {self._dims + 1}D input (got {input.dim()}D input)")

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        place = input.dim() - self._dims
        channels = input.shape[place]
        if channels != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={place} to match num_features ({self.num_features}), but got: "
                    f"{channels}."
                )
            warnings.warn(
                f"input's size at dim={place} does not match num_features. You can silence this warning by not passing "
                "in num_features, which is not used because affine=False",
                stacklevel=2,
            )
        batched = input if input.dim() > self._dims else input.unsqueeze(0)
        result = F.instance_norm(
            batched,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return result if batched is input else result.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance of each channel of each sample.

    Args:
        num_features: number of channels.
        eps: added to the variance. Default: 1e-5.
        momentum: share of each batch in the running statistics. Default: 0.1.
        affine: have a weight for each channel. Default: ``False``.
        track_running_stats: keep running statistics, which evaluation uses. Default: ``False``.
        device, dtype: of parameters and buffers. Default: the current ones.
        bias: have a bias too, where ``affine``. Default: ``True``.

    Shape:
        Input and output: ``(N, C, L)`` or ``(C, L)``.

    Source: Ulyanov et al. 2016, arXiv 1607.08022.
    """

    _dims = 2


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of images; arguments as in :class:`InstanceNorm1d`.

    Shape:
        Input and output: ``(N, C, H, W)`` or ``(C, H, W)``.
    """

    _dims = 3


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes; arguments as in :class:`InstanceNorm1d`.

    Shape:
        Input and output: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    _dims = 4


class _LazyInstanceNorm(_LazyNormBase):
    _dims: int

    def _channel_dim(self, input: Any) -> int:
        return int(input.dim()) - self._dims


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """An :class:`InstanceNorm1d` whose ``num_features`` the first batch tells.

    The other arguments are the same; ``affine`` and ``track_running_stats`` are ``True`` by default.

    Shape:
        Input and output: ``(N, C, L)`` or ``(C, L)``.
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """An :class:`InstanceNorm2d` whose ``num_features`` the first batch tells.

    The other arguments are the same; ``affine`` and ``track_running_stats`` are ``True`` by default.

    Shape:
        Input and output: ``(N, C, H, W)`` or ``(C, H, W)``.
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    """An :class:`InstanceNorm3d` whose ``num_features`` the first batch tells.

    The other arguments are the same; ``affine`` and ``track_running_stats`` are ``True`` by default.

    Shape:
        Input and output: ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    """

    cls_to_become = InstanceNorm3d

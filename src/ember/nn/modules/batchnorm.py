"""Normalisation of each channel over the batch, with running statistics for evaluation."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import empty, ones, zeros
from ...types import Device
from .. import functional as F
from ..parameter import Parameter, UninitializedBuffer, UninitializedParameter
from .lazy import LazyModuleMixin
from .module import Module
from .normalization import _reset_affine

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "SyncBatchNorm",
]


class _NormBase(Module):
    """What batch and instance normalisation share: the parameters and the running statistics."""

    _version = 2
    __constants__ = ["track_running_stats", "momentum", "eps", "num_features", "affine"]
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            self.register_parameter(
                name, Parameter(empty(num_features, device=device, dtype=dtype)) if wanted else None
            )
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", ones(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", zeros((), device=device, dtype=_C.int64) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1 and the count to 0."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Reset the running statistics, and set weight to 1 and bias to 0."""
        self.reset_running_stats()
        _reset_affine(self)

    def _check_input_dim(self, input: Any) -> None:
        raise NotImplementedError

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        key = prefix + "num_batches_tracked"
        # Version 1 had no count of batches.
        if local_metadata.get("version", 1) < 2 and self.track_running_stats and key not in state_dict:
            state_dict[key] = zeros((), dtype=_C.int64)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


class _LazyNormBase(LazyModuleMixin, _NormBase):
    """The same without the number of channels, which the first batch tells."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            if wanted:
                setattr(self, name, UninitializedParameter(device=device, dtype=dtype))
        if track_running_stats:
            self.running_mean = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = zeros((), device=device, dtype=_C.int64)

    def reset_parameters(self) -> None:
        """Reset statistics, weight and bias, where there is memory for them."""
        if not self.has_uninitialized_params() and self.num_features != 0:
            super().reset_parameters()

    def _channel_dim(self, input: Any) -> int:
        return 1

    def initialize_parameters(self, input: Any) -> None:
        """Take the number of channels from a batch."""
        self._check_input_dim(input)
        waiting = self.has_uninitialized_params()
        if self.num_features == 0:
            self.num_features = input.shape[self._channel_dim(input)] if waiting else self._loaded_features(input)
        if waiting:
            for each in (self.weight, self.bias, self.running_mean, self.running_var):
                if each is not None:
                    each.materialize((self.num_features,))
            self.reset_parameters()

    def _loaded_features(self, input: Any) -> int:
        """The number of channels of what a state dict has brought; of the input where there is nothing to bring."""
        for each in (self.weight, self.running_mean):
            if each is not None:
                return int(each.shape[0])
        return int(input.shape[self._channel_dim(input)])


class _BatchNorm(_NormBase):
    """Batch normalisation of any number of dims."""

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)  # the plain mean over all batches
        has_running = self.running_mean is not None or self.running_var is not None
        uses_running = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if uses_running else None,
            self.running_var if uses_running else None,
            self.weight,
            self.bias,
            self.training or not has_running,
            momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance of each channel over the batch.

    Args:
        num_features: number of channels, size of dim 1.
        eps: added to the variance. Default: 1e-5.
        momentum: share of each batch in the running statistics; None is their plain mean. Default: 0.1.
        affine: have a weight for each channel. Default: ``True``.
        track_running_stats: keep running statistics, which evaluation uses. Default: ``True``.
        device, dtype: of parameters and buffers. Default: the current ones.
        bias: have a bias too. Default: ``True``.

    Attributes:
        weight, bias: ``(num_features)``, 1 and 0 at first.
        running_mean, running_var: ``(num_features)``, 0 and 1 at first.
        num_batches_tracked: how many batches they have seen.

    Shape:
        Input and output: ``(N, C)`` or ``(N, C, L)``.

    Source: Ioffe and Szegedy 2015, arXiv 1502.03167.
    """

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() not in (2, 3):
            raise ValueError(f"expected 2D or 3D input (got {input.dim()}D input)")


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images; arguments as in :class:`BatchNorm1d`.

    Shape:
        Input and output: ``(N, C, H, W)``.
    """

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() != 4:
            raise ValueError(f"expected 4D input (got {input.dim()}D input)")


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes; arguments as in :class:`BatchNorm1d`.

    Shape:
        Input and output: ``(N, C, D, H, W)``.
    """

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() != 5:
            raise ValueError(f"expected 5D input (got {input.dim()}D input)")


class LazyBatchNorm1d(_LazyNormBase, BatchNorm1d):
    """A :class:`BatchNorm1d` whose ``num_features`` the first batch tells; the other arguments are the same.

    Shape:
        Input and output: ``(N, C)`` or ``(N, C, L)``.

    Example:
        >>> layer = ember.nn.LazyBatchNorm1d()
        >>> layer(ember.randn(2, 4, 5)).shape[1] == layer.num_features
        True
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNormBase, BatchNorm2d):
    """A :class:`BatchNorm2d` whose ``num_features`` the first batch tells; the other arguments are the same.

    Shape:
        Input and output: ``(N, C, H, W)``.

    Example:
        >>> layer = ember.nn.LazyBatchNorm2d()
        >>> layer(ember.randn(2, 4, 5, 5)).shape[1] == layer.num_features
        True
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNormBase, BatchNorm3d):
    """A :class:`BatchNorm3d` whose ``num_features`` the first batch tells; the other arguments are the same.

    Shape:
        Input and output: ``(N, C, D, H, W)``.

    Example:
        >>> layer = ember.nn.LazyBatchNorm3d()
        >>> layer(ember.randn(2, 4, 5, 5, 5)).shape[1] == layer.num_features
        True
    """

    cls_to_become = BatchNorm3d


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over the batches of all processes; in a single process, that of its own batch.

    Args:
        num_features, eps, momentum, affine, track_running_stats: as in :class:`BatchNorm1d`.
        process_group: the processes that normalise together; there is one, so None is expected. Default: None.
        device, dtype, bias: as in :class:`BatchNorm1d`.

    Shape:
        Input and output: ``(N, C, *)``.

    Example:
        >>> model = ember.nn.Sequential(ember.nn.BatchNorm1d(4))
        >>> ember.nn.SyncBatchNorm.convert_sync_batchnorm(model)
        Sequential(
          (0): SyncBatchNorm(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        )
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any | None = None,
        device: Device = None,
        dtype: _C.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any | None = None) -> Module:
        """Return ``module`` with every batch normalisation in it replaced by a SyncBatchNorm of the same tensors.

        Args:
            module: is changed in place; a batch normalisation itself is answered with a new module.
            process_group: passed on.
        """
        converted = module
        if isinstance(module, _BatchNorm):
            options = (module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats)
            synchronized = cls(*options, process_group, bias=module.bias is not None)
            synchronized.weight, synchronized.bias = module.weight, module.bias
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                setattr(synchronized, name, getattr(module, name))
            synchronized.training = module.training
            converted = synchronized
        for name, child in module.named_children():
            converted.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return converted

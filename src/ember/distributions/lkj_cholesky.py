"""LKJ distribution of Cholesky factors."""

from __future__ import annotations

import math
from typing import Any

import ember

from .._C import Size, Tensor
from .._number_info import finfo
from ..autograd import no_grad
from . import constraints
from .beta import Beta
from .distribution import Distribution
from .utils import broadcast_all

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    r"""Distribution of the Cholesky factors L of correlation matrices, :math:`p(L L^T) \propto \det(L L^T)^{\eta - 1}`.

    Args:
        dim: rows of the matrix, at least 2.
        concentration: :math:`\eta`, positive; at 1 all correlation matrices are as likely. Default: 1
        validate_args: check parameters and values. Default: None, the default of all

    Raises:
        ValueError: if `dim` is below 2.

    Source:
        Lewandowski, Kurowicka and Joe, Generating random correlation matrices based on vines and extended onion
        method, 2009, sections 3.2 and 3.3.

    Example:
        >>> import ember
        >>> ember.distributions.LKJCholesky(3, 0.5).event_shape
        torch.Size([3, 3])
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        options = {"dtype": self.concentration.dtype, "device": self.concentration.device}
        # Row i of the factor lies, but for its diagonal, on a sphere whose squared radius is a beta variable.
        row = ember.cat([ember.zeros(1, **options), ember.arange(dim - 1, **options)])
        marginal = (self.concentration + 0.5 * (dim - 2)).unsqueeze(-1)
        self._beta = Beta(row + 0.5, marginal - 0.5 * row)
        super().__init__(self.concentration.size(), Size((dim, dim)), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> LKJCholesky:
        new = self._get_checked_instance(LKJCholesky, _instance)
        new.dim = self.dim
        new._beta = self._beta.expand((*batch_shape, self.dim))
        return self._expanded(LKJCholesky, batch_shape, new)

    def sample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        shape = self._extended_shape(sample_shape)
        with no_grad():
            squared_radius = self._beta.sample(Size(sample_shape)).unsqueeze(-1)
            direction = ember.randn(shape, dtype=squared_radius.dtype, device=squared_radius.device).tril(-1)
            length = direction.pow(2).sum(-1, keepdim=True).sqrt()
            direction = ember.where(length > 0, direction / length, 0.0)  # the first row has no elements
            below = squared_radius.sqrt() * direction
            tiny = finfo(below.dtype).tiny
            diagonal = (1 - below.pow(2).sum(-1)).clamp(min=tiny).sqrt()
            return below + diagonal.diag_embed()

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        diagonal = value.diagonal(dim1=-2, dim2=-1)[..., 1:]
        rows = ember.arange(2, self.dim + 1, dtype=self.concentration.dtype, device=self.concentration.device)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - rows
        unnormalized = (order * diagonal.log()).sum(-1)
        below = self.dim - 1
        alpha = self.concentration + 0.5 * below
        # pages 1999 and 2000 of the paper
        normalizer = 0.5 * below * math.log(math.pi) + ember.mvlgamma(alpha - 0.5, below) - ember.lgamma(alpha) * below
        return unnormalized - normalizer

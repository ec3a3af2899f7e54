"""Gumbel distribution."""

from __future__ import annotations

import math
from typing import Any

import ember

from .._C import Tensor
from .._number_info import finfo
from . import constraints
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, ExpTransform
from .uniform import Uniform
from .utils import broadcast_all, euler_constant, is_number

__all__ = ["Gumbel"]


class Gumbel(TransformedDistribution):
    r"""Gumbel distribution of type 1, of the largest of many draws.

    .. math::
        p(x) = \exp(-z - \exp(-z)) / \beta, \quad z = (x - \mu) / \beta

    Args:
        loc: :math:`\mu`.
        scale: :math:`\beta`, positive.
        validate_args: check parameters and values. Default: None, the default of all

    Example:
        >>> import ember
        >>> ember.distributions.Gumbel(0.0, 1.0).mean
        tensor(0.5772)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        number = finfo(self.loc.dtype)
        if is_number(loc) and is_number(scale):
            base = Uniform(number.tiny, 1 - number.eps, validate_args=validate_args)
        else:
            low, high = ember.full_like(self.loc, number.tiny), ember.full_like(self.loc, 1 - number.eps)
            base = Uniform(low, high, validate_args=validate_args)
        super().__init__(base, self._from_uniform(self.loc, self.scale), validate_args=validate_args)

    @staticmethod
    def _from_uniform(loc: Any, scale: Any) -> list[Any]:
        """loc - scale * log(-log(u))."""
        return [
            ExpTransform().inv,
            AffineTransform(loc=0, scale=-ember.ones_like(scale)),
            ExpTransform().inv,
            AffineTransform(loc=loc, scale=-scale),
        ]

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Gumbel, _instance)
        new.loc = self.loc.expand(batch_shape)
        new.scale = self.scale.expand(batch_shape)
        return super().expand(batch_shape, new)

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * euler_constant

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Tensor:
        return self.stddev.pow(2)

    def entropy(self) -> Tensor:
        return self.scale.log() + (1 + euler_constant)

"""Weibull distribution."""

from __future__ import annotations

from typing import Any

import ember

from .._C import Tensor
from . import constraints
from .exponential import Exponential
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, PowerTransform
from .utils import broadcast_all, euler_constant

__all__ = ["Weibull"]


class Weibull(TransformedDistribution):
    r"""Weibull distribution.

    .. math::
        p(x) = (k / \lambda) (x / \lambda)^{k - 1} \exp(-(x / \lambda)^k)

    Args:
        scale: :math:`\lambda`, positive.
        concentration: k, the shape, positive.
        validate_args: check parameters and values. Default: None, the default of all

    Example:
        >>> import ember
        >>> ember.distributions.Weibull(1.0, 1.0).mean
        tensor(1.)
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(ember.ones_like(self.scale), validate_args=validate_args)
        super().__init__(base, self._from_exponential(self.scale, self.concentration_reciprocal), validate_args)

    @staticmethod
    def _from_exponential(scale: Any, exponent: Any) -> list[Any]:
        return [PowerTransform(exponent=exponent), AffineTransform(loc=0, scale=scale)]

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Weibull, _instance)
        new.scale = self.scale.expand(batch_shape)
        new.concentration = self.concentration.expand(batch_shape)
        new.concentration_reciprocal = new.concentration.reciprocal()
        new.base_dist = self.base_dist.expand(batch_shape)
        new.transforms = self._from_exponential(new.scale, new.concentration_reciprocal)
        return self._finished(TransformedDistribution, new, batch_shape, self.event_shape)

    @property
    def mean(self) -> Tensor:
        return self.scale * ember.exp(ember.lgamma(1 + self.concentration_reciprocal))

    @property
    def mode(self) -> Tensor:
        inner = (self.concentration - 1) / self.concentration
        return self.scale * inner.clamp(min=0) ** self.concentration_reciprocal

    @property
    def variance(self) -> Tensor:
        second = ember.exp(ember.lgamma(1 + 2 * self.concentration_reciprocal))
        return self.scale.pow(2) * (second - ember.exp(2 * ember.lgamma(1 + self.concentration_reciprocal)))

    def entropy(self) -> Tensor:
        return (
            euler_constant * (1 - self.concentration_reciprocal)
            + ember.log(self.scale * self.concentration_reciprocal)
            + 1
        )

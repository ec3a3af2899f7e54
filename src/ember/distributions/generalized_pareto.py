"""Generalized Pareto distribution."""

from __future__ import annotations

import math
from typing import Any

import ember

from .._C import Size, Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all, is_number

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Distribution):
    r"""Generalized Pareto distribution, of what exceeds a high threshold.

    .. math::
        p(x) = (1 + \xi z)^{-1 / \xi - 1} / \sigma, \quad z = (x - \mu) / \sigma

    and exponential for :math:`\xi = 0`.

    Args:
        loc: :math:`\mu`, the least value.
        scale: :math:`\sigma`, positive.
        concentration: :math:`\xi`, the shape; with a negative one values are bounded above.
        validate_args: check parameters and values. Default: None, the default of all

    Example:
        >>> import ember
        >>> ember.distributions.GeneralizedPareto(0.0, 1.0, 0.5).mean
        tensor(2.)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real}
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        numbers = is_number(loc) and is_number(scale) and is_number(concentration)
        super().__init__(Size() if numbers else self.loc.size(), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> GeneralizedPareto:
        return self._expanded(GeneralizedPareto, batch_shape, _instance)

    def rsample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        shape = self._extended_shape(sample_shape)
        return self.icdf(ember.rand(shape, dtype=self.loc.dtype, device=self.loc.device))

    def _z(self, x: Any) -> Any:
        return (x - self.loc) / self.scale

    def _exponential(self) -> tuple[Any, Any]:
        """Where the shape is 0, and a shape that one can divide by."""
        zero = ember.isclose(self.concentration, ember.zeros_like(self.concentration))
        return zero, ember.where(zero, ember.ones_like(self.concentration), self.concentration)

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        z = self._z(value)
        zero, shape = self._exponential()
        return ember.where(zero, -z, -(1 + 1 / shape) * ember.log1p(shape * z)) - self.scale.log()

    def log_survival_function(self, value: Any) -> Tensor:
        """log(1 - cdf(value))."""
        if self._validate_args:
            self._validate_sample(value)
        z = self._z(value)
        zero, shape = self._exponential()
        return ember.where(zero, -z, -ember.log1p(shape * z) / shape)

    def log_cdf(self, value: Any) -> Tensor:
        """log(cdf(value))."""
        if self._validate_args:
            self._validate_sample(value)
        return ember.log1p(-ember.exp(self.log_survival_function(value)))

    def cdf(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        return -ember.expm1(self.log_survival_function(value))

    def icdf(self, value: Any) -> Tensor:
        zero, shape = self._exponential()
        log_survival = ember.log1p(-value)
        z = ember.where(zero, -log_survival, ember.expm1(-shape * log_survival) / shape)
        return self.loc + self.scale * z

    @property
    def mean(self) -> Tensor:
        mean = self.loc + self.scale / (1 - self.concentration)
        return ember.where(self.concentration < 1, mean, math.inf)

    @property
    def variance(self) -> Tensor:
        variance = self.scale**2 / ((1 - self.concentration) ** 2 * (1 - 2 * self.concentration))
        return ember.where(self.concentration < 0.5, variance, math.inf)

    def entropy(self) -> Tensor:
        return (self.scale.log() + self.concentration + 1).expand(self._batch_shape)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> constraints.Constraint:
        upper = ember.where(self.concentration < 0, self.loc - self.scale / self.concentration, math.inf)
        return constraints.interval(self.loc, upper)

"""Von Mises distribution."""

from __future__ import annotations

import math
from typing import Any

import ember

from .._C import Size, Tensor
from ..autograd import no_grad
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all, lazy_property

__all__ = ["VonMises"]


def _log_bessel(order: int, x: Any) -> Any:
    """log of the modified Bessel function of that order, 0 or 1."""
    scaled = ember.special.i0e(x) if order == 0 else ember.special.i1e(x)
    return scaled.log() + x


class VonMises(Distribution):
    r"""Von Mises distribution, a normal distribution on the circle.

    .. math::
        p(x) = \exp(\kappa \cos(x - \mu)) / 2 \pi I_0(\kappa)

    Args:
        loc: :math:`\mu`, an angle in radians.
        concentration: :math:`\kappa`, positive.
        validate_args: check parameters and values. Default: None, the default of all

    Source:
        Best and Fisher, Efficient simulation of the von Mises distribution, 1979.

    Example:
        >>> import ember
        >>> ember.distributions.VonMises(0.0, 1.0).log_prob(ember.tensor(0.5))
        tensor(-1.1962)
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, Size(), validate_args)

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        log_normalizer = math.log(2 * math.pi) + _log_bessel(0, self.concentration)
        return self.concentration * ember.cos(value - self.loc) - log_normalizer

    @lazy_property
    def _loc(self) -> Any:
        return self.loc.to(ember.double)

    @lazy_property
    def _concentration(self) -> Any:
        return self.concentration.to(ember.double)

    @lazy_property
    def _proposal_r(self) -> Any:
        """Parameter of the wrapped Cauchy distribution from which proposals are drawn."""
        kappa = self._concentration
        tau = 1 + (1 + 4 * kappa**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        exact = (1 + rho**2) / (2 * rho)
        return ember.where(kappa < 1e-5, 1 / kappa + kappa, exact)  # two terms of its series

    def sample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        shape = self._extended_shape(sample_shape)
        with no_grad():
            kappa, r = self._concentration.expand(shape), self._proposal_r.expand(shape)
            angle = ember.empty(shape, dtype=ember.double, device=self.loc.device)
            open_ = ember.ones(shape, dtype=ember.bool, device=self.loc.device)
            while open_.any():
                u1, u2, u3 = ember.rand((3, *shape), dtype=ember.double, device=self.loc.device).unbind()
                z = ember.cos(math.pi * u1)
                f = (1 + r * z) / (r + z)
                c = kappa * (r - f)
                accepted = open_ & ((c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0))
                angle = ember.where(accepted, (u3 - 0.5).sign() * f.clamp(-1, 1).acos(), angle)
                open_ = open_ & ~accepted
            return ((angle + math.pi + self._loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    def expand(self, batch_shape: Any, _instance: Any = None) -> VonMises:
        return self._expanded(VonMises, batch_shape, _instance)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        """Circular variance, 1 - I1 / I0."""
        return 1 - ember.special.i1e(self.concentration) / ember.special.i0e(self.concentration)

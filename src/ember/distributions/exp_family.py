"""Exponential families."""

from __future__ import annotations

from typing import Any

import ember

from .._C import Tensor
from ..autograd import enable_grad
from .distribution import Distribution

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    r"""A distribution whose density is :math:`\exp(\langle t(x), \theta \rangle - F(\theta) + k(x))`.

    A family gives the natural parameters :math:`\theta`, the log normalizer :math:`F` and the mean of the carrier
    measure :math:`k`; entropy and divergences follow from the gradient of :math:`F`.

    Source:
        Nielsen and Nock, Entropies and cross-entropies of exponential families, 2010.
    """

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Any) -> Tensor:
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> float:
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """Mean of -log_prob, from the log normalizer and its gradient."""
        result: Any = -self._mean_carrier_measure
        params = [p.detach().requires_grad_() for p in self._natural_params]
        with enable_grad():
            log_normalizer = self._log_normalizer(*params)
            gradients = ember.autograd.grad(log_normalizer.sum(), params, create_graph=True)
        result = result + log_normalizer
        for param, gradient in zip(params, gradients, strict=True):
            result = result - (param * gradient).reshape((*self._batch_shape, -1)).sum(-1)
        return result

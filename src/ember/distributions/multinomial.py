"""Multinomial distribution."""

from __future__ import annotations

import math
from typing import Any

import ember

from .._C import Size, Tensor
from . import constraints
from .binomial import Binomial
from .categorical import Categorical
from .distribution import Distribution
from .utils import broadcast_all

__all__ = ["Multinomial"]


class Multinomial(Distribution):
    """Number of times that each category is drawn in `total_count` draws.

    Args:
        total_count: number of draws. Default: 1
        probs: probabilities, divided by their sum; shape (..., categories); or
        logits: their logarithms up to a constant, one of the two.
        validate_args: check parameters and values. Default: None, the default of all

    Raises:
        NotImplementedError: if `total_count` is a tensor.

    Example:
        >>> import ember
        >>> ember.distributions.Multinomial(4, ember.tensor([1.0, 3.0])).mean
        tensor([1., 3.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    total_count: int

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        self._binomial = Binomial(total_count=total_count, probs=self.probs)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Multinomial:
        new = self._get_checked_instance(Multinomial, _instance)
        new.total_count = self.total_count
        new._categorical = self._categorical.expand(batch_shape)
        new._binomial = self._binomial.expand((*batch_shape, *self.event_shape))
        return self._finished(Multinomial, new, batch_shape, self.event_shape)

    def _new(self, *args: Any, **kwargs: Any) -> Tensor:
        return self._categorical._new(*args, **kwargs)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> constraints.Constraint:
        return constraints.multinomial(self.total_count)

    @property
    def logits(self) -> Tensor:
        """Logarithms of the probabilities."""
        return self._categorical.logits

    @property
    def probs(self) -> Tensor:
        """Probabilities."""
        return self._categorical.probs

    @property
    def param_shape(self) -> Size:
        """Shape of the parameter that was given."""
        return self._categorical.param_shape

    def sample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        shape = self._extended_shape(sample_shape)
        drawn = self._categorical.sample(Size((self.total_count, *sample_shape))).movedim(0, -1)
        counts = drawn.new_zeros(shape)
        counts.scatter_add_(-1, drawn, ember.ones_like(drawn))
        return counts.type_as(self.probs)

    def entropy(self) -> Tensor:
        n = ember.tensor(self.total_count, dtype=self.probs.dtype, device=self.probs.device)
        log_prob = self._binomial.log_prob(self._binomial.enumerate_support(expand=False)[1:])
        weights = self._binomial.enumerate_support(expand=False)[1:].add(1).lgamma()
        return n * self._categorical.entropy() - (n + 1).lgamma() + (log_prob.exp() * weights).sum([0, -1])

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        ways = ember.lgamma(value.sum(-1) + 1) - ember.lgamma(value + 1).sum(-1)
        # 0 log 0 is 0
        return ways + (logits.masked_fill((value == 0) & (logits == -math.inf), 0) * value).sum(-1)

"""The base of all distributions."""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

import ember

from .._C import Size, Tensor
from ..autograd import no_grad
from . import constraints
from .utils import lazy_property

D = TypeVar("D", bound="Distribution")

__all__ = ["Distribution"]


class Distribution:
    """A distribution over tensors: what is drawn has shape sample_shape + batch_shape + event_shape.

    Args:
        batch_shape: shape of the parameters: independent distributions that differ in them. Default: ()
        event_shape: shape of one draw from one of them. Default: ()
        validate_args: check parameters and values, at the cost of reading them. Default: True, without -O

    Raises:
        ValueError: if a parameter violates `arg_constraints`.
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args: bool = __debug__
    _param: Any

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Set whether distributions made from now on check their arguments.

        Raises:
            ValueError: if `value` is not a bool.
        """
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args(): value is {value!r}; expected True or False.")
        Distribution._validate_args = value

    def __init__(self, batch_shape: Any = Size(), event_shape: Any = Size(), validate_args: bool | None = None) -> None:  # noqa: B008
        self._batch_shape = batch_shape
        self._event_shape = event_shape
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._validate_parameters()
        super().__init__()

    def _validate_parameters(self) -> None:
        try:
            arg_constraints = self.arg_constraints
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `arg_constraints`. Please set `arg_constraints = {{}}` or initialize "
                "the distribution with `validate_args=False` to turn off validation.",
                stacklevel=4,
            )
            return
        for name, constraint in arg_constraints.items():
            if constraints.is_dependent(constraint):
                continue
            if name not in self.__dict__ and isinstance(getattr(type(self), name), lazy_property):
                continue
            value = getattr(self, name)
            if not constraint.check(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    def expand(self: D, batch_shape: Any, _instance: Any = None) -> D:
        """The same distributions in a larger batch; memory is shared.

        Args:
            batch_shape: shape to which the present one broadcasts.
        """
        raise NotImplementedError

    @property
    def batch_shape(self) -> Size:
        """Shape of the parameters."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """Shape of one draw."""
        return self._event_shape

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        """The parameters by name, and what each has to satisfy."""
        raise NotImplementedError

    @property
    def support(self) -> constraints.Constraint | None:
        """What all draws satisfy."""
        raise NotImplementedError

    @property
    def mean(self) -> Tensor:
        """Mean of the distribution."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """Where the density, or the probability, is largest."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """Variance of each element."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """Standard deviation of each element."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        """Draws of shape sample_shape + batch_shape + event_shape, outside the graph."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        """Draws through which gradients reach the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Tensor:
        """`n` draws; deprecated in favour of sample((n,))."""
        warnings.warn("sample_n(n) will be deprecated. Use .sample((n,)) instead", UserWarning, stacklevel=2)
        return self.sample(Size((n,)))

    def log_prob(self, value: Any) -> Tensor:
        """Logarithm of the density, or of the probability, at `value`."""
        raise NotImplementedError

    def cdf(self, value: Any) -> Tensor:
        """Probability of a draw of at most `value`."""
        raise NotImplementedError

    def icdf(self, value: Any) -> Tensor:
        """The number that a draw stays below with probability `value`."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution, along the first dim.

        Args:
            expand: give the batch dims their sizes instead of 1. Default: True
        """
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """Mean of -log_prob, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """exp(entropy)."""
        return ember.exp(self.entropy())

    def _extended_shape(self, sample_shape: Any = Size()) -> Size:  # noqa: B008
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        event_dims = len(self._event_shape)
        if value.shape[max(value.dim() - event_dims, 0) :] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        expected = Size((*self._batch_shape, *self._event_shape))
        for actual, needed in zip(reversed(value.shape), reversed(expected), strict=False):
            if actual != 1 and needed != 1 and actual != needed:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
                )
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `support` to enable sample validation. Please initialize the "
                "distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        assert support is not None
        if not support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        """`_instance`, or an empty instance of this class, which must be made as `cls` is."""
        if _instance is None and type(self).__init__ is not cls.__init__:  # type: ignore[misc]
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ method must also "
                "define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    def _expanded(self, cls: type, batch_shape: Any, _instance: Any) -> Any:
        """The new instance of `expand`, with those parameters that stand in this one, and `_param`, expanded."""
        new = self._get_checked_instance(cls, _instance)
        batch_shape = Size(batch_shape)
        of_class: Any = cls.arg_constraints  # type: ignore[attr-defined]
        for name, constraint in (self.arg_constraints if isinstance(of_class, property) else of_class).items():
            if name in self.__dict__:
                event_dims = 0 if constraints.is_dependent(constraint) else constraint.event_dim
                value = self.__dict__[name]
                setattr(new, name, value.expand((*batch_shape, *value.shape[value.dim() - event_dims :])))
        if "_param" in self.__dict__:
            new._param = new.__dict__["probs" if self._param is self.__dict__.get("probs") else "logits"]
        return self._finished(cls, new, batch_shape, self._event_shape)

    def _finished(self, cls: type, new: Any, batch_shape: Any, event_shape: Any = Size()) -> Any:  # noqa: B008
        """`new` with its shapes, its arguments unchecked, and this one's setting."""
        base: Any = super(cls, new)
        base.__init__(Size(batch_shape), event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def __repr__(self) -> str:
        given = [name for name in self.arg_constraints if name in self.__dict__]
        texts = [
            f"{name}: {self.__dict__[name] if self.__dict__[name].numel() == 1 else self.__dict__[name].size()}"
            for name in given
        ]
        return f"{type(self).__name__}({', '.join(texts)})"

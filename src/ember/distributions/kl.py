"""Kullback-Leibler divergences: the table of pairs and how a pair is found in it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import total_ordering
from typing import Any

from .._C import Tensor
from .distribution import Distribution

__all__ = ["kl_divergence", "register_kl"]

_KL_REGISTRY: dict[tuple[type, type], Callable[..., Any]] = {}
_KL_MEMOIZE: dict[tuple[type, type], Callable[..., Any]] = {}


def register_kl(type_p: Any, type_q: Any) -> Callable[[Any], Any]:
    """Decorator: the function gives KL(p || q) for p of `type_p` and q of `type_q` or classes derived from them.

    Args:
        type_p: a class of distributions, of this package or another's.
        type_q: a class of distributions.

    Raises:
        TypeError: if one is no class.
    """
    for name, given in (("type_p", type_p), ("type_q", type_q)):
        if not isinstance(given, type):
            raise TypeError(f"Expected {name} to be a Distribution subclass but got {given}")

    def register(function: Any) -> Any:
        _KL_REGISTRY[type_p, type_q] = function
        _KL_MEMOIZE.clear()  # what was found before may no longer be the nearest
        return function

    return register


@total_ordering
class _Match:
    """Classes, ordered by how near they are: a derived class comes before its bases."""

    def __init__(self, *types: type) -> None:
        self.types = types

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Match) and self.types == other.types

    def __le__(self, other: _Match) -> bool:
        for one, two in zip(self.types, other.types, strict=True):
            if not issubclass(one, two):
                return False
            if one is not two:
                break
        return True


def _dispatch_kl(type_p: type, type_q: type) -> Callable[..., Any]:
    """The function of the nearest pair of classes, or one that returns NotImplemented."""
    matches = [(p, q) for p, q in _KL_REGISTRY if issubclass(type_p, p) and issubclass(type_q, q)]
    if not matches:
        return lambda p, q: NotImplemented
    left_p, left_q = min(_Match(*match) for match in matches).types
    right_q, right_p = min(_Match(*reversed(match)) for match in matches).types
    left, right = _KL_REGISTRY[left_p, left_q], _KL_REGISTRY[right_p, right_q]
    if left is not right:
        warnings.warn(
            f"Ambiguous kl_divergence({type_p.__name__}, {type_q.__name__}). "
            f"Please register_kl({left_p.__name__}, {right_q.__name__})",
            RuntimeWarning,
            stacklevel=3,
        )
    return left


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    r"""Kullback-Leibler divergence of two distributions, in nats, in the shape of the batch.

    .. math::
        KL(p \| q) = \int p(x) \log(p(x) / q(x)) dx

    Args:
        p: the distribution whose draws are averaged over.
        q: the distribution that is compared with it.

    Raises:
        NotImplementedError: if no formula is known for the pair.

    Example:
        >>> import ember
        >>> from ember.distributions import Bernoulli, kl_divergence
        >>> kl_divergence(Bernoulli(0.5), Bernoulli(0.25))
        tensor(0.1438)
    """
    try:
        function = _KL_MEMOIZE[type(p), type(q)]
    except KeyError:
        function = _dispatch_kl(type(p), type(q))
        _KL_MEMOIZE[type(p), type(q)] = function
    result = function(p, q)
    if result is not NotImplemented:
        return result
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
    )

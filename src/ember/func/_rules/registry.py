"""What an operation does with batches: rules by its name, and the loop over samples where there is none.

A rule sees values: tensors with the batch in front where `batch.mapped` says so, by parameter. It returns what the
operation does, with the batch in front; an output that is the same for all samples as a tuple of it alone. A
composition sees the stand-ins themselves and is made of other operations; NotImplemented leaves the call to the rule.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ... import _C

ops = _C.ops

rules: dict[str, Callable[..., Any]] = {}
compositions: dict[str, Callable[..., Any]] = {}


class Batch:
    """A call of an operation with batches among its arguments.

    Attributes:
        name: of the operation.
        size: how many samples there are.
        randomness: what vmap was told.
        hidden: whether the outputs that only backward reads are wanted.
        mapped: for each parameter whether its tensor has the batch in front; for a list, a list of that.
    """

    __slots__ = ("hidden", "mapped", "name", "randomness", "size")

    def __init__(self, name: str, size: int, randomness: str, hidden: bool, mapped: Sequence[Any]) -> None:
        self.name = name
        self.size = size
        self.randomness = randomness
        self.hidden = hidden
        self.mapped = mapped

    def run(self, *args: Any) -> Any:
        """The operation itself."""
        return _C._run_operation(self.name, args, self.hidden)

    def full(self, i: int, tensor: Any) -> Any:
        """The tensor of parameter i with the batch in front, also where all samples have the same."""
        if tensor is None:
            return None
        value = tensor if self.mapped[i] else ops.expand(tensor, (self.size, *tensor.shape))
        return value.contiguous() if self.name.endswith("_backward") else value  # fused gradients know one order

    def rank(self, i: int, tensor: Any) -> int:
        """The number of dims of a sample."""
        return tensor.dim() - bool(self.mapped[i])

    def aligned(self, i: int, tensor: Any, rank: int) -> Any:
        """The tensor of parameter i, so that a sample broadcasts like one of `rank` dims."""
        missing = rank - self.rank(i, tensor)
        if not self.mapped[i] or missing <= 0:
            return tensor
        return ops.reshape(tensor, (tensor.shape[0], *[1] * missing, *tensor.shape[1:]))


def rule(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function (batch, *args) for operations."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        rules.update(dict.fromkeys(names, function))
        return function

    return register


def composition(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function (*args) of stand-ins for an operation."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        compositions[name] = function
        return function

    return register


def is_mapped(tensor: Any) -> bool:
    """Whether a stand-in differs between samples."""
    behind = None if tensor is None else _C._behind_stand_in(tensor)
    return behind is not None and behind[2]


def run_rule(name: str, size: int, randomness: str, hidden: bool, mapped: Sequence[Any], args: Sequence[Any]) -> Any:
    """An operation on batches; called for every one by csrc/bind/batching.cpp."""
    found: Callable[..., Any] = rules.get(name, by_sample)
    return found(Batch(name, size, randomness, hidden, mapped), *args)


def by_sample(batch: Batch, *args: Any) -> Any:
    """The operation sample by sample."""
    warnings.warn(
        f"There is a performance drop because vmap has no batching rule for {batch.name}: it runs sample by sample.",
        UserWarning,
        stacklevel=2,
    )
    return loop(batch, *args)


def loop(batch: Batch, *args: Any) -> Any:
    """The same without a warning."""
    results = [batch.run(*_sample(batch, args, i)) for i in range(batch.size)]
    if isinstance(results[0], _C.Tensor):
        return _stacked(results)
    return [None if column[0] is None else _stacked(column) for column in zip(*results, strict=True)]


def _stacked(samples: Sequence[Any]) -> Any:
    shapes = {tuple(sample.shape) for sample in samples}
    if len(shapes) > 1:
        raise RuntimeError(f"vmap(): results have shapes {sorted(shapes)}; expected the same for each sample.")
    return ops.stack(list(samples))


def _sample(batch: Batch, args: Sequence[Any], i: int) -> list[Any]:
    def at(value: Any, mapped: Any) -> Any:
        if isinstance(mapped, list):
            return [at(each, flag) for each, flag in zip(value, mapped, strict=True)]
        return ops.select(value, 0, i) if mapped else value

    return [at(value, mapped) for value, mapped in zip(args, batch.mapped, strict=True)]

"""Rules of random numbers, as `randomness` says."""

from __future__ import annotations

from typing import Any

from ...random import get_rng_state, set_rng_state
from .registry import Batch, composition, loop, ops, rule

ERROR = (
    "vmap(): called random operation while in randomness error mode; expected a function that draws no random numbers. "
    "Pass randomness='same' or 'different'."
)


def _check(batch: Batch) -> None:
    if batch.randomness == "error":
        raise RuntimeError(ERROR)


@rule("uniform", "_normal", "_bernoulli", "exponential", "geometric", "log_normal", "cauchy", "random")
def _filled(batch: Batch, x: Any, *rest: Any) -> Any:
    """Draws that do not depend on the numbers in x."""
    _check(batch)
    x = batch.full(0, x)
    if batch.randomness == "different":
        return batch.run(x, *rest)
    return ops.expand(batch.run(x[0], *rest), x.shape)


@rule("bernoulli", "poisson", "binomial", "_standard_gamma", "_sample_dirichlet")
def _drawn(batch: Batch, *args: Any) -> Any:
    """Draws for numbers in tensors."""
    _check(batch)
    count = 2 if batch.name == "binomial" else 1
    if batch.randomness == "different":
        rank = max(batch.rank(i, args[i]) for i in range(count))
        full = [batch.full(i, args[i]) for i in range(count)]
        shaped = [ops.reshape(x, (batch.size, *[1] * (rank + 1 - x.dim()), *x.shape[1:])) for x in full]
        return batch.run(*shaped, *args[count:])
    return _repeated(batch, *args)


def _repeated(batch: Batch, *args: Any) -> Any:
    """The same numbers of the generator for each sample."""
    before = get_rng_state()
    results = []
    for i in range(batch.size):
        set_rng_state(before)
        one = Batch(batch.name, 1, batch.randomness, batch.hidden, batch.mapped)
        picked = [
            ops.narrow(x, 0, i, 1) if mapped else x for x, mapped in zip(args, batch.mapped, strict=True)
        ]  # a batch of one
        results.append(loop(one, *picked))
    return ops.cat(results)


@rule("randperm")
def _randperm(batch: Batch, *args: Any) -> Any:
    _check(batch)
    return ops.stack([batch.run(*args) for _ in range(batch.size)])


@rule("_standard_gamma_grad", "_dirichlet_grad")
def _derivative(batch: Batch, *args: Any) -> Any:
    return batch.run(*(batch.full(i, x).contiguous() for i, x in enumerate(args)))


@rule("multinomial")
def _multinomial(batch: Batch, x: Any, count: int, *rest: Any) -> Any:
    _check(batch)
    if batch.randomness == "same":
        return _repeated(batch, x, count, *rest)
    x = batch.full(0, x)
    if x.dim() == 2:
        return batch.run(x, count, *rest)
    return ops.reshape(batch.run(ops.reshape(x, (-1, x.shape[-1])), count, *rest), (*x.shape[:-1], count))


@composition("dropout")
def _dropout(x: Any, p: float, training: bool, seed: Any, offset: Any) -> Any:
    # What is drawn is a tensor of the graph: the gradient would draw other numbers for the batch.
    if not training or p == 0:
        return ops.clone(x)
    if p == 1:
        return x * 0
    return x * (ops._bernoulli(x.detach(), 1 - p) * (1 / (1 - p)))

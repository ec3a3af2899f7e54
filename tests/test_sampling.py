"""Random draws: distributions, seeds, threads. Statistics are of fixed seeds; bounds are five standard errors."""

from __future__ import annotations

import numpy as np
import pytest

import ember
from ember.nn import functional as F

N = 200_000


def near(tensor, mean, deviation):
    values = tensor.double()
    count = values.numel()
    assert abs(values.mean().item() - mean) < 5 * deviation / count**0.5
    return values


DRAWS = {
    "uniform": (lambda t: t.uniform_(-1, 3), 1, 4 / 12**0.5),
    "normal": (lambda t: t.normal_(2, 3), 2, 3),
    "exponential": (lambda t: t.exponential_(2), 0.5, 0.5),
    "log_normal": (lambda t: t.log_normal_(0, 0.5), np.exp(0.125), np.exp(0.125) * (np.exp(0.25) - 1) ** 0.5),
    "geometric": (lambda t: t.geometric_(0.25), 4, 12**0.5),
    "bernoulli": (lambda t: t.bernoulli_(0.3), 0.3, 0.21**0.5),
    "random": (lambda t: t.random_(3, 7), 4.5, 1.25**0.5),
    "poisson": (lambda t: t.copy_(ember.poisson(ember.full_like(t, 3.5))), 3.5, 3.5**0.5),
    "large poisson": (lambda t: t.copy_(ember.poisson(ember.full_like(t, 60.0))), 60, 60**0.5),
}


@pytest.mark.parametrize("dtype", [ember.float32, ember.float64])
@pytest.mark.parametrize("fill, mean, deviation", DRAWS.values(), ids=DRAWS)
def test_distributions(fill, mean, deviation, dtype):
    values = near(fill(ember.empty(N, dtype=dtype)), mean, deviation)
    assert abs(values.std().item() / deviation - 1) < 0.03
    odd = fill(ember.zeros(67, 33, dtype=dtype).t()[:, ::2])  # any layout
    assert odd.shape == (33, 34)


def test_ranges():
    for dtype in (ember.float16, ember.bfloat16, ember.float32, ember.float64):
        values = ember.rand(N, dtype=dtype)
        assert values.min().item() >= 0 and values.max().item() < 1
    assert set(ember.randint(-2, 3, (1000,)).tolist()) == {-2, -1, 0, 1, 2}
    wide = ember.randint(-(2**62), 2**62, (1000,)).double()
    assert wide.min().item() < -(2**61) and wide.max().item() > 2**61
    assert ember.empty(1000, dtype=ember.int8).random_().min().item() >= 0
    assert (ember.empty(N).exponential_() > 0).all()
    assert abs(ember.empty(N).cauchy_(1, 2).median().item() - 1) < 0.05


def test_permutation():
    order = ember.randperm(1000)
    assert sorted(order.tolist()) == list(range(1000)) and order.tolist() != list(range(1000))
    places = ember.stack([ember.randperm(3) for _ in range(3000)])
    assert (abs(places.double().mean(0) - 1) < 0.1).all()


def test_multinomial():
    weights = ember.tensor([0.0, 1.0, 2.0, 3.0])
    drawn = ember.multinomial(weights, N, replacement=True)
    np.testing.assert_allclose(np.bincount(drawn.numpy(), minlength=4) / N, [0, 1 / 6, 1 / 3, 1 / 2], atol=0.006)
    rows = ember.multinomial(weights.expand(3000, 4), 3)
    assert all(sorted(row) == [1, 2, 3] for row in rows.tolist())
    np.testing.assert_allclose(np.bincount(rows[:, 0].numpy(), minlength=4) / 3000, [0, 1 / 6, 1 / 3, 1 / 2], atol=0.05)


def test_normal_of_tensors():
    assert ember.normal(ember.zeros(3), ember.ones(3)).shape == (3,)
    assert ember.normal(0.0, ember.ones(2, 1)).shape == (2, 1)
    assert ember.normal(1.0, 2.0, (2, 2)).shape == (2, 2)
    near(ember.normal(ember.full((N,), 5.0), 2.0), 5, 2)


def test_complex():
    drawn = ember.randn(N, dtype=ember.complex64)
    near(drawn.real, 0, 0.5**0.5)
    assert abs((drawn.abs() ** 2).mean().item() - 1) < 0.02


def test_seeds():
    ember.manual_seed(5)
    first = ember.randn(10)
    ember.manual_seed(5)
    assert (ember.randn(10) == first).all()
    generator = ember.Generator().manual_seed(5)
    assert (ember.randn(10, generator=generator) == first).all()
    assert (ember.randn(10, generator=generator) != first).all()


def test_threads_do_not_change_numbers():
    def draws():
        ember.manual_seed(1)
        results = [fill(ember.empty(100_001)) for fill, _, _ in DRAWS.values()]
        return [*results, ember.randperm(5000), F.dropout(ember.ones(100_001))]

    threads = ember.get_num_threads()
    try:
        ember.set_num_threads(1)
        alone = draws()
        ember.set_num_threads(3)
        assert all((a == b).all() for a, b in zip(alone, draws(), strict=True))
    finally:
        ember.set_num_threads(threads)


def test_dropout():
    x = ember.ones(N, requires_grad=True)
    out = F.dropout(x, 0.3)
    near(out.detach(), 1, (0.3 / 0.7) ** 0.5)
    out.sum().backward()
    assert (x.grad == out).all()  # the same mask
    assert F.dropout(x, 0.3, training=False).tolist() == x.tolist()
    assert (F.dropout(x, 1.0) == 0).all()
    y = ember.ones(100)
    assert F.dropout(y, 0.5, inplace=True) is y
    assert set(y.tolist()) == {0, 2}
    with pytest.raises(ValueError, match="between 0 and 1"):
        F.dropout(x, 1.5)


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda: ember.zeros(2).uniform_(2, 1), RuntimeError, "from=2 > to=1"),
        (lambda: ember.zeros(2).normal_(0, -1), RuntimeError, "std -1"),
        (lambda: ember.zeros(2).exponential_(0), RuntimeError, "lambda > 0"),
        (lambda: ember.zeros(2).bernoulli_(2), RuntimeError, "p=2"),
        (lambda: ember.zeros(2, dtype=ember.int64).normal_(), NotImplementedError, "int64"),
        (lambda: ember.randint(3, 3, (2,)), RuntimeError, "from=3 >= to=3"),
        (lambda: ember.bernoulli(ember.tensor([0.5, 1.5])), RuntimeError, "at position 1 is 1.5"),
        (lambda: ember.multinomial(ember.zeros(3), 1), RuntimeError, "sum of probabilities"),
        (lambda: ember.multinomial(ember.ones(3), 4), RuntimeError, "without replacement"),
        (lambda: ember.multinomial(-ember.ones(3), 1), RuntimeError, "element < 0"),
        (lambda: ember.poisson(ember.tensor([-1.0])), RuntimeError, "non-negative"),
        (lambda: ember.randperm(-1), RuntimeError, "non-negative"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_fork_rng_puts_the_generator_back():
    state = ember.get_rng_state()
    with ember.random.fork_rng(devices=[], enabled=True, device_type="cpu"):
        ember.rand(3)
    assert (ember.get_rng_state() == state).all()
    with ember.random.fork_rng(enabled=False):
        ember.rand(3)
    assert not (ember.get_rng_state() == state).all()

"""Scans of associative functions against loops."""

from __future__ import annotations

import itertools

import pytest

import ember
from ember._higher_order_ops import associative_scan


def looped(combine, x, reverse=False):
    order = list(range(len(x)))[::-1] if reverse else list(range(len(x)))
    results = {order[0]: x[order[0]]}
    for before, here in itertools.pairwise(order):
        results[here] = combine(results[before], x[here])
    return ember.stack([results[i] for i in range(len(x))])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 13])
def test_products_of_matrices(length, reverse):
    x = ember.randn(length, 2, 2, dtype=ember.float64)
    found = associative_scan(ember.matmul, x, 0, reverse=reverse, combine_mode="generic")
    assert ember.allclose(found, looped(ember.matmul, x, reverse))


def test_linear_recurrence_and_its_gradient():
    gate = ember.rand(2, 9, 3, dtype=ember.float64, requires_grad=True)
    step = ember.randn(2, 9, 3, dtype=ember.float64, requires_grad=True)

    def combine(a, b):
        return a[0] * b[0], a[1] * b[0] + b[1]

    states = associative_scan(combine, (gate, step), dim=1)[1]
    state, expected = ember.zeros(2, 3, dtype=ember.float64), []
    for t in range(9):
        state = gate[:, t] * state + step[:, t]
        expected.append(state)
    expected = ember.stack(expected, 1)
    assert ember.allclose(states, expected)
    for found, wanted in zip(
        ember.autograd.grad(states.square().sum(), (gate, step)),
        ember.autograd.grad(expected.square().sum(), (gate, step)),
        strict=True,
    ):
        assert ember.allclose(found, wanted)


def test_trees_and_errors():
    x = ember.arange(1.0, 5)
    found = associative_scan(lambda a, b: {"x": a["x"] + b["x"]}, {"x": x}, -1)
    assert found["x"].tolist() == [1, 3, 6, 10]
    with pytest.raises(ValueError, match="Combine_fn must be a callable"):
        associative_scan(1, x, 0)
    with pytest.raises(ValueError, match="Combine_mode must either 'pointwise' or 'generic'"):
        associative_scan(lambda a, b: a, x, 0, combine_mode="z")
    with pytest.raises(AssertionError, match="expected 1, but got 2"):
        associative_scan(lambda a, b: (a, b), x, 0)
    with pytest.raises(ValueError, match="expected as many in all"):
        associative_scan(lambda a, b: a, (x, x[:1]), 0)

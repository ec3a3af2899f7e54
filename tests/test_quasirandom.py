"""Sobol's sequence: SciPy's points, drawn in pieces."""

from __future__ import annotations

import copy

import pytest
from scipy.stats import qmc

import ember as torch
from ember.quasirandom import SobolEngine


@pytest.mark.parametrize("dimension", [1, 2, 7, 1000])
def test_points_are_those_of_the_sequence(dimension):
    engine = SobolEngine(dimension)
    pieces = torch.cat(
        [engine.draw(3, dtype=torch.float64), engine.draw(dtype=torch.float64), engine.draw_base2(2).double()]
    )
    expected = qmc.Sobol(dimension, scramble=False, bits=30).random(8)
    assert pieces.numpy().tolist() == expected.tolist()
    assert engine.num_generated == 8 and engine.draw(2).dtype == torch.float32
    assert engine.reset() is engine and engine.num_generated == 0
    assert engine.fast_forward(5).draw(3, dtype=torch.float64).tolist() == expected[5:].tolist()


def test_scrambled_points_follow_the_seed():
    first, again, other = (SobolEngine(3, scramble=True, seed=seed).draw(64) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert first.min() >= 0 and first.max() < 1
    for column in first.T:  # one point in each of 64 intervals: what makes the sequence even
        assert sorted((column * 64).long().tolist()) == list(range(64))
    torch.manual_seed(0)
    drawn = SobolEngine(3, scramble=True).draw(4)
    torch.manual_seed(0)
    assert torch.equal(drawn, SobolEngine(3, scramble=True).draw(4))


def test_out_and_copies():
    engine, out = SobolEngine(2), torch.empty(0, dtype=torch.float64)
    assert engine.draw(4, out=out) is out and out.shape == (4, 2)
    twin = copy.deepcopy(engine)
    assert torch.equal(engine.draw(4), twin.draw(4))
    assert repr(engine) == "SobolEngine(dimension=2)"
    assert repr(SobolEngine(2, scramble=True, seed=3)) == "SobolEngine(dimension=2, scramble=True, seed=3)"


def test_errors():
    for dimension in (0, 21202):
        with pytest.raises(ValueError, match=r"\[1, 21201\]"):
            SobolEngine(dimension)
    engine = SobolEngine(2)
    with pytest.raises(RuntimeError, match="n is 0"):
        engine.draw(0)
    with pytest.raises(NotImplementedError, match=r"torch\.float16"):
        engine.draw(1, dtype=torch.float16)
    engine.draw(1)
    with pytest.raises(ValueError, match="no power of 2"):
        engine.draw_base2(2)

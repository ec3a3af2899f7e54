"""Marks of quantization, which change nothing, and quantizing, which says that it is not here."""

from __future__ import annotations

import pytest

import ember
from ember.ao.quantization import DeQuantStub, QuantStub, QuantWrapper, convert


def test_marks_give_their_input() -> None:
    x = ember.ones(2)
    assert QuantStub()(x) is x and DeQuantStub("kept").qconfig == "kept"
    assert QuantWrapper(ember.nn.Identity())(x) is x


def test_quantizing_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"convert\(\): Ember does not quantize modules"):
        convert(ember.nn.Linear(1, 1))

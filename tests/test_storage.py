"""Storages as Python sees them."""

from __future__ import annotations

import sys

import ember


def test_the_size_of_the_object_counts_its_bytes() -> None:
    for make in (ember.Tensor.untyped_storage, ember.Tensor.storage):
        empty = sys.getsizeof(make(ember.zeros(0)))
        assert sys.getsizeof(make(ember.zeros(1000))) == empty + 4000

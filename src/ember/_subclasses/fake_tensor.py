"""Fake tensors, of which there are none: tensors on ``meta`` have shapes without values."""

from __future__ import annotations

from typing import Any

from .._absent import absent_class

_REASON = "Ember has no fake tensors. Hint: device='meta' gives shapes without values."

FakeTensor = absent_class("FakeTensor", _REASON)
FakeTensorMode = absent_class("FakeTensorMode", _REASON)


def is_fake(x: Any) -> bool:
    """False: no tensor is fake."""
    return False

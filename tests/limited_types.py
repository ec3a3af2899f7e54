"""The element types that few operations take, and what their tests share."""

from __future__ import annotations

import pytest

import ember
from ember import _C

UNSIGNED = [ember.uint16, ember.uint32, ember.uint64]
FLOAT8 = [
    ember.float8_e4m3fn,
    ember.float8_e5m2,
    ember.float8_e4m3fnuz,
    ember.float8_e5m2fnuz,
    ember.float8_e8m0fnu,
]
LIMITED = [*UNSIGNED, *FLOAT8, ember.complex32]
ALL = list(_C._DTYPES)

each_limited = pytest.mark.parametrize("dtype", LIMITED, ids=str)
each_float8 = pytest.mark.parametrize("dtype", FLOAT8, ids=str)
each_unsigned = pytest.mark.parametrize("dtype", UNSIGNED, ids=str)


def wide(dtype):
    """The type in which a limited one is computed."""
    return ember.complex64 if dtype.is_complex else ember.float32 if dtype.is_floating_point else ember.int64


def sample(dtype):
    return ember.tensor([[1, 2, 3], [4, 2, 6]]).to(wide(dtype)).to(dtype)

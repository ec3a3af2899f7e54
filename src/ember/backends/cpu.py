"""The processor."""

from __future__ import annotations

from .. import _C


def get_cpu_capability() -> str:
    """The instructions that kernels use: 'AVX2', 'AVX512' or 'DEFAULT'."""
    return _C._cpu_capability()

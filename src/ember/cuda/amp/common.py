"""Whether mixed precision on CUDA can work at all."""

from __future__ import annotations

from .. import is_available


def amp_definitely_not_available() -> bool:
    """True where there is no CUDA device."""
    return not is_available()

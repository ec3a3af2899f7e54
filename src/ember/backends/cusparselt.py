"""cuSPARSELt, which this build lacks."""

from __future__ import annotations


def is_available() -> bool:
    """False."""
    return False

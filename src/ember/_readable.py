"""Numbers as people read them."""

from __future__ import annotations


def bytes_text(size: float) -> str:
    """In bytes, kB, MB ... of 1000, as the errors of the allocator say it."""
    units = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")
    unit = 0
    while size >= 999.95 and unit < len(units) - 1:
        size /= 1000
        unit += 1
    return f"{size:.1f} {units[unit]}" if unit else f"{size:.0f} bytes"

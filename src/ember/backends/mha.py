"""The shortcut of attention modules in evaluation mode: Ember has one path, which is the fast one."""

from __future__ import annotations

_enabled = True


def get_fastpath_enabled() -> bool:
    """What `set_fastpath_enabled` was last told."""
    return _enabled


def set_fastpath_enabled(value: bool) -> None:
    """Kept; there is one path whatever is set."""
    global _enabled
    _enabled = value

"""What code that loads samples can ask about the worker that it runs in."""

from __future__ import annotations


def get_worker_info() -> None:
    """Describe the worker that runs the caller: None, as samples are loaded in the calling thread."""

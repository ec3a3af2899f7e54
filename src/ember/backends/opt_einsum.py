"""How einsum chooses the order of its products, where the package opt_einsum is installed."""

from __future__ import annotations

import functools
from typing import Any

enabled = True
strategy: str | None = "auto"


@functools.cache
def is_available() -> bool:
    """Whether opt_einsum can be imported."""
    import importlib.util

    return importlib.util.find_spec("opt_einsum") is not None


def get_opt_einsum() -> Any:
    """The package, or None."""
    import importlib

    return importlib.import_module("opt_einsum") if is_available() else None

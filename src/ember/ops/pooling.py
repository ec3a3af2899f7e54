"""A pool that PyTorch has beside that of nn.functional, with another result. The rest are records."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._composite import published


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """The largest elements of ``output_size`` windows of about equal length, and the positions where they stand.

    Shape: ``(*, L)`` to ``(*, output_size)``, twice.
    """
    return tuple(_C.ops._adaptive_max_pool1d(input, output_size))


published["adaptive_max_pool1d"] = adaptive_max_pool1d  # not a method

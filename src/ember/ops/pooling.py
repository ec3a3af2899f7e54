"""A pool that PyTorch has beside that of nn.functional, with another result. The rest are records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _C
from .._C import Tensor
from .._composite import published
from ..types import _size

if TYPE_CHECKING:
    pass


def adaptive_max_pool1d(input: Tensor, output_size: int | _size) -> tuple[Tensor, Tensor]:
    """The largest elements of ``output_size`` windows of about equal length, and the positions where they stand.

    Shape: ``(*, L)`` to ``(*, output_size)``, twice.
    """
    values, indices = _C.ops._adaptive_max_pool1d(input, output_size)
    return values, indices


published["adaptive_max_pool1d"] = adaptive_max_pool1d  # not a method

"""Types for annotations of functions that TorchScript would compile."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: F401, UP035  (packages take these from here)

from .. import _C

Tensor = _C.Tensor


class BroadcastingList1:
    """``BroadcastingList2[int]``: a number, or a list of as many as the name says."""

    def __class_getitem__(cls, types: Any) -> None:
        return None


class BroadcastingList2(BroadcastingList1):
    """Two numbers, or one for both."""


class BroadcastingList3(BroadcastingList1):
    """Three numbers, or one for all."""


class BroadcastingList4(BroadcastingList1):
    """Four numbers, or one for all."""


class BroadcastingList5(BroadcastingList1):
    """Five numbers, or one for all."""


class BroadcastingList6(BroadcastingList1):
    """Six numbers, or one for all."""

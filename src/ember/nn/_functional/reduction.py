"""The last step of a loss: the mean, the sum, or every element."""

from __future__ import annotations

import warnings
from typing import Any


def reduced(loss: Any, reduction: str) -> Any:
    """``loss`` after ``"mean"``, ``"sum"`` or ``"none"``."""
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise ValueError(f"{reduction} is not a valid value for reduction")


def reduction_of(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction that the two older arguments ask for, with a warning; ``reduction`` where they are absent."""
    if size_average is None and reduce is None:
        return reduction
    meant = "sum" if size_average is False else "mean"
    if reduce is False:
        meant = "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.", stacklevel=3
    )
    return meant

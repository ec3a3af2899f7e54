"""Mixed precision: operations that gain from 16-bit types run in them, the others stay in float32.

Example:
    >>> model, x = ember.nn.Linear(4, 2), ember.randn(3, 4)
    >>> with ember.autocast("cpu"):
    ...     print(model(x).dtype)
    torch.bfloat16
"""

from __future__ import annotations

from .autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from .grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]

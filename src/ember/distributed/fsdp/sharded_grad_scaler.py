"""Scaling of gradients that are shared out."""

from __future__ import annotations

from .._names import absent_classes

globals().update(absent_classes("distributed.fsdp.sharded_grad_scaler", ("ShardedGradScaler",)))

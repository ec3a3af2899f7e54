"""The inner module of `distributed.fsdp` from which packages import."""

from __future__ import annotations

from . import FullyShardedDataParallel as FullyShardedDataParallel
from .api import *  # noqa: F403

"""The parts of a loader: collating samples, fetching batches, what a worker knows."""

from . import collate, fetch, pin_memory, worker
from .worker import MP_STATUS_CHECK_INTERVAL

__all__ = ["MP_STATUS_CHECK_INTERVAL", "collate", "fetch", "pin_memory", "worker"]

"""The parts of a loader: collating samples, fetching batches, what a worker knows."""

from . import collate, fetch, pin_memory, worker

__all__ = ["collate", "fetch", "pin_memory", "worker"]

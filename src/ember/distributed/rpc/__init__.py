"""Calls in other processes, of which there are none."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(
    absent_functions("distributed.rpc", ("get_worker_info", "init_rpc", "remote", "rpc_async", "rpc_sync", "shutdown"))
)
globals().update(
    absent_classes("distributed.rpc", ("BackendType", "RRef", "TensorPipeRpcBackendOptions", "WorkerInfo"))
)


def is_available() -> bool:
    """False: Ember computes in one process."""
    return False

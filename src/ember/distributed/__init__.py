"""Training in several processes, which this build lacks: `is_available` says so, what needs a group fails clearly."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from ._names import absent_classes, absent_functions, of_a_group
from ._reduce_op import ReduceOp as ReduceOp


def is_available() -> bool:
    """False: Ember computes in one process."""
    return False


def is_initialized() -> bool:
    """False: there is no process group."""
    return False


def is_nccl_available() -> bool:
    """False."""
    return False


def is_gloo_available() -> bool:
    """False."""
    return False


def is_mpi_available() -> bool:
    """False."""
    return False


def is_ucc_available() -> bool:
    """False."""
    return False


def is_xccl_available() -> bool:
    """False."""
    return False


def is_backend_available(backend: str) -> bool:
    """False: there are no backends."""
    return False


def is_torchelastic_launched() -> bool:
    """Whether a launcher has started this process as one of several: it has set ``TORCHELASTIC_RUN_ID``."""
    import os

    return os.environ.get("TORCHELASTIC_RUN_ID") is not None


class Backend(str):
    """The name of a way to exchange tensors, in lower case."""

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    XCCL = "xccl"
    UCC = "ucc"
    MPI = "mpi"
    default_device_backend_map = {"cpu": GLOO, "cuda": NCCL, "xpu": XCCL, "mps": GLOO}

    def __new__(cls, name: str) -> Backend:
        if not isinstance(name, str):
            raise ValueError(f"Backend(): name is {name!r}; expected a string.")
        return super().__new__(cls, name.lower())


def destroy_process_group(group: Any = None) -> None:
    """AssertionError: there is no group that could end."""
    raise AssertionError("distributed.destroy_process_group(): there is no process group; ask is_initialized() first.")


class group:
    """The group of all processes: None, as there is none."""

    WORLD = None


class GroupMember:
    """Marks of membership in a group."""

    WORLD = None
    NON_GROUP_MEMBER = -100


globals().update(
    of_a_group(
        (
            *("all_gather", "all_gather_coalesced", "all_gather_into_tensor", "all_gather_object", "all_reduce"),
            *("all_reduce_coalesced", "all_to_all", "all_to_all_single", "barrier", "batch_isend_irecv", "broadcast"),
            *("broadcast_object_list", "gather", "gather_object", "get_backend"),
            *("get_global_rank", "get_group_rank", "get_process_group_ranks", "get_rank", "get_world_size", "irecv"),
            *("isend", "monitored_barrier", "new_group", "recv", "recv_object_list", "reduce", "reduce_scatter"),
            *("reduce_scatter_tensor", "scatter", "scatter_object_list", "send", "send_object_list"),
        )
    )
)
globals().update(absent_functions("distributed", ("init_process_group", "init_device_mesh", "new_subgroups")))
globals().update(
    absent_classes(
        "distributed",
        ("DeviceMesh", "FileStore", "HashStore", "P2POp", "PrefixStore", "ProcessGroup", "Store", "TCPStore", "Work"),
    )
)


def __getattr__(name: str) -> Any:
    if not name.startswith("__") and importlib.util.find_spec(f"{__name__}.{name}"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

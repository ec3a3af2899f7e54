"""Training in several processes, which this build lacks: `is_available` says so; a group of one process can be made."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from ._names import absent_classes, absent_functions
from ._one_process import *  # noqa: F403
from ._one_process import GroupMember as GroupMember
from ._one_process import group as group
from ._one_process import is_initialized as is_initialized
from ._reduce_op import ReduceOp as ReduceOp


def is_available() -> bool:
    """False: Ember computes in one process."""
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


globals().update(absent_functions("distributed", ("init_device_mesh", "new_subgroups")))
globals().update(
    absent_classes(
        "distributed",
        ("DeviceMesh", "FileStore", "P2POp", "PrefixStore", "Store", "TCPStore"),
    )
)


def __getattr__(name: str) -> Any:
    if not name.startswith("__") and importlib.util.find_spec(f"{__name__}.{name}"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

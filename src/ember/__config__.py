"""What this build is made of."""

from __future__ import annotations

from . import _C


def show() -> str:
    """The processor's instructions that kernels use, and the libraries that compute."""
    return f"Ember built with:\n  - CPU capability usage: {_C._cpu_capability()}\n  - oneDNN\n  - OpenMP\n"


def parallel_info() -> str:
    """The number of threads, and where they come from."""
    import os

    count = _C.get_num_threads()
    asked = "\n".join(
        f"\t{name} : {os.environ.get(name, '[not set]')}" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    )
    return (
        f"Ember parallel:\n\tget_num_threads() : {count}\nEnvironment variables:\n{asked}\nParallel backend: OpenMP\n"
    )

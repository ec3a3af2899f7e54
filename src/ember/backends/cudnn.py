"""cuDNN, which this build lacks: settings are kept, so that scripts can set them, and do nothing."""

from __future__ import annotations

import contextlib
from typing import Any

from ._settings import Settings, changed

enabled = True
benchmark = False
benchmark_limit: int | None = None
deterministic = False
allow_tf32 = True
fp32_precision = "none"
depthwise_kernel = "auto"
conv = Settings(fp32_precision="tf32")
rnn = Settings(fp32_precision="tf32")

# Of cuDNN's types of numbers: none.
CUDNN_TENSOR_DTYPES: set[Any] = set()


def is_available() -> bool:
    """False."""
    return False


def version() -> None:
    """None: there is no cuDNN."""


def is_acceptable(tensor: Any) -> bool:
    """False: cuDNN cannot compute with the tensor."""
    return False


def flags(
    enabled: bool = False,
    benchmark: bool = False,
    benchmark_limit: int = 10,
    deterministic: bool = False,
    allow_tf32: bool = True,
    fp32_precision: str = "none",
    depthwise_kernel: str = "auto",
) -> contextlib.AbstractContextManager[None]:
    """Change all settings within a block."""
    return changed(
        globals(),
        enabled=enabled,
        benchmark=benchmark,
        benchmark_limit=benchmark_limit,
        deterministic=deterministic,
        allow_tf32=allow_tf32,
        fp32_precision=fp32_precision,
        depthwise_kernel=depthwise_kernel,
    )


def set_flags(
    _enabled: bool | None = None,
    _benchmark: bool | None = None,
    _benchmark_limit: int | None = None,
    _deterministic: bool | None = None,
    _allow_tf32: bool | None = None,
    _fp32_precision: str = "none",
) -> tuple[Any, ...]:
    """Change the settings that are given; returns what they were."""
    names = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32", "fp32_precision")
    given = (_enabled, _benchmark, _benchmark_limit, _deterministic, _allow_tf32, _fp32_precision)
    before = tuple(globals()[name] for name in names)
    globals().update({name: value for name, value in zip(names, given, strict=True) if value is not None})
    return before

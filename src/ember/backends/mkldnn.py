"""oneDNN, which computes matrix products and convolutions on the CPU. Settings are kept and do nothing."""

from __future__ import annotations

import contextlib

from ._settings import Settings, changed

VERBOSE_OFF, VERBOSE_ON, VERBOSE_ON_CREATION = 0, 1, 2

enabled = True
deterministic = False
allow_tf32: bool | None = None
fp32_precision = "none"
matmul = Settings(fp32_precision="none")
conv = Settings(fp32_precision="none")
rnn = Settings(fp32_precision="none")


def is_available() -> bool:
    """True."""
    return True


def flags(
    enabled: bool = False, deterministic: bool = False, allow_tf32: bool = True, fp32_precision: str = "none"
) -> contextlib.AbstractContextManager[None]:
    """Change all settings within a block."""
    return changed(
        globals(), enabled=enabled, deterministic=deterministic, allow_tf32=allow_tf32, fp32_precision=fp32_precision
    )

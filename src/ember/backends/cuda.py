"""CUDA's libraries, which this build lacks: settings are kept, so that scripts can set them, and do nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .. import settings
from ._settings import Settings


class _MatrixProducts(Settings):
    """Settings of float32 products; `allow_tf32` is another view of `torch.get_float32_matmul_precision`."""

    @property
    def allow_tf32(self) -> bool:
        return settings.get_float32_matmul_precision() != "highest"

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "allow_tf32":
            settings.set_float32_matmul_precision("high" if value else "highest")
        else:
            super().__setattr__(name, value)


matmul = _MatrixProducts(
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
    allow_fp16_accumulation=False,
    fp32_precision="none",
)
cufft_plan_cache = Settings(max_size=0, size=0)

_kernels = Settings(cudnn=True, flash=True, math=True, mem_efficient=True, reduced=False)


def is_built() -> bool:
    """False: this build has no CUDA."""
    return False


def flash_sdp_enabled() -> bool:
    """What `enable_flash_sdp` was last told."""
    return _kernels.flash


def enable_flash_sdp(enabled: bool) -> None:
    """Let attention use the flash kernel on CUDA; kept, without effect on the CPU."""
    _kernels.flash = bool(enabled)


def mem_efficient_sdp_enabled() -> bool:
    """What `enable_mem_efficient_sdp` was last told."""
    return _kernels.mem_efficient


def enable_mem_efficient_sdp(enabled: bool) -> None:
    """Let attention use the memory-efficient kernel on CUDA; kept, without effect on the CPU."""
    _kernels.mem_efficient = bool(enabled)


def math_sdp_enabled() -> bool:
    """What `enable_math_sdp` was last told."""
    return _kernels.math


def enable_math_sdp(enabled: bool) -> None:
    """Let attention be composed on CUDA; kept, without effect on the CPU."""
    _kernels.math = bool(enabled)


def cudnn_sdp_enabled() -> bool:
    """What `enable_cudnn_sdp` was last told."""
    return _kernels.cudnn


def enable_cudnn_sdp(enabled: bool) -> None:
    """Let attention use cuDNN; kept, without effect on the CPU."""
    _kernels.cudnn = bool(enabled)


def fp16_bf16_reduction_math_sdp_allowed() -> bool:
    """What `allow_fp16_bf16_reduction_math_sdp` was last told."""
    return _kernels.reduced


def allow_fp16_bf16_reduction_math_sdp(enabled: bool) -> None:
    """Let composed attention add in 16 bits on CUDA; kept, without effect on the CPU."""
    _kernels.reduced = bool(enabled)


def is_flash_attention_available() -> bool:
    """False: the kernel is CUDA's."""
    return False


@contextlib.contextmanager
def sdp_kernel(
    enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True, enable_cudnn: bool = True
) -> Iterator[None]:
    """Change the kernels of attention on CUDA within a block; without effect on the CPU."""
    before = dict(vars(_kernels))
    vars(_kernels).update(flash=enable_flash, math=enable_math, mem_efficient=enable_mem_efficient, cudnn=enable_cudnn)
    try:
        yield
    finally:
        vars(_kernels).update(before)


def preferred_linalg_library(backend: Any = None) -> str:
    """'default': there is nothing to choose from."""
    return "default"


preferred_blas_library = preferred_linalg_library

"""What computes: oneDNN and OpenMP here; settings of what is not there are kept and do nothing."""

from __future__ import annotations

from . import (
    cpu,
    cuda,
    cudnn,
    cusparselt,
    kleidiai,
    mha,
    miopen,
    mkl,
    mkldnn,
    mps,
    nnpack,
    openmp,
    opt_einsum,
    quantized,
)
from ._settings import Settings

fp32_precision = "none"

__all__ = [
    *("cpu", "cuda", "cudnn", "cusparselt", "kleidiai", "mha", "miopen", "mkl", "mkldnn", "mps", "nnpack", "openmp"),
    *("opt_einsum", "quantized"),
]

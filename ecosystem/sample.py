"""Values for the jobs that do not depend on a library's random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def values(*shape: int, seed: int = 0) -> torch.Tensor:
    """Standard normal numbers, the same under every library."""
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))


def labels(count: int, classes: int) -> torch.Tensor:
    """Class numbers, each in turn."""
    return torch.arange(count) % classes


def filled(module: torch.nn.Module) -> Any:
    """The module with parameters that are the same under every library, weights at the scale of 1 / sqrt(fan in)."""
    with torch.no_grad():
        for seed, (name, parameter) in enumerate(module.named_parameters()):
            fresh = values(*parameter.shape, seed=seed)
            if parameter.dim() > 1:
                fresh /= max(1, parameter[0].numel()) ** 0.5
            else:
                fresh = 0.1 * fresh + float(name.endswith("weight"))
            parameter.copy_(fresh)
    return module


def gradient_norm(module: torch.nn.Module) -> float:
    """Euclidean norm of all gradients together."""
    return float(sum(p.grad.double().square().sum() for p in module.parameters() if p.grad is not None)) ** 0.5

"""Runs one job, ``python worker.py jobs/einops.py``, and prints its numbers and its seconds for run.py."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROUNDS = 3  # the fastest counts


def load(path: Path) -> Any:
    """The module of a job, which has its package's name: its folder must not be searched for modules."""
    spec = importlib.util.spec_from_file_location(f"job_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def described(result: Any) -> list[float]:
    """A number or a list as it is; of a tensor its size, mean, mean magnitude, first and last element."""
    if not isinstance(result, torch.Tensor):
        return np.asarray(result, dtype=np.float64).ravel().tolist()
    flat = result.detach().double().flatten()
    return [float(flat.numel()), float(flat.mean()), float(flat.abs().mean()), float(flat[0]), float(flat[-1])]


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(2)
    job = load(Path(sys.argv[1])).job
    seconds, results = [], {}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        results = job()
        seconds.append(time.perf_counter() - start)
    numbers = {name: described(result) for name, result in results.items()}
    print("RESULT", json.dumps({"numbers": numbers, "seconds": min(seconds)}))


if __name__ == "__main__":
    main()

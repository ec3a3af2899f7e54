"""Runs one job under PyTorch, to compare with: ``python reference.py jobs/einops.py``.

torchvision's compiled extension loads beside one build of PyTorch only; without it the package does not even import.
Where it does not load, the operators that the jobs need are defined here.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import torch
import worker


def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """The boxes that no box of higher score overlaps by more than the threshold, best first."""
    kept: list[int] = []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for index in scores.argsort(descending=True).tolist():
        low, high = boxes[kept, :2].maximum(boxes[index, :2]), boxes[kept, 2:].minimum(boxes[index, 2:])
        shared = (high - low).clamp(min=0).prod(dim=1)
        if not (shared / (areas[kept] + areas[index] - shared) > iou_threshold).any():
            kept.append(index)
    return torch.tensor(kept)


def define_operators(job: str) -> None:
    """Sees to it that torchvision imports, where it is installed."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return
    try:
        torch.ops.load_library(str(next(Path(spec.origin).parent.glob("_C*"))))
    except OSError:
        schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        torch.library.define("torchvision::nms", schema)
        torch.library.define("torchvision::qnms", schema)
        torch.library.impl("torchvision::nms", "cpu", nms)
        if job == "torchvision":
            import torchvision

            torchvision.extension._has_ops = lambda: True


def main() -> None:
    define_operators(Path(sys.argv[1]).stem)
    worker.main()


if __name__ == "__main__":
    main()

"""A sampler for training in several processes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ... import _C
from .dataset import Dataset
from .sampler import Sampler


class DistributedSampler(Sampler[int]):
    """The share of one process: every ``num_replicas``-th index, from ``rank`` on.

    All shares are equally long: indices from the start are repeated, or with ``drop_last`` the last ones left out.

    Args:
        dataset: the dataset.
        num_replicas: number of processes.
        rank: which of them this is, in [0, num_replicas).
        shuffle: draw a new order each epoch, the same in all processes. Default: True
        seed: of that order; it must be the same in all processes. Default: 0
        drop_last: leave indices out rather than repeat some. Default: False

    Raises:
        ValueError: if ``num_replicas`` or ``rank`` is not given, or ``rank`` is out of range.

    Example:
        >>> from ember.utils.data import DistributedSampler
        >>> list(DistributedSampler(range(5), num_replicas=2, rank=1, shuffle=False))
        [1, 3, 0]
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise ValueError(
                f"DistributedSampler(): num_replicas is {num_replicas} and rank is {rank}; without a process group "
                "both must be given."
            )
        if rank >= num_replicas or rank < 0:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        count: int = len(dataset)  # type: ignore[arg-type]
        self.num_samples = count // num_replicas if drop_last else math.ceil(count / num_replicas)
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self) -> Iterator[int]:
        count: int = len(self.dataset)  # type: ignore[arg-type]
        if self.shuffle:
            generator = _C.Generator()
            generator.manual_seed(self.seed + self.epoch)
            from ... import randperm

            indices = randperm(count, generator=generator).tolist()
        else:
            indices = list(range(count))
        if self.total_size > count:
            indices *= math.ceil(self.total_size / max(count, 1))
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next; without it every epoch has the same one."""
        self.epoch = epoch

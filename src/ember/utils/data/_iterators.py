"""Epochs of a loader: its batches, loaded in the calling thread or ahead by workers."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from ... import _C
from ._utils.fetch import TensorBatches
from ._utils.pin_memory import pin_memory as pinned
from ._utils.progress import Progress, Rewound, passed
from ._utils.worker import (
    MP_STATUS_CHECK_INTERVAL,
    ExceptionWrapper,
    Job,
    Task,
    _DatasetKind,
    _IterableDatasetStopIteration,
    _ResumeIteration,
    batch_seed,
    skipped,
)
from .sampler import draw_seed

if TYPE_CHECKING:
    from .dataloader import DataLoader


class _BaseDataLoaderIter:
    """One epoch of a loader."""

    _shutdown = False  # whether it has ended its workers

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._dataset = loader.dataset
        self._dataset_kind = loader._dataset_kind
        self._IterableDataset_len_called = loader._IterableDataset_len_called
        self._auto_collation = loader._auto_collation
        self._drop_last = loader.drop_last
        self._index_sampler = loader._index_sampler
        self._num_workers = loader.num_workers
        self._pin_memory = loader.pin_memory and _has_device()
        self._pin_memory_device = loader.pin_memory_device or None
        self._timeout = loader.timeout
        self._collate_fn = loader.collate_fn
        self._persistent_workers = loader.persistent_workers
        self._tensors: TensorBatches | None = None
        if self._dataset_kind == _DatasetKind.Map and self._auto_collation:
            self._tensors = TensorBatches.of(self._dataset, self._collate_fn)
        self._begin(loader)
        if loader.pin_memory and not self._pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
                stacklevel=4,
            )

    def __iter__(self) -> _BaseDataLoaderIter:
        return self

    def _begin(self, loader: DataLoader[Any]) -> None:
        """Draw the order and the seed of an epoch, or those of the one that the loader is to go on with."""
        readers = self._num_workers if self._dataset_kind == _DatasetKind.Iterable else 0
        resumed = getattr(loader, "_resumed", None)
        self._progress = Progress(loader, readers, resumed)
        if resumed is None:
            self._sampler_iter = self._draw(loader)
        else:
            with Rewound(loader, self._progress):
                self._sampler_iter = self._draw(loader)
                if self._dataset_kind == _DatasetKind.Map:
                    self._sampler_iter = passed(self._sampler_iter, self._progress)
            loader._resumed = None
        self._num_yielded = self._progress.yielded
        loader._progress = self._progress

    def _draw(self, loader: DataLoader[Any]) -> Iterator[tuple[int, Any]]:
        indices = iter(self._index_sampler) if self._tensors is None else self._tensors.rows(self._index_sampler)
        self._base_seed = draw_seed(loader.generator)
        return enumerate(indices)

    def _reset(self, loader: DataLoader[Any], first_iter: bool = False) -> None:
        self._IterableDataset_len_called = loader._IterableDataset_len_called
        self._begin(loader)

    def _next_index(self) -> tuple[int, Any]:
        """The number of the next batch in the epoch, and its indices."""
        return next(self._sampler_iter)

    def _next_data(self) -> Any:
        raise NotImplementedError

    def __next__(self) -> Any:
        try:
            data = self._next_data()
        except StopIteration:
            self._progress.running = False
            raise
        self._num_yielded += 1
        if self._IterableDataset_len_called is not None and self._num_yielded > self._IterableDataset_len_called:
            warnings.warn(
                f"Length of IterableDataset {self._dataset} was reported to be {self._IterableDataset_len_called} "
                f"(when accessing len(dataloader)), but {self._num_yielded} samples have been fetched.",
                stacklevel=2,
            )
        return pinned(data, self._pin_memory_device) if self._pin_memory else data

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __getstate__(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} cannot be pickled")


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """Loads in the calling thread."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        if self._timeout != 0:
            raise AssertionError(f"DataLoader: timeout is {self._timeout}; without workers it must be 0.")
        if self._tensors is not None:
            return
        self._generator = _C.Generator()
        self._generator.manual_seed(self._base_seed)
        before = _C._use_generator(self._generator)
        try:
            self._dataset_fetcher = _DatasetKind.create_fetcher(
                self._dataset_kind, self._dataset, self._auto_collation, self._collate_fn, self._drop_last
            )
            if self._dataset_kind == _DatasetKind.Iterable:
                for _ in range(self._progress.yielded):
                    skipped(self._dataset_fetcher, self._next_index()[1])
        finally:
            _C._use_generator(before)

    def _next_data(self) -> Any:
        number, indices = self._next_index()
        if self._tensors is not None:
            self._progress.count(number)
            return self._tensors.gather(indices)
        if self._dataset_kind == _DatasetKind.Map:
            self._generator.manual_seed(batch_seed(self._base_seed, number))
        before = _C._use_generator(self._generator)
        try:
            data = self._dataset_fetcher.fetch(indices)
        finally:
            _C._use_generator(before)
            self._progress.count(number)
        return data


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Lets workers load ahead: threads, or processes where the loader has a ``multiprocessing_context``."""

    # Small batches of tensors go in groups: to hand one over costs as much as to gather many.
    _GROUP_BYTES = 1 << 20
    _LARGEST_GROUP = 64

    def __init__(self, loader: DataLoader[Any]) -> None:
        if loader.num_workers <= 0 or not loader.prefetch_factor:
            raise AssertionError(
                f"DataLoader: num_workers is {loader.num_workers} and prefetch_factor {loader.prefetch_factor}; with "
                "workers both must be greater than 0."
            )
        super().__init__(loader)
        self._prefetch_factor = loader.prefetch_factor
        self._in_order = getattr(loader, "in_order", True)
        self._group = 1
        if self._tensors is not None:
            batch_bytes = max(1, self._tensors.batch_bytes(self._index_sampler))
            self._group = max(1, min(self._LARGEST_GROUP, self._GROUP_BYTES // batch_bytes))
        job = Job(
            self._dataset_kind,
            self._dataset,
            self._auto_collation,
            self._collate_fn,
            self._drop_last,
            loader.worker_init_fn,
            self._num_workers,
            self._base_seed,
            self._tensors,
        )
        self._team = _team(job, loader.multiprocessing_context)
        self._start_epoch()

    @property
    def _workers(self) -> list[Any]:
        """The threads or processes."""
        return self._team.members

    def _start_epoch(self) -> None:
        stream = self._dataset_kind == _DatasetKind.Iterable
        # Of each worker, the numbers of the batches of each task that it has; and whose tasks they are, in their order.
        self._tasks: list[deque[list[int]]] = [deque() for _ in range(self._num_workers)]
        self._order: deque[int] = deque()
        self._loaded: deque[tuple[int, int, Any]] = deque()  # worker, number, batch
        self._ended = [False] * self._num_workers  # streams
        self._exhausted = False  # the sampler
        self._next_worker = self._progress.next_worker
        for worker in range(self._num_workers):
            skip = self._progress.of_worker[worker] if stream else 0
            self._team.send(worker, _ResumeIteration(self._base_seed, skip))
        self._fill()

    def _reset(self, loader: DataLoader[Any], first_iter: bool = False) -> None:
        while self._order:  # what an epoch that was left early had asked for
            self._receive()
        super()._reset(loader, first_iter)
        self._start_epoch()

    def _free_worker(self) -> int | None:
        """The worker that gets the next task. In order they take turns, so that the order does not depend on time."""
        for i in range(self._num_workers):
            worker = (self._next_worker + i) % self._num_workers
            if self._ended[worker]:
                continue
            if len(self._tasks[worker]) < self._prefetch_factor and self._team.has_room(worker):
                return worker
            if self._in_order:
                return None
        return None

    def _fill(self) -> None:
        """Let every worker have as many tasks as it may load ahead."""
        while not self._exhausted and (worker := self._free_worker()) is not None:
            batches = list(islice(self._sampler_iter, self._group))
            if not batches:
                self._exhausted = True
                return
            self._team.send(worker, Task(batches))
            self._tasks[worker].append([number for number, _ in batches])
            self._order.append(worker)
            self._next_worker = (worker + 1) % self._num_workers

    def _receive(self) -> None:
        """Wait for the next result."""
        workers = [self._order[0]] if self._in_order else list(dict.fromkeys(self._order))
        try:
            worker, results = self._team.receive(workers, self._timeout)
        except BaseException:
            self._shutdown_workers(patience=0)
            raise
        self._order.remove(worker)
        for number, result in zip(self._tasks[worker].popleft(), results, strict=True):
            if isinstance(result, _IterableDatasetStopIteration):
                self._ended[worker] = True
            else:
                self._loaded.append((worker, number, result))

    def _next_data(self) -> Any:
        if self._shutdown and not self._exhausted:
            raise RuntimeError("DataLoader: the workers of this iterator have ended. Begin a new epoch: iter(loader).")
        while not self._loaded:
            self._fill()
            if not self._order:
                self._exhausted = True
                if not self._persistent_workers:
                    self._shutdown_workers()
                raise StopIteration
            self._receive()
            self._fill()
        worker, number, data = self._loaded.popleft()
        if self._dataset_kind == _DatasetKind.Iterable:
            self._progress.count_of_worker(worker)
        else:
            self._progress.count(number)
        if isinstance(data, ExceptionWrapper):
            data.reraise()
        return data

    def _shutdown_workers(self, patience: float = MP_STATUS_CHECK_INTERVAL) -> None:
        """End the workers; ``patience`` is how many seconds they have to do so by themselves."""
        if not self._shutdown:
            self._shutdown = True
            self._team.stop(patience)

    def __del__(self) -> None:
        if hasattr(self, "_team"):
            self._shutdown_workers()


def _has_device() -> bool:
    from ... import cuda

    return bool(cuda.is_available())


def _team(job: Job, context: Any) -> Any:
    """The workers: threads, or processes that ``context`` starts."""
    if context is None:
        from ._utils.threads import ThreadWorkers

        return ThreadWorkers(job)
    from ._utils.processes import ProcessWorkers

    return ProcessWorkers(job, context)

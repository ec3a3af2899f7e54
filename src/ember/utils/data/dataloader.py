"""The loader: batches of a dataset, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from ... import _C
from ._iterators import _BaseDataLoaderIter, _MultiProcessingDataLoaderIter, _SingleProcessDataLoaderIter
from ._utils.collate import default_collate, default_convert
from ._utils.progress import Progress, checked
from ._utils.worker import _DatasetKind, get_worker_info
from .dataset import Dataset, IterableDataset
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

_T_co = TypeVar("_T_co", covariant=True)


class _InfiniteConstantSampler(Sampler[Any]):
    """None without end: the indices of a stream, which ends by itself."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class DataLoader(Generic[_T_co]):
    """Batches of a dataset. Each ``iter(loader)`` is a new epoch.

    Batches and their order depend on the seed alone, not on who loads them: 0, 1 or more workers, threads or processes.
    Random numbers that a sample draws are a stream of its batch, seeded with what the epoch's seed and the batch's
    number give; workers begin with ``base_seed + worker_id``, and what ``worker_init_fn`` seeds otherwise stays so.
    That holds for ``ember``'s numbers everywhere, and for those of ``random`` and ``numpy.random`` in processes; in the
    calling thread and in threads those two are the program's own, and ``get_worker_info().rng`` has a thread's.

    Workers are threads, unless ``multiprocessing_context`` asks for processes. Threads share what the dataset holds and
    start at once, but Python code of theirs runs by turns; reading files, decoding images and kernels run side by side.
    Processes run Python side by side. With "spawn" and "forkserver" each has a copy of the dataset's Python objects,
    and its tensors and arrays are in memory that all share. With "fork" objects are shared until a reference count
    changes, which is to write to them: a long list of small objects is copied little by little, so keep such data in an
    array or tensor, or use threads. From a :class:`TensorDataset`, or a :class:`Subset` of one, whole batches are
    gathered at once.

    Args:
        dataset: samples by index, or an :class:`IterableDataset`, which each worker reads by itself:
            :func:`get_worker_info` tells it which part is its own.
        batch_size: samples in a batch; None yields single samples. Default: 1
        shuffle: draw a new random order each epoch. Default: None, which is False
        sampler: indices in the order in which samples are wanted, in place of ``shuffle``. Default: None
        batch_sampler: lists of indices, in place of ``batch_size``, ``shuffle``, ``sampler`` and ``drop_last``.
            Default: None
        num_workers: how many workers load ahead; 0 loads in the calling thread. Default: 0
        collate_fn: makes a batch of a list of samples. Default: None, which is :func:`default_collate`
        pin_memory: put batches into memory that a device can read directly, where there is a device. Default: False
        drop_last: leave out a last batch that is not full. Default: False
        timeout: seconds to wait for a batch of a worker; 0 waits without end, but not for a dead one. Default: 0
        worker_init_fn: called in each worker with its number before it loads anything. Default: None
        multiprocessing_context: "spawn", "forkserver", "fork", or a context of ``multiprocessing``, for workers
            that are processes. Default: None, which is threads
        generator: source of the random numbers; None is the default one. Default: None
        prefetch_factor: batches that each worker loads ahead; of tensors, small batches go in groups.
            Default: None, which is 2
        persistent_workers: keep the workers from epoch to epoch. Default: False
        pin_memory_device: the device that pinned memory is for. Default: ``""``
        in_order: give batches in the order of the sampler; False gives them as they are ready. Default: True

    Raises:
        ValueError: for options that contradict each other.
        RuntimeError: in an epoch, if a worker dies, or gives no batch in time; the message names it.

    Example:
        >>> import ember
        >>> from ember.utils.data import DataLoader, TensorDataset
        >>> dataset = TensorDataset(ember.arange(5))
        >>> [batch.tolist() for (batch,) in DataLoader(dataset, batch_size=2, num_workers=2)]
        [[0, 1], [2, 3], [4]]
    """

    _iterator: _BaseDataLoaderIter | None = None  # of persistent workers
    _progress: Progress | None = None  # of the latest epoch
    _resumed: dict[str, Any] | None = None  # from where the next epoch goes on
    __initialized = False

    def __init__(
        self,
        dataset: Dataset[_T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: _C.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._dataset_kind = _DatasetKind.Iterable if isinstance(dataset, IterableDataset) else _DatasetKind.Map
        if self._dataset_kind == _DatasetKind.Iterable:
            _check_stream(shuffle, sampler, batch_sampler)
        shuffle = bool(shuffle)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            sampler = self._standard_sampler(shuffle, generator)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_collate if self._auto_collation else default_convert)
        self.persistent_workers = persistent_workers
        self._IterableDataset_len_called: int | None = None
        self.__initialized = True

    def _standard_sampler(self, shuffle: bool, generator: _C.Generator | None) -> Sampler[Any]:
        if self._dataset_kind == _DatasetKind.Iterable:
            return _InfiniteConstantSampler()
        if shuffle:
            return RandomSampler(self.dataset, generator=generator)  # type: ignore[arg-type]
        return SequentialSampler(self.dataset)  # type: ignore[arg-type]

    def __setattr__(self, attr: str, val: Any) -> None:
        fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        if self.__initialized and attr in fixed:
            raise ValueError(f"{attr} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(attr, val)

    @property
    def multiprocessing_context(self) -> Any:
        """How worker processes are started; None where workers are threads, or there are none."""
        return self.__multiprocessing_context

    @multiprocessing_context.setter
    def multiprocessing_context(self, multiprocessing_context: Any) -> None:
        if multiprocessing_context is not None and self.num_workers == 0:
            raise ValueError(
                "multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
                f"but got num_workers={self.num_workers}"
            )
        self.__multiprocessing_context = _context(multiprocessing_context)

    @property
    def _auto_collation(self) -> bool:
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        return self.batch_sampler if self._auto_collation else self.sampler

    def _get_iterator(self) -> _BaseDataLoaderIter:
        return _SingleProcessDataLoaderIter(self) if self.num_workers == 0 else _MultiProcessingDataLoaderIter(self)

    def __iter__(self) -> _BaseDataLoaderIter:
        iterator = self._iterator
        if iterator is None or iterator._shutdown:
            iterator = self._get_iterator()
            if self.persistent_workers and self.num_workers > 0:
                self._iterator = iterator
        else:
            iterator._reset(self)
        return iterator

    def state_dict(self) -> dict[str, Any]:
        """What :meth:`load_state_dict` needs to go on after the last batch that was given out.

        The state has numbers, lists and uint8 tensors, and is small: it does not hold the order, but the states of the
        generators from which the order was drawn when the epoch began.

        Returns:
            Between epochs an empty dict. Within one:

            - ``yielded``: how many batches were given out. What workers had loaded beyond will be loaded again.
            - ``ahead``: with ``in_order=False``, numbers of further batches that were given out.
            - ``of_worker``, ``next_worker``: of a stream with workers, the batches of each and whose turn it is.
            - ``sampler_epoch``: what ``set_epoch`` had set, or None.
            - ``generators``: states of the default generator, and of those that loader and samplers were given.
            - ``process_states``: those of ``random`` and ``numpy.random``, for samplers that are not this package's.
        """
        if self._progress is None:
            return dict(self._resumed or {})
        return self._progress.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next epoch give exactly the batches that were left when :meth:`state_dict` was called.

        The loader must be made as the saved one was; of a dataset with indices the number of workers may differ. A
        stream is read again up to that point. Samplers are asked for their order again: what draws random numbers not
        when the epoch begins but while the program draws others, or from somewhere else, will not give the same.

        Args:
            state_dict: a state of :meth:`state_dict`.

        Raises:
            ValueError: if it is no such state; or, when the next epoch begins, if the loader does not fit it.

        Example:
            >>> from ember.utils.data import DataLoader
            >>> loader = DataLoader(range(10), batch_size=2, shuffle=True)
            >>> batches = iter(loader)
            >>> first = next(batches)
            >>> state = loader.state_dict()
            >>> left = [batch.tolist() for batch in batches]
            >>> loader.load_state_dict(state)
            >>> [batch.tolist() for batch in loader] == left
            True
        """
        self._resumed = checked(state_dict) or None
        self._progress = None

    def __len__(self) -> int:
        if self._dataset_kind == _DatasetKind.Iterable:
            length = self._IterableDataset_len_called = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is not None:
                return length // self.batch_size if self.drop_last else -(-length // self.batch_size)
            return length
        return len(self._index_sampler)


def _check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool) -> None:
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing. "
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")


def _context(given: Any) -> Any:
    """The context of ``multiprocessing`` that a string names."""
    if given is None:
        return None
    import multiprocessing

    if isinstance(given, str):
        methods = multiprocessing.get_all_start_methods()
        if given not in methods:
            raise ValueError(
                f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                f"multiprocessing_context={given!r}"
            )
        return multiprocessing.get_context(given)
    if not isinstance(given, multiprocessing.context.BaseContext):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string specifying the start method, "
            f"but got multiprocessing_context={given}"
        )
    return given


def _check_stream(shuffle: bool | None, sampler: Any, batch_sampler: Any) -> None:
    for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )

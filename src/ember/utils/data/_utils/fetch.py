"""Fetching batches: sample by sample, or gathered at once from tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .... import _C
from ...._layout import contiguous_format
from ..dataset import Subset, TensorDataset
from ..sampler import BatchSampler, index_tensor, whole_numbers, whole_order
from .collate import default_collate

Tensor = _C.Tensor


class _BaseDatasetFetcher:
    def __init__(self, dataset: Any, auto_collation: bool, collate_fn: Callable[..., Any], drop_last: bool) -> None:
        self.dataset = dataset
        self.auto_collation = auto_collation
        self.collate_fn = collate_fn
        self.drop_last = drop_last

    def fetch(self, possibly_batched_index: Any) -> Any:
        raise NotImplementedError


class _IterableDatasetFetcher(_BaseDatasetFetcher):
    def __init__(self, dataset: Any, auto_collation: bool, collate_fn: Callable[..., Any], drop_last: bool) -> None:
        super().__init__(dataset, auto_collation, collate_fn, drop_last)
        self.dataset_iter = iter(dataset)
        self.ended = False

    def fetch(self, possibly_batched_index: Any) -> Any:
        if self.ended:
            raise StopIteration
        if not self.auto_collation:
            return self.collate_fn(next(self.dataset_iter))
        data = []
        for _ in possibly_batched_index:
            try:
                data.append(next(self.dataset_iter))
            except StopIteration:
                self.ended = True
                break
        if not data or (self.drop_last and len(data) < len(possibly_batched_index)):
            raise StopIteration
        return self.collate_fn(data)


class _MapDatasetFetcher(_BaseDatasetFetcher):
    def fetch(self, possibly_batched_index: Any) -> Any:
        if not self.auto_collation:
            data = self.dataset[possibly_batched_index]
        elif getattr(self.dataset, "__getitems__", None):
            data = self.dataset.__getitems__(possibly_batched_index)
        else:
            data = [self.dataset[index] for index in possibly_batched_index]
        return self.collate_fn(data)


class Rows(NamedTuple):
    """The rows of a dataset's tensors that make a batch, checked and whole."""

    chosen: Tensor | range


class TensorBatches:
    """Batches of a dataset that consists of tensors, equal to what collating its samples one by one gives.

    Args:
        tensors: the tensors, of equal first size.
        chosen: which of their rows, in which order, a subset has; None for all of them.
    """

    def __init__(self, tensors: tuple[Tensor, ...], chosen: Tensor | None) -> None:
        self.tensors = tensors
        self.chosen = chosen

    @staticmethod
    def of(dataset: Any, collate_fn: Callable[..., Any]) -> TensorBatches | None:
        """The batches of ``dataset``; None where its samples, or the way of collating them, are not standard."""
        if collate_fn is not default_collate:
            return None
        chosen = None
        while type(dataset) is Subset and whole_numbers(dataset.indices):
            rows = index_tensor(dataset.indices)
            chosen = rows if chosen is None else rows.index_select(0, chosen)
            dataset = dataset.dataset
        if type(dataset) is not TensorDataset or any(type(tensor) is not Tensor for tensor in dataset.tensors):
            return None
        return TensorBatches(dataset.tensors, chosen)

    def rows(self, batch_sampler: Any) -> Iterator[Any]:
        """For each batch of one epoch what :meth:`gather` takes: :class:`Rows`, or indices as samplers give them.

        With the standard samplers the rows are pieces of one tensor that holds the whole order.
        """
        order = whole_order(batch_sampler.sampler) if type(batch_sampler) is BatchSampler else None
        if order is None:
            yield from batch_sampler
            return
        if self.chosen is not None:
            order = self.chosen if isinstance(order, range) else self.chosen.index_select(0, order)
        size, total = batch_sampler.batch_size, len(order)
        for start in range(0, total, size):
            length = min(size, total - start)
            if length < size and batch_sampler.drop_last:
                return
            if isinstance(order, range):
                yield Rows(order[start : start + length])
            else:
                yield Rows(order.narrow(0, start, length))

    def gather(self, indices: Any) -> list[Tensor]:
        """The batch of what :meth:`rows` gives for it."""
        if type(indices) is not Rows:
            return self._gather(indices)
        chosen = indices.chosen
        if isinstance(chosen, range):  # a copy: a batch changed in place must not change the dataset
            start, length = chosen.start, len(chosen)
            return [tensor.narrow(0, start, length).clone(memory_format=contiguous_format) for tensor in self.tensors]
        return [tensor.index_select(0, chosen) for tensor in self.tensors]

    def gather_all(self, group: list[Any]) -> list[list[Tensor]] | None:
        """The batches of several, gathered without the interpreter's lock; None where that is not possible."""
        rows = [indices.chosen for indices in group if type(indices) is Rows and type(indices.chosen) is Tensor]
        return _C._gather_batches(self.tensors, rows) if len(rows) == len(group) else None

    def batch_bytes(self, batch_sampler: Any) -> int:
        """About how large a batch is."""
        size = getattr(batch_sampler, "batch_size", None) or 1
        return int(size * sum(tensor[:1].numel() * tensor.element_size() for tensor in self.tensors))

    def _gather(self, indices: Any) -> list[Tensor]:
        if not whole_numbers(indices):  # negative numbers, slices, masks
            samples = [[tensor[self._row(index)] for tensor in self.tensors] for index in indices]
            return default_collate(samples)
        rows = index_tensor(indices)
        if self.chosen is not None:
            rows = self.chosen.index_select(0, rows)
        return [tensor.index_select(0, rows) for tensor in self.tensors]

    def _row(self, index: Any) -> Any:
        return index if self.chosen is None else self.chosen[index]

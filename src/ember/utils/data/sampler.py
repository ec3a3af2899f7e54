"""Samplers: in which order a loader takes the samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

from ... import _C

Tensor = _C.Tensor
Generator = _C.Generator

_T_co = TypeVar("_T_co", covariant=True)

# Random indices are drawn with replacement this many at a time, so that a stream of any length needs little memory.
_CHUNK = 32


def draw_seed(generator: Generator | None = None) -> int:
    """A seed from a generator's own stream: an integer in [0, 2**63)."""
    from ... import empty

    return int(empty((), dtype=_C.int64).random_(generator=generator).item())


class Sampler(Generic[_T_co]):
    """Base of samplers: a subclass overrides ``__iter__`` to yield indices, or lists of them, and ``__len__``."""

    def __iter__(self) -> Iterator[_T_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """All indices, always in the same order.

    Args:
        data_source: the dataset.
    """

    data_source: Sized

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Indices in random order. With one seed the order is always the same.

    Args:
        data_source: the dataset.
        replacement: draw each index anew from all of them. Default: False
        num_samples: how many indices; None is the length of the dataset. Default: None
        generator: source of the random numbers; None makes one for each epoch, seeded by the default one. Default: None

    Raises:
        TypeError: if ``replacement`` is not a bool.
        ValueError: if there is nothing to draw.
    """

    data_source: Sized
    replacement: bool

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={self.num_samples}")

    @property
    def num_samples(self) -> int:
        """How many indices an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def _epoch_generator(self) -> Generator:
        if self.generator is not None:
            return self.generator
        generator = Generator()
        generator.manual_seed(draw_seed())
        return generator

    def __iter__(self) -> Iterator[int]:
        from ... import randint, randperm

        n = len(self.data_source)
        generator = self._epoch_generator()
        missing = self.num_samples
        while missing > 0:
            if self.replacement:
                indices = randint(0, n, (min(_CHUNK, missing),), dtype=_C.int64, generator=generator)
            else:
                indices = randperm(n, generator=generator)
            yield from indices.tolist()[:missing]
            missing -= len(indices)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """Given indices in random order.

    Args:
        indices: the indices.
        generator: source of the random numbers; None is the default one. Default: None
    """

    indices: Sequence[int]

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in self._permutation().tolist():
            yield self.indices[i]

    def _permutation(self) -> Tensor:
        from ... import randperm

        return randperm(len(self.indices), generator=self.generator)

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Indices ``0 .. len(weights) - 1``, drawn with the given probabilities.

    Args:
        weights: a weight for each index; they need not sum to 1.
        num_samples: how many indices.
        replacement: an index may come again. Default: True
        generator: source of the random numbers; None is the default one. Default: None

    Raises:
        ValueError: for a bad ``num_samples`` or ``replacement``, or weights that are not one-dimensional.
    """

    weights: Tensor
    num_samples: int
    replacement: bool

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={num_samples}")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        from ... import as_tensor

        tensor = as_tensor(weights, dtype=_C.float64)
        if tensor.dim() != 1:
            raise ValueError(f"weights should be a 1d sequence but given weights have shape {tuple(tensor.shape)}")
        self.weights = tensor
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        yield from self._drawn().tolist()

    def _drawn(self) -> Tensor:
        from ... import multinomial

        return multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of ``batch_size``.

    Args:
        sampler: the sampler, or any iterable of indices.
        batch_size: indices in a batch.
        drop_last: leave out a last batch that is not full.

    Example:
        >>> from ember.utils.data import BatchSampler
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    sampler: Sampler[int] | Iterable[int]
    batch_size: int
    drop_last: bool

    def __init__(self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count: int = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def whole_order(sampler: Any) -> Tensor | range | None:
    """All indices that ``iter(sampler)`` would yield, drawn at once: a tensor, or a range of indices in a row.

    None for samplers whose order only iteration tells: users' own, and drawing with replacement without end in sight.
    """
    from ... import randperm

    kind = type(sampler)
    if kind is SequentialSampler:
        return range(len(sampler.data_source))
    if kind is RandomSampler and not sampler.replacement and sampler.num_samples == len(sampler.data_source):
        return randperm(sampler.num_samples, generator=sampler._epoch_generator())
    if kind is SubsetRandomSampler and whole_numbers(sampler.indices):
        return index_tensor(sampler.indices).index_select(0, sampler._permutation())
    if kind is WeightedRandomSampler:
        return sampler._drawn()
    return None


def whole_numbers(indices: Any) -> bool:
    """Whether ``indices`` is a list, tuple or range of plain integers that are not negative."""
    if isinstance(indices, range):
        return not indices or min(indices[0], indices[-1]) >= 0
    return isinstance(indices, (list, tuple)) and all(type(index) is int and index >= 0 for index in indices)


def index_tensor(indices: Sequence[int]) -> Tensor:
    """``indices`` as a tensor for ``index_select``."""
    from ... import tensor

    return tensor(list(indices), dtype=_C.int64)

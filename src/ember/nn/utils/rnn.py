"""Batches of sequences of different lengths: padded to one length, or packed step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ... import _C
from ..._C import Tensor
from ...ops.creation import arange, empty_like, full
from ...ops.from_data import as_tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]

_ops = _C.ops


class PackedSequence_(NamedTuple):
    """The fields of :class:`PackedSequence`."""

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(PackedSequence_):
    """Sequences of different lengths, longest first, stored step by step with no padding; recurrent layers take it as
    input.

    The functions of this module make it.

    Args:
        data: the first elements of all sequences, then the second ones, ..., ``(sum of lengths, *)``.
        batch_sizes: ``(T)``, int64, on the CPU: how many sequences have each step.
        sorted_indices: ``(N)``: where the sequences stood before they were sorted by length. Default: None, as they
            are.
        unsorted_indices: ``(N)``: the inverse of it. Default: computed.

    Example:
        >>> packed = ember.nn.utils.rnn.pack_sequence([ember.tensor([1, 2, 3]), ember.tensor([4])])
        >>> packed.data, packed.batch_sizes
        (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:  # PackedSequence((data, batch_sizes))
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                f"PackedSequence(): batch_sizes is on {batch_sizes.device}; it should always be on CPU. Make packed "
                "sequences with pack_sequence() or pack_padded_sequence()."
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The data converted as ``Tensor.to`` does it, the indices moved along; self where nothing changes."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = (each if each is None else each.to(data.device) for each in self[2:])
        return type(self)(data, self.batch_sizes, *indices)

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """A copy on a GPU."""
        return self if self.is_cuda else self.to(self.data.cuda(*args, **kwargs).device)

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """A copy on the CPU; self where it is there."""
        return self.to("cpu", *args, **kwargs)

    def double(self) -> PackedSequence:
        """The data as float64."""
        return self.to(dtype=_C.float64)

    def float(self) -> PackedSequence:
        """The data as float32."""
        return self.to(dtype=_C.float32)

    def half(self) -> PackedSequence:
        """The data as float16."""
        return self.to(dtype=_C.float16)

    def long(self) -> PackedSequence:
        """The data as int64."""
        return self.to(dtype=_C.int64)

    def int(self) -> PackedSequence:
        """The data as int32."""
        return self.to(dtype=_C.int32)

    def short(self) -> PackedSequence:
        """The data as int16."""
        return self.to(dtype=_C.int16)

    def char(self) -> PackedSequence:
        """The data as int8."""
        return self.to(dtype=_C.int8)

    def byte(self) -> PackedSequence:
        """The data as uint8."""
        return self.to(dtype=_C.uint8)

    def pin_memory(self) -> PackedSequence:
        """The same in page-locked memory."""
        return type(self)(self.data.pin_memory(), self.batch_sizes, *self[2:])

    def is_pinned(self) -> bool:
        """Whether the data is in page-locked memory."""
        return bool(self.data.is_pinned())

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a GPU."""
        return bool(self.data.is_cuda)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another: ``result[permutation[i]] = i``; None gives None.

    Example:
        >>> ember.nn.utils.rnn.invert_permutation(ember.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    order = arange(permutation.numel(), device=permutation.device)
    return empty_like(permutation).scatter_(0, permutation, order.to(permutation.dtype))


def _has_step(lengths: Any, steps: int) -> Any:
    """(T, N): whether sequence n has a step t."""
    return arange(steps).unsqueeze(1) < lengths


def _check_lengths(lengths: Any, steps: int, batch: int, enforce_sorted: bool) -> None:
    if lengths.dim() != 1 or lengths.device.type != "cpu":
        raise RuntimeError(
            f"pack_padded_sequence(): lengths is a {lengths.dim()}-d tensor on {lengths.device}; expected a 1-d "
            "tensor on cpu, or a list."
        )
    if lengths.numel() != batch:
        raise RuntimeError(
            f"pack_padded_sequence(): {lengths.numel()} lengths are given for a batch size of {batch}; expected as "
            "many."
        )
    values = lengths.tolist()
    if min(values) <= 0:
        raise RuntimeError(
            f"pack_padded_sequence(): length of sequence {values.index(min(values))} is {min(values)}; all lengths "
            "have to be greater than 0."
        )
    if max(values) > steps:
        raise RuntimeError(
            f"pack_padded_sequence(): length of sequence {values.index(max(values))} is {max(values)}; the input has "
            f"{steps} steps."
        )
    longer = [i for i, (earlier, later) in enumerate(pairwise(values), 1) if later > earlier]
    if enforce_sorted and longer:
        raise RuntimeError(
            f"pack_padded_sequence(): lengths are not sorted in decreasing order, as enforce_sorted=True expects: "
            f"sequence {longer[0]} has {values[longer[0]]}, the one before {values[longer[0] - 1]}. Use "
            "enforce_sorted=False."
        )


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch of sequences, without the padding.

    Args:
        input: ``(T, N, *)``, or ``(N, T, *)`` with ``batch_first``.
        lengths: of the sequences, a list or an int64 tensor on the CPU, each in [1, T].
        batch_first: the batch is the first dim. Default: ``False``.
        enforce_sorted: the sequences must stand longest first; otherwise they are sorted. Default: ``True``.

    Raises:
        RuntimeError: there are more or fewer lengths than sequences, one is outside [1, T], or they are not sorted.

    Example:
        >>> padded = ember.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]])
        >>> pack = ember.nn.utils.rnn.pack_padded_sequence
        >>> pack(padded, [2, 1, 3], batch_first=True, enforce_sorted=False).data
        tensor([4, 1, 3, 5, 2, 6])
    """
    if not isinstance(input, _C.Tensor):
        raise TypeError(f"pack_padded_sequence(): argument 'input' must be Tensor, not {type(input).__name__}.")
    lengths = as_tensor(lengths).long()
    if input.dim() < 2:
        raise IndexError(
            f"pack_padded_sequence(): input has {input.dim()} dims (shape {tuple(input.shape)}); expected at least 2."
        )
    if input.numel() == 0:
        raise RuntimeError(
            f"pack_padded_sequence(): input of shape {tuple(input.shape)} is empty. Cannot pack empty tensors."
        )
    if batch_first:
        input = input.transpose(0, 1)
    _check_lengths(lengths, input.shape[0], input.shape[1], enforce_sorted)
    sorted_indices = None
    if not enforce_sorted:
        lengths, sorted_indices = lengths.sort(descending=True)
        sorted_indices = sorted_indices.to(input.device)
        input = input.index_select(1, sorted_indices)
    has_step = _has_step(lengths, int(lengths[0]))
    rows = has_step.flatten().nonzero().squeeze(1)
    data = input.flatten(0, 1).index_select(0, rows.to(input.device))
    return PackedSequence(data, has_step.sum(1), sorted_indices)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Unpack to a padded batch: the inverse of :func:`pack_padded_sequence`.

    Args:
        sequence: the packed sequences.
        batch_first: the result is ``(N, T, *)``. Default: ``False``, ``(T, N, *)``.
        padding_value: what fills the ends of shorter sequences. Default: 0.
        total_length: T. Default: the longest sequence's length.

    Returns:
        the padded batch and the lengths, int64 ``(N)``, in the order that the sequences had before packing.

    Raises:
        ValueError: a sequence is longer than ``total_length``.
    """
    data, batch_sizes, _, unsorted_indices = sequence
    steps, batch = batch_sizes.numel(), int(batch_sizes[0])
    if total_length is not None and total_length < steps:
        raise ValueError(
            f"pad_packed_sequence(): total_length is {total_length}; expected total_length to be at least the length "
            f"of the longest sequence, {steps}."
        )
    lengths = (batch_sizes > arange(batch).unsqueeze(1)).sum(1)
    total = steps if total_length is None else total_length
    rows = _has_step(lengths, total).flatten().nonzero().squeeze(1).to(data.device)
    padding = full((total * batch, *data.shape[1:]), padding_value, dtype=data.dtype, device=data.device)
    padded = padding.index_copy(0, rows, data).unflatten(0, (total, batch))
    if unsorted_indices is not None:
        padded = padded.index_select(1, unsorted_indices)
        lengths = lengths[unsorted_indices.cpu()]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def pad_sequence(
    sequences: Tensor | Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Stack sequences of different lengths, filled up to the longest.

    Args:
        sequences: tensors ``(L_i, *)``.
        batch_first: the result is ``(N, T, *)``. Default: ``False``, ``(T, N, *)``.
        padding_value: what fills the shorter sequences. Default: 0.
        padding_side: ``"right"`` or ``"left"``: where the filling stands. Default: ``"right"``.

    Example:
        >>> pad_sequence = ember.nn.utils.rnn.pad_sequence
        >>> pad_sequence([ember.tensor([1, 2, 3]), ember.tensor([4])], batch_first=True)
        tensor([[1, 2, 3],
                [4, 0, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence(): expected iterable for input sequences, but got arg of type: {type(sequences)}."
        )
    each = list(sequences)
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"pad_sequence(): padding_side is {padding_side}; expected left or right.")
    if not each:
        raise RuntimeError("pad_sequence(): received an empty list of sequences; expected at least one.")
    for i, sequence in enumerate(each):
        if not isinstance(sequence, _C.Tensor):
            raise TypeError(f"pad_sequence(): expected Tensor as element {i}, but got {type(sequence).__name__}.")
        if sequence.dim() == 0 or sequence.shape[1:] != each[0].shape[1:]:
            raise RuntimeError(
                f"pad_sequence(): sequence {i} has shape {tuple(sequence.shape)}, sequence 0 {tuple(each[0].shape)}; "
                "all dims but the first must agree."
            )
    first, count = each[0], len(each)
    lengths = as_tensor([sequence.shape[0] for sequence in each])
    longest = int(lengths.max())
    step = arange(longest) - (longest - lengths.unsqueeze(1) if padding_side == "left" else 0)  # (T) or (N, T)
    places = (step >= 0) & (step < lengths.unsqueeze(1))  # (N, T)
    grid = arange(count * longest).reshape((count, longest) if batch_first else (longest, count))
    rows = (grid if batch_first else grid.t()).masked_select(places).to(first.device)
    data = _ops.cat([sequence.to(first.dtype) for sequence in each])
    padding = full((count * longest, *first.shape[1:]), padding_value, dtype=first.dtype, device=first.device)
    return padding.index_copy(0, rows, data).unflatten(0, tuple(grid.shape))


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded batch: the inverse of :func:`pad_sequence`.

    Args:
        padded_sequences: ``(T, N, *)``, or ``(N, T, *)`` with ``batch_first``.
        lengths: of the sequences, ``(N)``.
        batch_first: the batch is the first dim. Default: ``False``.
    """
    padded = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [sequence[:length].clone() for sequence, length in zip(padded, as_tensor(lengths).tolist(), strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences of different lengths.

    Args:
        sequences: tensors ``(L_i, *)``, not empty.
        enforce_sorted: the sequences must stand longest first; otherwise they are sorted. Default: ``True``.

    Example:
        >>> ember.nn.utils.rnn.pack_sequence([ember.tensor([1, 2]), ember.tensor([3])]).data
        tensor([1, 3, 2])
    """
    lengths = as_tensor([sequence.shape[0] for sequence in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences in their first order: the inverse of :func:`pack_sequence`."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)

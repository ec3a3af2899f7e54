"""Functions that make nested tensors."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._layout import jagged, layout, strided
from ..ops.from_data import tensor as tensor_of
from ._tensor import NestedTensor, Rows, counted, integers

Tensor = _C.Tensor
_ops = _C.ops


def _expect_layout(name: str, wanted: Any) -> Any:
    wanted = strided if wanted is None else wanted
    if wanted is not strided and wanted is not jagged:
        raise RuntimeError(
            f"{name}(): Specified layout is unsupported for nested tensors: {wanted}; expected torch.strided or "
            "torch.jagged."
        )
    return wanted


def _ragged_dimension(name: str, rows: list[Any], wanted: layout) -> int:
    """The dim of the nested tensor in which the rows differ; 1 where they do not."""
    shapes = [tuple(each.shape) for each in rows]
    if len({len(each) for each in shapes}) != 1:
        counts = [len(each) for each in shapes]
        raise RuntimeError(f"{name}(): All Tensors must have the same dimension; they have {counts}.")
    if len({each.dtype for each in rows}) != 1 and wanted is jagged:
        kinds = sorted({str(each.dtype) for each in rows})
        raise RuntimeError(f"{name}(): all tensors in the list must have the same dtype; they have {', '.join(kinds)}.")
    different = [dim + 1 for dim, sizes in enumerate(zip(*shapes, strict=True)) if len(set(sizes)) > 1]
    if len(different) > 1 or not shapes[0]:
        error = RuntimeError if wanted is jagged else NotImplementedError
        raise error(
            f"{name}(): the tensors have shapes {', '.join(str(each) for each in shapes[:4])}; expected at least one "
            "dimension, and one alone in which they differ."
        )
    return different[0] if different else 1


def _nested_of(name: str, rows: list[Any], wanted: layout) -> Any:
    if not rows:
        error = RuntimeError if wanted is jagged else NotImplementedError
        raise error(f"{name}(): Cannot construct a nested tensor from an empty list; expected one tensor or more.")
    ragged = _ragged_dimension(name, rows, wanted)
    if len({each.dtype for each in rows}) != 1:
        rows = [each.to(rows[0].dtype) for each in rows]
    elements = _ops.cat(rows, ragged - 1)
    return NestedTensor.of(elements, Rows.of([each.shape[ragged - 1] for each in rows]), ragged, wanted)


def nested_tensor(
    tensor_list: Any,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """A nested tensor with copies of the tensors of a list as its rows; a leaf.

    Args:
        tensor_list: tensors, or lists of numbers, that differ in the size of one dimension.
        dtype: Default: that of the first tensor.
        layout: torch.strided or torch.jagged. Default: torch.strided.
        device: Default: that of the tensors.
        requires_grad: whether operations on the result are recorded. Default: False.
        pin_memory: accepted; memory of the CPU is never pinned.

    Raises:
        NotImplementedError: the tensors differ in more than one dimension, or have none, or the list is empty; for
            torch.jagged a RuntimeError.

    Example:
        >>> x = ember.nested.nested_tensor([[1.0, 2.0], [3.0]])
        >>> x * 2
        nested_tensor([
          tensor([2., 4.]),
          tensor([6.])
        ])
    """
    wanted = _expect_layout("nested_tensor", layout)
    listed = isinstance(tensor_list, (list, tuple)) or (isinstance(tensor_list, Tensor) and wanted is jagged)
    if not listed:
        raise TypeError(
            "nested_tensor(): Only lists (List[Tensor] and List[List...[Scalar]]) are accepted; tensor_list is "
            f"{type(tensor_list).__name__}."
        )
    rows = [each.detach() if isinstance(each, Tensor) else tensor_of(each) for each in tensor_list]
    if (wanted is jagged and not rows) or any(isinstance(each, NestedTensor) for each in rows):
        raise RuntimeError(
            "nested_tensor(): Cannot construct a nested tensor from an empty list or from nested tensors."
        )
    made = _nested_of("nested_tensor", [each.to(device=device, dtype=dtype) for each in rows], wanted)
    return made.requires_grad_() if requires_grad else made


def as_nested_tensor(ts: Any, dtype: _C.dtype | None = None, device: Any = None, layout: layout | None = None) -> Any:
    """A nested tensor on the tensors of a list, whose gradients flow to them.

    Args:
        ts: a list or tuple of tensors, a tensor whose first dimension is that of the rows, or a nested tensor.
        dtype: Default: that of the tensors.
        device: Default: that of the tensors.
        layout: torch.strided or torch.jagged. Default: torch.strided.

    Raises:
        TypeError: `ts` is something else.
        RuntimeError: it is a nested tensor of another layout.

    Example:
        >>> a, b = ember.ones(2, requires_grad=True), ember.ones(1, requires_grad=True)
        >>> x = ember.nested.as_nested_tensor([a, b], layout=ember.jagged)
        >>> (x * x).sum().backward()
        >>> a.grad, b.grad
        (tensor([2., 2.]), tensor([2.]))
    """
    wanted = _expect_layout("as_nested_tensor", layout)
    if isinstance(ts, NestedTensor):
        if ts.layout is not wanted:
            raise RuntimeError(
                f"as_nested_tensor(): Converting between nested tensor layouts is not supported; {ts.layout} is given, "
                f"{wanted} asked for."
            )
        return ts.to(device=device, dtype=dtype)
    if not isinstance(ts, Tensor) and not (isinstance(ts, (list, tuple)) and all(isinstance(t, Tensor) for t in ts)):
        raise TypeError(
            "as_nested_tensor(): Expected first argument to be a tensor or a list / tuple of tensors; it is "
            f"{type(ts).__name__}."
        )
    return _nested_of("as_nested_tensor", [each.to(device=device, dtype=dtype) for each in ts], wanted)


def nested_tensor_from_jagged(
    values: Any,
    offsets: Any = None,
    lengths: Any = None,
    jagged_dim: int | None = None,
    min_seqlen: int | None = None,
    max_seqlen: int | None = None,
) -> Any:
    """A nested tensor of layout torch.jagged on a tensor in which the rows follow each other; a view of it.

    Args:
        values: the rows, one after the other along dimension `jagged_dim` - 1.
        offsets: (rows + 1), integers: where each row begins, and the end. Default: from `lengths`.
        lengths: (rows), integers: of the rows. With `offsets`, too, there may be holes between rows.
        jagged_dim: the ragged dimension of the result. Default: 1.
        min_seqlen: the length of the shortest row; accepted, and not needed.
        max_seqlen: that of the longest one; accepted, and not needed.

    Raises:
        RuntimeError: neither `offsets` nor `lengths` is given, or rows do not lie within `values`.

    Example:
        >>> x = ember.nested.nested_tensor_from_jagged(ember.arange(5), ember.tensor([0, 2, 5]))
        >>> x.unbind()
        (tensor([0, 1]), tensor([2, 3, 4]))
    """
    name = "nested_tensor_from_jagged"
    if offsets is None and lengths is None:
        raise RuntimeError(f"{name}(): At least one of offsets or lengths is required.")
    for what, given in {"values": values, "offsets": offsets, "lengths": lengths}.items():
        if given is not None and (not isinstance(given, Tensor) or isinstance(given, NestedTensor)):
            raise TypeError(f"{name}(): argument '{what}' must be Tensor, not {type(given).__name__}")
        if what != "values" and given is not None and (given.dim() != 1 or given.dtype not in (_C.int32, _C.int64)):
            raise TypeError(
                f"{name}(): {what} has {given.dim()} dims and type {given.dtype}; expected integers in one dim."
            )
    ragged = 1 if jagged_dim is None else jagged_dim
    if not 1 <= ragged <= values.dim():
        raise RuntimeError(f"{name}(): jagged_dim is {ragged}; expected 1 to {values.dim()}, the dims of values.")
    total = values.shape[ragged - 1]
    if offsets is None:
        offsets, lengths = _ops.cat([integers([0]), _ops.cumsum(lengths.to(_C.int64), 0)]), None
    if len(offsets) == 0 or (lengths is not None and len(lengths) != len(offsets) - 1):
        raise RuntimeError(f"{name}(): there are {len(offsets)} offsets; expected one more than rows.")
    rows = Rows(offsets, lengths, total)
    ends = [begin + size for begin, size in zip(rows.begins, rows.sizes, strict=True)]
    if min((*rows.begins, *rows.sizes), default=0) < 0 or max(ends, default=0) > total:
        raise RuntimeError(
            f"{name}(): rows begin at {rows.begins} and have lengths {rows.sizes}; expected rows within values, "
            f"of which dimension {ragged - 1} has {total}."
        )
    return NestedTensor.of(values, rows, ragged, jagged)


def narrow(tensor: Any, dim: int, start: Any, length: Any, layout: layout = strided) -> Any:
    """From each row of a strided tensor a range of its own.

    Args:
        tensor: strided, (rows, size, ...).
        dim: of the ranges: 1.
        start: where they begin: a number, or one for each row.
        length: how long they are: a number, or one for each row.
        layout: of the result. Default: torch.strided, for numbers alone.

    Raises:
        RuntimeError: `dim` is another one, ranges leave the tensor, or tensors of them are given with torch.strided.

    Example:
        >>> x = ember.arange(8).reshape(2, 4)
        >>> ember.nested.narrow(x, 1, ember.tensor([0, 2]), ember.tensor([3, 1]), layout=ember.jagged).unbind()
        (tensor([0, 1, 2]), tensor([6]))
    """
    wanted = _expect_layout("narrow", layout)
    if isinstance(tensor, NestedTensor) or dim != 1 or tensor.dim() < 2:
        raise RuntimeError(
            f"narrow(): dim is {dim} and tensor has {tensor.dim()} dims; expected dim=1 of a strided one of 2 or more."
        )
    if wanted is strided and (isinstance(start, Tensor) or isinstance(length, Tensor)):
        raise RuntimeError(
            "narrow(): start and length must be integers for torch.strided; expected layout=torch.jagged."
        )
    for what, given in {"start": start, "length": length}.items():
        if isinstance(given, float):
            raise TypeError(f"narrow(): argument '{what}' must be int or Tensor, not float")
    rows, size = tensor.shape[:2]
    begins, lengths = (
        _ops.expand(each if isinstance(each, Tensor) else integers([each]), (rows,)).to(_C.int64)
        for each in (start, length)
    )
    if rows and (bool((begins < 0).any()) or bool((begins + lengths > size).any()) or bool((lengths < 0).any())):
        raise RuntimeError(f"narrow(): a range leaves its row of {size} elements; expected ranges within it.")
    offsets = begins + counted(rows) * size
    ends = _ops.cat([offsets, (offsets + lengths)[-1:]])
    return NestedTensor.of(tensor.flatten(0, 1), Rows(ends, lengths, rows * size), 1, wanted)

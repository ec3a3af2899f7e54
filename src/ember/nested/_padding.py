"""Between nested tensors and strided ones that have room for the longest row."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._layout import jagged
from ._tensor import NestedTensor, refuse, without_holes

_ops = _C.ops


def padded(tensor: Any, padding: Any, length: int | None = None) -> Any:
    """(rows, ...), with `length` elements along the ragged dimension (default: those of the longest row)."""
    tensor = without_holes(tensor)
    rows, along = tensor._rows, tensor._ragged - 1
    elements = _ops.movedim(tensor._elements, along, 0)
    row, place = rows.row, rows.place
    length = rows.longest if length is None else length
    if length < rows.longest:
        kept = (place < length).nonzero()[:, 0]
        elements, row, place = elements[kept], row[kept], place[kept]
    room = _ops.full((len(rows), length, *elements.shape[1:]), padding, dtype=elements.dtype, device=elements.device)
    return _ops.movedim(_ops.index_put(room, [row, place], elements), 1, tensor._ragged)


def packed(room: Any, tensor: Any) -> Any:
    """The elements of a strided tensor (rows, ...) at the places that `tensor`, without holes, has; nested as it is."""
    rows, along = tensor._rows, tensor._ragged
    elements = _ops.movedim(_ops.movedim(room, along, 1)[rows.row, rows.place], 0, along - 1)
    return tensor.with_elements(elements)


def to_padded_tensor(input: Any, padding: float, output_size: Any = None, out: Any = None) -> Any:
    """A strided tensor with all rows, shorter ones filled up.

    Args:
        input: the nested tensor.
        padding: what stands after the end of a row.
        output_size: of the result. Default: the rows, and the longest row along the ragged dimension. A size below that
            cuts rows where the layout is torch.jagged.
        out: to write into.

    Raises:
        RuntimeError: `output_size` has another number of dims, or is too small.

    Example:
        >>> x = ember.nested.nested_tensor([[1, 2, 3], [4]])
        >>> ember.nested.to_padded_tensor(x, 0)
        tensor([[1, 2, 3],
                [4, 0, 0]])
    """
    if not isinstance(input, NestedTensor):
        raise NotImplementedError("to_padded_tensor(): input is not nested; expected a nested tensor.")
    if output_size is None:
        result = padded(input, padding)
    else:
        result = _to_size(input, padding, tuple(output_size))
    return result if out is None else out.resize_(result.shape).copy_(result)


def _to_size(input: Any, padding: float, size: tuple[int, ...]) -> Any:
    if len(size) != input.dim():
        raise RuntimeError(
            f"to_padded_tensor(): output_size is {size}, the nested tensor has {input.dim()} dims; expected one size "
            "for each."
        )
    result = padded(input, padding, size[input._ragged] if input.layout is jagged else None)
    room = [after - before for after, before in zip(size, result.shape, strict=True)]
    if min(room) < 0:
        raise RuntimeError(
            f"to_padded_tensor(): output_size is {size}; expected {tuple(result.shape)} or more: rows are not cut."
        )
    if not any(room):
        return result
    from ..nn.functional import pad

    return pad(result, [each for one in reversed(room) for each in (0, one)], value=padding)


def masked_select(tensor: Any, mask: Any) -> Any:
    """The elements of `tensor` where `mask` is True, a row for each of its first dimension.

    Args:
        tensor: strided, (rows, length).
        mask: of bool, which broadcasts to it.

    Returns:
        A nested tensor of layout torch.jagged.

    Example:
        >>> x = ember.tensor([[1, 2], [3, 4]])
        >>> ember.nested.masked_select(x, x > 1).unbind()
        (tensor([2]), tensor([3, 4]))
    """
    from ._construction import nested_tensor_from_jagged

    if isinstance(tensor, NestedTensor) or isinstance(mask, NestedTensor):
        refuse("masked_select", tensor, mask)
    if tensor.dim() != 2 or mask.dtype != _C.bool:
        raise RuntimeError(
            f"masked_select(): tensor has shape {tuple(tensor.shape)} and mask type {mask.dtype}; expected a matrix "
            "and torch.bool."
        )
    mask = mask.expand(tuple(tensor.shape))
    return nested_tensor_from_jagged(tensor[mask], lengths=mask.sum(1))

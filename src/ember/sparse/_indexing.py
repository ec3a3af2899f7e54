"""Parts of sparse tensors, their dims in another order, and several put together."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._layout import sparse_coo, sparse_csc, sparse_csr
from ..ops.sorting import argsort
from ._conversions import converted, pointers_of
from ._products import ranges
from ._tensor import CompressedTensor, CoordinateTensor, SparseTensor, refuse, rule

_ops = _C.ops


def _dim(name: str, dim: int, count: int) -> int:
    if not -count <= dim < count:
        raise IndexError(f"{name}(): dim is {dim}; expected [{-count}, {count - 1}].")
    return dim % count


# ---- order of dims


def _permuted(name: str, input: Any, order: list[int]) -> Any:
    if isinstance(input, CompressedTensor):
        if order == list(range(input.dim())):
            return input
        if order[:2] != [1, 0] or order[2:] != list(range(2, input.dim())):
            raise NotImplementedError(f"{name}(): a {input.layout} tensor can only have its two sparse dims exchanged.")
        size = (input.shape[1], input.shape[0], *input.shape[2:])
        layout = sparse_csc if input.by_rows else sparse_csr
        return CompressedTensor.of(layout, size, input._pointers, input._places, input._elements)
    count = len(input._positions)
    if sorted(order[:count]) != list(range(count)):
        raise RuntimeError(
            f"{name}(): the order {order} mixes the {count} sparse dims with the dense ones; expected apart."
        )
    elements = input._elements
    if order[count:] != list(range(count, input.dim())):
        elements = elements.permute([0, *(each - count + 1 for each in order[count:])])
    same = order[:count] == list(range(count))
    positions = input._positions if same else input._positions[order[:count]]
    return CoordinateTensor.of([input.shape[i] for i in order], positions, elements, input._coalesced and same)


@rule()
def permute(input: Any, *dims: Any) -> Any:
    order = list(dims[0]) if len(dims) == 1 and not isinstance(dims[0], int) else list(dims)
    order = [_dim("permute", each, input.dim()) for each in order]
    if sorted(order) != list(range(input.dim())):
        raise RuntimeError(f"permute(): {order} is no order of {input.dim()} dims.")
    return _permuted("permute", input, order)


@rule("transpose", "swapaxes", "swapdims")
def transpose(input: Any, dim0: int, dim1: int) -> Any:
    first, second = (_dim("transpose", each, input.dim()) for each in (dim0, dim1))
    order = list(range(input.dim()))
    order[first], order[second] = second, first
    return _permuted("transpose", input, order)


@rule()
def t(input: Any) -> Any:
    if input.dim() > 2 or input.dense_dim():
        raise RuntimeError(
            f"t(): expects a tensor with <= 2 sparse and 0 dense dims, but the input has {input.sparse_dim()} and "
            f"{input.dense_dim()}."
        )
    return input if input.dim() < 2 else transpose(input, 0, 1)


@rule("T")
def _transposed_property(input: Any) -> Any:
    return _permuted("T", input, list(range(input.dim()))[::-1])


@rule("mT", "adjoint", "mH", "H")
def _transposed_matrices(input: Any) -> Any:
    exchanged = transpose(input, -2, -1)
    return exchanged.conj() if input.is_complex() else exchanged


@rule()
def unsqueeze(input: Any, dim: int) -> Any:
    if isinstance(input, CompressedTensor):
        refuse("unsqueeze", input)
    dim = _dim("unsqueeze", dim, input.dim() + 1)
    size = [*input.shape[:dim], 1, *input.shape[dim:]]
    count = len(input._positions)
    if dim > count:
        return CoordinateTensor.of(size, input._positions, input._elements.unsqueeze(dim - count + 1), input._coalesced)
    zeros = _ops.zeros((1, input._positions.shape[1]), dtype=_C.int64, device=input.device)
    positions = _ops.cat([input._positions[:dim], zeros, input._positions[dim:]])
    return CoordinateTensor.of(size, positions, input._elements, input._coalesced)


# ---- parts


@rule()
def select(input: Any, dim: int, index: int) -> Any:
    dim = _dim("select", dim, input.dim())
    if not -input.shape[dim] <= index < input.shape[dim]:
        raise IndexError(f"select(): index {index} is outside dim {dim}, whose size is {input.shape[dim]}.")
    index %= input.shape[dim]
    coo = converted(input, sparse_coo)
    size = [*input.shape[:dim], *input.shape[dim + 1 :]]
    positions, elements = coo._positions, coo._elements
    if dim >= len(positions):
        return CoordinateTensor.of(size, positions, elements.select(dim - len(positions) + 1, index), coo._coalesced)
    here = (positions[dim] == index).nonzero()[:, 0]
    elements = elements.index_select(0, here)
    if len(positions) == 1:
        return elements.sum(0)
    rest = _ops.cat([positions[:dim], positions[dim + 1 :]])[:, here]
    return CoordinateTensor.of(size, rest, elements, coo._coalesced)


@rule("narrow", "narrow_copy")
def narrow(input: Any, dim: int, start: int, length: int) -> Any:
    dim = _dim("narrow", dim, input.dim())
    start = int(start) + (input.shape[dim] if start < 0 else 0)
    if length < 0 or not 0 <= start <= input.shape[dim] - length:
        raise RuntimeError(
            f"narrow(): start {start} and length {length} exceed dim {dim}, whose size is {input.shape[dim]}."
        )
    coo = converted(input, sparse_coo)
    size = [*input.shape[:dim], length, *input.shape[dim + 1 :]]
    positions, elements = coo._positions, coo._elements
    if dim >= len(positions):
        elements = elements.narrow(dim - len(positions) + 1, start, length)
    else:
        row = positions[dim]
        here = ((row >= start) & (row < start + length)).nonzero()[:, 0]
        rows = [each[here] - start if i == dim else each[here] for i, each in enumerate(positions)]
        positions, elements = _ops.stack(rows), elements.index_select(0, here)
    return CoordinateTensor.of(size, positions, elements, coo._coalesced).as_layout(input.layout)


@rule(mixed=True)
def index_select(input: Any, dim: int, index: Any) -> Any:
    if not isinstance(input, SparseTensor):
        refuse("index_select", index)
    dim = _dim("index_select", dim, input.dim())
    if index.dim() > 1 or index.dtype not in (_C.int64, _C.int32):
        raise IndexError(
            f"index_select(): index has shape {tuple(index.shape)} and dtype {index.dtype}; expected integers in one "
            "dim."
        )
    index = index.reshape(-1).to(_C.int64)
    if len(index) and not 0 <= int(index.min()) <= int(index.max()) < input.shape[dim]:
        raise IndexError(
            f"index_select(): index goes from {int(index.min())} to {int(index.max())}; expected [0, "
            f"{input.shape[dim]})."
        )
    coo = converted(input, sparse_coo)
    size = [*input.shape[:dim], len(index), *input.shape[dim + 1 :]]
    positions, elements = coo._positions, coo._elements
    if dim >= len(positions):
        picked = elements.index_select(dim - len(positions) + 1, index)
        return CoordinateTensor.of(size, positions, picked, coo._coalesced)
    order = argsort(positions[dim], stable=True)
    pointers = pointers_of(positions[dim][order], input.shape[dim])
    which, place = ranges(pointers[index], pointers[index + 1] - pointers[index])
    source = order[place]
    rows = [which if i == dim else row[source] for i, row in enumerate(positions)]
    result = CoordinateTensor.of(size, _ops.stack(rows), elements.index_select(0, source), coo._coalesced and dim == 0)
    return result.as_layout(input.layout)


@rule()
def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    dim = _dim("unbind", dim, input.dim())
    return tuple(select(input, dim, i) for i in range(input.shape[dim]))


@rule(mixed=True)
def __getitem__(input: Any, key: Any) -> Any:
    if not isinstance(input, SparseTensor):
        refuse("indexing", key)
    keys = key if isinstance(key, tuple) else (key,)
    if sum(each is ... for each in keys) > 1:
        raise IndexError("an index can only have a single ellipsis ('...').")
    used = sum(each is not None and each is not ... for each in keys)
    if used > input.dim():
        raise IndexError(f"too many indices for tensor of dimension {input.dim()}: {used} were given.")
    result: Any = input
    dim = 0
    for each in keys:
        if each is ...:
            dim += input.dim() - used
        elif each is None:
            result, dim = unsqueeze(result, dim), dim + 1
        elif isinstance(each, slice):
            start, stop, step = each.indices(result.shape[dim])
            if step != 1:
                raise NotImplementedError(f"indexing: a {input.layout} tensor takes slices of step 1 only, not {step}.")
            if (start, stop) != (0, result.shape[dim]):
                result = result.narrow(dim, start, max(stop - start, 0))
            dim += 1
        elif isinstance(each, _C.Tensor) and each.dim() == 1 and each.dtype is not _C.bool:
            result, dim = result.index_select(dim, each), dim + 1
        elif isinstance(each, (int, _C.Tensor)) and not isinstance(each, bool):
            result = result.select(dim, int(each))
        else:
            raise NotImplementedError(
                f"indexing: a {input.layout} tensor takes integers, slices, None, ... and 1-d index tensors, not "
                f"{each!r}."
            )
    return result


# ---- several put together


def _all_sparse(name: str, tensors: Any) -> tuple[list[Any], Any]:
    tensors = list(tensors)
    if not all(isinstance(each, SparseTensor) for each in tensors):
        raise RuntimeError(
            f"{name}(): the tensors have layouts {[str(each.layout) for each in tensors]}; expected sparse ones only."
        )
    layout = tensors[0].layout
    coos = [converted(each, sparse_coo) for each in tensors]
    if any(len(each._positions) != len(coos[0]._positions) or each.dim() != coos[0].dim() for each in coos):
        raise RuntimeError(f"{name}(): the tensors differ in the numbers of sparse and dense dims; expected the same.")
    return coos, layout


@rule("cat", "concat", "concatenate", mixed=True)
def cat(tensors: Any, dim: int = 0) -> Any:
    coos, layout = _all_sparse("cat", tensors)
    dim = _dim("cat", dim, coos[0].dim())
    shapes = [[*each.shape[:dim], *each.shape[dim + 1 :]] for each in coos]
    if any(each != shapes[0] for each in shapes):
        raise RuntimeError(
            f"cat(): shapes are {[tuple(each.shape) for each in coos]}; expected the same but for dim {dim}."
        )
    if dim >= len(coos[0]._positions):
        raise NotImplementedError(
            f"cat(): dim {dim} is a dense one; Ember puts sparse tensors together along sparse dims."
        )
    positions, begin = [], 0
    for each in coos:
        shift = [begin if i == dim else 0 for i in range(len(each._positions))]
        positions.append(each._positions + _C._tensor_from_data(shift, _C.int64).unsqueeze(1))
        begin += each.shape[dim]
    size = [begin if i == dim else length for i, length in enumerate(coos[0].shape)]
    elements = _ops.cat([each._elements for each in coos])
    ordered = dim == 0 and all(each._coalesced for each in coos)
    return CoordinateTensor.of(size, _ops.cat(positions, 1), elements, ordered).as_layout(layout)


@rule(mixed=True)
def stack(tensors: Any, dim: int = 0) -> Any:
    coos, _ = _all_sparse("stack", tensors)
    return cat([unsqueeze(each, dim) for each in coos], dim if dim >= 0 else dim + coos[0].dim() + 1)

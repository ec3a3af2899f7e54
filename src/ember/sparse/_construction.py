"""Sparse tensors from their components, checked."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any, NoReturn

from .. import _C
from .._C import Tensor
from .._layout import layout, sparse_bsc, sparse_bsr, sparse_coo, sparse_csc, sparse_csr
from ..types import Device, _size
from ._conversions import empty_of
from ._tensor import CompressedTensor, CoordinateTensor, SparseTensor

_ops = _C.ops
_INDEX_TYPES = (_C.int64, _C.int32)


class check_sparse_tensor_invariants(ContextDecorator):
    """Whether new sparse tensors are checked for order and repetition too: as a switch, for a block, for a function.

    That indices lie within the sizes is always checked.

    Args:
        enable: the state within the block. Default: True

    Example:
        >>> with ember.sparse.check_sparse_tensor_invariants():
        ...     ember.sparse.check_sparse_tensor_invariants.is_enabled()
        True
    """

    _enabled = False

    def __init__(self, enable: bool = True) -> None:
        self.state = enable
        self.saved_state: bool | None = None

    @classmethod
    def is_enabled(cls) -> bool:
        """Whether new tensors are checked."""
        return check_sparse_tensor_invariants._enabled

    @classmethod
    def enable(cls) -> None:
        """Check from now on."""
        check_sparse_tensor_invariants._enabled = True

    @classmethod
    def disable(cls) -> None:
        """Do not check from now on."""
        check_sparse_tensor_invariants._enabled = False

    def __enter__(self) -> None:
        if self.saved_state is not None:
            raise RuntimeError(
                "This context manager instance is already activated. Use a different instance for context nesting."
            )
        self.saved_state = self.is_enabled()
        check_sparse_tensor_invariants._enabled = self.state

    def __exit__(self, *exception: object) -> None:
        if self.saved_state is not None:
            check_sparse_tensor_invariants._enabled = self.saved_state
            self.saved_state = None


def _wants_all_checks(asked: bool | None) -> bool:
    return check_sparse_tensor_invariants.is_enabled() if asked is None else asked


def _elements(values: Any, dtype: Any, device: Any, requires_grad: bool) -> Any:
    """The values as a tensor of the type; with `requires_grad` a new leaf, else in the graph of `values`."""
    if isinstance(values, SparseTensor):
        raise TypeError(f"values have layout {values.layout}; expected torch.strided.")
    elements = _ops.alias(values) if isinstance(values, _C.Tensor) else _C._tensor_from_data(values, dtype)
    if dtype is not None or device is not None:
        elements = elements.to(dtype=dtype or elements.dtype, device=device or elements.device)
    return elements.detach().requires_grad_() if requires_grad else elements


def _indices(name: str, what: str, indices: Any) -> Any:
    if not isinstance(indices, _C.Tensor):
        indices = _C._tensor_from_data(indices, None)
        if indices.numel() == 0:
            indices = indices.to(_C.int64)
    if indices.dtype not in _INDEX_TYPES:
        raise RuntimeError(
            f"{name}(): {what} are {indices.dtype}; expected {' or '.join(map(str, _INDEX_TYPES))}. Convert them with "
            ".long()."
        )
    return indices.detach()


def _bounds(indices: Any) -> tuple[list[int], list[int]]:
    """The least and the greatest index of each row of (rows, n)."""
    return indices.amin(1).tolist(), indices.amax(1).tolist()


# ---- COO


def sparse_coo_tensor(
    indices: Any = None,
    values: Any = None,
    size: _size | None = None,
    *,
    dtype: _C.dtype | None = None,
    device: Device = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
    is_coalesced: bool | None = None,
    layout: layout | None = None,
) -> Tensor:
    """A tensor of layout torch.sparse_coo: ``result[indices[:, i]] += values[i]``, 0 elsewhere.

    ``sparse_coo_tensor(size)`` has no elements.

    Args:
        indices: whole numbers, one row for each sparse dim.
        values: one element, or one tensor of the dense dims, for each column of `indices`; gradients flow to them.
        size: the shape. Default: as small as the indices allow.
        dtype, device: of the values. Default: theirs.
        requires_grad: make the result a leaf that wants a gradient. Default: False
        check_invariants: check the claim `is_coalesced` too; as `check_sparse_tensor_invariants` says, if None.
        is_coalesced: the indices are in row-major order, each once. Default: not known.

    Shape: indices ``(sparse dims, nnz)``, values ``(nnz, *dense sizes)``.

    Raises:
        RuntimeError: an index is outside `size`, or numbers or types do not fit.

    Example:
        >>> ember.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (2, 3)).to_dense()
        tensor([[0., 0., 3.],
                [4., 0., 0.]])
    """
    if layout not in (None, sparse_coo):
        raise RuntimeError(f"sparse_coo_tensor(): layout is {layout}; expected torch.sparse_coo.")
    if values is None:
        return _without_elements(indices, size, dtype, device, requires_grad)
    positions = indices.detach() if isinstance(indices, _C.Tensor) else _C._tensor_from_data(indices, None)
    elements = _elements(values, dtype, device, requires_grad)
    positions = positions.to(dtype=_C.int64, device=elements.device)
    if positions.dim() != 2:
        raise RuntimeError(
            f"sparse_coo_tensor(): indices must be sparse_dim x nnz, but got shape {tuple(positions.shape)}; expected "
            "2 dims."
        )
    if elements.dim() == 0 and positions.shape[1] == 1:
        elements = elements.reshape(1)
    if elements.dim() == 0 or elements.shape[0] != positions.shape[1]:
        raise RuntimeError(
            f"sparse_coo_tensor(): indices have nnz {positions.shape[1]} (shape {tuple(positions.shape)}) and values "
            "have "
            f"shape {tuple(elements.shape)}; expected values for each column of indices."
        )
    shape = _shape_of_positions(positions, elements, size)
    if is_coalesced and _wants_all_checks(check_invariants):
        _check_order(positions, shape)
    known = bool(is_coalesced) or (is_coalesced is None and positions.shape[1] < 2)
    return CoordinateTensor.of(shape, positions, elements, known)


def _without_elements(first: Any, size: Any, dtype: Any, device: Any, requires_grad: bool) -> Any:
    shape = first if size is None else size
    if shape is None:
        raise TypeError(
            "sparse_coo_tensor(): neither values nor a size were given; expected indices and values, or a size."
        )
    if isinstance(first, _C.Tensor) and size is not None:
        raise TypeError("sparse_coo_tensor(): indices were given without values; expected both.")
    made = empty_of(sparse_coo, shape, dtype or _C.get_default_dtype(), device)
    return made.requires_grad_() if requires_grad else made


def _shape_of_positions(positions: Any, elements: Any, size: Any) -> tuple[int, ...]:
    dims = len(positions)
    found = positions.shape[1] > 0 and dims > 0 and not positions.is_meta
    least, greatest = _bounds(positions) if found else ([], [])
    for dim, index in enumerate(least):
        if index < 0:
            raise RuntimeError(f"sparse_coo_tensor(): found negative index {index} for dim {dim}; indices start at 0.")
    if size is None:
        return (*(index + 1 for index in greatest or [-1] * dims), *elements.shape[1:])
    shape = tuple(int(each) for each in size)
    if len(shape) != dims + elements.dim() - 1:
        raise RuntimeError(
            f"sparse_coo_tensor(): number of dimensions must be sparse_dim ({dims}) + dense_dim "
            f"({elements.dim() - 1}), but "
            f"size is {shape}."
        )
    if shape[dims:] != tuple(elements.shape[1:]):
        raise RuntimeError(
            f"sparse_coo_tensor(): values have shape {tuple(elements.shape)} for size {shape}; expected "
            f"{(elements.shape[0], *shape[dims:])}."
        )
    for dim, (length, index) in enumerate(zip(shape, greatest)):  # noqa: B905 - without elements there are no bounds
        if index >= length:
            raise RuntimeError(
                f"sparse_coo_tensor(): size is inconsistent with indices: for dim {dim}, size is {length} but found "
                "index "
                f"{index}."
            )
    return shape


def _check_order(positions: Any, shape: tuple[int, ...]) -> None:
    from ._conversions import linear_places

    places = linear_places(positions, shape[: len(positions)])
    if not bool((places[1:] > places[:-1]).all()):
        raise RuntimeError(
            "sparse_coo_tensor(): is_coalesced is True, but the indices are not in row-major order, each once. Leave "
            "it out."
        )


# ---- CSR and CSC


def sparse_compressed_tensor(
    compressed_indices: Any,
    plain_indices: Any,
    values: Any,
    size: _size | None = None,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Tensor:
    """A matrix of layout torch.sparse_csr or torch.sparse_csc from its components.

    Args:
        compressed_indices: int64 or int32, where each row (CSC: column) begins among the values and the last one ends.
        plain_indices: of the same type, the column (CSC: row) of each value.
        values: one element, or one tensor of the dense dims, for each; gradients flow to them.
        size: the shape. Default: as small as the indices allow.
        layout: torch.sparse_csr or torch.sparse_csc.
        dtype, device: of the values. Default: theirs.
        requires_grad: make the result a leaf that wants a gradient. Default: False
        check_invariants: check too that each row's indices rise; as `check_sparse_tensor_invariants` says, if None.

    Shape: compressed_indices ``(rows + 1)``, plain_indices ``(nnz)``, values ``(nnz, *dense sizes)``.

    Raises:
        RuntimeError: the indices do not describe a matrix of that size.

    Example:
        >>> x = ember.sparse_compressed_tensor([0, 1, 2], [1, 0], [3.0, 4.0], layout=ember.sparse_csr)
        >>> x.to_dense()
        tensor([[0., 3.],
                [4., 0.]])
    """
    if layout in (sparse_bsr, sparse_bsc):
        raise NotImplementedError(
            f"sparse_compressed_tensor(): layout is {layout}; Ember has no blocks, only torch.sparse_csr and "
            "torch.sparse_csc."
        )
    if layout not in (sparse_csr, sparse_csc):
        raise RuntimeError(
            f"sparse_compressed_tensor(): layout is {layout}; expected torch.sparse_csr or torch.sparse_csc."
        )
    name = "sparse_csr_tensor" if layout is sparse_csr else "sparse_csc_tensor"
    whole, plain = ("crow_indices", "col_indices") if layout is sparse_csr else ("ccol_indices", "row_indices")
    elements = _elements(values, dtype, device, requires_grad)
    pointers = _indices(name, whole, compressed_indices).to(device=elements.device)
    places = _indices(name, plain, plain_indices).to(device=elements.device)
    if pointers.dtype is not places.dtype:
        raise RuntimeError(
            f"{name}(): {whole} are {pointers.dtype} and {plain} {places.dtype}; expected the same type."
        )
    if pointers.dim() > 1 or places.dim() > 1:
        raise NotImplementedError(
            f"{name}(): {whole} have shape {tuple(pointers.shape)} and {plain} {tuple(places.shape)}; Ember has no "
            "batches "
            "of compressed matrices, expected one dim."
        )
    if (
        pointers.dim() == 0
        or places.dim() == 0
        or elements.dim() == 0
        or len(places) != len(elements)
        or len(pointers) < 1
    ):
        raise RuntimeError(
            f"{name}(): {whole} have shape {tuple(pointers.shape)}, {plain} {tuple(places.shape)} and values "
            f"{tuple(elements.shape)}; expected (n + 1), (nnz) and (nnz, ...)."
        )
    shape = _shape_of_matrix(name, layout, pointers, places, elements, size)
    _check_compressed(name, (whole, plain), pointers, places, shape[1 if layout is sparse_csr else 0])
    if _wants_all_checks(check_invariants):
        _check_rising(name, plain, pointers, places)
    return CompressedTensor.of(layout, shape, pointers, places, elements)


def _shape_of_matrix(name: str, layout: Any, pointers: Any, places: Any, elements: Any, size: Any) -> tuple[int, ...]:
    lines = len(pointers) - 1
    if size is None:
        across = int(places.max()) + 1 if len(places) else 0
        return (*((lines, across) if layout is sparse_csr else (across, lines)), *elements.shape[1:])
    shape = tuple(int(each) for each in size)
    if len(shape) != elements.dim() + 1 or shape[2:] != tuple(elements.shape[1:]):
        raise RuntimeError(
            f"{name}(): values have shape {tuple(elements.shape)} for size {shape}; expected two dims and those of a "
            "value."
        )
    if shape[0 if layout is sparse_csr else 1] != lines:
        raise RuntimeError(
            f"{name}(): {'crow' if layout is sparse_csr else 'ccol'}_indices have {lines + 1} numbers for size "
            f"{shape}; "
            f"expected {shape[0 if layout is sparse_csr else 1] + 1}."
        )
    return shape


def _check_compressed(name: str, names: tuple[str, str], pointers: Any, places: Any, across: int) -> None:
    """RuntimeError where an operation would read outside the components or the matrix."""
    if pointers.is_meta:
        return
    whole, plain = names
    first, last = int(pointers[0]), int(pointers[-1])
    if first != 0 or last != len(places) or bool((pointers[1:] < pointers[:-1]).any()):
        raise RuntimeError(
            f"{name}(): {whole} go from {first} to {last}; expected numbers that rise from 0 to nnz, which is "
            f"{len(places)}."
        )
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) < across:
        raise RuntimeError(
            f"{name}(): {plain} go from {int(places.min())} to {int(places.max())}; expected 0 to {across - 1}."
        )


def _check_rising(name: str, plain: str, pointers: Any, places: Any) -> None:
    from ._conversions import lines_of

    lines = lines_of(pointers)
    if bool(((lines[1:] == lines[:-1]) & (places[1:] <= places[:-1])).any()):
        raise RuntimeError(f"{name}(): {plain} must be sorted and distinct along each line; they are not.")


def sparse_csr_tensor(
    crow_indices: Any,
    col_indices: Any,
    values: Any,
    size: _size | None = None,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Tensor:
    """A matrix row by row: `sparse_compressed_tensor` with layout torch.sparse_csr.

    Args:
        crow_indices: where each row begins among the values, and where the last one ends.
        col_indices: the column of each value.
        values, size, dtype, device, requires_grad, check_invariants: as there.

    Example:
        >>> ember.sparse_csr_tensor([0, 1, 2], [1, 0], [3.0, 4.0]).to_dense()
        tensor([[0., 3.],
                [4., 0.]])
    """
    if layout not in (None, sparse_csr):
        raise RuntimeError(f"sparse_csr_tensor(): layout is {layout}; expected torch.sparse_csr.")
    return sparse_compressed_tensor(
        crow_indices,
        col_indices,
        values,
        size,
        dtype=dtype,
        layout=sparse_csr,
        device=device,
        requires_grad=requires_grad,
        check_invariants=check_invariants,
    )


def sparse_csc_tensor(
    ccol_indices: Any,
    row_indices: Any,
    values: Any,
    size: _size | None = None,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Tensor:
    """A matrix column by column: `sparse_compressed_tensor` with layout torch.sparse_csc.

    Args:
        ccol_indices: where each column begins among the values, and where the last one ends.
        row_indices: the row of each value.
        values, size, dtype, device, requires_grad, check_invariants: as there.

    Example:
        >>> ember.sparse_csc_tensor([0, 1, 2], [1, 0], [3.0, 4.0]).to_dense()
        tensor([[0., 4.],
                [3., 0.]])
    """
    if layout not in (None, sparse_csc):
        raise RuntimeError(f"sparse_csc_tensor(): layout is {layout}; expected torch.sparse_csc.")
    return sparse_compressed_tensor(
        ccol_indices,
        row_indices,
        values,
        size,
        dtype=dtype,
        layout=sparse_csc,
        device=device,
        requires_grad=requires_grad,
        check_invariants=check_invariants,
    )


def _of_blocks(name: str, layout: Any) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(
            f"{name}(): layout {layout} holds blocks, which Ember does not have; expected torch.sparse_csr or "
            "torch.sparse_csc."
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "NotImplementedError: Ember has no blocks."
    return refuse


sparse_bsr_tensor = _of_blocks("sparse_bsr_tensor", sparse_bsr)
sparse_bsc_tensor = _of_blocks("sparse_bsc_tensor", sparse_bsc)

"""Other shapes and orders of a tensor, composed from the view operations."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, overload

from .. import _C
from .._C import Tensor
from .._composite import alias, composite
from ..types import _size

_ops = _C.ops
_Tensor = _C.Tensor


# ---- shapes ----


@overload
def view(self: Tensor, dtype: _C.dtype) -> Tensor: ...


@overload
def view(self: Tensor, size: _size) -> Tensor: ...


@overload
def view(self: Tensor, *size: int) -> Tensor: ...


@composite
def view(self: Tensor, *shape: Any, dtype: _C.dtype | None = None, size: _size | None = None) -> Tensor:
    """The same memory in another shape, `view(2, -1)`, or as another dtype, `view(torch.int32)`."""
    if dtype is not None or (len(shape) == 1 and isinstance(shape[0], (_C.dtype, type))):
        return _ops._view_dtype(self, dtype if dtype is not None else shape[0])
    return _ops.view(self, *shape) if size is None else _ops.view(self, size)


@composite
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """`view` in the shape of `other`."""
    return _ops.view(self, other.shape)


@composite
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """`reshape` in the shape of `other`."""
    return _ops.reshape(self, other.shape)


@composite
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of `other`."""
    return _ops.expand(self, other.shape)


@composite
def broadcast_to(input: Tensor, *args: Any, size: _size | None = None) -> Tensor:
    """`input` expanded to `size`, as a view: `broadcast_to((2, 3))` or, as a method, `broadcast_to(2, 3)`."""
    return _ops.expand(input, *args) if size is None else _ops.expand(input, size)


@composite
def ravel(input: Tensor) -> Tensor:
    """All elements in one dim, as a view where the strides allow one."""
    return _ops.reshape(input, -1)


@composite
def broadcast_shapes(*shapes: int | _size) -> _C.Size:
    """The shape in which `shapes` (sequences or single integers) meet; a RuntimeError where they do not."""
    sizes: list[int] = []
    for shape in shapes:
        dims = [shape] if isinstance(shape, int) else list(shape)
        if any(size < 0 for size in dims):
            raise RuntimeError(f"broadcast_shapes(): Trying to create tensor with negative dimension in {tuple(dims)}.")
        longer, shorter = (dims, sizes) if len(dims) > len(sizes) else (sizes, dims)
        shorter = [1] * (len(longer) - len(shorter)) + shorter
        for left, right in zip(longer, shorter, strict=True):
            if left != right and 1 not in (left, right):
                raise RuntimeError(
                    "broadcast_shapes(): Shape mismatch: objects cannot be broadcast to a single shape: "
                    f"{tuple(map(_as_tuple, shapes))}."
                )
        sizes = [right if left == 1 else left for left, right in zip(longer, shorter, strict=True)]
    return _C.Size(sizes)


def _as_tuple(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def unpacked(tensors: tuple[Any, ...]) -> Sequence[Any]:
    """The tensors of f(a, b) or f([a, b])."""
    return tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], _Tensor) else tensors


@composite
def broadcast_tensors(*tensors: Tensor | Sequence[Tensor]) -> tuple[Tensor, ...]:
    """`tensors` expanded to the shape in which they meet."""
    given = unpacked(tensors)
    shape = broadcast_shapes(*(tensor.shape for tensor in given))
    return tuple(_ops.expand(tensor, shape) for tensor in given)


def _at_least(tensors: tuple[Any, ...], grow: Any) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], _Tensor):
        return grow(tensors[0])
    return tuple(grow(tensor) for tensor in unpacked(tensors))


@overload
def atleast_1d(tensor: Tensor, /) -> Tensor: ...


@overload
def atleast_1d(tensors: Sequence[Tensor], /) -> tuple[Tensor, ...]: ...


@overload
def atleast_1d(first: Tensor, second: Tensor, /, *others: Tensor) -> tuple[Tensor, ...]: ...


@composite
def atleast_1d(*tensors: Tensor | Sequence[Tensor]) -> Any:
    """0-d tensors as 1-d ones, others as they are; several tensors give a tuple."""
    return _at_least(tensors, lambda x: _ops.reshape(x, 1) if x.dim() == 0 else x)


@overload
def atleast_2d(tensor: Tensor, /) -> Tensor: ...


@overload
def atleast_2d(tensors: Sequence[Tensor], /) -> tuple[Tensor, ...]: ...


@overload
def atleast_2d(first: Tensor, second: Tensor, /, *others: Tensor) -> tuple[Tensor, ...]: ...


@composite
def atleast_2d(*tensors: Tensor | Sequence[Tensor]) -> Any:
    """Tensors of fewer than 2 dims as one row, others as they are; several tensors give a tuple."""
    return _at_least(tensors, lambda x: _ops.reshape(x, (1, -1)) if x.dim() < 2 else x)


@overload
def atleast_3d(tensor: Tensor, /) -> Tensor: ...


@overload
def atleast_3d(tensors: Sequence[Tensor], /) -> tuple[Tensor, ...]: ...


@overload
def atleast_3d(first: Tensor, second: Tensor, /, *others: Tensor) -> tuple[Tensor, ...]: ...


@composite
def atleast_3d(*tensors: Tensor | Sequence[Tensor]) -> Any:
    """Tensors of fewer than 3 dims with dims of size 1 added, others as they are; several tensors give a tuple."""

    def grow(x: Any) -> Any:
        if x.dim() < 2:
            return _ops.reshape(x, (1, -1, 1))
        return _ops.unsqueeze(x, -1) if x.dim() == 2 else x

    return _at_least(tensors, grow)


# ---- orders ----

alias("swapaxes", _ops.transpose)
alias("swapdims", _ops.transpose)
alias("moveaxis", _ops.movedim)


@composite
def adjoint(input: Tensor) -> Tensor:
    """The conjugate transpose of the matrices in the last two dims."""
    return _ops.conj(_ops.transpose(input, -2, -1))


def _reversed_dims(self: Tensor) -> Tensor:
    return _ops.permute(self, tuple(range(self.dim() - 1, -1, -1)))


def _matrix_transpose(self: Tensor) -> Tensor:
    if self.dim() < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {self.dim()}-D tensor."
        )
    return _ops.transpose(self, -2, -1)


def _matrix_adjoint(self: Tensor) -> Tensor:
    if self.dim() == 0:
        return _ops.conj(self)
    if self.dim() < 2:
        raise RuntimeError(
            f"tensor.mH is only supported on matrices or batches of matrices. Got {self.dim()}-D tensor."
        )
    return adjoint(self)


def _hermitian(self: Tensor) -> Tensor:
    if self.dim() not in (0, 2):
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.dim()}-D tensor.")
    return _ops.conj(_ops.t(self))


def _set_real(self: Any, value: Any) -> None:
    _ops.real(self).copy_(value if isinstance(value, _Tensor) else _C._tensor_from_data(value, None))


def _set_imag(self: Any, value: Any) -> None:
    _ops.imag(self).copy_(value if isinstance(value, _Tensor) else _C._tensor_from_data(value, None))


for _name, _property in {
    "T": property(_reversed_dims, doc="The dims in reverse order."),
    "mT": property(_matrix_transpose, doc="The last two dims exchanged."),
    "mH": property(_matrix_adjoint, doc="The last two dims exchanged, conjugated."),
    "H": property(_hermitian, doc="The conjugate transpose of a matrix."),
    "real": property(_ops.real, _set_real, doc="The real parts, as a view."),
    "imag": property(_ops.imag, _set_imag, doc="The imaginary parts, as a view."),
}.items():
    setattr(_Tensor, _name, _property)


@composite
def resolve_conj(input: Tensor) -> Tensor:
    """`input`: conjugates are never put off."""
    return input


@composite
def resolve_neg(input: Tensor) -> Tensor:
    """`input`: negation is never put off."""
    return input


alias("conj_physical", _ops.conj)


# ---- pieces ----

_MOST_PIECES = 2**24  # tensors, which are some gigabytes


def _the_cuts(name: str, *forms: Any) -> Any:
    """Where to cut, which is given under one of several names."""
    given = [each for each in forms if each is not None]
    if len(given) != 1:
        raise TypeError(f"{name}(): {len(given)} of indices and sections are given; expected one.")
    return given[0]


@composite
def tensor_split(
    input: Tensor,
    indices_or_sections: int | _size | Tensor | None = None,
    dim: int = 0,
    *,
    indices: _size | None = None,
    sections: int | None = None,
    tensor_indices_or_sections: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """Pieces along `dim`: so many of nearly equal sizes, or cut before each of the given indices."""
    indices_or_sections = _the_cuts("tensor_split", indices_or_sections, indices, sections, tensor_indices_or_sections)
    if input.dim() == 0:
        raise RuntimeError("tensor_split(): expected at least a 1-dimensional tensor, but got a tensor with 0 dims.")
    size = input.size(dim)
    if isinstance(indices_or_sections, _Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        sections = indices_or_sections
        if sections <= 0:
            raise RuntimeError(f"tensor_split(): number of sections must be larger than 0, got {sections}.")
        if sections > _MOST_PIECES:
            raise _C.OutOfMemoryError(
                f"tensor_split(): so many tensors do not fit into memory: {sections} sections of a dim of size {size}; "
                f"expected at most {_MOST_PIECES}."
            )
        least, longer = divmod(size, sections)
        return _ops.split_with_sizes(input, [least + (i < longer) for i in range(sections)], dim)
    bounds = [0, *indices_or_sections, size]
    return tuple(_ops.slice(input, dim, start, end) for start, end in itertools.pairwise(bounds))


def _split_along(name: str, input: Any, indices_or_sections: Any, dim: int) -> tuple[Any, ...]:
    if isinstance(indices_or_sections, int) and indices_or_sections > 0 and input.size(dim) % indices_or_sections:
        raise RuntimeError(
            f"{name}(): torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{input.size(dim)} is not divisible by the split_size {indices_or_sections}!"
        )
    return tensor_split(input, indices_or_sections, dim)


def _need_dims(name: str, input: Any, dims: int) -> None:
    if input.dim() < dims:
        raise RuntimeError(
            f"{name}(): torch.{name} requires a tensor with at least {dims} dimension, "
            f"but got a tensor with {input.dim()}."
        )


@composite
def hsplit(
    input: Tensor,
    indices_or_sections: int | _size | Tensor | None = None,
    *,
    indices: _size | None = None,
    sections: int | None = None,
) -> tuple[Tensor, ...]:
    """`tensor_split` along the columns: dim 1, or dim 0 of a vector."""
    _need_dims("hsplit", input, 1)
    return _split_along(
        "hsplit", input, _the_cuts("hsplit", indices_or_sections, indices, sections), 0 if input.dim() == 1 else 1
    )


@composite
def vsplit(
    input: Tensor,
    indices_or_sections: int | _size | Tensor | None = None,
    *,
    indices: _size | None = None,
    sections: int | None = None,
) -> tuple[Tensor, ...]:
    """`tensor_split` along dim 0."""
    _need_dims("vsplit", input, 2)
    return _split_along("vsplit", input, _the_cuts("vsplit", indices_or_sections, indices, sections), 0)


@composite
def dsplit(
    input: Tensor,
    indices_or_sections: int | _size | Tensor | None = None,
    *,
    indices: _size | None = None,
    sections: int | None = None,
) -> tuple[Tensor, ...]:
    """`tensor_split` along dim 2."""
    _need_dims("dsplit", input, 3)
    return _split_along("dsplit", input, _the_cuts("dsplit", indices_or_sections, indices, sections), 2)


@composite
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`chunk`."""
    return _ops.chunk(input, chunks, dim)


@composite
def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`split`."""
    return _ops.split(input, split_size, dim)


# ---- the parts that a view shows, replaced ----


@composite
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of `input` with `src` at position `index` of `dim`."""
    result = _ops.clone(input)
    _ops.select(result, dim, index).copy_(src)
    return result


@composite
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of `input` with `src` in the slice start:end:step of `dim`."""
    result = _ops.clone(input)
    _ops.slice(result, dim, start, end, step).copy_(src)
    return result


@composite
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of `input` with `src` on a diagonal of dims dim1 and dim2."""
    result = _ops.clone(input)
    _ops.diagonal(result, offset, dim1, dim2).copy_(src)
    return result


@composite
def as_strided_scatter(
    input: Tensor, src: Tensor, size: _size, stride: _size, storage_offset: int | None = None
) -> Tensor:
    """A copy of `input` with `src` at the places that `as_strided` would show."""
    result = _ops.clone(input)
    _ops.as_strided(result, size, stride, storage_offset).copy_(src)
    return result

"""Tensors joined, repeated and turned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite, published
from .creation import into
from .views import atleast_1d, atleast_2d, atleast_3d, broadcast_tensors, unpacked

_ops = _C.ops
_Tensor = _C.Tensor

published["concat"] = published["concatenate"] = _ops.cat


@composite
def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Joins along the columns: dim 1, or dim 0 of vectors."""
    grown = atleast_1d(*tensors) if len(tensors) > 1 else (atleast_1d(tensors[0]),)
    return _ops.cat(grown, 0 if grown[0].dim() == 1 else 1, out=out)


@composite
def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Joins along dim 0; vectors become rows."""
    return _ops.cat([atleast_2d(tensor) for tensor in tensors], 0, out=out)


published["row_stack"] = vstack


@composite
def dstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Joins along dim 2, which is added where it is missing."""
    return _ops.cat([atleast_3d(tensor) for tensor in tensors], 2, out=out)


@composite
def column_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Joins along dim 1; vectors become columns."""
    columns = [_ops.reshape(tensor, (tensor.numel(), 1)) if tensor.dim() < 2 else tensor for tensor in tensors]
    return _ops.cat(columns, 1, out=out)


@composite
def block_diag(*tensors: Tensor) -> Tensor:
    """The matrix with the given matrices along its diagonal and zeros elsewhere; vectors count as rows."""
    blocks = [atleast_2d(tensor) for tensor in tensors] or [_ops.empty((1, 0))]
    for block in blocks:
        if block.dim() > 2:
            raise RuntimeError(f"block_diag(): Input tensors must have 2 or fewer dimensions; one has {block.dim()}.")
    width = sum(block.size(1) for block in blocks)
    rows, start = [], 0
    for block in blocks:
        height, columns = block.shape
        before, after = block.new_zeros(height, start), block.new_zeros(height, width - start - columns)
        rows.append(_ops.cat([before, block, after], 1))
        start += columns
    return _ops.cat(rows, 0)


@composite
def tile(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """`input` laid out dims[i] times along dim i; missing leading entries of `dims` count as 1."""
    if dims is None:
        dims = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
    return _ops.repeat(input, (1,) * (input.dim() - len(dims)) + tuple(dims))


@composite
def repeat_interleave(
    input: Tensor, repeats: Tensor | int | None = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each slice along `dim` (each element of the flat tensor without it) so many times in a row.

    Args:
        repeats: one number for all, or an integer tensor with one for each slice. Alone, `repeat_interleave(repeats)`
            gives each index so many times as its entry says.
        output_size: the resulting size of `dim`, where known; it is not needed.
    """
    if repeats is None:
        return _ops._repeated_indices(input)
    if dim is None:
        input, dim = _ops.reshape(input, -1), 0
    size = input.size(dim)
    if isinstance(repeats, _Tensor):
        if repeats.dim() == 0 or repeats.numel() == 1:
            repeats = _ops.expand(_ops.reshape(repeats, 1), size)
        if repeats.dim() == 1 and repeats.size(0) != size:
            raise RuntimeError(
                f"repeat_interleave(): repeats must have the same size as input along dim, but got repeats.size(0) = "
                f"{repeats.size(0)} and input.size({dim}) = {size}."
            )
        return _ops.index_select(input, dim, _ops._repeated_indices(repeats))
    if repeats < 0:
        raise RuntimeError(f"repeat_interleave(): Repeats must be non-negative; it is {repeats}.")
    dim = dim % input.dim()
    shape = tuple(input.shape)
    wide = _ops.expand(_ops.unsqueeze(input, dim + 1), (*shape[: dim + 1], repeats, *shape[dim + 1 :]))
    return _ops.reshape(wide, (*shape[:dim], size * repeats, *shape[dim + 1 :])).clone()


@composite
def fliplr(input: Tensor) -> Tensor:
    """The columns in reverse order."""
    if input.dim() < 2:
        raise RuntimeError(f"fliplr(): Input must be >= 2-d; it is {input.dim()}-d.")
    return _ops.flip(input, 1)


@composite
def flipud(input: Tensor) -> Tensor:
    """The rows in reverse order."""
    if input.dim() < 1:
        raise RuntimeError("flipud(): Input must be >= 1-d; it is 0-d.")
    return _ops.flip(input, 0)


@composite
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by k quarter turns in the plane of two dims, from the first towards the second."""
    if len(dims) != 2:
        raise RuntimeError(f"rot90(): expected total rotation dims == 2, but got dims = {len(dims)}.")
    if input.dim() < 2:
        raise RuntimeError(f"rot90(): expected total dims >= 2, but got total dims = {input.dim()}.")
    first, second = dims
    if first == second or abs(first - second) == input.dim():
        raise RuntimeError(
            f"rot90(): expected rotation dims to be different, but got dim0 = {first} and dim1 = {second}."
        )
    turns = k % 4
    if turns == 0:
        return _ops.clone(input)
    if turns == 2:
        return _ops.flip(input, (first, second))
    if turns == 1:
        return _ops.transpose(_ops.flip(input, second), first, second)
    return _ops.transpose(_ops.flip(input, first), first, second)


@composite
def meshgrid(*tensors: Tensor | Sequence[Tensor], indexing: str | None = None) -> tuple[Tensor, ...]:
    """Vectors as coordinates of a grid: one tensor each, of the grid's shape; 'xy' exchanges its first two dims."""
    vectors = list(unpacked(tensors))
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'meshgrid(): indexing must be one of "xy" or "ij", but received: {indexing}.')
    if not vectors:
        raise RuntimeError("meshgrid(): meshgrid expects a non-empty TensorList.")
    for vector in vectors:
        if vector.dim() > 1:
            raise RuntimeError(f"meshgrid(): Expected 0D or 1D tensor in the tensor list but got shape {vector.shape}.")
    swap = indexing == "xy" and len(vectors) >= 2
    if swap:
        vectors[0], vectors[1] = vectors[1], vectors[0]
    shape = [vector.numel() for vector in vectors]
    grids = []
    for d, vector in enumerate(vectors):
        place = [1] * len(vectors)
        place[d] = shape[d]
        grids.append(_ops.expand(_ops.reshape(vector, place), shape))
    if swap:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


@composite
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All tuples with one element of each vector, as rows; one vector comes back as it is."""
    vectors = list(unpacked(tensors))
    if len(vectors) == 1:
        return _ops.alias(vectors[0])
    return _ops.stack([_ops.reshape(grid, -1) for grid in meshgrid(*vectors, indexing="ij")], 1)


@composite
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r elements of a vector, in order of position, as rows."""
    if input.dim() != 1:
        raise RuntimeError(f"combinations(): Expect a 1D vector, but got shape {input.shape}.")
    if r > input.numel() and not (with_replacement and input.numel()):
        return input.new_empty(0, r)
    import itertools

    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.numel()), r))
    if r == 0 or not rows:
        return input.new_empty(0) if r == 0 else input.new_empty(0, r)
    return input[_C._tensor_from_data(rows, _C.int64)]


@composite
def diag(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
    if input.dim() == 1:
        result = diag_embed(input, diagonal)
    elif input.dim() == 2:
        result = _ops.clone(_ops.diagonal(input, diagonal))
    else:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.dim()}D.")
    return into(out, result)


@composite
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices in dims dim1 and dim2 with the last dim of `input` on a diagonal and zeros elsewhere."""
    dims = input.dim() + 1
    for dim in (dim1, dim2):
        if not -dims <= dim < dims:
            raise IndexError(
                f"diag_embed(): Dimension out of range: dim {dim}; expected a value in [{-dims}, {dims - 1}]."
            )
    if dim1 % dims == dim2 % dims:
        raise RuntimeError(f"diag_embed(): diagonal dimensions cannot be identical {dim1}, {dim2}.")
    size = input.size(-1) + abs(offset)
    result = input.new_zeros(*input.shape[:-1], size, size)
    result = _ops.movedim(result, (-2, -1), (dim1, dim2))
    _ops.diagonal(result, offset, dim1, dim2).copy_(input)
    return result


@composite
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements of `input` on a diagonal."""
    return diag_embed(_ops.reshape(input, -1), offset)


@composite
def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Fill the main diagonal; of a tall matrix, with `wrap`, again below it after a row's gap."""
    if self.dim() < 2:
        raise RuntimeError("fill_diagonal_(): dimensions must larger than 1.")
    if self.dim() > 2 and len(set(self.shape)) != 1:
        raise RuntimeError(
            f"fill_diagonal_(): all dimensions of input must be of equal length; the shape is {self.shape}."
        )
    step = sum(self.stride())
    length = min(self.shape)
    if wrap and self.dim() == 2 and self.size(0) > self.size(1) + 1:
        length = (self.numel() + self.size(1)) // (self.size(1) + 1)
    _ops.as_strided(self, (length,), (step,), self.storage_offset()).fill_(fill_value)
    return self


@composite
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The Vandermonde matrix of a vector: powers N - 1 to 0 (0 to N - 1 if `increasing`) as columns."""
    if x.dim() != 1:
        raise RuntimeError("vander(): x must be a one-dimensional tensor.")
    powers = _ops.arange(0, x.size(0) if N is None else N, 1, device=x.device)
    columns = _ops.pow(_ops.unsqueeze(x, -1), powers)
    return columns if increasing else _ops.flip(columns, 1)


@composite
def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers from their real and imaginary parts, float32 or float64, broadcast together."""
    if real.dtype not in (_C.float32, _C.float64):
        raise RuntimeError(f"complex(): Expected both inputs to be Half, Float or Double tensors but got {real.dtype}.")
    if real.dtype != imag.dtype:
        raise RuntimeError(f"complex(): Expected object of dtype {real.dtype} but got dtype {imag.dtype} for imag.")
    result = _ops.view_as_complex(_ops.stack(broadcast_tensors(real, imag), -1))
    return into(out, result)


@composite
def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers from their magnitudes and angles."""
    return complex(_ops.mul(abs, _ops.cos(angle)), _ops.mul(abs, _ops.sin(angle)), out=out)


@composite
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`narrow` as a copy."""
    return _ops.clone(_ops.narrow(input, dim, start, length))

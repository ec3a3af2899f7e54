"""Components, types, copies: what sparse tensors answer as objects."""

from __future__ import annotations

from typing import Any, NoReturn

from .. import _C
from .._layout import sparse_coo, strided
from .._tensor import _LEGACY
from .._tensor_of_elements import backward_by_elements, grad_by_elements
from ..ops.creation import zeros
from ._conversions import coalesced, converted, empty_of
from ._tensor import CompressedTensor, CoordinateTensor, SparseTensor, refuse, rule

_ops = _C.ops
Tensor = _C.Tensor


# ---- components


def _expect(name: str, tensor: Any, layouts: str, right: bool) -> None:
    if not right:
        raise RuntimeError(f"{name}(): the tensor has layout {tensor.layout}; expected {layouts}.")


def _expect_coordinates(name: str, tensor: Any) -> None:
    _expect(name, tensor, "torch.sparse_coo", isinstance(tensor, CoordinateTensor))


@rule()
def sparse_dim(input: Any) -> int:
    return len(input._positions) if isinstance(input, CoordinateTensor) else 2


@rule()
def dense_dim(input: Any) -> int:
    return int(input.dim()) - sparse_dim(input)


@rule()
def _nnz(input: Any) -> int:
    return len(input._elements)


@rule()
def is_coalesced(input: Any) -> bool:
    _expect_coordinates("is_coalesced", input)
    return bool(input._coalesced)


@rule()
def _coalesced_(input: Any, coalesced: bool) -> Any:
    _expect_coordinates("_coalesced_", input)
    input._coalesced = coalesced
    return input


def _expect_coalesced(name: str, tensor: Any) -> None:
    if not tensor._coalesced:
        raise RuntimeError(f"{name}(): cannot get {name} of an uncoalesced tensor; call .coalesce() first.")


@rule()
def indices(input: Any) -> Any:
    _expect_coordinates("indices", input)
    _expect_coalesced("indices", input)
    return input._positions


@rule()
def _indices(input: Any) -> Any:
    _expect_coordinates("_indices", input)
    return input._positions


@rule()
def values(input: Any) -> Any:
    if isinstance(input, CoordinateTensor):
        _expect_coalesced("values", input)
    return _seen(input)


@rule()
def _values(input: Any) -> Any:
    return _seen(input)


def _seen(tensor: Any) -> Any:
    """The elements; of a leaf as a result of its own, so that the leaf keeps its gradient."""
    elements = tensor._elements
    return _ops.alias(elements) if elements.requires_grad and elements.is_leaf else elements


def _component(name: str, by_rows: bool, pointers: bool) -> None:
    def component(input: Any) -> Any:
        right = isinstance(input, CompressedTensor) and input.by_rows is by_rows
        _expect(name, input, "torch.sparse_csr" if by_rows else "torch.sparse_csc", right)
        return input._pointers if pointers else input._places

    rule(name)(component)


_component("crow_indices", True, True)
_component("col_indices", True, False)
_component("ccol_indices", False, True)
_component("row_indices", False, False)


# ---- types and devices


@rule(mixed=True)
def to(input: Any, *args: Any, **kwargs: Any) -> Any:
    if not isinstance(input, SparseTensor):  # the type and the device of a sparse tensor
        args = tuple(each._elements if isinstance(each, SparseTensor) else each for each in args)
        kwargs = {name: each._elements if isinstance(each, SparseTensor) else each for name, each in kwargs.items()}
        return Tensor.to(input, *args, **kwargs)
    args = tuple(each._elements if isinstance(each, SparseTensor) else each for each in args)
    return _cast(input, Tensor.to(input._elements, *args, **kwargs))


def _cast(tensor: Any, elements: Any) -> Any:
    return tensor if elements is tensor._elements else tensor.with_elements(elements)


def _conversion(name: str) -> None:
    convert = getattr(Tensor, name)
    rule(name)(lambda input, *args, **kwargs: _cast(input, convert(input._elements, *args, **kwargs)))


for _name in (
    *("float", "double", "half", "bfloat16", "int", "long", "short", "char", "byte", "bool", "cfloat", "cdouble"),
    *("cpu", "cuda", "pin_memory"),
):
    _conversion(_name)


@rule()
def type(input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    if dtype is None:
        return f"torch.sparse.{_LEGACY[input.dtype]}Tensor"
    name = dtype.replace("torch.sparse.", "torch.") if isinstance(dtype, str) else dtype
    return _cast(input, Tensor.type(input._elements, name))


@rule(mixed=True)
def type_as(input: Any, other: Any) -> Any:
    if not isinstance(input, SparseTensor):
        return input.to(other.dtype)
    return _cast(input, input._elements.to(other.dtype))


@rule()
def is_contiguous(input: Any, memory_format: Any = None) -> bool:
    return False


@rule()
def is_shared(input: Any) -> bool:
    return bool(input._elements.is_shared())


@rule()
def share_memory_(input: Any) -> Any:
    for each in (*input.parts(), input._elements):
        each.share_memory_()
    return input


# ---- copies


@rule()
def clone(input: Any, *, memory_format: Any = None) -> Any:
    copied = input.with_elements(input._elements.clone())
    if isinstance(copied, CoordinateTensor):
        copied._positions = copied._positions.clone()
    else:
        copied._pointers, copied._places = copied._pointers.clone(), copied._places.clone()
    return copied


@rule(mixed=True)
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **keywords: Any) -> Any:
    if not isinstance(data, SparseTensor):
        refuse("tensor", data)
    made = clone(data.detach()).to(device=device or data.device, dtype=dtype or data.dtype)
    return made.requires_grad_() if requires_grad else made


@rule("as_tensor", "asarray", mixed=True)
def as_tensor(data: Any, dtype: Any = None, device: Any = None, **keywords: Any) -> Any:
    return data.to(device=device or data.device, dtype=dtype or data.dtype)


@rule("real")
def real(input: Any) -> Any:
    return input.with_elements(input._elements.real)


@rule("imag")
def imag(input: Any) -> Any:
    return input.with_elements(input._elements.imag)


# ---- new tensors after this one


def _empty_like(input: Any, dtype: Any, layout: Any, device: Any, requires_grad: bool, size: Any = None) -> Any:
    layout, dtype, device = layout or input.layout, dtype or input.dtype, device or input.device
    size = input.shape if size is None else size
    if layout is strided:
        made = zeros(tuple(size), dtype=dtype, device=device)
    elif not isinstance(input, SparseTensor) or layout is not sparse_coo or len(size) != input.dim():
        made = empty_of(layout, size, dtype, device)
    else:
        made = empty_of(layout, size, dtype, device, sparse_dim(input))
    return made.requires_grad_() if requires_grad else made


@rule(mixed=True)
def empty_like(input: Any, *, layout: Any = None, memory_format: Any = None, **options: Any) -> Any:
    if isinstance(input, CompressedTensor) and layout in (None, input.layout):
        return input.with_elements(_C.Tensor.new_empty(input._elements, tuple(input._elements.shape), **options))
    return zeros_like(input, layout=layout, **options)


@rule(mixed=True)
def zeros_like(
    input: Any,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Any:
    return _empty_like(input, dtype, layout, device, requires_grad)


@rule("new_zeros", "new_empty", "new")
def new_zeros(
    self: Any,
    *size: Any,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Any:
    size = rest.get("size") or (size[0] if len(size) == 1 and not isinstance(size[0], int) else size)
    return _empty_like(self, dtype, layout, device, requires_grad, size)


@rule(mixed=True)
def new_tensor(self: Any, data: Any, **options: Any) -> Any:
    from .. import tensor as make

    return make(data, **{"dtype": self.dtype, "device": self.device, **options})


# ---- other sizes


def _resized(name: str, input: Any, size: Any, sparse_dims: int, dense_dims: int) -> tuple[int, ...]:
    _expect_coordinates(name, input)
    size = tuple(size)
    if len(size) != sparse_dims + dense_dims:
        raise RuntimeError(
            f"{name}(): size is {size}, sparse_dim {sparse_dims} and dense_dim {dense_dims}; expected as many sizes as "
            "dims."
        )
    if input.requires_grad:
        raise RuntimeError(f"{name}(): a tensor that requires grad cannot be resized. Use .detach().")
    return size


@rule()
def sparse_resize_(self: Any, size: Any, sparse_dim: int, dense_dim: int) -> Any:
    size = _resized("sparse_resize_", self, size, sparse_dim, dense_dim)
    count, old = len(self._positions), tuple(self.shape)
    if len(self._elements):
        if sparse_dim != count or len(size) != len(old):
            raise RuntimeError(
                f"sparse_resize_(): changing the number of sparse dims ({count} to {sparse_dim}) or dense dims of a "
                "tensor with "
                "elements is not supported. Use sparse_resize_and_clear_()."
            )
        if size[count:] != old[count:] or any(new < before for new, before in zip(size, old, strict=True)):
            raise RuntimeError(
                f"sparse_resize_(): {old} cannot shrink to {size}, nor its dense dims change, with elements."
            )
        self._become(CoordinateTensor.of(size, self._positions, self._elements, self._coalesced))
        return self
    return sparse_resize_and_clear_(self, size, sparse_dim, dense_dim)


@rule()
def sparse_resize_and_clear_(self: Any, size: Any, sparse_dim: int, dense_dim: int) -> Any:
    size = _resized("sparse_resize_and_clear_", self, size, sparse_dim, dense_dim)
    self._become(empty_of(sparse_coo, size, self.dtype, self.device, sparse_dim))
    return self


@rule(mixed=True)
def resize_as_sparse_(input: Any, the_template: Any) -> Any:
    _expect_coordinates("resize_as_sparse_", the_template)
    return sparse_resize_(input, the_template.shape, sparse_dim(the_template), dense_dim(the_template))


# ---- what only strided tensors have


@rule(mixed=True)
def __setitem__(input: Any, key: Any, value: Any) -> NoReturn:
    raise TypeError(
        f"Cannot assign to a sparse tensor: layouts are {input.layout} and "
        f"{value.layout if isinstance(value, Tensor) else 'none'}; expected torch.strided. Use .to_dense()."
    )


@rule()
def numpy(self: Any, *, force: bool = False) -> NoReturn:
    raise TypeError(f"numpy(): can't convert a {self.layout} tensor to numpy. Use Tensor.to_dense() first.")


def _single(name: str) -> None:
    def of_one_element(input: Any) -> Any:
        if input.numel() != 1:
            raise RuntimeError(f"{name}(): a tensor of shape {tuple(input.shape)} has not one element; expected one.")
        return getattr(converted(input, strided).reshape(()), name)()

    rule(name)(of_one_element)


for _name in ("item", "__bool__", "__int__", "__float__", "__index__"):
    _single(_name)


@rule()
def is_nonzero(input: Any) -> bool:
    return bool(coalesced(converted(input, sparse_coo))._elements.sum().item())


rule("grad", mixed=True)(grad_by_elements)
rule("backward", mixed=True)(backward_by_elements)


@rule()
def as_subclass(self: Any, cls: Any) -> Any:
    if not isinstance(self, cls):
        refuse("as_subclass", self)
    return self

"""New tensors of a given shape: empty, filled, counted; and their forms after another tensor (`*_like`, `new_*`)."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .. import _C
from .._C import Tensor
from .._composite import composite, published
from .._layout import layout, memory_format, strided
from ..types import Device, _size

_ops = _C.ops

F = TypeVar("F", bound=Callable[..., Any])


def creation(function: F) -> F:
    """Publish as a function only: `empty_like` and its relatives are no methods."""
    published[function.__name__] = function
    return function


def shape_of(name: str, size: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """The shape of f(2, 3), f((2, 3)) or f(size=(2, 3)); a TypeError for keywords that no creation takes."""
    if keywords:
        if "size" in keywords:
            if size:
                raise TypeError(f"{name}(): size was given twice: {size} and size={keywords['size']}.")
            size = (keywords.pop("size"),)
        for keyword in keywords:
            if keyword not in ("layout", "pin_memory"):
                raise TypeError(f"{name}() got an unexpected keyword argument '{keyword}'")
        if keywords.get("layout") not in (None, strided):
            raise RuntimeError(f"{name}(): layout is {keywords['layout']}; {name} expects torch.strided.")
    if not size:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    if len(size) == 1 and not isinstance(size[0], int) and hasattr(size[0], "__len__"):
        return size[0]
    return size


def empty_sparse(name: str, size: Any, dtype: Any, device: Any, requires_grad: bool, keywords: dict[str, Any]) -> Any:
    """A tensor without elements of the sparse layout in `keywords`, which is taken out; None where there is none."""
    layout = keywords.pop("layout", None)
    if layout in (None, strided):
        return None
    from ..sparse._conversions import empty_of

    return finished(empty_of(layout, shape_of(name, size, keywords), dtype, device), requires_grad)


def finished(tensor: Tensor, requires_grad: bool) -> Tensor:
    """`tensor`, a leaf that wants a gradient where that was asked for."""
    return tensor.requires_grad_() if requires_grad else tensor


def into(out: Tensor | None, result: Tensor) -> Tensor:
    """`result`, written to `out` where one was given."""
    return result if out is None else out.resize_(result.shape).copy_(result)


@creation
def empty(
    *size: int | _size,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    **keywords: Any,
) -> Tensor:
    """A tensor whose elements are not set.

    Args:
        size: integers, or one sequence of them.
        dtype: of the elements; the default floating type without it.
        memory_format: the order of the dimensions in memory, `torch.channels_last` for instance.
    """
    if (
        "layout" in keywords
        and (made := empty_sparse("empty", size, dtype, device, requires_grad, keywords)) is not None
    ):
        return made
    shape = shape_of("empty", size, keywords)
    return finished(_ops.empty(shape, dtype=dtype, device=device, memory_format=memory_format, out=out), requires_grad)


@creation
def empty_strided(
    size: _size,
    stride: _size,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of the given sizes and strides (in elements) whose elements are not set."""
    return finished(_ops.empty_strided(size, stride, dtype=dtype, device=device), requires_grad)


@creation
def empty_permuted(
    size: _size,
    physical_layout: _size,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A dense tensor, not set, whose dims lie in memory in the order `physical_layout`, outermost first."""
    order = tuple(physical_layout)
    if sorted(order) != list(builtins.range(len(size))):
        raise RuntimeError(f"empty_permuted(): physical_layout {order} is no permutation of the {len(size)} dims.")
    stored = _ops.empty([size[d] for d in order], dtype=dtype, device=device)
    shown = stored.permute([order.index(d) for d in builtins.range(len(order))])
    return finished(shown.detach(), requires_grad)


@creation
def zeros(
    *size: int | _size,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """A tensor of zeros; `size` as integers or one sequence, of the default floating type without `dtype`."""
    if (
        "layout" in keywords
        and (made := empty_sparse("zeros", size, dtype, device, requires_grad, keywords)) is not None
    ):
        return made
    shape = shape_of("zeros", size, keywords)
    return finished(_ops.zeros(shape, dtype=dtype, device=device, out=out), requires_grad)


@creation
def ones(
    *size: int | _size,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """A tensor of ones; `size` as integers or one sequence, of the default floating type without `dtype`."""
    shape = shape_of("ones", size, keywords)
    kind = dtype if dtype is not None else _C.get_default_dtype() if out is None else out.dtype
    return finished(_ops.full(shape, 1, dtype=kind, device=device, out=out), requires_grad)


def _filled(size: Any, value: Any, dtype: Any, device: Any, out: Any = None) -> Any:
    if isinstance(value, int) and value >= 2**63:  # as a tensor: numbers of an operation have 63 bits
        return _ops.empty(size, dtype=dtype or _C.int64, device=device, out=out).fill_(value)
    return _ops.full(size, value, dtype=dtype, device=device, out=out)


@creation
def full(
    size: int | _size,
    fill_value: Tensor | complex,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor with `fill_value` everywhere, without `dtype` of the value's own type."""
    return finished(_filled(size, fill_value, dtype, device, out), requires_grad)


@creation
def scalar_tensor(
    s: Tensor | complex,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A 0-d tensor of one number, of the default floating type without `dtype`."""
    return finished(_filled((), s, dtype or _C.get_default_dtype(), device), requires_grad)


@creation
def arange(
    start: float | Tensor | None = None,
    end: float | Tensor | None = None,
    step: float | Tensor = 1,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """start, start + step, ... before end: ceil((end - start) / step) numbers; `arange(end)` begins at 0.

    Without `dtype` int64 where all three are integers, else the default floating type.
    """
    if end is None:
        if start is None:
            raise TypeError(
                "arange(): neither start nor end was given; expected arange(end) or arange(start, end, step)."
            )
        start, end = 0, start
    elif start is None:
        start = 0
    return finished(_ops.arange(start, end, step, dtype=dtype, device=device, out=out), requires_grad)


@creation
def range(
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """start, start + step, ... up to end and with it, of the default floating type; `arange` leaves the end out."""
    if end is None:
        start, end = 0, start
    count = int((end - start) / step) + 1
    values = _ops.arange(0, count, 1, dtype=_C.float64, device=device).mul_(step).add_(start)
    return finished(into(out, values.to(dtype or _C.get_default_dtype())), requires_grad)


@creation
def linspace(
    start: Tensor | complex,
    end: Tensor | complex,
    steps: int,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """`steps` numbers at equal distances, from start to end and with both."""
    return finished(_ops.linspace(start, end, steps, dtype=dtype, device=device, out=out), requires_grad)


@creation
def logspace(
    start: Tensor | complex,
    end: Tensor | complex,
    steps: int,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """`base` to the powers of `linspace(start, end, steps)`."""
    powers = _ops.pow(base, _ops.linspace(start, end, steps, dtype=_C.float64, device=device))
    return finished(into(out, powers.to(dtype or _C.get_default_dtype())), requires_grad)


@creation
def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """The n x m matrix (n x n without m) with ones on its diagonal and zeros elsewhere."""
    result = _ops.zeros((n, n if m is None else m), dtype=dtype, device=device, out=out)
    _ops.diagonal(result).fill_(1)
    return finished(result, requires_grad)


def _indices_of(mask: Any, dtype: Any, device: Any) -> Any:
    found = _ops.nonzero(mask).t().contiguous()
    return found.to(device=device or _C.get_default_device(), dtype=dtype or _C.int64)


@creation
def tril_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: _C.dtype | None = None,
    device: Device = None,
    layout: layout | None = None,
) -> Tensor:
    """Row and column numbers, (2, N), of a row x col matrix on and below diagonal `offset`, row by row."""
    return _indices_of(_ops.full((row, col), True, device="cpu").tril(offset), dtype, device)


@creation
def triu_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: _C.dtype | None = None,
    device: Device = None,
    layout: layout | None = None,
) -> Tensor:
    """Row and column numbers, (2, N), of a row x col matrix on and above diagonal `offset`, row by row."""
    return _indices_of(_ops.full((row, col), True, device="cpu").triu(offset), dtype, device)


# ---- after another tensor ----


@creation
def empty_like(
    input: Tensor,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of the shape, dtype and memory order of `input` whose elements are not set."""
    return finished(_ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format), requires_grad)


@creation
def zeros_like(
    input: Tensor,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of zeros of the shape, dtype and memory order of `input`."""
    if layout not in (None, strided):
        return zeros(input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad, layout=layout)
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops.zero_(made), requires_grad)


@creation
def ones_like(
    input: Tensor,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of ones of the shape, dtype and memory order of `input`."""
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops.fill_(made, 1), requires_grad)


@creation
def full_like(
    input: Tensor,
    fill_value: Tensor | complex,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of the shape, dtype and memory order of `input` with `fill_value` everywhere."""
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops.fill_(made, fill_value), requires_grad)


@composite
def new_empty(
    self: Tensor,
    *size: int | _size,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """A tensor of the given size and, unless said otherwise, of this dtype and device; its elements are not set."""
    shape = shape_of("new_empty", size, keywords)
    return finished(_ops.empty(shape, dtype=dtype or self.dtype, device=device or self.device), requires_grad)


@composite
def new_empty_strided(
    self: Tensor,
    size: _size,
    stride: _size,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """`empty_strided` with this dtype and device, unless said otherwise."""
    made = _ops.empty_strided(size, stride, dtype=dtype or self.dtype, device=device or self.device)
    return finished(made, requires_grad)


@composite
def new_zeros(
    self: Tensor,
    *size: int | _size,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """Zeros of the given size and, unless said otherwise, of this dtype and device."""
    shape = shape_of("new_zeros", size, keywords)
    return finished(_ops.zeros(shape, dtype=dtype or self.dtype, device=device or self.device), requires_grad)


@composite
def new_ones(
    self: Tensor,
    *size: int | _size,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """Ones of the given size and, unless said otherwise, of this dtype and device."""
    shape = shape_of("new_ones", size, keywords)
    return finished(_ops.full(shape, 1, dtype=dtype or self.dtype, device=device or self.device), requires_grad)


@composite
def new_full(
    self: Tensor,
    size: int | _size,
    fill_value: Tensor | complex,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of the given size with `fill_value` everywhere and, unless said otherwise, this dtype and device."""
    made = _filled(size, fill_value, dtype or self.dtype, device or self.device)
    return finished(made, requires_grad)


@composite
def new_tensor(
    self: Tensor,
    data: Any,
    *,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """`torch.tensor(data)` with this dtype and device, unless said otherwise."""
    made = _C._tensor_from_data(data, dtype or self.dtype)
    return finished(made.to(device or self.device), requires_grad)

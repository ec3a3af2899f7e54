"""Random tensors. Draws come from Philox by counter: the same seed gives the same numbers on any number of threads."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite
from .._layout import layout, memory_format
from ..types import Device, _size
from .creation import creation, finished, into, shape_of

_ops = _C.ops

# Methods that fill a tensor with draws; their parameters are the records'.
for _name in ("uniform_", "exponential_", "cauchy_", "log_normal_", "geometric_"):
    setattr(_C.Tensor, _name, getattr(_ops, _name))
setattr(_C.Tensor, "normal_", _ops._normal_)  # noqa: B010, for type checkers it is there already


def _target(name: str, size: Any, keywords: dict[str, Any], out: Any, dtype: Any, device: Any) -> Any:
    shape = shape_of(name, size, keywords)
    return _ops.empty(shape, dtype=dtype, device=device, out=out)


@creation
def rand(
    *size: int | _size,
    generator: _C.Generator | None = None,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """Draws from the uniform distribution on [0, 1); `size` as integers or one sequence."""
    made = _target("rand", size, keywords, out, dtype, device)
    return finished(_ops.uniform_(made, generator=generator), requires_grad)


@creation
def randn(
    *size: int | _size,
    generator: _C.Generator | None = None,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    **keywords: Any,
) -> Tensor:
    """Draws from the standard normal distribution; `size` as integers or one sequence."""
    made = _target("randn", size, keywords, out, dtype, device)
    return finished(_ops._normal_(made, generator=generator), requires_grad)


def _bounds(low: Any, high: Any, size: Any) -> tuple[Any, Any, Any]:
    """(low, high, size) of randint(high, size) and randint(low, high, size)."""
    if size is None and high is not None and not isinstance(high, int):
        return 0, low, high
    if high is None:
        return 0, low, size
    return low, high, size


@creation
def randint(
    low: int = 0,
    high: int | _size | None = None,
    size: _size | None = None,
    *,
    generator: _C.Generator | None = None,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Integers from [low, high), int64 without `dtype`: `randint(high, size)` or `randint(low, high, size)`."""
    low, bound, size = _bounds(low, high, size)
    if size is None:
        raise TypeError('randint() missing 1 required positional arguments: "size"')
    made = _ops.empty(size, dtype=dtype or (_C.int64 if out is None else None), device=device, out=out)
    return finished(_ops.random_(made, low, bound, generator=generator), requires_grad)


@creation
def randperm(
    n: int,
    *,
    generator: _C.Generator | None = None,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """The integers 0 to n - 1 in random order; int64 without `dtype`."""
    made = _ops.randperm(n, generator=generator, dtype=dtype, device=device, out=out)
    return finished(made, requires_grad)


@creation
def normal(
    mean: float | Tensor,
    std: float | Tensor = 1.0,
    size: _size | None = None,
    *,
    generator: _C.Generator | None = None,
    out: Tensor | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Normal draws: of one mean and std and a given size, or with tensors, broadcast together, of their shape."""
    if size is not None:
        made = _ops.empty(size, dtype=dtype, device=device, out=out)
        moments: Any = mean, std  # numbers, or the operation says so
        return finished(_ops._normal_(made, *moments, generator=generator), requires_grad)
    if isinstance(std, _C.Tensor) and std.is_complex():
        raise RuntimeError("normal(): normal expects standard deviation to be non-complex.")
    if isinstance(std, _C.Tensor) and std.numel() and bool((std < 0).any()):
        raise RuntimeError(f"normal(): normal expects all elements of std >= 0.0; the least is {std.min().item()}.")
    with_tensors = _ops.add(mean, _ops.mul(std, 0)) if isinstance(std, _C.Tensor) else mean
    if not isinstance(with_tensors, _C.Tensor):
        raise TypeError("normal(): expected a tensor as mean or std, or a size.")
    made = _ops._normal_(_ops.empty_like(with_tensors.detach()), generator=generator)
    result = made.mul_(_detached(std)).add_(_detached(mean))
    return into(out, result)


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, _C.Tensor) else value


@creation
def rand_like(
    input: Tensor,
    *,
    generator: _C.Generator | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """Uniform draws from [0, 1) in the shape and dtype of `input`."""
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops.uniform_(made, generator=generator), requires_grad)


@creation
def randn_like(
    input: Tensor,
    *,
    generator: _C.Generator | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """Standard normal draws in the shape and dtype of `input`."""
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops._normal_(made, generator=generator), requires_grad)


@creation
def randint_like(
    input: Tensor,
    low: Any = 0,
    high: int | None = None,
    *,
    generator: _C.Generator | None = None,
    dtype: _C.dtype | None = None,
    layout: layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: memory_format | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """Integers from [low, high), or with one bound from [0, low), in the shape and dtype of `input`."""
    if high is None:
        low, high = 0, low
    made = _ops.empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
    return finished(_ops.random_(made, low, high, generator=generator), requires_grad)


@composite
def bernoulli(
    input: Tensor, p: float | None = None, *, generator: _C.Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """1 with the probability that each element of `input` says (all with `p`, where given), else 0."""
    if p is None:
        return _ops.bernoulli(input, generator=generator, out=out)
    return _ops._bernoulli(input, p, generator=generator, out=out)


@composite
def bernoulli_(self: Tensor, p: float | Tensor = 0.5, *, generator: _C.Generator | None = None) -> Tensor:
    """Fill with draws that are 1 with probability `p`, a number or a tensor of them, else 0."""
    if not isinstance(p, _C.Tensor):
        return _ops._bernoulli_(self, p, generator=generator)
    probabilities = _ops.empty_like(self, dtype=_C.float64 if p.dtype is _C.float64 else _C.float32).copy_(p.detach())
    return self.copy_(_ops.bernoulli(probabilities, generator=generator))


@composite
def random_(self: Tensor, *bounds: int, generator: _C.Generator | None = None, **keywords: Any) -> Tensor:
    """Fill with integers: random_(to), random_(from, to), or random_() for all that the dtype holds exactly, from 0."""
    if len(bounds) == 1 and not keywords:
        bounds = (0, bounds[0])
    return _ops.random_(self, *bounds, generator=generator, **keywords)

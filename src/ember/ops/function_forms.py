"""Methods that PyTorch has as functions too, and methods of older programs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import composite, published
from .._layout import memory_format
from .elementwise import need_tensor

_ops = _C.ops

_METHODS = """
addmv_ clamp_ conj_physical_ detach detach_ gcd_ get_device i0_ is_conj is_inference is_neg is_signed lcm_
ldexp_ logit_ nan_to_num_ resize_as_ round_ xlogy_
"""


def _as_function(name: str) -> Any:
    def function(input: Any, *args: Any, **kwargs: Any) -> Any:
        need_tensor(name, "input", input)
        return getattr(input, name)(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`Tensor.{name}` as a function."
    return function


for _name in _METHODS.split():
    published[_name] = _as_function(_name)


@composite
def resize_as_(self: Tensor, the_template: Tensor, *, memory_format: memory_format | None = None) -> Tensor:
    """`resize_` to the shape of another tensor."""
    return self.resize_(the_template.shape)


@composite
def resize(self: Tensor, *sizes: Any) -> Tensor:
    """`reshape` under its old name."""
    warnings.warn("resize(): non-inplace resize is deprecated; use reshape().", stacklevel=2)
    given = list(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else list(sizes)
    if math.prod(given) != self.numel():
        raise RuntimeError(
            f"resize(): requested resize to {tuple(given)}, but the given tensor has a size of {tuple(self.shape)} "
            f"({self.numel()} elements); resize can only change the shape, not the number of elements."
        )
    return self.reshape(given)


@composite
def resize_as(self: Tensor, tensor: Tensor) -> Tensor:
    """`reshape_as` under its old name."""
    return resize(self, tensor.shape)


def _need_no_gradient(name: str, tensor: Any) -> None:
    if tensor.requires_grad:
        raise RuntimeError(
            f"{name}(): Can't call {name}() on a tensor that requires grad. Hint: tensor.detach().{name}()."
        )


@composite
def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replace each element by what the Python function makes of it. Slow: one call for each element.

    Example:
        >>> ember.tensor([1., 2.]).apply_(lambda x: x * x)
        tensor([1., 4.])
    """
    _need_no_gradient("apply_", self)
    values = [callable(value) for value in self.reshape(-1).tolist()]
    return self.copy_(_C._tensor_from_data(values, self.dtype).reshape(self.shape))


@composite
def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Replace each element by what the Python function makes of it and that of `tensor`. Slow, as :func:`apply_`."""
    _need_no_gradient("map_", self)
    others = tensor.expand(self.shape).reshape(-1).tolist()
    values = [callable(*pair) for pair in zip(self.reshape(-1).tolist(), others, strict=True)]
    return self.copy_(_C._tensor_from_data(values, self.dtype).reshape(self.shape))


@composite
def dim_order(self: Tensor) -> tuple[int, ...]:
    """The dims in the order of memory, the one with the largest stride first."""
    strides = self.stride()
    return tuple(sorted(range(self.dim()), key=lambda dim: -strides[dim]))


def typename(obj: Any, /) -> str:
    """The name of a tensor's legacy type, or the full name of another object's class."""
    if isinstance(obj, _C.Tensor):
        return str(obj.type())
    kind = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(kind, "__module__", "")
    return kind.__qualname__ if module in ("", "builtins", None) else f"{module}.{kind.__qualname__}"


published["typename"] = typename


@composite
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1, out: Tensor | None = None) -> Tensor:
    """The indices of the first `size` elements that are not 0, ``(size, dims)``; missing rows hold `fill_value`."""
    if size < 0:
        raise RuntimeError(f"nonzero_static(): size is {size}; 'size' must be an non-negative integer.")
    found = _ops.nonzero(input)[:size]
    missing = found.new_full((size - found.shape[0], found.shape[1]), fill_value)
    result = _ops.cat([found, missing])
    return result if out is None else out.resize_(result.shape).copy_(result)


@composite
def _softmax_backward_data(grad_output: Any, output: Any, dim: int, input_dtype: Any) -> Any:
    """The gradient of softmax from its result, as layers with a backward of their own call it.

    Args:
        grad_output, output: the result's gradient, and the result.
        dim: that of softmax.
        input_dtype: of the gradient.
    """
    weighted = grad_output * output
    return (weighted - output * weighted.sum(dim, keepdim=True)).to(input_dtype)

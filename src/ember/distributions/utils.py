"""Parameters of one shape, probabilities and logits, triangles as vectors, lazy attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import ember

from .._C import Tensor, get_default_dtype
from .._number_info import finfo
from ..autograd import enable_grad

euler_constant: Final[float] = 0.57721566490153286060

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "euler_constant",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]


def is_number(value: Any) -> bool:
    """Whether `value` is a Python number, a parameter without a shape."""
    return isinstance(value, (int, float, complex))


def broadcast_all(*values: Any) -> tuple[Any, ...]:
    """Tensors of one shape from tensors and numbers; numbers take the dtype of the first tensor.

    Args:
        values: tensors and numbers. Without a tensor among them the default dtype is taken.

    Raises:
        ValueError: if one of them is neither.

    Example:
        >>> import ember
        >>> loc, scale = ember.distributions.utils.broadcast_all(ember.zeros(2), 1.0)
        >>> scale
        tensor([1., 1.])
    """
    for value in values:
        if not (isinstance(value, Tensor) or is_number(value) or hasattr(value, "__torch_function__")):
            raise ValueError(
                "Input arguments must all be instances of Number, torch.Tensor or objects implementing "
                f"__torch_function__; one is of type {type(value).__name__}."
            )
    first = next((value for value in values if isinstance(value, Tensor)), None)
    options = {"dtype": get_default_dtype()} if first is None else {"dtype": first.dtype, "device": first.device}
    tensors = [value if not is_number(value) else ember.tensor(value, **options) for value in values]
    return tuple(ember.broadcast_tensors(*tensors))


def standard_normal(shape: tuple[int, ...], dtype: Any, device: Any) -> Tensor:
    """Draws from the normal distribution of mean 0 and variance 1."""
    return ember.randn(shape, dtype=dtype, device=device)


def sum_rightmost(value: Any, dim: int) -> Any:
    """The sum over the last `dim` dims; a number counts as the sum itself."""
    if dim == 0 or not isinstance(value, Tensor):
        return value
    return value.reshape((*value.shape[:-dim], -1)).sum(-1)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """Probabilities from their logarithms (up to a constant), or with `is_binary` from log odds."""
    return ember.sigmoid(logits) if is_binary else ember.softmax(logits, dim=-1)


def clamp_probs(probs: Any) -> Any:
    """`probs` kept so far from 0 and 1 that logarithms are finite: by the dtype's epsilon."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """Logarithms of probabilities, or with `is_binary` log odds; finite for 0 and 1."""
    kept = clamp_probs(probs)
    return kept.log() - (-kept).log1p() if is_binary else kept.log()


def tril_matrix_to_vec(mat: Any, diag: int = 0) -> Any:
    """The elements of the lower triangle below diagonal `diag`, row by row; `mat` has shape (..., n, n).

    Raises:
        ValueError: if `diag` is outside [-n, n).
    """
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    rows, columns = ember.tril_indices(n, n, diag, device=mat.device)
    return mat[..., rows, columns]


def vec_to_tril_matrix(vec: Any, diag: int = 0) -> Any:
    """The inverse of `tril_matrix_to_vec`; `vec` has shape (..., elements of the triangle).

    Raises:
        ValueError: if no triangle has that many elements.
    """
    elements = vec.shape[-1]
    n = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * elements + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    if round(n) - n > finfo(vec.dtype).eps:
        raise ValueError(
            f"The size of last dimension is {elements} which cannot be expressed as the lower triangular part of a "
            "matrix."
        )
    size = round(n)
    matrix = vec.new_zeros((*vec.shape[:-1], size, size))
    rows, columns = ember.tril_indices(size, size, diag, device=vec.device)
    matrix[..., rows, columns] = vec
    return matrix


class lazy_property:
    """An attribute that is computed when it is first read and then stands in the instance."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        functools.update_wrapper(self, wrapped)  # type: ignore[arg-type]

    def __get__(self, instance: Any, obj_type: Any = None) -> Any:
        if instance is None:
            return _LazyPropertyOfClass(self.wrapped)
        with enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


class _LazyPropertyOfClass(lazy_property, property):
    """What a class shows of a lazy property: a property with its documentation."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        property.__init__(self, wrapped)


# Names that packages take from here.
_standard_normal = standard_normal
_sum_rightmost = sum_rightmost
_lazy_property_and_property = _LazyPropertyOfClass

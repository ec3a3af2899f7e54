"""PyTorch's private module of dispatch in Python: what packages ask of tensors' classes."""

from __future__ import annotations

from .._C import Tensor


def is_traceable_wrapper_subclass(t: object) -> bool:
    """Whether `t` is a tensor of a class that can be taken apart: it has ``__tensor_flatten__`` and its inverse."""
    methods = ("__tensor_flatten__", "__tensor_unflatten__")
    return isinstance(t, Tensor) and type(t) is not Tensor and all(hasattr(type(t), name) for name in methods)

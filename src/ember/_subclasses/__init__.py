"""Tensors without values that compilers trace with; Ember has none, and packages ask."""

from .fake_tensor import FakeTensor, FakeTensorMode

__all__ = ["FakeTensor", "FakeTensorMode"]

"""PyTorch's tools of architecture optimization, of which the names are here that models are written with."""

from . import quantization

__all__ = ["quantization"]

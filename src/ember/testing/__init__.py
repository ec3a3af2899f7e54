"""What tests of tensors need: comparison within tolerances, tensors of random numbers."""

from .comparison import assert_allclose, assert_close
from .creation import make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]

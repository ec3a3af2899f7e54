"""Operations that take functions, which packages import from PyTorch's private place for them."""

from .associative_scan import associative_scan

__all__ = ["associative_scan"]

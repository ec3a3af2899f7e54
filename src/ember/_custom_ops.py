"""The older names of `ember.library`, which packages import still."""

from .library import custom_op, impl
from .library import register_fake as impl_abstract

__all__ = ["custom_op", "impl", "impl_abstract"]

"""Which kernel computes attention. Ember has one for each device, so a choice is accepted and changes nothing."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator

__all__ = ["WARN_FOR_UNFUSED_KERNELS", "SDPBackend", "sdpa_kernel"]

WARN_FOR_UNFUSED_KERNELS = False


class SDPBackend(enum.Enum):
    """PyTorch's kernels of scaled dot-product attention."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4

    def __int__(self) -> int:
        return self.value

    __index__ = __int__


@contextlib.contextmanager
def sdpa_kernel(backends: list[SDPBackend] | SDPBackend, set_priority: bool = False) -> Iterator[None]:
    """Name the kernels that attention may use inside a ``with`` block or a decorated function.

    Args:
        backends: one or several; taken and not used, the device's one kernel computes all.
        set_priority: their order is one of preference. Default: ``False``.

    Example:
        >>> from ember.nn.attention import SDPBackend, sdpa_kernel
        >>> with sdpa_kernel(SDPBackend.MATH):
        ...     x = ember.ones(1, 2, 4)
        ...     y = ember.nn.functional.scaled_dot_product_attention(x, x, x)
    """
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError(
            f"sdpa_kernel(): backends is a {type(backends).__name__}; expected a SDPBackend or a list of them."
        )
    yield

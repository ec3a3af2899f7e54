"""functionalize: what it promises to compilers, for functions that run as they are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["functionalize"]


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """A function with the results and effects of `func`.

    In PyTorch a tracer that looks at it sees no changes in place. Ember has no tracer that would need it: the function
    runs as it is.

    Args:
        func: any function of tensors.
        remove: ``"mutations"`` or ``"mutations_and_views"``.

    Raises:
        RuntimeError: `remove` is something else.

    Example:
        >>> ember.func.functionalize(lambda x: x.clone().add_(1))(ember.zeros(2))
        tensor([1., 1.])
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(f"functionalize(): remove is {remove!r}; expected 'mutations' or 'mutations_and_views'.")

    @functools.wraps(func)
    def same(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return same

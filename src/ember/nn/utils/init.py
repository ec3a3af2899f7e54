"""Modules whose parameters are not filled."""

from __future__ import annotations

import inspect
from typing import Any

from ..modules.module import Module


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """Make a module without the first values of its parameters, for those who fill them anyway.

    Args:
        module_cls: a class of modules that takes ``device``.
        args, kwargs: of its constructor.

    Returns:
        the module; what its parameters hold is not defined.

    Raises:
        RuntimeError: ``module_cls`` is no module, or takes no ``device``.

    Example:
        >>> ember.nn.utils.skip_init(ember.nn.Linear, 2, 3).weight.shape
        torch.Size([3, 2])
    """
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    device = kwargs.pop("device", None) or "cpu"
    return module_cls(*args, device="meta", **kwargs).to_empty(device=device)

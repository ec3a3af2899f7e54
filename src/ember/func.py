"""Functions of modules and parameters: ``torch.func``, as far as it does not transform functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .nn.modules.module import Module
from .nn.utils import stateless

__all__ = ["functional_call"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: dict[str, Any] | Sequence[dict[str, Any]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other tensors in the places of its parameters and buffers.

    Args:
        module: it has its own tensors again afterwards.
        parameter_and_buffer_dicts: from a name to the tensor, in one dict or several with different names.
        args, kwargs, tie_weights, strict: as in :func:`ember.nn.utils.stateless.functional_call`.

    Raises:
        ValueError: a name is in several dicts.

    Example:
        >>> model = ember.nn.Linear(2, 1)
        >>> stepped = {name: p - 0.1 * ember.ones_like(p) for name, p in model.named_parameters()}
        >>> ember.func.functional_call(model, stepped, (ember.ones(4, 2),)).shape
        torch.Size([4, 1])
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        tensors = parameter_and_buffer_dicts
    else:
        if not all(isinstance(each, dict) for each in parameter_and_buffer_dicts):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for each in parameter_and_buffer_dicts for name in each]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
        tensors = {name: tensor for each in parameter_and_buffer_dicts for name, tensor in each.items()}
    return stateless.functional_call(module, tensors, args, kwargs, tie_weights=tie_weights, strict=strict)

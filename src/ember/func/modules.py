"""Modules as functions of their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from ..nn.modules.batchnorm import _BatchNorm
from ..nn.modules.module import Module
from ..nn.utils import stateless

__all__ = ["functional_call", "replace_all_batch_norm_modules_", "stack_module_state"]


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


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and buffers of several models of one kind, stacked, so that `vmap` can run them as an ensemble.

    Args:
        models: of the same class, mode and shapes.

    Returns:
        (parameters, buffers): from each name to a tensor, which is a new leaf.

    Shape:
        parameter (*) of each of M models: (M, *).

    Raises:
        RuntimeError: no models, or they differ in class, in mode, or in what requires grad.

    Example:
        >>> models = [ember.nn.Linear(3, 2) for _ in range(4)]
        >>> parameters, buffers = ember.func.stack_module_state(models)
        >>> parameters["weight"].shape
        torch.Size([4, 2, 3])
        >>> run = lambda p, x: ember.func.functional_call(models[0], p, x)
        >>> ember.vmap(run, in_dims=(0, None))(parameters, ember.ones(5, 3)).shape
        torch.Size([4, 5, 2])
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state(): models is empty; expected at least one model.")
    kinds = sorted({type(model).__name__ for model in models})
    if len({type(model) for model in models}) > 1:
        raise RuntimeError(f"stack_module_state(): models are of classes {', '.join(kinds)}; expected the same class.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError(
            "stack_module_state(): some models are in training mode, some not; expected the same mode. "
            "Call train() or eval() on all."
        )
    parameters = [dict(model.named_parameters()) for model in models]
    buffers = [dict(model.named_buffers()) for model in models]
    return {name: _stacked_leaf(name, parameters) for name in parameters[0]}, {
        name: _stacked_leaf(name, buffers) for name in buffers[0]
    }


def _stacked_leaf(name: str, states: Sequence[dict[str, Any]]) -> Any:
    tensors = [state[name] for state in states]
    if len({tensor.requires_grad for tensor in tensors}) > 1:
        raise RuntimeError(
            f"stack_module_state(): {name} requires grad in some models and not in others; expected the same "
            "requires_grad for each model."
        )
    stacked = _C.ops.stack([tensor.detach() for tensor in tensors])
    return stacked.requires_grad_(tensors[0].requires_grad)


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Let all batch norms in `root` use each batch's own statistics, without running averages.

    Running averages are changed in place, which a function that is transformed may not do.

    Returns:
        `root` itself.

    Example:
        >>> ember.func.replace_all_batch_norm_modules_(ember.nn.BatchNorm1d(3)).track_running_stats
        False
    """
    for module in root.modules():
        if isinstance(module, _BatchNorm):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root

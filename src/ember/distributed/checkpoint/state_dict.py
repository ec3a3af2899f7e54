"""State dicts of modules and optimizers that speak of parameters by name, whoever holds them: here one process."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ...nn.modules._state import _IncompatibleKeys
from ...nn.modules.module import Module
from ...optim.optimizer import Optimizer

__all__ = [
    "StateDictOptions",
    "get_model_state_dict",
    "get_optimizer_state_dict",
    "get_state_dict",
    "set_model_state_dict",
    "set_optimizer_state_dict",
    "set_state_dict",
]

Optimizers = Optimizer | Iterable[Optimizer]


@dataclasses.dataclass
class StateDictOptions:
    """What a state dict is to hold.

    Args:
        full_state_dict: whole tensors; they are, in one process.
        cpu_offload: tensors in the CPU's memory; they are.
        ignore_frozen_params: leave parameters out that require no gradient.
        keep_submodule_prefixes: keys of `submodules` begin with their path in the model.
        strict: loading refuses keys that lack or are too many.
        broadcast_from_rank0: the first process tells the others; there are none.
        flatten_optimizer_state_dict: an optimizer's is one dict with keys such as ``state.0.weight.step``.
        dsd_fqn_modifiers: the method of a module that changes names.
    """

    full_state_dict: bool = False
    cpu_offload: bool = False
    ignore_frozen_params: bool = False
    keep_submodule_prefixes: bool = True
    strict: bool = True
    broadcast_from_rank0: bool = False
    flatten_optimizer_state_dict: bool = False
    dsd_fqn_modifiers: str = "_fqn_modifiers"


def get_model_state_dict(
    model: Module, *, submodules: set[Module] | None = None, options: StateDictOptions | None = None
) -> dict[str, Any]:
    """The module's state dict, or those keys of it that belong to `submodules`."""
    options = options or StateDictOptions()
    state = model.state_dict()
    if options.ignore_frozen_params:
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                state.pop(name, None)
    if submodules is None:
        return state
    prefixes = [f"{name}." for name, module in model.named_modules() if module in submodules and name]
    kept = {}
    for key, value in state.items():
        for prefix in prefixes:
            if key.startswith(prefix):
                kept[key if options.keep_submodule_prefixes else key[len(prefix) :]] = value
    return kept


def get_optimizer_state_dict(
    model: Module,
    optimizers: Optimizers,
    *,
    submodules: set[Module] | None = None,
    options: StateDictOptions | None = None,
) -> dict[str, Any]:
    """``{"state": {name: states}, "param_groups": [...]}`` with names of the model's parameters, of all optimizers.

    An optimizer without states is given its first ones, by a step with a learning rate and gradients of zero.
    """
    options = options or StateDictOptions()
    names = _names(model, submodules, options)
    state: dict[str, Any] = {}
    groups: list[dict[str, Any]] = []
    for optimizer in _all(optimizers):
        _make_states(optimizer)
        found = optimizer.state_dict()
        order = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        called = {index: names[parameter] for index, parameter in enumerate(order) if parameter in names}
        state.update({called[index]: value for index, value in found["state"].items() if index in called})
        for group in found["param_groups"]:
            kept = [called[index] for index in group["params"] if index in called]
            groups.append({key: value for key, value in group.items() if key != "params"} | {"params": kept})
    if options.flatten_optimizer_state_dict:
        return _flat(state, groups)
    return {"state": state, "param_groups": groups}


def get_state_dict(
    model: Module,
    optimizers: Optimizers,
    *,
    submodules: set[Module] | None = None,
    options: StateDictOptions | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state dicts of the module and of its optimizers."""
    return (
        get_model_state_dict(model, submodules=submodules, options=options),
        get_optimizer_state_dict(model, optimizers, submodules=submodules, options=options),
    )


def set_model_state_dict(
    model: Module, model_state_dict: dict[str, Any], *, options: StateDictOptions | None = None
) -> _IncompatibleKeys:
    """Load the module's state dict; what it lacked or had too many is returned."""
    return model.load_state_dict(model_state_dict, strict=(options or StateDictOptions()).strict)


def set_optimizer_state_dict(
    model: Module, optimizers: Optimizers, optim_state_dict: dict[str, Any], *, options: StateDictOptions | None = None
) -> None:
    """Load what :func:`get_optimizer_state_dict` has made, flat or not, also of other optimizers for the same names."""
    names = _names(model, None, options or StateDictOptions())
    for optimizer in _all(optimizers):
        _make_states(optimizer)
        order = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        called = {names[parameter]: index for index, parameter in enumerate(order) if parameter in names}
        own = optimizer.state_dict()
        if "state" in optim_state_dict:
            _take_nested(own, called, optim_state_dict)
        else:
            _take_flat(own, called, optim_state_dict)
        optimizer.load_state_dict(own)


def set_state_dict(
    model: Module,
    optimizers: Optimizers,
    *,
    model_state_dict: dict[str, Any],
    optim_state_dict: dict[str, Any],
    options: StateDictOptions | None = None,
) -> _IncompatibleKeys:
    """Load both state dicts."""
    keys = set_model_state_dict(model, model_state_dict, options=options)
    set_optimizer_state_dict(model, optimizers, optim_state_dict, options=options)
    return keys


def _all(optimizers: Optimizers) -> list[Optimizer]:
    return [optimizers] if isinstance(optimizers, Optimizer) else list(optimizers)


def _names(model: Module, submodules: set[Module] | None, options: StateDictOptions) -> dict[Any, str]:
    """The name of each parameter that takes part."""
    keys = None if submodules is None else {id(p) for module in submodules for p in module.parameters()}
    names = {}
    for name, parameter in model.named_parameters():
        if options.ignore_frozen_params and not parameter.requires_grad:
            continue
        if keys is None or id(parameter) in keys:
            names[parameter] = name
    return names


def _make_states(optimizer: Optimizer) -> None:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    if optimizer.state or any(p.grad is not None for p in parameters):
        return
    rates = [group["lr"] for group in optimizer.param_groups]
    for p in parameters:
        if p.requires_grad:
            p.grad = p.new_zeros(p.shape)
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * 0
    optimizer.step()
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)


def _flat(state: dict[str, Any], groups: list[dict[str, Any]]) -> dict[str, Any]:
    flat = {f"state.{name}.{key}": value for name, states in state.items() for key, value in states.items()}
    for group in groups:
        for name in group["params"]:
            flat.update({f"param_groups.{name}.{key}": value for key, value in group.items() if key != "params"})
    return flat


def _take_nested(own: dict[str, Any], called: dict[str, int], given: dict[str, Any]) -> None:
    own["state"] = {called[name]: states for name, states in given["state"].items() if name in called}
    numbers = {index: name for name, index in called.items()}
    for group in own["param_groups"]:
        mine = {numbers[index] for index in group["params"] if index in numbers}
        for other in given["param_groups"]:
            if mine & set(other["params"]):
                group.update({key: value for key, value in other.items() if key != "params"})


def _take_flat(own: dict[str, Any], called: dict[str, int], given: dict[str, Any]) -> None:
    own["state"] = {}
    for name, index in called.items():
        start = f"state.{name}."
        states = {key[len(start) :]: value for key, value in given.items() if key.startswith(start)}
        if states:
            own["state"][index] = states
        for group in own["param_groups"]:
            if index in group["params"]:
                for key in group:
                    group[key] = given.get(f"param_groups.{name}.{key}", group[key])

"""Steps of an optimizer on other parameters than its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .optimizer import Optimizer, Tensor


@contextmanager
def swap_in_optimizer_params_and_state(
    optimizer: Optimizer, swapin_parameters: dict[str, Tensor], swapin_optim_state: dict[str, Any]
) -> Iterator[None]:
    """Within the block, the optimizer has other parameters, options and state.

    Tensors of the state that a step changes in place are changed for the caller too; nothing else is handed back.

    Args:
        optimizer: has made a step; it is as before after the block.
        swapin_parameters: by any names, in the order of the optimizer's parameters.
        swapin_optim_state: as :meth:`Optimizer.state_dict` gives it.

    Raises:
        RuntimeError: the optimizer has no state yet, or numbers of groups or parameters differ.
    """
    if not optimizer.state:
        raise RuntimeError("swap_in_optimizer_params_and_state requires initialized optimizer state.")
    groups, saved = optimizer.param_groups, swapin_optim_state["param_groups"]
    if len(groups) != len(saved):
        raise RuntimeError(
            "swapin_optim_state has a different number of parameter groups than the live optimizer: "
            f"{len(saved)}; {len(groups)} are expected."
        )
    for i, (group, other) in enumerate(zip(groups, saved, strict=True)):
        if len(group["params"]) != len(other["params"]):
            raise RuntimeError(
                f"swapin_optim_state param group {i} has a different number of params than the live optimizer param "
                f"group: {len(other['params'])}; {len(group['params'])} are expected."
            )
    numbers = [number for group in saved for number in group["params"]]
    if len(swapin_parameters) < len(numbers):
        raise RuntimeError(
            "swap_in_optimizer_params_and_state requires the explicit parameter state to match optimizer.param_groups "
            f"ordering: there are {len(swapin_parameters)} parameters; {len(numbers)} are expected."
        )
    by_number = dict(zip(numbers, swapin_parameters.values(), strict=False))
    state: defaultdict[Any, Any] = defaultdict(dict)
    for key, value in swapin_optim_state["state"].items():
        state[by_number.get(key, key)] = dict(value) if isinstance(value, dict) else value
    before = optimizer.param_groups, optimizer.state
    optimizer.param_groups = [{**group, "params": [by_number[number] for number in group["params"]]} for group in saved]
    optimizer.state = state
    try:
        yield
    finally:
        optimizer.param_groups, optimizer.state = before

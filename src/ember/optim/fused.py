"""Optimizers whose step over a group of parameters is one operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from .optimizer import Optimizer, Tensor, evaluate, fill_missing_options, tensor_steps, with_gradients

Entry: TypeAlias = dict[str, Any]  # a group's options, or a parameter's state


class FusedOptimizer(Optimizer):
    """Base of the optimizers whose record (`_name_step_`) takes all parameters of a group at once.

    A subclass says what state a parameter begins with, and hands a group's tensors and options to its operation.
    """

    # Options that older checkpoints lack, with what they meant before; the entries of the state that are numbers.
    _newer_options: ClassVar[dict[str, Any]] = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }
    _numbers: ClassVar[tuple[str, ...]] = ("step",)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        """Fill the state of ``parameter``, which is empty."""
        raise NotImplementedError

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        """Change the parameters, and the state in ``entries``, by one step."""
        raise NotImplementedError

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(self.param_groups, **self._newer_options)
        for name in self._numbers:
            tensor_steps(self.state, name)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        loss = evaluate(closure)
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            entries = [self.state[parameter] for parameter in parameters]
            if not all(entries):
                for parameter, entry in zip(parameters, entries, strict=True):
                    if not entry:
                        self._start(parameter, entry, group)
            self._update(group, parameters, gradients, entries)
        return loss

"""The names of PyTorch's compiler front end that packages read; functions run eagerly (see `ember.compiler`)."""

from __future__ import annotations

from typing import Any

from ..compiler import (
    allow_in_graph,
    assume_constant_result,
    disable,
    is_compiling,
    list_backends,
    reset,
    set_stance,
    substitute_in_graph,
)
from . import config, eval_frame, utils
from .eval_frame import OptimizedModule, is_dynamo_supported


def is_inductor_supported() -> bool:
    """False: nothing is compiled."""
    return False


def graph_break(msg: str = "") -> None:
    """Nothing: there is no graph to break."""


def mark_dynamic(
    t: Any,
    index: Any,
    *,
    hint_override: int | None = None,
    min: int | None = None,
    max: int | None = None,
    specialize_on: list[Any] | None = None,
) -> None:
    """Nothing: sizes are free at each call."""


def maybe_mark_dynamic(t: Any, index: Any) -> None:
    """Nothing: sizes are free at each call."""


def mark_static(t: Any, index: Any = None) -> None:
    """Nothing: sizes are free at each call."""


def mark_static_address(t: Any, guard: bool = False) -> None:
    """Nothing: no graph keeps the tensor's address."""


def disallow_in_graph(fn: Any) -> Any:
    """Return `fn` as it is."""
    return fn


forbid_in_graph = disallow_in_graph


def optimize(*args: Any, **kwargs: Any) -> Any:
    """A decorator that returns its function as it is: it runs eagerly."""
    return disallow_in_graph

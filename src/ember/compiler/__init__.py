"""Compilation, of which this build has none: functions run eagerly, and what is asked about compiling answers so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compile(
    model: Callable[..., Any] | None = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: str | Callable[..., Any] | None = None,
    mode: str | None = None,
    options: dict[str, Any] | None = None,
    name: str | None = None,
    disable: bool = False,
    recompile_limit: int | None = None,
    isolate_recompiles: bool = False,
    shapes_spec: Any = None,
) -> Any:
    """Return `model` as it is: it runs eagerly, with the same results; all options are accepted and none has an effect.

    Args:
        model: a function or a module. Default: none, for use as a decorator with options.
        fullgraph, dynamic, backend, mode, options, name, disable, recompile_limit, isolate_recompiles, shapes_spec:
            what a compiler would be told.

    Returns:
        `model`, or without one a decorator that returns its argument.

    Raises:
        RuntimeError: `mode` and `options` are both given.

    Example:
        >>> net = ember.nn.Linear(2, 3)
        >>> ember.compile(net, mode="max-autotune") is net
        True
    """
    if mode is not None and options is not None:
        raise RuntimeError("compile(): both mode and options are given; expected one of them.")
    if model is None:
        return _same
    return _same(model)


def _same(model: Any) -> Any:
    if not callable(model):
        raise RuntimeError(f"compile(): model is {type(model).__name__}; expected a function or a module.")
    return model


def is_compiling() -> bool:
    """False: nothing is being compiled."""
    return False


def is_dynamo_compiling() -> bool:
    """False: nothing is being compiled."""
    return False


def is_exporting() -> bool:
    """False: nothing is being exported."""
    return False


def reset() -> None:
    """Forget what has been compiled: nothing."""


def cudagraph_mark_step_begin() -> None:
    """Nothing: there are no graphs of launches."""


def set_default_backend(backend: Any) -> None:
    """Accepted; functions run eagerly whatever is set."""


def get_default_backend() -> str:
    """'eager': functions run as they are."""
    return "eager"


def list_backends(exclude_tags: Any = ("debug", "experimental")) -> list[str]:
    """The compilers that there are: none."""
    return []


def allow_in_graph(fn: Any) -> Any:
    """Return `fn`, or the list of functions, as it is."""
    return fn


def assume_constant_result(fn: Any) -> Any:
    """Return `fn` as it is."""
    return fn


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """Return `fn` as it is, or without it a decorator that does: everything runs eagerly already."""
    return _same if fn is None else fn


def wrap_numpy(fn: Any) -> Any:
    """Make a function of NumPy arrays one of tensors.

    Args:
        fn: takes and returns NumPy arrays.

    Example:
        >>> import numpy
        >>> ember.compiler.wrap_numpy(numpy.cumsum)(ember.ones(2))
        tensor([1., 2.])
    """
    import functools

    from .. import _C
    from ..ops.from_data import as_tensor

    @functools.wraps(fn)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        def array(value: Any) -> Any:
            return value.numpy() if isinstance(value, _C.Tensor) else value

        result = fn(*map(array, args), **{name: array(value) for name, value in kwargs.items()})
        return as_tensor(result) if hasattr(result, "__array_interface__") else result

    return wrapped


def substitute_in_graph(
    original_fn: Any, *, can_constant_fold_through: bool = False, skip_signature_check: bool = False
) -> Any:
    """A decorator that returns its function as it is: the original runs, as no graph is made."""
    return _same


class set_stance:
    """How to compile; functions run eagerly whatever is set. A function, a context manager and a decorator."""

    def __init__(self, stance: str = "default", *, skip_guard_eval_unsafe: bool = False, force_backend: Any = None):
        self.stance = stance

    def __call__(self, fn: Any) -> Any:
        return fn

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        return None

"""Calls of a module with other parameters than its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ... import _C
from ..modules.module import Module

__all__ = ["functional_call"]

Place = tuple[dict[str, Any], str]  # where a module keeps a tensor: the dict and the name in it


def functional_call(
    module: Module,
    parameters_and_buffers: dict[str, Any],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other tensors in the places of its parameters and buffers.

    Args:
        module: it has its own tensors again afterwards.
        parameters_and_buffers: from a name, as in ``named_parameters``, to the tensor.
        args: of the call; a single argument need not be in a tuple. Default: none.
        kwargs: of the call. Default: none.
        tie_weights: a tensor that the module has under several names is replaced under all of them. Default: ``True``.
        strict: all names must be given, and no others. Default: ``False``.

    Returns:
        what the module returns.

    Raises:
        RuntimeError: names are missing or unknown, where ``strict``.
        TypeError: a value is not a tensor.
        ValueError: several values for tied tensors.

    Example:
        >>> layer = ember.nn.Linear(2, 1)
        >>> parameters = {"weight": ember.tensor([[3.0, 4.0]]), "bias": ember.zeros(1)}
        >>> ember.func.functional_call(layer, parameters, ember.ones(1, 2))
        tensor([[7.]])
    """
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with _replaced(module, parameters_and_buffers, tie_weights, strict):
        return module(*args, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, given: dict[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    places = _places(module)
    if strict:
        _check_names(module, set(places), set(given), tie_weights, places)
    for value in given.values():
        if not isinstance(value, _C.Tensor):
            raise TypeError(f"{value} is not an instance of torch.Tensor")
    new = {name: value for name, value in given.items() if name in places}
    if tie_weights:
        new = _tied(places, new)
    before = {name: places[name][0][places[name][1]] for name in new}
    try:
        for name, value in new.items():
            place, key = places[name]
            place[key] = value
        yield
    finally:
        for name, value in before.items():
            place, key = places[name]
            if name in given:  # a module that binds a buffer anew, as in `self.count = self.count + 1`
                given[name] = place[key]
            place[key] = value


def _places(module: Any) -> dict[str, Place]:
    """Every parameter and buffer by its name."""
    places = {}
    for prefix, each in module.named_modules(remove_duplicate=False):
        for place in (each._parameters, each._buffers):
            for key, value in place.items():
                if value is not None:
                    places[f"{prefix}.{key}" if prefix else key] = (place, key)
    return places


def _groups(places: dict[str, Place]) -> list[list[str]]:
    """The names of each tensor that has several."""
    names: dict[int, list[str]] = {}
    for name, (place, key) in places.items():
        names.setdefault(id(place[key]), []).append(name)
    return [each for each in names.values() if len(each) > 1]


def _tied(places: dict[str, Place], new: dict[str, Any]) -> dict[str, Any]:
    new = dict(new)
    for names in _groups(places):
        given = [name for name in names if name in new]
        if len({id(new[name]) for name in given}) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(given)}, which are tied. "
                "Consider using tie_weights=False"
            )
        if given:
            new |= dict.fromkeys(names, new[given[0]])
    return new


def _check_names(module: Module, known: set[str], given: set[str], tied: bool, places: dict[str, Place]) -> None:
    reached = set(given)
    for names in _groups(places) if tied else []:
        if reached & set(names):
            reached |= set(names)
    problems = [
        f"\n\t{what} key(s): {', '.join(repr(name) for name in sorted(names))}."
        for what, names in (("Unexpected", given - known), ("Missing", known - reached))
        if names
    ]
    if problems:
        raise RuntimeError(f"Error(s) in reparametrizing for {type(module).__name__}:" + "".join(problems))

"""The arguments of a function that a transform differentiates by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def places(argnums: Any, count: int, name: str) -> tuple[int, ...]:
    """`argnums` as numbers of positional arguments, of which there are `count`."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"{name}(): argnums is of type {type(argnums)}; expected an int or a tuple of them.")
    given = argnums if isinstance(argnums, tuple) else (argnums,)
    if not given:
        raise RuntimeError(f"{name}(): argnums is (); expected the number of an argument at least.")
    for each in given:
        if not isinstance(each, int):
            raise RuntimeError(f"{name}(): argnums has an element of type {type(each)}; expected an int.")
        if not -count <= each < count:
            raise RuntimeError(f"{name}(): argnums is {argnums}; expected numbers of the {count} positional arguments.")
    wrapped = tuple(each % count for each in given)
    if len(set(wrapped)) < len(wrapped):
        raise RuntimeError(f"{name}(): argnums is {argnums}; expected each argument once.")
    return wrapped


def with_others(
    function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], chosen: Sequence[int]
) -> Callable[..., Any]:
    """`function` of the chosen arguments alone, the others being as given."""

    def of_chosen(*values: Any) -> Any:
        arguments = list(args)
        for place, value in zip(chosen, values, strict=True):
            arguments[place] = value
        return function(*arguments, **kwargs)

    return of_chosen

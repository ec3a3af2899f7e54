"""Names of what is not there, which packages import: each exists, and says so when it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any


def refusing(name: str, reason: str, error: type[Exception] = RuntimeError) -> Callable[..., Any]:
    """A function of that name that raises `error`, whatever it is called with."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise error(f"{name}(): {reason}")

    refuse.__name__ = refuse.__qualname__ = name.rpartition(".")[2]
    refuse.__doc__ = f"{error.__name__}: {reason}"
    return refuse


def absent_class(
    name: str, reason: str, error: type[Exception] = RuntimeError, methods: Iterable[str] = (), base: type = object
) -> type:
    """A class of which nothing is an instance, for `isinstance` and annotations; making one raises `error`."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        raise error(f"{name}(): {reason}")

    own: dict[str, Any] = {method: staticmethod(refusing(f"{name}.{method}", reason, error)) for method in methods}
    own |= {"__module__": sys._getframe(1).f_globals["__name__"], "__doc__": f"{error.__name__}: {reason}"}
    return type(name, (base,), {"__init__": __init__, **own})

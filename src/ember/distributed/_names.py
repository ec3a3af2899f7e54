"""How the names of distributed training that are not there are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._absent import absent_class, refusing

REASON = "Ember computes in one process; ask torch.distributed.is_available() first, which is False."
NO_GROUP = (
    "Default process group has not been initialized: Ember computes in one process. Ask "
    "torch.distributed.is_initialized() first."
)


def absent_functions(module: str, names: Iterable[str]) -> dict[str, Any]:
    """Functions of distributed training."""
    return {name: refusing(f"{module}.{name}", REASON) for name in names}


def absent_classes(module: str, names: Iterable[str], methods: Iterable[str] = ()) -> dict[str, Any]:
    """Classes of distributed training, of which nothing is an instance; static methods that make one refuse too."""
    made = {name: absent_class(name, REASON, methods=tuple(methods)) for name in names}
    for each in made.values():
        each.__module__ = f"ember.{module}"
    return made

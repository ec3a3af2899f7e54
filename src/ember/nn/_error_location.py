"""Names the module in which an operation failed: ``linear(): ... In net.fc1: Linear(in_features=3, ...).``"""

from __future__ import annotations

import re
from typing import Any

# Ember's own errors begin with the operation: `linear(): `. Others pass unchanged.
_OPERATION = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\(\): ")
# On the exception: (text of the operation, id of the outermost module so far, path inside it, what failed).
_MARK = "_module_trail"


def locate_error(module: Any, error: BaseException) -> None:
    """Called for each module that ``error`` passes through, innermost first."""
    trail = getattr(error, _MARK, None)
    if trail is None:
        if len(error.args) != 1 or not isinstance(error.args[0], str) or not _OPERATION.match(error.args[0]):
            return
        name = type(module).__name__
        text, path, description = error.args[0], "", name if module._modules else repr(module)
    else:
        text, inner, path, description = trail
        step = _path_to(module, inner)
        if step is None:
            return  # the inner module is not part of this one
        path = f"{step}.{path}" if path else step
    place = f"{path}: {description}" if path else description
    end = "" if text.endswith(".") else "."
    error.args = (f"{text}{end} In {place}.",)
    setattr(error, _MARK, (text, id(module), path, description))


def _path_to(module: Any, wanted: int) -> str | None:
    """The path of the submodule with this id."""
    return next((name for name, each in module.named_modules() if id(each) == wanted and name), None)

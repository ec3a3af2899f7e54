"""Operations composed from others, by family; importing this package publishes all of them."""

import importlib as _importlib
import pkgutil as _pkgutil

for _module in _pkgutil.iter_modules(__path__):
    _importlib.import_module(f"{__name__}.{_module.name}")


def load_library(path: object) -> None:
    """OSError: Ember cannot load operations that were compiled for PyTorch."""
    raise OSError(f"load_library(): {path} holds operations compiled for PyTorch, which Ember cannot load.")


def __getattr__(name: str) -> object:
    """The operations that packages have defined in the namespace `name` (`ember.library`); `aten` has Ember's own."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..library import Namespace

    return globals().setdefault(name, Namespace(name))

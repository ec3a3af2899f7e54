"""Operations composed from others, by family; importing this package publishes all of them."""

import importlib as _importlib
import pathlib as _pathlib
import pkgutil as _pkgutil
from typing import Any as _Any

for _module in _pkgutil.iter_modules(__path__):
    _importlib.import_module(f"{__name__}.{_module.name}")


# The compiled libraries of packages whose operators Ember has itself, and the modules that define them.
_OWN = {("torchvision", "_C"): "_torchvision_operators", ("torchvision", "image"): "_torchvision_images"}

loaded_libraries: set[str] = set()


def load_library(path: object) -> None:
    """Define the operators of a package's compiled library that Ember has itself: those of torchvision.

    Args:
        path: of the library. It is not loaded, because it fits one build of PyTorch alone.

    Raises:
        OSError: another library, whose operators are not there.
    """
    file = _pathlib.Path(str(path)).absolute()
    own = _OWN.get((file.parent.name, file.name.partition(".")[0]))
    if own is None or not file.is_file():
        raise OSError(f"load_library(): {path} holds operations compiled for PyTorch, which Ember cannot load.")
    _importlib.import_module(f"ember.{own}")
    loaded_libraries.add(str(file))


def __getattr__(name: str) -> _Any:
    """The operations that packages have defined in the namespace `name` (`ember.library`); `aten` has Ember's own."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..library import Namespace

    return globals().setdefault(name, Namespace(name))

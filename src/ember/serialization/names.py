"""How Ember's globals are called in files: as PyTorch calls them."""

from __future__ import annotations

import _compat_pickle  # the standard library's own list of renamed modules
import importlib
from typing import Any

from ..storage import LEGACY_STORAGES, UntypedStorage

# Where PyTorch keeps what Ember keeps elsewhere; all other modules differ in the first word alone.
_TORCH_HOMES = {
    ("ember._rebuild", "_rebuild_from_type_v2"): "torch._tensor",
    ("ember._rebuild", "_get_layout"): "torch.serialization",
    ("ember._rebuild", None): "torch._utils",
    ("ember._layout", None): "torch",
    ("ember._C", "Generator"): "torch._C",
    ("ember._C", None): "torch",
}
_EMBER_HOMES = {
    ("torch._tensor", "_rebuild_from_type_v2"): "ember._rebuild",
    ("torch.serialization", "_get_layout"): "ember._rebuild",
    ("torch._utils", None): "ember._rebuild",
}
_STORAGES: dict[Any, tuple[str, str]] = {UntypedStorage: ("torch.storage", "UntypedStorage")} | {
    kind: ("torch", kind.__name__) for kind in LEGACY_STORAGES.values()
}
_STORAGE_OF = {place: kind for kind, place in _STORAGES.items()}


def torch_home(module: str, name: str) -> str:
    """The module that a file names for an object of Ember; other packages' modules stay as they are."""
    home = _TORCH_HOMES.get((module, name)) or _TORCH_HOMES.get((module, None))
    if home is None and (module == "ember" or module.startswith("ember.")):
        home = "torch" + module[len("ember") :]
    return home or module


def ember_home(module: str, name: str) -> str:
    """The module of Ember that holds what a file names; other packages' modules stay as they are."""
    home = _EMBER_HOMES.get((module, name)) or _EMBER_HOMES.get((module, None))
    if home is None and (module == "torch" or module.startswith("torch.")):
        home = "ember" + module[len("torch") :]
    return home or module


def current_name(module: str, name: str) -> str:
    """The dotted name in Python 3 of what Python 2 and the protocols up to 2 call ``name`` in ``module``."""
    module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
    return f"{_compat_pickle.IMPORT_MAPPING.get(module, module)}.{name}"


def place_in_files(target: Any, module: str, name: str) -> tuple[str, str]:
    """Module and name by which a file refers to a class or function that lives in ``module`` under ``name``."""
    if isinstance(target, type) and target in _STORAGES:
        return _STORAGES[target]
    return torch_home(module, name), name


def name_in_files(target: Any) -> str:
    """The dotted name by which a file refers to a class or function."""
    name = getattr(target, "__qualname__", None) or target.__name__
    return ".".join(place_in_files(target, target.__module__, name))


def find_in_ember(module: str, name: str) -> Any:
    """What Ember has for a name of PyTorch's.

    Raises:
        ImportError, AttributeError: it has nothing.
    """
    if (module, name) in _STORAGE_OF:
        return _STORAGE_OF[module, name]
    target: Any = importlib.import_module(ember_home(module, name))
    for part in name.split("."):
        target = getattr(target, part)
    return target

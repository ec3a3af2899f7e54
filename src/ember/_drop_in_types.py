"""What tells type checkers and editors that ``import torch`` means Ember: stubs in a folder of the user's project."""

from __future__ import annotations

from pathlib import Path


def write_types(folder: str = "typings") -> None:
    """Write a package ``torch`` of stubs, each of which has the names of Ember's module.

    Pyright and the editors on it read a project's folder ``typings`` by themselves; mypy takes it as ``mypy_path``.

    Args:
        folder: where to; it is made if it is not there. Default: ``"typings"``.
    """
    package = Path(__file__).parent
    for module in package.rglob("*.py"):
        place = module.relative_to(package)
        names = place.with_suffix("").parts
        if any(name.startswith("_") and name != "__init__" for name in names):
            continue
        stub = Path(folder, "torch", place.with_suffix(".pyi"))
        stub.parent.mkdir(parents=True, exist_ok=True)
        source = ".".join(["ember", *(name for name in names if name != "__init__")])
        stub.write_text(f"from {source} import *\n")

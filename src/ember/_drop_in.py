"""Ember under PyTorch's name: ``import torch``, in a process of its own or from now on in this one."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

import ember

from .torch_version import TorchVersion
from .version import __version__

# The version of the API that Ember follows, for scripts that ask `torch.__version__`.
TORCH_VERSION = "2.13.0"

# Holds a `torch.py` that comes here.
# Child processes that start afresh get this process's sys.path and nothing else; EMBER_AS_TORCH=1 puts the folder into
# that of every process of the environment (cmake/ember_as_torch.pth).
_STANDS_FOR_TORCH = os.path.join(os.path.dirname(__file__), "_drop_in_path")

_USAGE = """\
usage: python -m ember script.py [arguments]
       python -m ember -m module [arguments]
       python -m ember -c code [arguments]
       python -m ember --types [folder]

Runs a PyTorch program, unchanged, on Ember: `import torch` gives Ember there. --types writes
stubs into a folder (typings), from which type checkers and editors learn the same."""


class _Torch(types.ModuleType):
    """The module ``torch``: Ember's names, read and set through; only what identifies a module is its own."""

    def __init__(self) -> None:
        super().__init__("torch", ember.__doc__)
        spec = importlib.machinery.ModuleSpec("torch", None, origin=ember.__file__, is_package=True)
        own = {"__spec__": spec, "__path__": [], "__package__": "torch", "__file__": ember.__file__}
        self.__dict__.update(own, __version__=TorchVersion(TORCH_VERSION), torch=self)  # some write torch.torch.Tensor

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(ember, name)
        except AttributeError:
            raise AttributeError(f"module 'torch' has no attribute {name!r} (in Ember {__version__})") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            super().__setattr__(name, value)
        else:
            setattr(ember, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(ember, name)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *dir(ember)})


class _SameModule(importlib.abc.Loader):
    """Gives Ember's own module object for PyTorch's name of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spec: Any = None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put its own for the other name


class _Finder(importlib.abc.MetaPathFinder):
    """Finds ``torch.x.y`` where ``ember.x.y`` exists."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if not fullname.startswith("torch."):
            return None
        name = "ember" + fullname[len("torch") :]
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return importlib.util.spec_from_loader(fullname, _SameModule(name), is_package=is_package)

    @staticmethod
    def find_distributions(context: Any = None) -> Any:
        """The distribution ``torch``, which packages ask for its version (``importlib.metadata`` calls this)."""
        from importlib.metadata import Distribution

        class OfTorch(Distribution):
            def read_text(self, filename: str) -> str | None:
                return (
                    f"Metadata-Version: 2.1\nName: torch\nVersion: {TORCH_VERSION}\n"
                    if filename == "METADATA"
                    else None
                )

            def locate_file(self, path: Any) -> Any:
                return os.path.join(os.path.dirname(__file__), path)

        if getattr(context, "name", None) in (None, "torch"):
            yield OfTorch()


def drop_in() -> types.ModuleType:
    """From now on ``import torch`` and ``import torch.nn`` mean Ember in this process; for notebooks.

    Scripts need no change at all: ``python -m ember script.py``. With ``EMBER_AS_TORCH=1`` in the environment the same
    holds in every process of a Python that Ember is installed in, worker processes included.

    Returns:
        The module ``torch``. It is Ember with PyTorch's name and version; ``torch.nn`` is ``ember.nn``.

    Raises:
        RuntimeError: PyTorch itself has been imported already.

    Example::

        >>> ember.drop_in()
        >>> import torch.nn as nn
        >>> nn is ember.nn
        True
    """
    present = sys.modules.get("torch")
    if isinstance(present, _Torch):
        return present
    if present is not None:
        raise RuntimeError(
            f"drop_in(): PyTorch itself is imported already, from {getattr(present, '__file__', None)}. Call drop_in() "
            "before anything imports torch."
        )
    sys.meta_path.insert(0, _Finder())
    if _STANDS_FOR_TORCH not in sys.path:
        sys.path.insert(1, _STANDS_FOR_TORCH)
    torch = _Torch()
    sys.modules["torch"] = torch
    return torch


def _print_error(kind: type[BaseException], error: BaseException, traceback: types.TracebackType | None) -> None:
    """``sys.excepthook`` that starts the traceback where the user's program starts."""
    first, entry = traceback, traceback
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == __file__:
            first = entry.tb_next
        entry = entry.tb_next
    sys.__excepthook__(kind, error.with_traceback(first), first)


def _fresh_main() -> dict[str, Any]:
    """The names of a new ``__main__``."""
    import builtins

    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins)
    sys.modules["__main__"] = main
    return main.__dict__


def _run_module(name: str) -> None:
    import runpy

    _fresh_main()
    runpy._run_module_as_main(name)  # type: ignore[attr-defined]


def _run_code(code: str) -> None:
    exec(compile(code, "<string>", "exec"), _fresh_main())


def _run_script(path: str) -> None:
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        sys.exit(2)
    if not getattr(sys.flags, "safe_path", False):  # python -P leaves the script's folder out
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    names = _fresh_main()
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    names.update(__file__=path, __loader__=loader, __cached__=None)
    exec(compile(source, path, "exec"), names)


def main() -> None:
    """``python -m ember``."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help") or (arguments[0] in ("-m", "-c") and len(arguments) == 1):
        asked = bool(arguments) and arguments[0] in ("-h", "--help")
        print(_USAGE, file=sys.stdout if asked else sys.stderr)
        sys.exit(0 if asked else 2)
    if arguments[0] == "--types" and len(arguments) < 3:
        from ._drop_in_types import write_types

        write_types(*arguments[1:])
        return
    drop_in()
    sys.excepthook = _print_error
    option = arguments[0]
    if option == "-m":
        sys.argv = arguments[1:]
        _run_module(arguments[1])
    elif option == "-c":
        sys.argv = ["-c", *arguments[2:]]
        _run_code(arguments[1])
    else:
        sys.argv = arguments
        _run_script(option)

"""Models from a folder's ``hubconf.py``, and files from URLs, kept in the folder that PyTorch uses for them."""

from __future__ import annotations

import builtins
import hashlib
import os
import re
import sys
import tempfile
from typing import Any
from urllib.parse import urlparse

# The start of a file's SHA-256, between the last hyphen and a dot of its name: resnet18-bfd8deac.pth.
HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")

_directory: str | None = None
_CHUNK = 128 * 1024


def _get_torch_home() -> str:
    """``$TORCH_HOME``, or ``torch`` in ``$XDG_CACHE_HOME``, which is ``~/.cache`` if it is not set."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return os.path.expanduser(os.environ.get("TORCH_HOME", os.path.join(cache, "torch")))


def get_dir() -> str:
    """The folder of what has been downloaded: what `set_dir` has set, or ``hub`` in PyTorch's cache."""
    return _directory if _directory is not None else os.path.join(_get_torch_home(), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Set the folder of what is downloaded."""
    global _directory
    _directory = os.path.expanduser(d)


class _NoBar:
    """What stands for a progress bar where tqdm is not installed: the bytes so far, on standard error."""

    def __init__(self, *args: Any, total: int | None = None, disable: bool = False, **options: Any) -> None:
        self.total, self.disable, self.n = total, disable, 0

    def update(self, n: int) -> None:
        self.n += n
        if not self.disable:
            of = f" of {self.total}" if self.total else ""
            print(f"\r{self.n}{of} bytes", end="", file=sys.stderr, flush=True)

    def set_description(self, *args: Any, **kwargs: Any) -> None:
        pass

    def close(self) -> None:
        if not self.disable:
            print(file=sys.stderr)

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def __getattr__(name: str) -> Any:
    if name != "tqdm":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    try:
        return importlib.import_module("tqdm").tqdm
    except ImportError:
        return _NoBar


def download_url_to_file(url: str, dst: str, hash_prefix: str | None = None, progress: bool = True) -> None:
    """Write what a URL holds to a file, which appears when it is complete.

    Args:
        url: ``http``, ``https`` or ``file``.
        dst: path of the file.
        hash_prefix: what the SHA-256 of the content has to start with. Default: anything.
        progress: show a bar on standard error. Default: ``True``.

    Raises:
        RuntimeError: the content has another hash.
    """
    from urllib.request import Request, urlopen

    dst = os.path.expanduser(dst)
    digest = hashlib.sha256()
    with urlopen(Request(url, headers={"User-Agent": "torch.hub"})) as answer:
        length = answer.headers.get("Content-Length")
        bar = __getattr__("tqdm")
        # In the folder of the file, so that it is renamed in one step.
        handle, path = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(dst)), suffix=".partial")
        try:
            size = int(length) if length else None
            with (
                os.fdopen(handle, "wb") as part,
                bar(total=size, disable=not progress, unit="B", unit_scale=True, unit_divisor=1024) as shown,
            ):
                while chunk := answer.read(_CHUNK):
                    part.write(chunk)
                    digest.update(chunk)
                    shown.update(len(chunk))
            if hash_prefix is not None and not digest.hexdigest().startswith(hash_prefix):
                raise RuntimeError(
                    f'invalid hash value (expected "{hash_prefix}", got "{digest.hexdigest()[: len(hash_prefix)]}") '
                    f"of {url}"
                )
            os.chmod(path, 0o644)
            os.replace(path, dst)
        finally:
            if os.path.exists(path):
                os.remove(path)


def load_state_dict_from_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = False,
) -> Any:
    """Load a file of :func:`ember.save` from a URL; it is downloaded once, into `model_dir`.

    Args:
        url: ``http``, ``https`` or ``file``.
        model_dir: the folder. Default: ``checkpoints`` in :func:`get_dir`.
        map_location, weights_only: as of :func:`ember.load`.
        progress: show a bar. Default: ``True``.
        check_hash: the file's name has the start of its SHA-256, ``name-<hash>.pth``, which is compared.
        file_name: the file's name in `model_dir`. Default: that in the URL.
    """
    from .serialization import load as load_file

    folder = os.path.join(get_dir(), "checkpoints") if model_dir is None else model_dir
    os.makedirs(folder, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        sys.stderr.write(f'Downloading: "{url}" to {path}\n')
        found = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, path, found[1] if found else None, progress=progress)
    return load_file(path, map_location=map_location, weights_only=weights_only)


def _entry_points(repository: Any, source: str, name: str) -> Any:
    """The module ``hubconf.py`` of a folder."""
    if source not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    if source == "github":
        raise RuntimeError(
            f"{name}(): Ember does not download code; get the repository {repository!r} yourself and give its folder "
            "with source='local'."
        )
    import importlib.util

    folder = os.fspath(repository)
    spec = importlib.util.spec_from_file_location("hubconf", os.path.join(folder, "hubconf.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    missing = [each for each in getattr(module, "dependencies", None) or () if importlib.util.find_spec(each) is None]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    return module


def _entry_point(module: Any, name: str) -> Any:
    function = getattr(module, name, None)
    if not callable(function):
        raise RuntimeError(f"Cannot find callable {name} in hubconf")
    return function


def load(
    repo_or_dir: Any,
    model: str,
    *args: Any,
    source: str = "github",
    trust_repo: Any = "check",
    force_reload: bool = False,
    verbose: bool = True,
    skip_validation: bool = False,
    **kwargs: Any,
) -> Any:
    """Call a function of a folder's ``hubconf.py``.

    Args:
        repo_or_dir: the folder.
        model: the function's name.
        args, kwargs: its arguments.
        source: ``"local"``; ``"github"`` is refused, as Ember does not download code.
        trust_repo, force_reload, verbose, skip_validation: of downloads; not used.

    Raises:
        RuntimeError: a package that the folder lists in ``dependencies`` is missing, or the function is.
    """
    folder = os.fspath(repo_or_dir)
    function = _entry_point(_entry_points(folder, source, "load"), model)
    sys.path.insert(0, folder)
    try:
        return function(*args, **kwargs)
    finally:
        sys.path.remove(folder)


def list(
    github: Any,
    force_reload: bool = False,
    skip_validation: bool = False,
    trust_repo: Any = "check",
    verbose: bool = True,
) -> builtins.list[str]:
    """RuntimeError: Ember does not download code."""
    return _entry_points(github, "github", "list")


def help(
    github: Any, model: str, force_reload: bool = False, skip_validation: bool = False, trust_repo: Any = "check"
) -> str | None:
    """RuntimeError: Ember does not download code."""
    return _entry_points(github, "github", "help")

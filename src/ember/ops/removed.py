"""What PyTorch has removed and names the successor of: these names only say so, as they do there."""

from __future__ import annotations

from typing import Any, NoReturn

from .._composite import composite

_SUCCESSOR = "{}(): removed; expected linalg.{}. {}"


@composite
def solve(input: Any, A: Any, *, out: Any = None) -> NoReturn:
    """RuntimeError: use :func:`ember.linalg.solve`, whose arguments are the other way round."""
    raise RuntimeError(_SUCCESSOR.format("solve", "solve", "Write linalg.solve(A, B) for solve(B, A).solution."))


@composite
def lstsq(input: Any, A: Any, *, out: Any = None) -> NoReturn:
    """RuntimeError: use :func:`ember.linalg.lstsq`, whose arguments are the other way round."""
    raise RuntimeError(_SUCCESSOR.format("lstsq", "lstsq", "Write linalg.lstsq(A, B) for lstsq(B, A)."))


@composite
def symeig(input: Any, eigenvectors: bool = False, upper: bool = True, *, out: Any = None) -> NoReturn:
    """RuntimeError: use :func:`ember.linalg.eigh`."""
    hint = "Write linalg.eigh(A, UPLO='U'), or linalg.eigvalsh for the values alone."
    raise RuntimeError(_SUCCESSOR.format("symeig", "eigh", hint))


@composite
def eig(input: Any, eigenvectors: bool = False, *, e: Any = None, v: Any = None) -> NoReturn:
    """RuntimeError: use :func:`ember.linalg.eig`."""
    hint = "Write linalg.eig(A), or linalg.eigvals for the values alone; they are complex numbers."
    raise RuntimeError(_SUCCESSOR.format("eig", "eig", hint))

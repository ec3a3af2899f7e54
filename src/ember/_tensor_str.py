"""How tensors print: the rules of PyTorch, value for value and space for space."""

from __future__ import annotations

import contextlib
import math
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from . import _C


class PrintOptions:
    """What :func:`set_printoptions` sets."""

    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


PRINT_OPTS = PrintOptions()

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Sets how tensors print from now on; a profile first, then the single options over it.

    Args:
        precision: digits after the point; default 4.
        threshold: a tensor with more elements prints its edges only; default 1000.
        edgeitems: elements shown at each end of a summarised dimension; default 3.
        linewidth: characters in a line; default 80.
        profile: ``'default'``, ``'short'`` (precision 2, edgeitems 2) or ``'full'`` (nothing is summarised).
        sci_mode: True or False forces or forbids exponents; None lets the values decide.

    Example::

        >>> ember.set_printoptions(precision=2)
        >>> ember.tensor([1.12345])
        tensor([1.12])
    """
    for name, value in _PROFILES.get(profile or "", {}).items():
        setattr(PRINT_OPTS, name, value)
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in given.items():
        if value is not None:
            setattr(PRINT_OPTS, name, value)
    PRINT_OPTS.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The print options in force, by name."""
    return dict(vars(PRINT_OPTS))


@contextlib.contextmanager
def printoptions(**kwargs: Any) -> Iterator[None]:
    """Print options for the length of a ``with`` block; takes what :func:`set_printoptions` takes."""
    before = get_printoptions()
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        set_printoptions(**before)


class _NumberFormat:
    """One notation and one width for all numbers of a tensor."""

    def __init__(self, values: list[Any], floating: bool) -> None:
        self.floating = floating
        self.integral = True  # floats that are all whole numbers print as `3.`
        self.scientific = False
        if floating:
            shown = self._choose_notation(values)
        else:
            shown = values
        self.width = max((len(self._text(value)) for value in shown), default=1)

    def _choose_notation(self, values: list[float]) -> list[float]:
        nonzero = [value for value in values if value != 0 and math.isfinite(value)]
        if not nonzero:
            return []
        magnitudes = [abs(value) for value in nonzero]
        smallest, largest = min(magnitudes), max(magnitudes)
        self.integral = all(value.is_integer() for value in nonzero)
        # Exponents where one width cannot show both ends of the range well.
        self.scientific = largest / smallest > 1000 or largest > 1e8 or (not self.integral and smallest < 1e-4)
        if PRINT_OPTS.sci_mode is not None:
            self.scientific = PRINT_OPTS.sci_mode
        return nonzero

    def _text(self, value: Any) -> str:
        if not self.floating:
            return str(value)
        if self.scientific:
            return f"{value:.{PRINT_OPTS.precision}e}"
        if not self.integral:
            return f"{value:.{PRINT_OPTS.precision}f}"
        return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"

    def __call__(self, value: Any) -> str:
        return self._text(value).rjust(self.width)


class _ComplexFormat:
    """Real and imaginary parts, each in its own notation."""

    def __init__(self, values: list[complex]) -> None:
        self.real = _NumberFormat([value.real for value in values], True)
        self.imaginary = _NumberFormat([value.imag for value in values], True)
        self.width = self.real.width + self.imaginary.width + 1

    def __call__(self, value: complex) -> str:
        imaginary = self.imaginary(value.imag).lstrip() + "j"
        sign = "" if imaginary[0] in "+-" else "+"
        return self.real(value.real) + sign + imaginary


_Format = _NumberFormat | _ComplexFormat


def _shown_values(tensor: Any, summarise: bool) -> Any:
    """The tensor's elements as nested lists, with ``...`` where a summarised dimension is cut."""
    edge = PRINT_OPTS.edgeitems
    if not summarise or all(size <= 2 * edge for size in tensor.shape):
        return tensor.tolist()
    size = tensor.shape[0]
    if tensor.dim() == 1:
        return [*tensor.narrow(0, 0, edge).tolist(), ..., *tensor.narrow(0, size - edge, edge).tolist()]
    if size <= 2 * edge:
        return [_shown_values(tensor[i], True) for i in range(size)]
    head = [_shown_values(tensor[i], True) for i in range(edge)]
    tail = [_shown_values(tensor[i], True) for i in range(size - edge, size)]
    return [*head, ..., *tail]


def _numbers(shown: Any) -> Iterator[Any]:
    if isinstance(shown, list):
        for item in shown:
            yield from _numbers(item)
    elif shown is not ...:
        yield shown


def _format_of(dtype: Any, values: list[Any]) -> _Format:
    if dtype.is_complex:
        return _ComplexFormat(values)
    if dtype is _C.float8_e8m0fnu:  # its least number prints as the 0 that it stands for
        values = [0.0 if value == 2.0**-127 else value for value in values]
    return _NumberFormat(values, dtype.is_floating_point)


def _row(shown: list[Any], indent: int, number: _Format) -> str:
    """One innermost dimension, broken into lines."""
    separator = ", "
    per_line = max(1, (PRINT_OPTS.linewidth - indent) // (number.width + len(separator)))
    texts = [" ..." if value is ... else number(value) for value in shown]
    lines = [separator.join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _block(shown: Any, dims: int, indent: int, number: _Format) -> str:
    if dims == 0:
        return number(shown)
    if dims == 1:
        return _row(shown, indent, number)
    parts = ["..." if part is ... else _block(part, dims - 1, indent + 1, number) for part in shown]
    return "[" + ("," + "\n" * (dims - 1) + " " * (indent + 1)).join(parts) + "]"


def _tensor_str(self: Any, indent: int) -> str:
    """The brackets and numbers of a tensor, its lines after the first indented by ``indent`` spaces."""
    if self.numel() == 0:
        return "[]"
    summarise = self.numel() > PRINT_OPTS.threshold
    if summarise and PRINT_OPTS.edgeitems == 0:
        return "[...]"
    shown = _shown_values(self.detach(), summarise)
    return _block(shown, self.dim(), indent, _format_of(self.dtype, list(_numbers(shown))))


def _add_suffixes(tensor_str: str, suffixes: list[str], indent: int, force_newline: bool) -> str:
    """``tensor_str`` closed by its suffixes, each on a new line where the line would grow too long."""
    parts = [tensor_str]
    length = len(tensor_str) - tensor_str.rfind("\n") + 1
    for suffix in suffixes:
        if force_newline or length + len(suffix) + 2 > PRINT_OPTS.linewidth:
            parts.append(",\n" + " " * indent + suffix)
            length = indent + len(suffix)
            force_newline = False
        else:
            parts.append(", " + suffix)
            length += len(suffix) + 2
    return "".join(parts) + ")"


def _has_implied_dtype(tensor: Any, shows_numbers: bool) -> bool:
    """Whether the printed numbers alone give the dtype, so that it need not be named."""
    default = _C.get_default_dtype()
    if not shows_numbers:
        return bool(tensor.dtype == default)
    return tensor.dtype in (default, default.to_complex(), _C.int64, _C.bool)


def _suffixes(tensor: Any) -> list[str]:
    """What follows the numbers: ``device=``, ``size=``, ``dtype=``, then the place in the graph."""
    meta = tensor.device.type == "meta"
    empty = tensor.numel() == 0
    suffixes = []
    if tensor.device.type != "cpu":
        suffixes.append(f"device='{tensor.device}'")
    if meta or (tensor.dim() != 1 if empty else PRINT_OPTS.edgeitems == 0):
        suffixes.append(f"size={tuple(tensor.shape)}")
    if not _has_implied_dtype(tensor, shows_numbers=not (meta or empty)):
        suffixes.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return suffixes


def _repr_within_vmap(value: Any, level: int, is_mapped: bool) -> str:
    shown = textwrap.indent(tensor_repr(value), "    ")
    return f"BatchedTensor(lvl={level}, bdim=0, value=\n{shown}\n)" if is_mapped else tensor_repr(value)


def tensor_repr(tensor: Any, *, tensor_contents: str | None = None) -> str:
    """``repr`` of a tensor; of a parameter, what follows the line ``Parameter containing:``.

    Args:
        tensor: any tensor.
        tensor_contents: text to stand for the numbers.
    """
    behind = _C._behind_stand_in(tensor)
    if behind is not None:
        return _repr_within_vmap(*behind)
    # Where nn has not been imported there are no parameters; printing is no reason to import it.
    module = sys.modules.get("ember.nn.parameter")
    kind = type(tensor)
    is_parameter = module is not None and isinstance(tensor, module.Parameter)
    plain = kind is _C.Tensor or (is_parameter and kind is module.Parameter)  # type: ignore[union-attr]
    prefix = "tensor(" if plain else f"{kind.__name__}("
    if tensor_contents is None:
        tensor_contents = "..." if tensor.device.type == "meta" else _tensor_str(tensor, len(prefix))
    text = _add_suffixes(prefix + tensor_contents, _suffixes(tensor), len(prefix), force_newline=False)
    return f"Parameter({text})" if is_parameter and not plain else text

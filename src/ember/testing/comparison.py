"""`assert_close`: tensors, numbers, arrays and containers of them are equal within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from .. import _C
from .._layout import strided

# Default (rtol, atol) by dtype, as in PyTorch; every other type must be equal.
_TOLERANCES = {
    _C.float16: (1e-3, 1e-5),
    _C.bfloat16: (1.6e-2, 1e-5),
    _C.float32: (1.3e-6, 1e-5),
    _C.float64: (1e-7, 1e-7),
    _C.complex32: (1e-3, 1e-5),
    _C.complex64: (1.3e-6, 1e-5),
    _C.complex128: (1e-7, 1e-7),
}
_NUMBERS = (bool, int, float, complex)


class _Comparison:
    """One call of assert_close: its settings, and the way to the pair that is being compared."""

    def __init__(self, rtol: float | None, atol: float | None, settings: dict[str, bool], msg: Any) -> None:
        if (rtol is None) != (atol is None):
            raise ValueError(f"assert_close(): rtol is {rtol}, atol is {atol}; both or neither must be given.")
        self.rtol, self.atol, self.settings, self.msg = rtol, atol, settings, msg
        self.way = ""

    def fail(self, message: str) -> NoReturn:
        if self.way:
            message += f"\n\nThe failure occurred for item {self.way}"
        raise AssertionError(self.msg(message) if callable(self.msg) else self.msg or message)

    def tolerances(self, *dtypes: _C.dtype) -> tuple[float, float]:
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        pairs = [_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
        return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)

    def compare(self, actual: Any, expected: Any) -> None:
        if isinstance(actual, Mapping) and isinstance(expected, Mapping):
            self._mappings(actual, expected)
        elif _is_sequence(actual) and _is_sequence(expected):
            if len(actual) != len(expected):
                self.fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
            for index, pair in enumerate(zip(actual, expected, strict=True)):
                self._inside(f"[{index}]", *pair)
        elif actual is None or expected is None:
            if actual is not expected:
                self.fail(f"None mismatch: {actual} is not {expected}")
        else:
            self._leaves(actual, expected)

    def _inside(self, step: str, actual: Any, expected: Any) -> None:
        outer, self.way = self.way, self.way + step
        self.compare(actual, expected)
        self.way = outer

    def _mappings(self, actual: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
        if actual.keys() != expected.keys():
            missing, added = (
                sorted(expected.keys() - actual.keys(), key=str),
                sorted(actual.keys() - expected.keys(), key=str),
            )
            self.fail(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {missing}\nAdditional keys in the actual mapping: {added}"
            )
        for key in expected:
            self._inside(f"[{key!r}]", actual[key], expected[key])

    def _leaves(self, actual: Any, expected: Any) -> None:
        if isinstance(actual, _NUMBERS) and isinstance(expected, _NUMBERS):
            self._numbers(actual, expected)
            return
        if not self.settings["allow_subclasses"] and type(actual) is not type(expected):
            self.fail(f"Except for Python scalars, the types must be equal: {type(actual)} and {type(expected)}.")
        related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
        related = related or (isinstance(actual, _C.Tensor) and isinstance(expected, _C.Tensor))
        if not related:
            raise TypeError(
                "assert_close(): No comparison pair was able to handle inputs of type "
                f"{type(actual)} and {type(expected)}."
            )
        self._tensors(_as_tensor(actual), _as_tensor(expected))

    def _numbers(self, actual: Any, expected: Any) -> None:
        types = [_C._tensor_from_data(value, None).dtype for value in (actual, expected)]
        wide = [{_C.float32: _C.float64, _C.complex64: _C.complex128}.get(dtype, dtype) for dtype in types]
        rtol, atol = self.tolerances(*wide)
        if actual == expected or (self.settings["equal_nan"] and actual != actual and expected != expected):
            return
        difference = abs(actual - expected)
        if difference <= atol + rtol * abs(expected) and math.isfinite(abs(expected)):
            return
        allowed = f" (up to {atol} allowed)", f" (up to {rtol} allowed)"
        relative = difference / abs(expected) if expected else math.inf
        name = "Booleans" if isinstance(actual, bool) and isinstance(expected, bool) else "Scalars"
        if rtol == atol == 0:
            self.fail(
                f"{name} are not equal!\n\nExpected {expected} but got {actual}.\n"
                f"Absolute difference: {difference}\nRelative difference: {relative}"
            )
        self.fail(
            f"{name} are not close!\n\nExpected {expected} but got {actual}.\n"
            f"Absolute difference: {difference}{allowed[0]}\nRelative difference: {relative}{allowed[1]}"
        )

    def _tensors(self, actual: Any, expected: Any) -> None:
        for fact, checked in (
            ("shape", True),
            ("device", self.settings["check_device"]),
            ("layout", self.settings["check_layout"]),
            ("dtype", self.settings["check_dtype"]),
        ):
            ours, theirs = getattr(actual, fact), getattr(expected, fact)
            if checked and ours != theirs:
                self.fail(f"The values for attribute '{fact}' do not match: {ours} != {theirs}.")
        if actual.layout is not strided and actual.layout is expected.layout:
            self._sparse_tensors(actual, expected)
            return
        actual, expected = actual.to_dense(), expected.to_dense()
        if self.settings["check_stride"] and actual.stride() != expected.stride():
            self.fail(f"The values for attribute 'stride()' do not match: {actual.stride()} != {expected.stride()}.")
        self._elements("Tensor-likes", actual, expected, *self.tolerances(actual.dtype, expected.dtype))

    def _sparse_tensors(self, actual: Any, expected: Any) -> None:
        """By their components, in the order that they have."""
        kind = "Sparse " + str(actual.layout).removeprefix("torch.sparse_").upper()
        if actual._nnz() != expected._nnz():
            counts = f"{actual._nnz()} != {expected._nnz()}"
            self.fail(f"The number of specified values in {kind.replace('S', 's', 1)} tensors does not match: {counts}")
        for ours, theirs in zip(actual.parts(), expected.parts(), strict=True):
            self._elements(f"{kind} indices", ours, theirs, 0.0, 0.0)
        ours, theirs = actual._values(), expected._values()
        self._elements(f"{kind} values", ours, theirs, *self.tolerances(actual.dtype, expected.dtype))

    def _elements(self, subject: str, actual: Any, expected: Any, rtol: float, atol: float) -> None:
        wide = _C.complex128 if actual.is_complex() or expected.is_complex() else _C.float64
        inexact = actual.is_floating_point() or expected.is_floating_point() or wide is _C.complex128
        kind = wide if inexact else _C.int64
        ours, theirs = actual.detach().to("cpu", kind), expected.detach().to("cpu", kind)
        close = ours.isclose(theirs, rtol=rtol, atol=atol, equal_nan=self.settings["equal_nan"])
        if not bool(close.all()):
            self.fail(_report(subject, ours, theirs, ~close, rtol, atol))


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _as_tensor(value: Any) -> Any:
    if isinstance(value, _C.Tensor):
        return value
    try:
        return _C._tensor_from_data(value, None)
    except (TypeError, RuntimeError, ValueError) as error:
        raise TypeError(f"assert_close(): no tensor can be made of a {type(value).__name__}.") from error


def _report(subject: str, actual: Any, expected: Any, wrong: Any, rtol: float, atol: float) -> str:
    count, total = int(wrong.sum()), wrong.numel()
    absolute = (actual - expected).abs().masked_fill(~wrong, 0).to(_C.float64)
    relative = (absolute / expected.abs().to(_C.float64)).masked_fill(~wrong, 0)

    def greatest(differences: Any, allowed: float) -> str:
        place = int(differences.reshape(-1).argmax())
        index = []
        for size in reversed(differences.shape):
            place, rest = divmod(place, size)
            index.append(rest)
        where = f" at index {tuple(reversed(index))}" if index else ""
        limit = "" if rtol == atol == 0 else f" (up to {allowed} allowed)"
        largest = float(differences.max())
        whole = differences is absolute and actual.dtype is _C.int64
        return f"{int(largest) if whole else largest}{where}{limit}"

    return (
        f"{subject} are not {'equal' if rtol == atol == 0 else 'close'}!\n\n"
        f"Mismatched elements: {count} / {total} ({100 * count / total:.1f}%)\n"
        f"Greatest absolute difference: {greatest(absolute, atol)}\n"
        f"Greatest relative difference: {greatest(relative, rtol)}"
    )


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise an AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere.

    Args:
        actual: a tensor, an array, a number, or sequences and mappings of them.
        expected: of the same kind.
        allow_subclasses: accept subclasses of a type in its place.
        rtol: relative tolerance; default by dtype (float32: 1.3e-6). Given together with `atol`.
        atol: absolute tolerance; default by dtype (float32: 1e-5).
        equal_nan: nan equals nan.
        check_device: the devices must be the same.
        check_dtype: the dtypes must be the same.
        check_layout: the layouts must be the same; sparse tensors of one layout are compared component by component.
        check_stride: the strides must be the same.
        msg: the error's text, or a function that makes it from the generated one.

    Example:
        >>> ember.testing.assert_close(ember.tensor([1.0]), ember.tensor([1.0 + 1e-7]))
    """
    settings = {
        "allow_subclasses": allow_subclasses,
        "equal_nan": equal_nan,
        "check_device": check_device,
        "check_dtype": check_dtype,
        "check_layout": check_layout,
        "check_stride": check_stride,
    }
    _Comparison(rtol, atol, settings, msg).compare(actual, expected)


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """:func:`assert_close` with the defaults of its predecessor: dtypes may differ, nan equals nan."""
    tensors = [value if isinstance(value, _C.Tensor) else _as_tensor(value) for value in (actual, expected)]
    assert_close(
        *tensors, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=True, check_dtype=False, msg=msg or None
    )

"""Anomaly mode: each node remembers the forward call that made it, and backward stops at the first NaN."""

from __future__ import annotations

from .. import _C


class set_detect_anomaly:
    """Turns anomaly mode on or off, at once and until the end of a `with` block. It makes everything slower."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self._before)


class detect_anomaly:
    """Anomaly mode within a `with` block: errors of backward name the forward call, and NaN gradients are errors."""

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan

    def __enter__(self) -> None:
        self._before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(True, self._check_nan)

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self._before)

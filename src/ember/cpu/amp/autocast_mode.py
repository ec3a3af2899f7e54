"""``torch.cpu.amp.autocast``, the older name of ``torch.amp.autocast("cpu")``."""

from __future__ import annotations

import warnings

from ... import _C, amp


class autocast(amp.autocast):
    """:class:`ember.amp.autocast` for "cpu"."""

    def __init__(self, enabled: bool = True, dtype: _C.dtype = _C.bfloat16, cache_enabled: bool = True) -> None:
        warnings.warn(
            "`torch.cpu.amp.autocast(args...)` is deprecated. Please use `torch.amp.autocast('cpu', args...)` instead.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__("cpu", enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)

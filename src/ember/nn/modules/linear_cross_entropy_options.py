"""How linear_cross_entropy works through a batch in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ... import _C

__all__ = ["LinearCrossEntropyOptions"]

_POLICIES = ("accurate", "balanced", "compact", "auto")
_RATIO = "aspect_ratio:"


@dataclass(frozen=True)
class LinearCrossEntropyOptions:
    """Lets :func:`linear_cross_entropy` work on a part of the batch at a time: the logits ``(N, C)`` never exist whole.

    Backward computes the logits of each part again, so that it may run twice.

    Args:
        allow_retain_graph: not needed here; taken and not used.
        batch_chunk_size: samples of a part. Default: by ``chunking_method``.
        chunking_method: ``"aspect_ratio:r"``, parts of ``r * in_features`` samples, whose logits are r times as many
            as the weights; ``"auto"``, the same with r = 2; None, one part. Default: ``"auto"``.
        acc_policy: ``"accurate"``, ``"balanced"``, ``"compact"`` or ``"auto"``; taken and not used: gradients are added
            up in the dtype of the weights.
        acc_dtype: a floating-point dtype or None; taken and not used.
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None

    def __post_init__(self) -> None:
        size = self.batch_chunk_size
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ValueError(f"batch_chunk_size must be positive int or None, got {size}")
        if self.chunking_method not in (None, "auto") and self._ratio() is None:
            raise ValueError(f"invalid chunking_method: {self.chunking_method!r}")
        if self.acc_policy not in _POLICIES:
            raise ValueError(f"invalid acc_policy: {self.acc_policy!r}")
        floating = (None, _C.float16, _C.bfloat16, _C.float32, _C.float64)
        if self.acc_dtype not in floating:
            raise ValueError(
                f"acc_dtype must be one of {{{', '.join(map(str, floating))}}}, got {self.acc_dtype}. "
                "Pass acc_dtype=None to let the op pick automatically."
            )

    def _ratio(self) -> int | None:
        """r of ``"aspect_ratio:r"``, None for other texts."""
        text = str(self.chunking_method)
        number = text.removeprefix(_RATIO)
        return int(number) if text.startswith(_RATIO) and number.isdecimal() and int(number) > 0 else None

    def samples_of_a_part(self, samples: int, in_features: int) -> int:
        """How many samples are worked on at a time."""
        if self.batch_chunk_size is not None:
            return self.batch_chunk_size
        if self.chunking_method is None:
            return max(samples, 1)
        return max((self._ratio() or 2) * in_features, 1)

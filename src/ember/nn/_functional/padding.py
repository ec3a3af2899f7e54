"""Padding: a border of constants or of the tensor's own values."""

from __future__ import annotations

from ... import _C
from ..._autocast import under_autocast
from ..._C import Tensor
from ...types import _size

__all__ = ["pad"]

_ops = _C.ops
_pad_from_edge = under_autocast("float32")(_ops.pad)


def pad(input: Tensor, pad: _size, mode: str = "constant", value: float | None = None) -> Tensor:
    """Add a border.

    Args:
        input: any shape; for modes other than constant, 2 to 5 dims.
        pad: (before, after) of the last dim, then of the one before it, and so on; negative numbers cut off.
        mode: ``"constant"``; ``"reflect"``, mirrored at the outermost elements; ``"replicate"``, these elements; or
            ``"circular"``, from the opposite side. Those pad the last 1 to 3 dims, with 1 or 2 before them.
            Default: ``"constant"``.
        value: the constant. Default: 0.

    Raises:
        RuntimeError: a border that the mode cannot give, such as one wider than what is mirrored.
        NotImplementedError: other modes, and shapes that the mode does not take.

    Example:
        >>> ember.nn.functional.pad(ember.tensor([[1, 2, 3]]), (2, 1), "reflect")
        tensor([[3, 2, 1, 2, 3, 2]])
    """
    padded = _pad_from_edge if mode in ("reflect", "replicate") else _ops.pad
    return padded(input, pad, mode, value)

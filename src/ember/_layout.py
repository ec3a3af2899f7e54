"""How a tensor's elements lie in memory."""

from __future__ import annotations


class layout:
    """A layout of memory; `strided` is the one there is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> str:
        return self._name


class memory_format(str):
    """An order of dimensions in memory; records take its name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.{self!s}"

    def __reduce__(self) -> str:
        return str(self)


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")  # of (N, C, H, W): C varies fastest
channels_last_3d = memory_format("channels_last_3d")  # of (N, C, D, H, W)

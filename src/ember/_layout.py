"""How a tensor's elements lie in memory."""

from __future__ import annotations

from typing import Any


class layout:
    """How a tensor holds its elements: all of them in memory with strides, or some of them with their places."""

    __module__ = "ember"

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> Any:
        from ._rebuild import _get_layout

        return _get_layout, (str(self),)


class memory_format(str):
    """An order of dimensions in memory; records take its name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.{self!s}"

    def __reduce__(self) -> str:
        return str(self)


strided = layout("strided")
jagged = layout("jagged")  # of nested tensors: the rows, of different lengths, one after the other
sparse_coo = layout("sparse_coo")  # each element with its index in every sparse dim
sparse_csr = layout("sparse_csr")  # the elements of a matrix row by row
sparse_csc = layout("sparse_csc")  # column by column
sparse_bsr = layout("sparse_bsr")  # row by row in blocks: a name only, as is the next
sparse_bsc = layout("sparse_bsc")
contiguous_format = memory_format("contiguous_format")
legacy_contiguous_format = contiguous_format
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")  # of (N, C, H, W): C varies fastest
channels_last_3d = memory_format("channels_last_3d")  # of (N, C, D, H, W)

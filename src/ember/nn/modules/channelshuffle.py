"""A layer that mixes groups of channels."""

from __future__ import annotations

from ..._C import Tensor
from .. import functional as F
from .module import Module

__all__ = ["ChannelShuffle"]


class ChannelShuffle(Module):
    """Takes the channels of all groups in turn, so that the next grouped convolution sees every group.

    Args:
        groups: their number.

    Shape:
        Input and output: ``(N, C, *)``, C a multiple of ``groups``.

    Source: Zhang et al. 2018, arXiv 1707.01083.

    Example:
        >>> ember.nn.ChannelShuffle(2)(ember.arange(4.0).reshape(1, 4, 1, 1)).flatten()
        tensor([0., 2., 1., 3.])
    """

    __constants__ = ["groups"]

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"

"""A softmax over very many classes, most of them rare."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import zeros_like
from ...types import Device
from .. import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]

_ops = _C.ops
_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log softmax over many classes in two steps, and its loss: frequent classes first, rare ones by clusters.

    The head decides between the classes below ``cutoffs[0]`` and one entry for each cluster of rarer classes; a
    cluster's own layers, which are the smaller the rarer it is, decide inside it. Classes are numbered by frequency.

    Args:
        in_features: size of the input's last dim.
        n_classes: number of classes.
        cutoffs: where each cluster begins, rising.
        div_value: cluster i works on ``in_features / div_value ** (i + 1)`` features. Default: 4.
        head_bias: add a bias in the head. Default: ``False``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input: ``(N, in_features)`` or ``(in_features)``. Target: ``(N)`` or ``()``. The log probabilities of the
        targets, ``output``: ``(N)`` or ``()``; ``loss``, minus their mean: 0-d.

    Source: Grave et al. 2016, arXiv 1609.04309.

    Example:
        >>> layer = ember.nn.AdaptiveLogSoftmaxWithLoss(8, 1000, [10, 100])
        >>> layer(ember.zeros(2, 8), ember.tensor([3, 500])).output.shape
        torch.Size([2])
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        rising = all(a < b for a, b in zip(cutoffs, [*cutoffs[1:], n_classes], strict=True))
        if not rising or cutoffs[0] <= 0 or any(int(each) != each for each in cutoffs):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                f"value is between 1 and n_classes-1; they are {cutoffs}, and n_classes is {n_classes}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            features = int(in_features // div_value ** (i + 1))
            classes = self.cutoffs[i + 1] - self.cutoffs[i]
            self.tail.append(
                Sequential(
                    Linear(in_features, features, bias=False, device=device, dtype=dtype),
                    Linear(features, classes, bias=False, device=device, dtype=dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw new values."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster.children():
                layer.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        """The log probability of each target, and minus their mean."""
        self._check(input_, target_)
        if target_.dim() > 0:
            output = self._log_probabilities_of(target_, input_)
            return _ASMoutput(output, (-output).mean())
        output = self._log_probabilities_of(target_.unsqueeze(0), input_.unsqueeze(0)).squeeze(0)
        return _ASMoutput(output, -output)

    def _log_probabilities_of(self, target: Any, input: Any) -> Any:
        column = target  # of the head: the class, or its cluster's entry
        inside_clusters = zeros_like(input[:, 0])
        for i, cluster in enumerate(self.tail):
            low, high = self.cutoffs[i], self.cutoffs[i + 1]
            inside = (target >= low) & (target < high)
            rows = inside.nonzero().squeeze(1)
            if rows.numel() == 0:
                continue
            column = column.masked_fill(inside, self.shortlist_size + i)
            chosen = F.log_softmax(cluster(input[rows]), dim=1).gather(1, (target[rows] - low).unsqueeze(1))
            inside_clusters = inside_clusters.index_add(0, rows, chosen.squeeze(1))
        head = F.log_softmax(self.head(input), dim=1)
        return head.gather(1, column.unsqueeze(1)).squeeze(1) + inside_clusters

    def _check(self, input: Any, target: Any) -> None:
        if target.dim() > 1:
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: target has shape {tuple(target.shape)}; expected (N) or ()."
            )
        if input.dim() != target.dim() + 1 or input.shape[:-1] != target.shape:
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: input has shape {tuple(input.shape)} and target {tuple(target.shape)}; "
                "expected (N, in_features) and (N), or (in_features) and ()."
            )
        if target.numel() and (int(target.min()) < 0 or int(target.max()) >= self.n_classes):
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: target has values from {int(target.min())} to {int(target.max())}; "
                f"expected classes in [0, {self.n_classes})."
            )

    def _get_full_log_prob(self, input: Any, head_output: Any) -> Any:
        """The log probabilities of all classes, from the head's logits."""
        head = F.log_softmax(head_output, dim=1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            entry = self.shortlist_size + i
            parts.append(F.log_softmax(cluster(input), dim=1) + head[:, entry : entry + 1])
        return _ops.cat(parts, 1)

    def log_prob(self, input: Tensor) -> Tensor:
        """The log probabilities ``(N, n_classes)`` of an input ``(N, in_features)``."""
        return self._get_full_log_prob(input, self.head(input))

    def predict(self, input: Tensor) -> Tensor:
        """The most probable class ``(N)`` of each sample; clusters are only looked into where they are chosen."""
        head = self.head(input)
        output = head.argmax(1)
        in_cluster = output >= self.shortlist_size
        if not bool(in_cluster.any()):
            return output
        rows = in_cluster.nonzero().squeeze(1)
        return output.index_copy(0, rows, self._get_full_log_prob(input[rows], head[rows]).argmax(1))

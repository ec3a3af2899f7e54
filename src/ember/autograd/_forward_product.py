"""The product of a Jacobian with a vector from the right, by backward passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import grad, inference_mode
from ._reach import new_leaf


class ForwardProduct:
    """The derivative of recorded outputs by inputs, as a linear map of tangents of the inputs.

    The product from the left, u J, is linear in u, and its derivative by u along v is J v. So two backward passes give
    the forward derivative, exactly; the first is made once, the second for each v.

    Source: J. Townsend, A new trick for calculating Jacobian vector products, 2017.
    """

    def __init__(self, outputs: Sequence[Any], inputs: Sequence[Any]) -> None:
        live = [output for output in outputs if output.requires_grad]
        self.shapes = [output.detach() for output in outputs]
        self.is_live = [output.requires_grad for output in outputs]  # recorded at all
        with inference_mode(False):
            self.probes = [new_leaf(output.detach().new_zeros(output.shape)) for output in live]  # u
            self.pulled: tuple[Any, ...] = (None,) * len(inputs)  # u J
            if live:
                self.pulled = grad(live, inputs, self.probes, create_graph=True, allow_unused=True)

    def __call__(self, tangents: Sequence[Any], create_graph: bool) -> list[Any]:
        """A tangent for each output, 0 where it depends on no input."""
        pairs = [(g, v) for g, v in zip(self.pulled, tangents, strict=True) if g is not None and g.requires_grad]
        found: tuple[Any, ...] = (None,) * len(self.probes)
        if pairs:
            pulled, along = zip(*pairs, strict=True)
            found = grad(pulled, self.probes, along, retain_graph=True, create_graph=create_graph, allow_unused=True)
        pushed = iter(found)
        tangent_of = [next(pushed) if live else None for live in self.is_live]
        return [x.new_zeros(x.shape) if t is None else t for t, x in zip(tangent_of, self.shapes, strict=True)]

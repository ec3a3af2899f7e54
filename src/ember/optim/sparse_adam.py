"""Adam for sparse gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .optimizer import (
    Optimizer,
    ParamsT,
    Tensor,
    check_betas,
    check_learning_rate,
    check_nonnegative,
    evaluate,
    new_state,
    with_gradients,
)


class SparseAdam(Optimizer):
    r"""Adam on the rows that a sparse gradient has; the others keep their value and their running means.

    .. math::
        m &= \beta_1 m + (1 - \beta_1) g, \quad v = \beta_2 v + (1 - \beta_2) g^2 \quad
            \text{(where } g \text{ has elements)} \\
        \theta &= \theta - \text{lr} \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot
            \frac{m}{\sqrt{v} + \epsilon}

    Args:
        params: strided parameters, or groups of them, whose gradients are sparse.
        lr: step size. Default: 1e-3
        betas: :math:`\beta_1, \beta_2`, the shares that the running means keep. Default: (0.9, 0.999)
        eps: :math:`\epsilon`, against division by 0. Default: 1e-8
        maximize: ascend instead. Default: False

    Raises:
        ValueError: for an option out of its range, or a sparse parameter.
        RuntimeError: in :meth:`step`, for a strided gradient.

    Source:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.

    Example:
        >>> import ember
        >>> table = ember.nn.Embedding(10, 3, sparse=True)
        >>> optimizer = ember.optim.SparseAdam(table.parameters(), lr=0.1)
        >>> table(ember.tensor([2, 7])).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("epsilon value", eps)
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        sparse = [i for i, parameter in enumerate(parameters) if parameter.is_sparse]
        if sparse:
            raise ValueError(f"Sparse params at indices {sparse}: SparseAdam requires dense parameter tensors")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        from ..autograd import no_grad

        loss = evaluate(closure)
        with no_grad():
            for group in self.param_groups:
                for parameter, gradient in zip(*with_gradients(group), strict=True):
                    if not gradient.is_sparse:
                        raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
                    self._update(parameter, gradient, group)
        return loss

    def _update(self, parameter: Any, gradient: Any, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state.update(step=0, exp_avg=new_state(parameter), exp_avg_sq=new_state(parameter))
        state["step"] += 1
        first, second = group["betas"]
        gradient = gradient.coalesce()
        values = -gradient.values() if group["maximize"] else gradient.values()
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        old_mean, old_square = (each.sparse_mask(gradient).values() for each in (mean, square))
        change, change_of_square = (values - old_mean) * (1 - first), (values * values - old_square) * (1 - second)
        mean.add_(gradient.with_elements(change))
        square.add_(gradient.with_elements(change_of_square))
        correction = math.sqrt(1 - second ** state["step"]) / (1 - first ** state["step"])
        direction = (old_mean + change) / ((old_square + change_of_square).sqrt() + group["eps"])
        parameter.add_(gradient.with_elements(direction), alpha=-float(group["lr"]) * correction)

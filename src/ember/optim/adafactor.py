"""Adafactor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._number_info import finfo
from .optimizer import (
    Optimizer,
    ParamsT,
    Tensor,
    evaluate,
    fill_missing_options,
    new_step,
    tensor_steps,
    with_gradients,
)


class Adafactor(Optimizer):
    r"""Steps divided by a root mean square that is kept for rows and columns only: memory for a matrix is that of two
    vectors.

    .. math::
        r &= r + t^{\tau} (\operatorname{mean}_\text{columns}(g^2) - r), \quad
        c = c + t^{\tau} (\operatorname{mean}_\text{rows}(g^2) - c) \\
        u &= g / \sqrt{r c / \operatorname{mean}(r)} \\
        \theta &= \theta - \max(\epsilon_2, \text{RMS}(\theta)) \min(\text{lr}, 1 / \sqrt t) \cdot
        u / \max(1, \text{RMS}(u) / d)

    with :math:`\theta` first shrunk by :math:`1 - \text{lr} \lambda`. Vectors keep a mean for each element.

    Args:
        params: parameters, or groups of them.
        lr: bound of the relative step size. Default: 1e-2
        beta2_decay: :math:`\tau`, at most 0: how fast the means slow down. Default: -0.8
        eps: :math:`(\epsilon_1, \epsilon_2)`: the least root of the mean square, None for the machine epsilon, and the
            least scale of a parameter. Default: (None, 1e-3)
        d: the root mean square at which an update is clipped, at least 1. Default: 1.0
        weight_decay: :math:`\lambda`. Default: 0
        foreach: accepted; there is one form of the step.
        maximize: ascend instead. Default: False

    Raises:
        ValueError: for an option outside its range.
        RuntimeError: for complex parameters.

    Source:
        Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, ICML 2018.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.ones(2, 3))
        >>> optimizer = ember.optim.Adafactor([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
        >>> sorted(optimizer.state[weight])
        ['col_var', 'row_var', 'step']
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_missing_options(self.param_groups, foreach=None)
        tensor_steps(self.state)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        from ..autograd import no_grad

        loss = evaluate(closure)
        with no_grad():
            for group in self.param_groups:
                for parameter, gradient in zip(*with_gradients(group), strict=True):
                    if parameter.is_complex():
                        raise RuntimeError("Adafactor does not support complex parameters")
                    entry = self.state[parameter]
                    if not entry:
                        _start(gradient, entry)
                    _update(parameter, -gradient if group["maximize"] else gradient, entry, group)
        return loss


def _start(gradient: Tensor, entry: dict[str, Any]) -> None:
    entry["step"] = new_step()
    if gradient.dim() > 1:
        entry["row_var"] = gradient.new_zeros((*gradient.shape[:-1], 1))
        entry["col_var"] = gradient.new_zeros((*gradient.shape[:-2], 1, gradient.shape[-1]))
    else:
        entry["variance"] = gradient.new_zeros(gradient.shape)


def _update(parameter: Tensor, gradient: Tensor, entry: dict[str, Any], group: dict[str, Any]) -> None:
    entry["step"] += 1
    step, lr = entry["step"].item(), float(group["lr"])
    smallest, least_scale = group["eps"]
    if smallest is None:
        smallest = finfo(parameter.dtype).eps
    scale = max(least_scale, _root_mean_square(parameter)) * min(lr, step**-0.5)
    if group["weight_decay"] != 0:
        parameter.mul_(1 - lr * group["weight_decay"])
    update = _variance(gradient, entry, step ** group["beta2_decay"], smallest).clamp_(min=smallest * smallest)
    update = update.rsqrt_().mul_(gradient)
    parameter.add_(update, alpha=-scale / max(1.0, _root_mean_square(update) / group["d"]))


def _variance(gradient: Tensor, entry: dict[str, Any], weight: float, smallest: float) -> Tensor:
    """The running mean square of each element; of a matrix the product of those of its row and its column."""
    if gradient.dim() <= 1:
        return entry["variance"].lerp_(gradient.square(), weight).clone()
    rows, columns = entry["row_var"], entry["col_var"]
    square = gradient.square()
    rows.lerp_(square.mean(-1, keepdim=True), weight)
    columns.lerp_(square.mean(-2, keepdim=True), weight)
    return (rows @ columns).div_(rows.mean(-2, keepdim=True).clamp_(min=smallest))


def _root_mean_square(tensor: Tensor) -> float:
    return float(tensor.norm(2).item() / tensor.numel() ** 0.5)

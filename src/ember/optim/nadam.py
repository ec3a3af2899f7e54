"""NAdam: Adam with Nesterov momentum."""

from __future__ import annotations

from .. import _C
from .fused import Entry, FusedOptimizer
from .optimizer import (
    ParamsT,
    Tensor,
    check_betas,
    check_form,
    check_learning_rate,
    check_nonnegative,
    learning_rate,
    new_state,
    new_step,
)


class NAdam(FusedOptimizer):
    r"""Adam whose running mean of the gradient looks one step ahead.

    .. math::
        \mu_t &= \beta_1 (1 - \tfrac{1}{2} 0.96^{t \psi}) \\
        m &= \beta_1 m + (1 - \beta_1) g, \quad v = \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= \frac{\mu_{t+1} m}{1 - \prod_{i=1}^{t+1} \mu_i} + \frac{(1 - \mu_t) g}{1 - \prod_{i=1}^{t} \mu_i},
        \quad \hat v = v / (1 - \beta_2^t) \\
        \theta &= \theta - \text{lr} \cdot \hat m / (\sqrt{\hat v} + \epsilon)

    where :math:`g = \nabla f(\theta) + \lambda \theta`, or :math:`g = \nabla f(\theta)` with
    :math:`\theta` first shrunk by :math:`1 - \text{lr} \lambda` where the decay is decoupled.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 2e-3
        betas: :math:`(\beta_1, \beta_2)`, each in [0, 1). Default: (0.9, 0.999)
        eps: :math:`\epsilon`, which bounds the step where gradients vanish. Default: 1e-8
        weight_decay: :math:`\lambda`. Default: 0
        momentum_decay: :math:`\psi`. Default: 4e-3
        decoupled_weight_decay: decay the parameters themselves, as AdamW does. Default: False
        maximize: ascend instead. Default: False
        foreach, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Source:
        Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.NAdam([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    _newer_options = FusedOptimizer._newer_options | {"decoupled_weight_decay": False}
    _numbers = ("step", "mu_product")

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_learning_rate(lr)
        check_nonnegative("epsilon value", eps)
        check_betas(betas)
        check_nonnegative("weight_decay value", weight_decay)
        check_nonnegative("momentum_decay value", momentum_decay)
        check_form(differentiable, foreach)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["mu_product"] = new_step().fill_(1)
        entry["exp_avg"] = new_state(parameter)
        entry["exp_avg_sq"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        beta1, beta2 = group["betas"]
        lr, rate = learning_rate(group)
        _C.ops._nadam_step_(
            parameters,
            gradients,
            [entry["exp_avg"] for entry in entries],
            [entry["exp_avg_sq"] for entry in entries],
            [entry["mu_product"] for entry in entries],
            [entry["step"] for entry in entries],
            lr,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            group["momentum_decay"],
            group["decoupled_weight_decay"],
            group["maximize"],
            group["differentiable"],
            rate,
        )

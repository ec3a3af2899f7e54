"""Adam, and its decay-decoupled form AdamW."""

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


class Adam(FusedOptimizer):
    r"""Steps scaled by running means of the gradient and of its square.

    .. math::
        m &= \beta_1 m + (1 - \beta_1) g, \quad \hat m = m / (1 - \beta_1^t) \\
        v &= \beta_2 v + (1 - \beta_2) g^2, \quad \hat v = v / (1 - \beta_2^t) \\
        \theta &= \theta - \text{lr} \cdot \hat m / (\sqrt{\hat v} + \epsilon)

    where :math:`g = \nabla f(\theta) + \lambda \theta`, or :math:`g = \nabla f(\theta)` with
    :math:`\theta` first shrunk by :math:`1 - \text{lr} \lambda` where the decay is decoupled.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 1e-3
        betas: :math:`(\beta_1, \beta_2)`, the shares that the running means keep, each in [0, 1). Default: (0.9, 0.999)
        eps: :math:`\epsilon`, which bounds the step where gradients vanish. Default: 1e-8
        weight_decay: :math:`\lambda`. Default: 0
        amsgrad: use the largest :math:`v` so far. Default: False
        maximize: ascend instead. Default: False
        decoupled_weight_decay: decay the parameters themselves, as AdamW does. Default: False
        foreach, fused, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Source:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015;
        Reddi et al., On the Convergence of Adam and Beyond, ICLR 2018 (AMSGrad).

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.Adam([weight], lr=0.1)
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    _newer_options = FusedOptimizer._newer_options | {"amsgrad": False, "decoupled_weight_decay": False, "fused": None}

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_learning_rate(lr, foreach, capturable)
        check_nonnegative("epsilon value", eps)
        check_betas(betas)
        check_nonnegative("weight_decay value", weight_decay)
        if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
            raise ValueError("betas must be either both floats or both Tensors")
        check_form(differentiable, foreach, fused)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _start(self, parameter: Tensor, entry: Entry, group: Entry) -> None:
        entry["step"] = new_step()
        entry["exp_avg"] = new_state(parameter)
        entry["exp_avg_sq"] = new_state(parameter)
        if group["amsgrad"]:
            entry["max_exp_avg_sq"] = new_state(parameter)

    def _update(self, group: Entry, parameters: list[Tensor], gradients: list[Tensor], entries: list[Entry]) -> None:
        amsgrad = group["amsgrad"]
        beta1, beta2 = group["betas"]
        lr, rate = learning_rate(group)
        _C.ops._adam_step_(
            parameters,
            gradients,
            [entry["exp_avg"] for entry in entries],
            [entry["exp_avg_sq"] for entry in entries],
            [entry["max_exp_avg_sq"] for entry in entries] if amsgrad else [],
            [entry["step"] for entry in entries],
            lr,
            float(beta1),
            float(beta2),
            group["eps"],
            group["weight_decay"],
            group["decoupled_weight_decay"],
            group["maximize"],
            group["differentiable"],
            rate,
        )

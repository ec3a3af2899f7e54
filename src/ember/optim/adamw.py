"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from .adam import Adam
from .optimizer import ParamsT, Tensor


class AdamW(Adam):
    r"""Adam whose weight decay acts on the parameters themselves: :math:`\theta` is first shrunk by
    :math:`1 - \text{lr} \lambda`, so that the decay is not scaled by the running means.

    Args:
        params: parameters, or groups of them.
        lr: step size. Default: 1e-3
        betas: the shares that the running means keep, each in [0, 1). Default: (0.9, 0.999)
        eps: bounds the step where gradients vanish. Default: 1e-8
        weight_decay: :math:`\lambda`. Default: 0.01
        amsgrad: use the largest mean square so far. Default: False
        maximize: ascend instead. Default: False
        foreach, fused, capturable: accepted; one fused step over all parameters always runs.
        differentiable: let autograd record the step. Default: False

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Source:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.AdamW([weight], lr=0.1)
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:  # checkpoints from before the option existed were decoupled all the same
            group["decoupled_weight_decay"] = True

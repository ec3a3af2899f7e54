"""Muon."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import _C
from .optimizer import Optimizer, ParamsT, Tensor, evaluate, new_state, with_gradients


class Muon(Optimizer):
    r"""Steps for matrices along the nearest orthogonal matrix of the momentum.

    .. math::
        b &= \mu b + (1 - \mu) g \\
        \theta &= (1 - \text{lr} \lambda) \theta - \text{lr} \cdot s \cdot \operatorname{orthogonal}(d),
        \quad d = b, \text{ or } (1 - \mu) g + \mu b \text{ with Nesterov}

    The orthogonal factor is approached by Newton and Schulz's iteration
    :math:`X \leftarrow a X + (b X X^T + c (X X^T)^2) X` in bfloat16. The scale :math:`s` of a matrix of m rows and n
    columns is :math:`\sqrt{\max(1, m / n)}`, or :math:`0.2 \sqrt{\max(m, n)}` with ``"match_rms_adamw"``.

    Args:
        params: matrices, or groups of them; other parameters belong to another optimizer.
        lr: step size. Default: 1e-3
        weight_decay: :math:`\lambda`. Default: 0.1
        momentum: :math:`\mu`. Default: 0.95
        nesterov: look ahead along the momentum. Default: True
        ns_coefficients: :math:`(a, b, c)`. Default: (3.4445, -4.775, 2.0315)
        eps: the least norm that the iteration divides by. Default: 1e-7
        ns_steps: number of iterations, below 100. Default: 5
        adjust_lr_fn: ``"original"`` or ``"match_rms_adamw"``; None is the first. Default: None

    Raises:
        ValueError: for a negative option, or a parameter that is no matrix.

    Source:
        Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024;
        Liu et al., Muon is Scalable for LLM Training, arXiv 2502.16982, 2025 (match_rms_adamw).

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.ones(2, 3))
        >>> optimizer = ember.optim.Muon([weight])
        >>> (weight ** 2).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not momentum >= 0.0:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.dim() != 2:
                    raise ValueError(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {parameter.size()}"
                    )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, evaluate the loss again first and return it."""
        from ..autograd import no_grad

        loss = evaluate(closure)
        with no_grad():
            for group in self.param_groups:
                for parameter, gradient in zip(*with_gradients(group), strict=True):
                    if parameter.is_complex():
                        raise RuntimeError("Muon does not support complex parameters")
                    entry = self.state[parameter]
                    if not entry:
                        entry["momentum_buffer"] = new_state(parameter)
                    _update(parameter, gradient, entry["momentum_buffer"], group)
        return loss


def _update(parameter: Tensor, gradient: Tensor, buffer: Tensor, group: dict[str, Any]) -> None:
    lr, momentum = float(group["lr"]), group["momentum"]
    buffer.lerp_(gradient, 1 - momentum)
    direction = gradient.lerp(buffer, momentum) if group["nesterov"] else buffer
    update = _orthogonalized(direction, group["ns_coefficients"], group["ns_steps"], group["eps"])
    rows, columns = parameter.shape
    if group["adjust_lr_fn"] == "match_rms_adamw":
        scale = 0.2 * math.sqrt(max(rows, columns))
    else:
        scale = math.sqrt(max(1.0, rows / columns))
    parameter.mul_(1 - lr * group["weight_decay"])
    parameter.add_(update, alpha=-lr * scale)


def _orthogonalized(matrix: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float) -> Tensor:
    """Singular values of the matrix brought near 1, by Newton and Schulz's iteration."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values.")
    a, b, c = coefficients
    x = matrix.to(_C.bfloat16)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.t()
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.t() if tall else x

"""L-BFGS."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import _C
from .optimizer import Optimizer, ParamsT, Tensor, check_learning_rate


class LBFGS(Optimizer):
    r"""Newton steps with the inverse Hessian estimated from the last changes of parameters and gradients.

    The closure is evaluated several times a step; it clears the gradients, computes the loss, calls ``backward`` and
    returns the loss. Gradients are best of all data, not of batches.

    Args:
        params: parameters, in one group.
        lr: step length that is tried first. Default: 1
        max_iter: most iterations a step. Default: 20
        max_eval: most evaluations of the closure a step; None is 1.25 ``max_iter``. Default: None
        tolerance_grad: stop where no element of the gradient is larger. Default: 1e-7
        tolerance_change: stop where neither parameters nor loss change by more. Default: 1e-9
        history_size: number of changes that are kept. Default: 100
        line_search_fn: ``"strong_wolfe"`` or None, where every step has the length lr. Default: None

    Raises:
        ValueError: for a negative lr, or several parameter groups.

    Source:
        Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989;
        Nocedal and Wright, Numerical Optimization, 2006, section 3.5 (the line search).

    Example:
        >>> import ember
        >>> weight = ember.nn.Parameter(ember.tensor([1.0, 2.0]))
        >>> optimizer = ember.optim.LBFGS([weight], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (weight ** 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure).item()
        5.0
        >>> weight.detach().abs().max().item() < 1e-6
        True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_learning_rate(lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Make up to ``max_iter`` iterations; return the loss before them."""
        from ..autograd import no_grad

        with no_grad():
            return self._step(closure)

    def _step(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        state = self.state[self._params[0]]  # of all parameters together
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = self._evaluate(closure)
        loss, gradient = float(first_loss), self._flat_gradient()
        evaluations = 1
        state["func_evals"] += 1
        converged = bool(gradient.abs().max() <= group["tolerance_grad"])
        iteration = 0
        while not converged and iteration < group["max_iter"]:
            iteration += 1
            state["n_iter"] += 1
            direction = self._direction(state, gradient, group["history_size"])
            state["prev_flat_grad"], state["prev_loss"] = gradient.clone(), loss
            lr = float(group["lr"])
            length = min(1.0, 1.0 / float(gradient.abs().sum())) * lr if state["n_iter"] == 1 else lr
            slope = float(gradient.dot(direction))
            state["d"], state["t"] = direction, length
            if slope > -group["tolerance_change"]:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                start = [parameter.clone() for parameter in self._params]
                loss, gradient, length, calls = _strong_wolfe(
                    lambda t, d=direction, x=start: self._evaluate_at(closure, x, t, d),  # type: ignore[misc]
                    length,
                    direction,
                    (loss, gradient, slope),
                    group["tolerance_change"],
                )
                self._restore(start)
                self._move(length, direction)
                converged = bool(gradient.abs().max() <= group["tolerance_grad"])
                state["t"] = length
            else:
                self._move(length, direction)
                if iteration != group["max_iter"]:  # nobody would read the last
                    loss, gradient = float(self._evaluate(closure)), self._flat_gradient()
                    converged = bool(gradient.abs().max() <= group["tolerance_grad"])
                    calls = 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or float((direction * length).abs().max()) <= group["tolerance_change"]
                or abs(loss - state["prev_loss"]) < group["tolerance_change"]
            ):
                break
        return first_loss

    @staticmethod
    def _direction(state: dict[str, Any], gradient: Tensor, history_size: int) -> Tensor:
        """Minus the estimated inverse Hessian times the gradient (Nocedal and Wright, algorithm 7.4)."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return gradient.neg()
        change, step = gradient - state["prev_flat_grad"], state["d"] * state["t"]
        changes, steps, inverses = state["old_dirs"], state["old_stps"], state["ro"]
        curvature = float(change.dot(step))
        if curvature > 1e-10:
            if len(changes) == history_size:
                for history in (changes, steps, inverses):
                    history.pop(0)
            changes.append(change)
            steps.append(step)
            inverses.append(1.0 / curvature)
            state["H_diag"] = curvature / float(change.dot(change))
        shares = state.setdefault("al", [None] * history_size)
        direction = gradient.neg()
        for i in reversed(range(len(changes))):
            shares[i] = float(steps[i].dot(direction)) * inverses[i]
            direction.add_(changes[i], alpha=-shares[i])
        direction = direction.mul_(state["H_diag"])
        for i in range(len(changes)):
            direction.add_(steps[i], alpha=shares[i] - float(changes[i].dot(direction)) * inverses[i])
        return direction

    # ---- all parameters as one vector

    def _evaluate(self, closure: Callable[[], Any]) -> Any:
        from ..autograd import enable_grad

        with enable_grad():
            return closure()

    def _evaluate_at(
        self, closure: Callable[[], Any], start: list[Tensor], length: float, direction: Tensor
    ) -> tuple[float, Tensor]:
        self._restore(start)
        self._move(length, direction)
        loss = float(self._evaluate(closure))
        gradient = self._flat_gradient()
        return loss, gradient

    def _flat_gradient(self) -> Tensor:
        parts = []
        for parameter in self._params:
            gradient = parameter.grad
            part = parameter.new_zeros(parameter.numel()) if gradient is None else gradient.reshape(-1)
            parts.append(_C.ops.view_as_real(part).reshape(-1) if part.is_complex() else part)
        return _C.ops.cat(parts)

    def _move(self, length: float, direction: Tensor) -> None:
        offset = 0
        for parameter in self._params:
            target = _C.ops.view_as_real(parameter) if parameter.is_complex() else parameter
            count = target.numel()
            target.add_(direction[offset : offset + count].view_as(target), alpha=length)
            offset += count

    def _restore(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self._params, values, strict=True):
            parameter.copy_(value)


Point = tuple[float, float, Tensor, float]  # step length, loss, gradient, slope along the direction


def _strong_wolfe(
    evaluate: Callable[[float], tuple[float, Tensor]],
    length: float,
    direction: Tensor,
    at_zero: tuple[float, Tensor, float],
    tolerance: float,
    decrease: float = 1e-4,
    flattening: float = 0.9,
    most: int = 25,
) -> tuple[float, Tensor, float, int]:
    """A step length at which the loss has decreased and its slope has flattened.

    Returns loss, gradient, length and the number of evaluations.
    """
    loss, gradient, slope = at_zero
    extent = float(direction.abs().max())

    def point(t: float) -> Point:
        value, flat = evaluate(t)
        return t, value, flat, float(flat.dot(direction))

    def too_high(p: Point) -> bool:
        return p[1] > loss + decrease * p[0] * slope

    def flat_enough(p: Point) -> bool:
        return abs(p[3]) <= -flattening * slope

    # A bracket: lengths between which there is a minimum.
    start: Point = (0.0, loss, gradient, slope)
    previous, current = start, point(length)
    calls, iteration, done = 1, 0, False
    bracket: list[Point] = []
    while iteration < most:
        if too_high(current) or (iteration > 1 and current[1] >= previous[1]):
            bracket = [previous, current]
            break
        if flat_enough(current):
            bracket, done = [current], True
            break
        if current[3] >= 0:
            bracket = [previous, current]
            break
        bounds = (current[0] + 0.01 * (current[0] - previous[0]), current[0] * 10)
        previous, current = current, point(_cubic_minimum(previous, current, bounds))
        calls += 1
        iteration += 1
    if not bracket:
        bracket = [start, current]

    # The bracket is made smaller until one of its ends will do; the better end comes first.
    stuck = False
    bracket.sort(key=lambda p: p[1])
    while not done and iteration < most:
        if abs(bracket[1][0] - bracket[0][0]) * extent < tolerance:
            break
        left, right = sorted((bracket[0][0], bracket[1][0]))
        t = _cubic_minimum(bracket[0], bracket[1], (left, right))
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:  # near an end twice: away from it
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        current = point(t)
        calls += 1
        iteration += 1
        if too_high(current) or current[1] >= bracket[0][1]:
            bracket = sorted((bracket[0], current), key=lambda p: p[1])
        else:
            if flat_enough(current):
                done = True
            elif current[3] * (bracket[1][0] - bracket[0][0]) >= 0:
                bracket[1] = bracket[0]
            bracket[0] = current
    best = bracket[0]
    return best[1], best[2], best[0], calls


def _cubic_minimum(a: Point, b: Point, bounds: tuple[float, float]) -> float:
    """Where the cubic through two points with their slopes is least, within the bounds (Nocedal and Wright, 3.59)."""
    (x1, f1, _, g1), (x2, f2, _, g2) = sorted((a, b), key=lambda p: p[0])
    if x1 == x2:
        return (bounds[0] + bounds[1]) / 2
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1 * d1 - g1 * g2
    if not square >= 0:
        return (bounds[0] + bounds[1]) / 2
    d2 = math.sqrt(square)
    divisor = g2 - g1 + 2 * d2
    if divisor == 0:
        return (bounds[0] + bounds[1]) / 2
    return min(max(x2 - (x2 - x1) * ((g2 + d2 - d1) / divisor), bounds[0]), bounds[1])

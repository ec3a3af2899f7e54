"""Gradients against central differences, in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C


class GradcheckError(RuntimeError):
    """An analytical gradient differs from the numerical one."""


def _outputs(func: Any, inputs: Sequence[Any]) -> list[Any]:
    result = func(*inputs)
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    return [each for each in results if isinstance(each, _C.Tensor) and (each.is_floating_point() or each.is_complex())]


def _numerical(func: Any, inputs: Sequence[Any], which: int, weights: Sequence[Any], eps: float) -> Any:
    """d(sum of weight * output) / d(input), one element at a time. Complex inputs: along 1 and along i."""
    x = inputs[which]
    values = x.detach().clone().contiguous()
    flat = values.view(-1)
    result = _C.ops.mul(values, 0)
    slots = result.view(-1)

    def weighed() -> float:
        arguments = list(inputs)
        arguments[which] = values.clone()
        total = 0.0
        before = _C._set_grad_enabled(False)
        try:
            for weight, output in zip(weights, _outputs(func, arguments), strict=True):
                total += complex((weight.conj() * output).sum().item()).real
        finally:
            _C._set_grad_enabled(before)
        return total

    directions = (1, 1j) if x.is_complex() else (1,)
    for i in range(flat.numel()):
        original = flat[i].item()
        slope: complex = 0
        for direction in directions:
            flat[i] = original + eps * direction
            above = weighed()
            flat[i] = original - eps * direction
            below = weighed()
            slope += direction * (above - below) / (2 * eps)
        flat[i] = original
        slots[i] = slope
    return result


def gradcheck(
    func: Any,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of `func` with central differences of step `eps`, for random weights of the outputs.

    Args:
        func: takes the inputs, returns a tensor or a tuple of tensors.
        inputs: tensor or tuple; those that require grad are checked and should be float64 or complex128.
        eps: step of the differences.
        atol, rtol: |analytical - numerical| <= atol + rtol * |numerical|.
        raise_exception: raise GradcheckError with both gradients; otherwise return False.

    Raises:
        GradcheckError: where a gradient differs. ValueError: where no input requires grad.
    """
    arguments = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, x in enumerate(arguments) if isinstance(x, _C.Tensor) and x.requires_grad]
    if not checked:
        raise ValueError(
            "gradcheck(): none of the inputs requires grad; expected at least one with requires_grad=True."
        )
    outputs = _outputs(func, arguments)
    differentiable = [output for output in outputs if output.requires_grad]
    from . import grad

    state = _C._default_generator().get_state()
    weights = [_C.ops.add(_C.ops.mul(output.detach(), 0), _pattern(output)) for output in outputs]
    _C._default_generator().set_state(state)
    analytical: Sequence[Any]
    if differentiable:
        analytical = grad(
            differentiable,
            [arguments[i] for i in checked],
            [w for w, output in zip(weights, outputs, strict=True) if output.requires_grad],
            allow_unused=True,
        )
    else:
        analytical = [None] * len(checked)
    for i, found in zip(checked, analytical, strict=True):
        expected = _numerical(func, arguments, i, weights, eps)
        value = _C.ops.mul(expected, 0) if found is None else found.detach()
        if check_grad_dtypes and found is not None and found.dtype != arguments[i].dtype:
            raise GradcheckError(f"gradcheck(): gradient {i} is {found.dtype}; expected {arguments[i].dtype}.")
        if not value.isclose(expected, rtol, atol).all().item():
            if raise_exception:
                raise GradcheckError(
                    f"gradcheck(): Jacobian mismatch for input {i}:\nnumerical: {expected}\nanalytical: {value}"
                )
            return False
    return True


def _pattern(output: Any) -> Any:
    """Weights that differ from element to element, the same in each run: cos(1), cos(2), ... in the output's shape."""
    import math

    numbers = [math.cos(1.0 + i) for i in range(output.numel())]
    return _C._tensor_from_data(numbers, _C.float64).view(output.shape).to(output.dtype)


def gradgradcheck(
    func: Any,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    **options: Any,
) -> bool:
    """Compare the derivatives of the gradients of `func` with central differences; arguments as of `gradcheck`."""
    from . import grad

    arguments = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    outputs = _outputs(func, arguments)
    if grad_outputs is None:
        weights = [_C.ops.add(_C.ops.mul(o.detach(), 0), _pattern(o)).requires_grad_() for o in outputs]
    else:
        weights = list((grad_outputs,) if isinstance(grad_outputs, _C.Tensor) else grad_outputs)
    count = len(arguments)

    def gradients(*everything: Any) -> tuple[Any, ...]:
        values = [
            x
            if not isinstance(x, _C.Tensor) or x.requires_grad or not original.requires_grad
            else x.detach().requires_grad_()
            for x, original in zip(everything[:count], arguments, strict=True)
        ]
        wanted = [x for x in values if isinstance(x, _C.Tensor) and x.requires_grad]
        before = _C._set_grad_enabled(True)
        try:
            results = _outputs(func, values)
            pairs = [(o, w) for o, w in zip(results, everything[count:], strict=True) if o.requires_grad]
            found = grad([o for o, _ in pairs], wanted, [w for _, w in pairs], create_graph=True, allow_unused=True)
        finally:
            _C._set_grad_enabled(before)
        return tuple(_C.ops.mul(x, 0) if g is None else g for g, x in zip(found, wanted, strict=True))

    return gradcheck(gradients, (*arguments, *weights), eps=eps, atol=atol, rtol=rtol, **options)

"""Automatic differentiation: gradients of what was computed, and the switches that turn recording on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _C
from .._C import Tensor
from . import graph
from .anomaly_mode import detect_anomaly, set_detect_anomaly
from .function import Function
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

if TYPE_CHECKING:
    from . import forward_ad, functional, profiler, profiler_util

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]

Variable = _C.Tensor


_profiler_enabled, _disable_profiler = _C._is_profiling, _C._stop_profile


def _as_tuple(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, _C.Tensor) else tuple(value)


def _gradients(gradients: Any, outputs: tuple[Any, ...], caller: str) -> tuple[Any, ...]:
    given = (None,) * len(outputs) if gradients is None else _as_tuple(gradients)
    if len(given) != len(outputs):
        raise RuntimeError(f"{caller}(): got {len(outputs)} tensors and {len(given)} gradients; expected one each.")
    return given


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradients of `tensors` by the graph's leaves into their `.grad`.

    Args:
        tensors: tensor or sequence of tensors to differentiate.
        grad_tensors: for each a gradient of its shape; None stands for 1 where it has one element.
        retain_graph: keep what backward needs for another pass; by default the value of `create_graph`.
        create_graph: record the pass itself, so that it can be differentiated.
        inputs: only add into these tensors' `.grad`.
    """
    outputs = _as_tuple(tensors)
    taking_part = (*outputs, *_as_tuple(inputs))
    if _C._overridden(taking_part):
        options = (grad_tensors, retain_graph, create_graph, grad_variables, inputs)
        _C._call_overridden(backward, taking_part, (tensors, *options), None)
        return
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is not None and not _as_tuple(inputs):
        raise RuntimeError("backward(): `inputs` argument to `backward` cannot be empty.")
    gradients = _gradients(grad_variables if grad_tensors is None else grad_tensors, outputs, "backward")
    _C._backward(outputs, gradients, keep, create_graph, _as_tuple(inputs), True)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """The gradients of the sum of `outputs` by each of `inputs`, as a tuple; no `.grad` changes.

    Args:
        outputs: tensor or sequence of tensors.
        inputs: tensor or sequence of tensors that the outputs were computed from.
        grad_outputs: for each output a gradient of its shape (the vector of a vector-Jacobian product).
        retain_graph: keep what the pass needs for another one; by default the value of `create_graph`.
        create_graph: record the pass itself, so that the results can be differentiated.
        allow_unused: return None for inputs that no output depends on; otherwise that is a RuntimeError.
        is_grads_batched: `grad_outputs` have a leading batch dimension; so have the results.
        materialize_grads: return zeros for unused inputs.
    """
    wanted = _as_tuple(inputs)
    roots = _as_tuple(outputs)
    if _C._overridden((*roots, *wanted)):
        options = (grad_outputs, retain_graph, create_graph, only_inputs, allow_unused, is_grads_batched)
        named = {"materialize_grads": materialize_grads}
        return _C._call_overridden(grad, (*roots, *wanted), (outputs, inputs, *options), named)
    if materialize_grads and allow_unused is False:
        raise ValueError("grad(): materialize_grads=True needs unused inputs to be allowed; allow_unused is False.")
    keep = create_graph if retain_graph is None else retain_graph
    given = _gradients(grad_outputs, roots, "grad")
    if is_grads_batched:
        from ..func import vmap

        used: list[bool] = []

        def row(*cotangents: Any) -> tuple[Any, ...]:
            found = grad(roots, wanted, cotangents, True, create_graph, only_inputs, allow_unused)
            used[:] = [each is not None for each in found]
            return tuple(each for each in found if each is not None)

        rows = iter(vmap(row)(*given))
        return tuple(next(rows) if each else None for each in used)  # type: ignore[misc]
    results = _C._backward(roots, given, keep, create_graph, wanted, False)
    if materialize_grads:
        results = tuple(_C.ops.mul(x.detach(), 0) if g is None else g for g, x in zip(results, wanted, strict=True))
    elif not allow_unused:
        for i, result in enumerate(results):
            if result is None:
                raise RuntimeError(
                    f"grad(): One of the differentiated Tensors appears to not have been used in the graph: input {i} "
                    f"of shape {tuple(wanted[i].shape)}. Set allow_unused=True if this is the desired behavior."
                )
    return results


def gradcheck(func: Any, inputs: Any, **options: Any) -> bool:
    """Compare gradients with central differences; see `ember.autograd.differences.gradcheck`."""
    from .differences import gradcheck as check

    return check(func, inputs, **options)


def gradgradcheck(func: Any, inputs: Any, grad_outputs: Sequence[Any] | None = None, **options: Any) -> bool:
    """Compare second derivatives with central differences; see `ember.autograd.differences.gradgradcheck`."""
    from .differences import gradgradcheck as check

    return check(func, inputs, grad_outputs, **options)


def __getattr__(name: str) -> Any:
    if name in ("forward_ad", "functional", "profiler", "profiler_util"):  # imported when first used
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

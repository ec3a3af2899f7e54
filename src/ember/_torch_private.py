"""Names of PyTorch's private module ``torch._C`` that packages read; looked up here when Ember's own has none."""

from __future__ import annotations

import types
from typing import Any

from . import _C
from ._absent import absent_class
from ._torch_function import DisableTorchFunction as DisableTorchFunction
from ._torch_function import DisableTorchFunctionSubclass as DisableTorchFunctionSubclass
from ._torch_function import _disabled_torch_function_impl as _disabled_torch_function_impl

_TensorMeta = type(_C.Tensor)

_NO_GRAPH = "Ember makes no graphs of operations."
Graph = absent_class("Graph", _NO_GRAPH)
Node = absent_class("Node", _NO_GRAPH)
Value = absent_class("Value", _NO_GRAPH)


class DispatchKey(str):
    """The name of one of PyTorch's layers of dispatch, which Ember does not have."""


class DispatchKeySet(frozenset[Any]):
    """A set of them."""

    def __new__(cls, *keys: DispatchKey) -> DispatchKeySet:
        return super().__new__(cls, keys)

    def __or__(self, other: Any) -> DispatchKeySet:
        return DispatchKeySet(*self, *other)


for _name in (
    "AutocastCPU",
    "AutocastCUDA",
    "AutocastXPU",
    "Autograd",
    "AutogradCPU",
    "AutogradCUDA",
    "CPU",
    "CUDA",
    "Meta",
    "Python",
):
    setattr(DispatchKey, _name, DispatchKey(_name))


def _log_api_usage_once(event: str) -> None:
    """Nothing is logged."""


def _get_tracing_state() -> None:
    """None: nothing is traced."""


def _are_functorch_transforms_active() -> bool:
    """Whether a function runs within vmap; derivatives run as operations on tensors."""
    return _C._innermost_batching() is not None


def _get_accelerator(check: bool | None = None) -> _C.device:
    """The device to compute on: the CPU."""
    return _C.device("cpu")


def _get_privateuse1_backend_name() -> str:
    """The name of a device that a package could add."""
    return "privateuseone"


def _jit_set_profiling_executor(enabled: bool) -> bool:
    """False: nothing is compiled, whatever is set."""
    return False


_jit_set_profiling_mode = _jit_set_texpr_fuser_enabled = _jit_set_profiling_executor


def _parse_to(*args: Any, **kwargs: Any) -> tuple[Any, Any, bool, Any]:
    """(device, dtype, non_blocking, memory_format) of the arguments of ``to``."""
    from .nn.modules._move import _parse_to

    return _parse_to(args, kwargs)


def _make_nn() -> types.SimpleNamespace:
    from .nn import functional

    return types.SimpleNamespace(
        _parse_to=_parse_to,
        gelu=functional.gelu,
        scaled_dot_product_attention=functional.scaled_dot_product_attention,
    )


def __getattr__(name: str) -> Any:
    if name == "_nn":  # made when first used: it needs nn
        return globals().setdefault("_nn", _make_nn())
    raise AttributeError(f"module 'torch._C' has no attribute {name!r}")

"""Settings and facts of the process: default types, threads, determinism, type promotion."""

from __future__ import annotations

from typing import Any

from . import _C

__all__ = [
    "_assert",
    "are_deterministic_algorithms_enabled",
    "can_cast",
    "get_deterministic_debug_mode",
    "get_device_module",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_complex",
    "is_debug_nans_enabled",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_floating_point",
    "is_storage",
    "is_tensor",
    "is_warn_always_enabled",
    "numel",
    "promote_types",
    "result_type",
    "set_default_device",
    "set_default_dtype",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_num_interop_threads",
    "use_deterministic_algorithms",
]

_deterministic = _warn_only = False
_matmul_precision = "highest"


def set_default_dtype(d: _C.dtype, /) -> None:
    """Set the type of new floating tensors: float32, float64, float16 or bfloat16."""
    if not isinstance(d, _C.dtype) or not d.is_floating_point:
        raise TypeError(f"set_default_dtype(): only floating-point types are supported as the default type, not {d!r}.")
    if _C._DTYPES[d][1]:
        raise TypeError(f"set_default_dtype(): {d!r} is for storage; expected a type that is computed in, as bfloat16.")
    _C._set_default_dtype(d)


def set_default_device(device: Any) -> None:
    """Set the device of this thread's new tensors, for creations that name none; None is the CPU.

    ``with torch.device("meta"):`` sets it for a block. Data that exist, as of `from_numpy`, stay where they are.
    """
    _C._set_default_device("cpu" if device is None else device)


def get_device_module(device: Any = None) -> Any:
    """The module of a device's own functions: `ember.cpu` or `ember.cuda`."""
    import importlib

    name = str(device or "cpu").partition(":")[0]
    if name not in ("cpu", "cuda"):
        raise RuntimeError(f"get_device_module(): device is {device!r}; expected 'cpu' or 'cuda'.")
    return importlib.import_module(f"ember.{name}")


def promote_types(type1: _C.dtype, type2: _C.dtype) -> _C.dtype:
    """The smallest type that both fit into, as type promotion says."""
    return _C._promote_types(type1, type2)


def result_type(tensor1: Any, tensor2: Any) -> _C.dtype:
    """The type of an arithmetic result of the two, each a tensor or a number."""
    first = tensor1 if isinstance(tensor1, _C.Tensor) else None
    if first is None and not isinstance(tensor2, _C.Tensor):
        return _C.ops.mul(_C._tensor_from_data(tensor1, None), tensor2).dtype

    def meta(value: Any) -> Any:  # of any size: whether there are dims is what counts
        if not isinstance(value, _C.Tensor):
            return value
        return _C.ops.empty((1,) if value.dim() else (), dtype=value.dtype, device="meta")

    left, right = (tensor1, tensor2) if first is not None else (tensor2, tensor1)
    try:
        return _C.ops.mul(meta(left), meta(right)).dtype
    except RuntimeError as error:
        raise RuntimeError(str(error).replace("mul()", "result_type()", 1)) from None


def can_cast(from_: _C.dtype, to: _C.dtype) -> bool:
    """Whether type promotion lets values of one type be written into the other."""
    return _C._can_cast(from_, to)


def is_tensor(obj: object, /) -> bool:
    """Whether `obj` is a Tensor."""
    return isinstance(obj, _C.Tensor)


def is_storage(obj: object) -> bool:
    """Whether `obj` is a storage."""
    return isinstance(obj, _C.Storage)


def is_floating_point(input: _C.Tensor) -> bool:
    """Whether the elements are floating-point numbers."""
    return input.is_floating_point()


def is_complex(input: _C.Tensor) -> bool:
    """Whether the elements are complex numbers."""
    return input.is_complex()


def numel(input: _C.Tensor) -> int:
    """The number of elements."""
    return input.numel()


def get_num_interop_threads() -> int:
    """Operations run one after another: 1."""
    return 1


def set_num_interop_threads(int: int) -> None:
    """Accepted; operations run one after another whatever is set."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted: every operation of Ember on the CPU gives the same bits each time, whatever the number of threads."""
    global _deterministic, _warn_only
    _deterministic, _warn_only = bool(mode), bool(warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was last told."""
    return _deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether it was told to warn only; there is nothing to warn of."""
    return _deterministic and _warn_only


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """`use_deterministic_algorithms` by one word: 'default' or 0, 'warn' or 1, 'error' or 2."""
    modes = ("default", "warn", "error")
    given = repr(debug_mode)
    if debug_mode in modes:
        debug_mode = modes.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        error = TypeError if not isinstance(debug_mode, (int, str)) else RuntimeError
        raise error(f"set_deterministic_debug_mode(): debug_mode is {given}; expected 0, 1, 2 or one of {modes}.")
    use_deterministic_algorithms(debug_mode != 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode() -> int:
    """0: not asked for; 1: asked to warn; 2: asked for."""
    return 0 if not _deterministic else 1 if _warn_only else 2


def set_float32_matmul_precision(precision: str) -> None:
    """'highest', 'high' or 'medium'; the CPU computes float32 products in float32 whatever is set."""
    global _matmul_precision
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"set_float32_matmul_precision(): {precision!r}; expected 'highest', 'high' or 'medium'.")
    _matmul_precision = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was last told."""
    return _matmul_precision


def _assert(condition: Any, message: str) -> None:
    """Raise an AssertionError with `message` unless `condition` holds; a function, so that tracers see it."""
    assert condition, message


def is_warn_always_enabled() -> bool:
    """Whether warnings repeat; they do not."""
    return False


is_anomaly_enabled = _C.is_anomaly_enabled
is_debug_nans_enabled = _C.is_debug_nans_enabled
is_anomaly_check_nan_enabled = _C.is_anomaly_check_nan_enabled

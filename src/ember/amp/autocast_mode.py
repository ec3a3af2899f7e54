"""Autocast: the mode in which operations cast their arguments as their records say (`Record.autocast`)."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .. import _C

F = TypeVar("F", bound=Callable[..., Any])

__all__ = [
    "autocast",
    "autocast_decrement_nesting",
    "autocast_increment_nesting",
    "clear_autocast_cache",
    "get_autocast_cpu_dtype",
    "get_autocast_dtype",
    "get_autocast_gpu_dtype",
    "is_autocast_cache_enabled",
    "is_autocast_cpu_enabled",
    "is_autocast_enabled",
    "set_autocast_cache_enabled",
    "set_autocast_cpu_dtype",
    "set_autocast_cpu_enabled",
    "set_autocast_dtype",
    "set_autocast_enabled",
    "set_autocast_gpu_dtype",
]

# Devices that PyTorch's autocast knows, and the type that it casts to on each.
_STANDARD_DTYPES = {
    "cpu": _C.bfloat16,
    "cuda": _C.float16,
    "hpu": _C.bfloat16,
    "ipu": _C.float16,
    "mps": _C.float16,
    "mtia": _C.float16,
    "xla": _C.bfloat16,
    "xpu": _C.float16,
}


class _AbsentDevices(threading.local):
    """What was set for devices that this machine does not have; nothing runs there."""

    def __init__(self) -> None:
        self.enabled = dict.fromkeys(_STANDARD_DTYPES, False)
        self.dtypes = dict(_STANDARD_DTYPES)


_absent = _AbsentDevices()


def _known(device_type: str, caller: str) -> str:
    name = str(device_type).partition(":")[0]
    if name not in _STANDARD_DTYPES:
        raise RuntimeError(
            f"{caller}(): device_type is {device_type!r}; expected one of {', '.join(sorted(_STANDARD_DTYPES))}."
        )
    return name


def is_autocast_available(device_type: str) -> bool:
    """Whether `device_type` is one that autocast knows.

    Raises:
        RuntimeError: it is no type of device.
    """
    if device_type == "meta":
        return False
    return bool(_known(device_type, "is_autocast_available"))


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether autocast is on for operations on devices of this type, on this thread."""
    name = _known(device_type, "is_autocast_enabled")
    return bool(_C._get_autocast()[0]) if name == "cpu" else _absent.enabled[name]


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Turn autocast on or off for a type of device; `set_autocast_enabled(True)` means "cuda"."""
    if enabled is None:
        device_type, enabled = "cuda", device_type
    name = _known(device_type, "set_autocast_enabled")
    if name == "cpu":
        _C._set_autocast(enabled, *_C._get_autocast()[1:])
    else:
        _absent.enabled[name] = bool(enabled)


def get_autocast_dtype(device_type: str) -> _C.dtype:
    """The type that autocast casts to on devices of this type."""
    name = _known(device_type, "get_autocast_dtype")
    return _C._get_autocast()[1] if name == "cpu" else _absent.dtypes[name]


def set_autocast_dtype(device_type: str, dtype: _C.dtype) -> None:
    """Set the type that autocast casts to on devices of this type."""
    name = _known(device_type, "set_autocast_dtype")
    if name == "cpu":
        enabled, _, cached = _C._get_autocast()
        _C._set_autocast(enabled, dtype, cached)
    else:
        _absent.dtypes[name] = dtype


def is_autocast_cache_enabled() -> bool:
    """Whether a parameter is cast once for all its uses within the outermost block."""
    return bool(_C._get_autocast()[2])


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Cast a parameter once within the outermost block, or at each use."""
    _C._set_autocast(*_C._get_autocast()[:2], enabled)


def autocast_increment_nesting() -> int:
    """Open a block; the number of open ones. :class:`autocast` does it."""
    return _C._count_autocast_blocks(1)


def autocast_decrement_nesting() -> int:
    """Close a block; the number of those still open. When none is, call :func:`clear_autocast_cache`."""
    return _C._count_autocast_blocks(-1)


clear_autocast_cache = _C.clear_autocast_cache
is_autocast_cpu_enabled = functools.partial(is_autocast_enabled, "cpu")
set_autocast_cpu_enabled = functools.partial(set_autocast_enabled, "cpu")
get_autocast_cpu_dtype = functools.partial(get_autocast_dtype, "cpu")
set_autocast_cpu_dtype = functools.partial(set_autocast_dtype, "cpu")
get_autocast_gpu_dtype = functools.partial(get_autocast_dtype, "cuda")
set_autocast_gpu_dtype = functools.partial(set_autocast_dtype, "cuda")


class autocast:
    """Within a `with` block, or each call of a decorated function: mixed precision.

    Matrix products, convolutions, recurrent layers and attention cast their arguments to `dtype`; losses and other
    operations that need range or precision cast theirs to float32; all others run in the types that they are given. Of
    float64 nothing is cast, nor in place or into `out=`. A parameter is cast once in the outermost block. Run backward
    outside: it uses the types that forward chose.

    Args:
        device_type: "cpu"; on a machine without the device, others warn and do nothing.
        dtype: bfloat16 or float16. Default: bfloat16 on the CPU, float16 for "cuda".
        enabled: False switches autocast off within the block. Default: True.
        cache_enabled: keep the cast parameters until the outermost block ends. Default: as it is (True).

    Example:
        >>> a = ember.ones(2, 2)
        >>> with ember.autocast("cpu", dtype=ember.bfloat16):
        ...     b = a @ a
        >>> b.dtype
        torch.bfloat16
    """

    def __init__(
        self,
        device_type: str,
        dtype: _C.dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = _known(device_type, "autocast")
        self.fast_dtype = get_autocast_dtype(self.device) if dtype is None else dtype
        self._cache_enabled = is_autocast_cache_enabled() if cache_enabled is None else cache_enabled
        self._enabled = bool(enabled)
        self._before: list[tuple[bool, _C.dtype, bool]] = []
        if self._enabled and self.device == "cpu" and self.fast_dtype not in (_C.bfloat16, _C.float16):
            warnings.warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
                stacklevel=2,
            )
            self._enabled = False
        elif self._enabled and self.device != "cpu":
            name = "CUDA" if self.device == "cuda" else self.device
            warnings.warn(f"{name} is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            self._enabled = False

    def __enter__(self) -> autocast:
        device = self.device
        self._before.append((is_autocast_enabled(device), get_autocast_dtype(device), is_autocast_cache_enabled()))
        set_autocast_enabled(device, self._enabled)
        if self._enabled:
            set_autocast_dtype(device, self.fast_dtype)
        autocast_increment_nesting()
        set_autocast_cache_enabled(self._cache_enabled)
        return self

    def __exit__(self, *exception: object) -> None:
        if autocast_decrement_nesting() == 0:
            clear_autocast_cache()
        enabled, dtype, cached = self._before.pop()
        set_autocast_enabled(self.device, enabled)
        set_autocast_dtype(self.device, dtype)
        set_autocast_cache_enabled(cached)

    def __call__(self, func: F) -> F:
        @functools.wraps(func)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return func(*args, **kwargs)

        return inside  # type: ignore[return-value]


def _cast(value: Any, device_type: str, dtype: _C.dtype) -> Any:
    """Tensors of the device, also those in containers, in another floating type."""
    if isinstance(value, _C.Tensor):
        eligible = value.is_floating_point() and value.device.type == device_type and value.dtype != _C.float64
        return value.to(dtype) if eligible else value
    if isinstance(value, Mapping):
        return {_cast(key, device_type, dtype): _cast(each, device_type, dtype) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(each, device_type, dtype) for each in value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) and not hasattr(value, "__array__"):
        return (_cast(each, device_type, dtype) for each in value)
    return value


def _check_device_type(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: _C.dtype | None = None) -> Any:
    """Decorates `forward` of an :class:`ember.autograd.Function` that is to work with autocast.

    Args:
        fwd: the function; without it, a decorator is returned.
        device_type: the device that the function computes on.
        cast_inputs: within autocast, cast floating arguments to this type and run `forward` with autocast off. By
            default it runs in the state that it finds.
    """
    _check_device_type(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(*args: Any, **kwargs: Any) -> Any:
        context = args[0]
        context._dtype = get_autocast_dtype(device_type)
        enabled = is_autocast_enabled(device_type)
        if cast_inputs is None:
            context._fwd_used_autocast = enabled
            return fwd(*args, **kwargs)
        context._fwd_used_autocast = False
        if not enabled:
            return fwd(*args, **kwargs)
        with autocast(device_type, enabled=False):
            return fwd(*_cast(args, device_type, cast_inputs), **_cast(kwargs, device_type, cast_inputs))

    return decorate_fwd


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """Decorates `backward` of a function whose `forward` has :func:`custom_fwd`: it runs in the forward's state."""
    _check_device_type(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorate_bwd(*args: Any, **kwargs: Any) -> Any:
        with autocast(device_type, enabled=args[0]._fwd_used_autocast, dtype=args[0]._dtype):
            return bwd(*args, **kwargs)

    return decorate_bwd

"""Arguments shared out to devices, and outputs brought together, whatever tuples, lists and dicts hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import _C

__all__ = ["gather", "is_namedtuple", "scatter", "scatter_kwargs"]


def is_namedtuple(obj: Any) -> bool:
    """Whether an object is a named tuple."""
    return isinstance(obj, tuple) and hasattr(obj, "_asdict") and hasattr(obj, "_fields")


def _like(model: Any, items: Any) -> Any:
    """The items in a container of the model's type."""
    return type(model)(*items) if is_namedtuple(model) else type(model)(items)


def scatter(inputs: Any, target_gpus: Sequence[Any], dim: int = 0) -> Any:
    """One copy of ``inputs`` a device: tensors are split along ``dim``, other objects are shared.

    Args:
        inputs: a tensor, any object, or tuples, lists and dicts of them.
        target_gpus: the devices; the CPU is none of them.
        dim: where tensors are split. Default: 0.

    Returns:
        A tuple or list with one entry a device.

    Raises:
        ValueError: a device is the CPU.
    """
    if isinstance(inputs, _C.Tensor):
        devices = [_C.device("cuda", each) if isinstance(each, int) else _C.device(each) for each in target_gpus]
        if any(device.type == "cpu" for device in devices):
            raise ValueError(f"scatter(): target_gpus is {list(target_gpus)}; expected devices other than the CPU.")
        return tuple(part.to(device) for part, device in zip(inputs.chunk(len(devices), dim), devices, strict=False))
    if isinstance(inputs, (tuple, list)) and inputs:
        shares = zip(*(scatter(item, target_gpus, dim) for item in inputs), strict=False)
        return [_like(inputs, share) for share in shares]
    if isinstance(inputs, dict) and inputs:
        shares = zip(*(scatter(item, target_gpus, dim) for item in inputs.values()), strict=False)
        return [type(inputs)(zip(inputs, share, strict=True)) for share in shares]
    return [inputs for _ in target_gpus]


def scatter_kwargs(
    inputs: tuple[Any, ...],
    kwargs: dict[str, Any] | None,
    target_gpus: Sequence[Any],
    dim: int = 0,
) -> tuple[tuple[Any, ...], tuple[dict[str, Any], ...]]:
    """:func:`scatter` of positional and keyword arguments, as many of one as of the other.

    Args:
        inputs: positional arguments.
        kwargs: keyword arguments. Default: none.
        target_gpus, dim: as of :func:`scatter`.

    Returns:
        Positional arguments for each device, and keyword arguments for each device.
    """
    placed = list(scatter(inputs, target_gpus, dim)) if inputs else []
    named = list(scatter(kwargs, target_gpus, dim)) if kwargs else []
    count = max(len(placed), len(named))
    placed += [()] * (count - len(placed))
    named += [{} for _ in range(count - len(named))]
    return tuple(placed), tuple(named)


def gather(outputs: Any, target_device: Any, dim: int = 0) -> Any:
    """Brings the outputs of several devices together: tensors are concatenated along ``dim``, numbers become a tensor.

    Args:
        outputs: one output a device, all of the same structure.
        target_device: where the result lies.
        dim: where tensors are concatenated. Default: 0.
    """
    first = outputs[0]
    if isinstance(first, _C.Tensor):
        device = _C.device("cuda", target_device) if isinstance(target_device, int) else target_device
        parts = [part.to(device) for part in outputs]
        return _C.ops.cat([part.view(1) if part.dim() == 0 else part for part in parts], dim)
    if first is None:
        return None
    if isinstance(first, dict):
        if any(each.keys() != first.keys() for each in outputs):
            raise ValueError(
                f"gather(): the dicts have the keys {[list(each) for each in outputs]}; expected the same."
            )
        return type(first)((key, gather([each[key] for each in outputs], target_device, dim)) for key in first)
    return _like(first, (gather(parts, target_device, dim) for parts in zip(*outputs, strict=True)))

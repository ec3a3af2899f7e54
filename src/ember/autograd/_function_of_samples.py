"""User-defined functions within vmap: on the samples, on whole batches, or sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import _C
from ._reach import is_followed_outside, outside_of_level


class _VmapInfo(NamedTuple):
    """What a function's `vmap` is told.

    Attributes:
        batch_size: the number of samples.
        randomness: what vmap was told.
    """

    batch_size: int
    randomness: str


def apply_to_samples(cls: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """`cls.apply` where arguments stand for samples; NotImplemented where forward can run on these as they are.

    What forward computes is not recorded in the graph around vmap. Where one follows the batches, the function is
    applied to them: by its `vmap`, as a whole where it says how (`_on_batch`), else one by one.
    """
    behind = [_C._behind_stand_in(arg) for arg in args]
    level = max((each[1] for each in behind if each is not None), default=0)
    if not level:
        return NotImplemented
    tensors = [arg for arg in args if isinstance(arg, _C.Tensor)]
    values = [each[0] if each and each[1] == level else arg for arg, each in zip(args, behind, strict=True)]
    mapped = [bool(each and each[1] == level and each[2]) for each in behind]
    recording = _C.is_grad_enabled()
    outside = recording and any(
        isinstance(value, _C.Tensor) and (value.requires_grad or is_followed_outside(value)) for value in values
    )
    has_rule = cls._has_vmap()
    if not (outside or has_rule or cls._on_batch is not None):
        return NotImplemented
    own = recording and any(
        tensor.requires_grad for tensor in tensors if (_C._behind_stand_in(tensor) or (None, 0))[1] == level
    )
    if own and not cls._has_setup():
        raise RuntimeError(
            f"{cls.__name__}: In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, "
            "...), it must override the setup_context staticmethod."
        )
    _, size, randomness = _C._batching_level(level)
    with outside_of_level(level):
        if has_rule:
            output = _by_rule(cls, _VmapInfo(size, randomness), values, mapped, level)
        elif cls._on_batch is not None:
            full = [_full(value, flag, size) for value, flag in zip(values, mapped, strict=True)]
            output = _stand_ins(cls.apply(*cls._on_batch(*full)), level)
        else:
            output = _one_by_one(cls, values, mapped, kwargs, size, level)
    if not own:
        return output
    ctx = cls._context(args)
    cls.setup_context(ctx, args, output)
    return ctx._record(args, output)


def _full(value: Any, is_mapped: bool, size: int) -> Any:
    if is_mapped or not isinstance(value, _C.Tensor):
        return value
    return _C.ops.expand(value, (size, *value.shape))


def _stand_ins(output: Any, level: int) -> Any:
    if isinstance(output, _C.Tensor):
        return _C._stand_in(output, level, True)
    return tuple(_stand_ins(each, level) if isinstance(each, _C.Tensor) else each for each in output)


def _by_rule(cls: Any, info: _VmapInfo, values: Sequence[Any], mapped: Sequence[bool], level: int) -> Any:
    outputs, dims = cls.vmap(info, tuple(0 if flag else None for flag in mapped), *values)
    if isinstance(outputs, _C.Tensor):
        return _placed(outputs, dims, level)
    dims = dims if isinstance(dims, (tuple, list)) else [dims] * len(outputs)
    return tuple(_placed(each, dim, level) for each, dim in zip(outputs, dims, strict=True))


def _placed(tensor: Any, dim: int | None, level: int) -> Any:
    if dim is None:
        return _C._stand_in(tensor, level, False)
    return _C._stand_in(_C.ops.movedim(tensor, (dim,), (0,)), level, True)


def _one_by_one(
    cls: Any, values: Sequence[Any], mapped: Sequence[bool], kwargs: dict[str, Any], size: int, level: int
) -> Any:
    samples = [
        cls.apply(*(_C.ops.select(v, 0, i) if flag else v for v, flag in zip(values, mapped, strict=True)), **kwargs)
        for i in range(size)
    ]
    if isinstance(samples[0], _C.Tensor):
        return _C._stand_in(_C.ops.stack(samples), level, True)
    return tuple(
        _C._stand_in(_C.ops.stack(list(column)), level, True) if isinstance(column[0], _C.Tensor) else column[0]
        for column in zip(*samples, strict=True)
    )

"""Operations on lists of tensors, as optimizers written for PyTorch call them: the operation for each tensor.

`_foreach_<name>` gives a tuple of results, `_foreach_<name>_` changes the tensors of its first list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import published

_NAMES = """
abs acos add addcdiv addcmul asin atan ceil clamp_max clamp_min cos cosh div erf erfc exp expm1 floor frac lerp lgamma
log log10 log1p log2 maximum minimum mul neg pow reciprocal round rsqrt sigmoid sign sin sinh sqrt sub tan tanh trunc
"""


def _lists(name: str, first: Any, arguments: Sequence[Any]) -> list[Any]:
    """For each tensor of `first` the arguments that belong to it: the list's own one, or what all share."""
    if not isinstance(first, (list, tuple)):
        raise TypeError(f"{name}(): argument 'self' (position 1) must be tuple of Tensors, not {type(first).__name__}.")
    if not first:
        raise RuntimeError(f"{name}(): Tensor list must have at least one tensor.")
    columns = []
    for argument in arguments:
        if isinstance(argument, (list, tuple)):
            if len(argument) != len(first):
                raise RuntimeError(
                    f"{name}(): Tensor lists must have the same number of tensors, "
                    f"got {len(first)} and {len(argument)}."
                )
            columns.append(argument)
        else:
            columns.append([argument] * len(first))
    return list(zip(*columns, strict=True)) if columns else [()] * len(first)


def _publish(name: str, function: Callable[..., Any], inplace: bool) -> None:
    public = f"_foreach_{name}" + "_" * inplace
    takes_value = name in ("addcmul", "addcdiv")

    def foreach(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
        if takes_value:  # addcmul(a, b, value): a number for all tensors, or one for each
            arguments = (*arguments[:2], options.pop("value", 1) if len(arguments) < 3 else arguments[2])
        results = []
        for tensor, own in zip(self, _lists(public, self, arguments), strict=True):
            named = {"value": own[2]} if takes_value else options
            results.append(function(tensor, *own[:2], **named))
        return self if inplace else tuple(results)

    foreach.__name__ = foreach.__qualname__ = public
    foreach.__doc__ = f"`{name}` {'in place ' * inplace}for each tensor of a list."
    published[public] = foreach


for _name in _NAMES.split():
    _publish(_name, getattr(_C.Tensor, _name), inplace=False)
    _publish(_name, getattr(_C.Tensor, _name + "_"), inplace=True)
for _name in ("copy", "zero"):
    _publish(_name, getattr(_C.Tensor, _name + "_"), inplace=True)


def _foreach_norm(self: Sequence[Any], ord: float = 2, dtype: Any = None) -> tuple[Any, ...]:
    """The norm of each tensor of a list."""
    return tuple(tensor.norm(ord, dtype=dtype) for (tensor,) in _lists("_foreach_norm", self, (self,)))


published["_foreach_norm"] = _foreach_norm

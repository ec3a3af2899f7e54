"""Weight normalisation by a hook before forward, as it was before parametrizations."""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

from ..modules.module import Module
from ..parameter import Parameter, is_lazy
from .parametrizations import norm_except_dim, normalized

__all__ = ["WeightNorm", "remove_weight_norm", "weight_norm"]

T_module = TypeVar("T_module", bound=Module)


class WeightNorm:
    """The hook: computes ``name`` from ``name_g`` and ``name_v``.

    Attributes:
        name: of the parameter.
        dim: each index along it has a length of its own; -1 is one length for the tensor.
    """

    def __init__(self, name: str, dim: int) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Any) -> Any:
        """The weight from its length and direction."""
        return normalized(getattr(module, self.name + "_v"), getattr(module, self.name + "_g"), self.dim)

    @staticmethod
    def apply(module: Any, name: str, dim: int) -> WeightNorm:
        """Replace a parameter by its length and direction, and register the hook."""
        if _find(module, name) is not None:
            raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
        hook = WeightNorm(name, dim)
        weight = getattr(module, name)
        if is_lazy(weight):
            raise ValueError(
                "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the dummy "
                "forward before applying weight normalization"
            )
        del module._parameters[name]
        module.register_parameter(name + "_g", Parameter(norm_except_dim(weight, hook.dim).detach()))
        module.register_parameter(name + "_v", Parameter(weight.detach()))
        setattr(module, name, hook.compute_weight(module))
        module.register_forward_pre_hook(hook)
        return hook

    def remove(self, module: Any) -> None:
        """Make the weight a parameter again."""
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[self.name + "_g"]
        del module._parameters[self.name + "_v"]
        setattr(module, self.name, Parameter(weight.detach()))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def _find(module: Any, name: str) -> Any:
    """Number of the hook that computes this parameter, or None."""
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            return number
    return None


def weight_norm(module: T_module, name: str = "weight", dim: int = 0) -> T_module:
    r"""Split a weight into length and direction, :math:`w = g \, v / \lVert v \rVert`, by a hook.

    Deprecated: :func:`ember.nn.utils.parametrizations.weight_norm` does the same.

    Args:
        module: is changed in place; gets the parameters ``weight_g`` and ``weight_v``.
        name: of the parameter. Default: ``"weight"``.
        dim: each index along it has a length of its own; None is one length for the tensor. Default: 0.

    Returns:
        the module.

    Source: Salimans and Kingma 2016, arXiv 1602.07868.
    """
    warnings.warn(
        "`nn.utils.weight_norm` is deprecated in favor of `nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    WeightNorm.apply(module, name, dim)
    return module


def remove_weight_norm(module: T_module, name: str = "weight") -> T_module:
    """Make a weight that :func:`weight_norm` has split a parameter again.

    Raises:
        ValueError: it was not split.
    """
    number = _find(module, name)
    if number is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    module._forward_pre_hooks.pop(number).remove(module)
    return module

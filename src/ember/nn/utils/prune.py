"""Pruning: parameters multiplied by masks of zeros and ones."""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from ... import _C
from ...ops.creation import ones_like
from ...ops.sampling import rand
from ..modules.module import Module

_ops = _C.ops


class BasePruningMethod(ABC):
    """Base of ways to prune: a hook before forward that sets ``name`` to ``name_orig * name_mask``.

    A subclass sets ``PRUNING_TYPE`` to ``"unstructured"``, ``"structured"`` or ``"global"`` and overrides
    :meth:`compute_mask`.
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask for ``t``, given the mask so far: zeros stay zeros."""

    def apply_mask(self, module: Any) -> Any:
        """The parameter's original values times its mask."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        original = getattr(module, self._tensor_name + "_orig")
        return getattr(module, self._tensor_name + "_mask").to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any) -> Any:
        """Prune a parameter of a module, over what was pruned already.

        Args:
            module: is changed in place.
            name: of the parameter.
            importance_scores: values by which entries are kept, of the parameter's shape. Default: the parameter.
            args, kwargs: of the constructor.

        Returns:
            the hook.
        """
        found = _hook_of(module, name)
        method: Any = cls(*args, **kwargs)
        method._tensor_name = name
        if found is not None:
            number, before = found
            del module._forward_pre_hooks[number]
            container = before if isinstance(before, PruningContainer) else PruningContainer(before)
            container.add_pruning_method(method)
            method = container
        original = getattr(module, name)
        if importance_scores is None:
            importance_scores = original
        elif importance_scores.shape != original.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, got "
                f"{importance_scores.shape} vs {original.shape}"
            )
        if found is None:
            default_mask = ones_like(original)
            parameter = module._parameters.pop(name)
            module.register_parameter(name + "_orig", parameter)
        else:
            default_mask = getattr(module, name + "_mask").detach().clone().contiguous()
        try:
            mask = method.compute_mask(importance_scores.detach(), default_mask)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if found is None:
                module.register_parameter(name, module._parameters.pop(name + "_orig"))
            raise
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """The pruned values of a tensor, which stays as it is.

        Args:
            t: any tensor.
            default_mask: a mask to start from. Default: ones.
            importance_scores: values by which entries are kept, of the same shape. Default: ``t``.
        """
        if importance_scores is None:
            importance_scores = t
        elif importance_scores.shape != t.shape:
            raise AssertionError("importance_scores should have the same shape as tensor t")
        mask = self.compute_mask(importance_scores, ones_like(t) if default_mask is None else default_mask)
        return t * mask.to(dtype=t.dtype)

    def remove(self, module: Any) -> None:
        """Make the pruned values the parameter itself; the zeros stay."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        name = self._tensor_name
        weight = self.apply_mask(module)
        if name in module.__dict__:
            delattr(module, name)
        original = module._parameters.pop(name + "_orig")
        original.data = weight.detach()
        del module._buffers[name + "_mask"]
        module.register_parameter(name, original)


def _hook_of(module: Any, name: str | None = None) -> tuple[int, BasePruningMethod] | None:
    """The pruning hook of a parameter (of any, where no name is given) and its number."""
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and name in (None, hook._tensor_name):
            return number, hook
    return None


class PruningContainer(BasePruningMethod):
    """Several prunings of one parameter, each of what the ones before have left.

    Args:
        args: the methods, all for one parameter.
    """

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if len(args) == 1 and not isinstance(args[0], Iterable):
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Add one more.

        Raises:
            TypeError: it is no pruning method.
            ValueError: it is for another parameter.
        """
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        own = getattr(self, "_tensor_name", None)
        if own is not None and own != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{own}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._tensor_name = method._tensor_name
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: int) -> BasePruningMethod:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The last method's mask, computed on what the mask so far has left."""
        method = self._pruning_methods[-1]
        mask = default_mask.to(dtype=t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left: Any = mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim  # type: ignore[attr-defined]
            dim = dim if dim >= 0 else dim + t.dim()
            others = [i for i in range(t.dim()) if i != dim]
            kept = (mask.sum(others) if others else mask) != 0
            left = tuple(kept if i == dim else slice(None) for i in range(t.dim()))
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.dim()
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        result = mask.clone()
        result[left] = method.compute_mask(t[left], default_mask=mask[left]).to(mask.dtype)
        return result


class Identity(BasePruningMethod):
    """Prunes nothing: the parameter gets its mask of ones."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        return default_mask

    @classmethod
    def apply(cls, module: Any, name: str) -> Any:  # type: ignore[override]
        """Give a parameter a mask."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """A way to prune a number, or a share, of entries or of slices along a dim."""

    def __init__(self, amount: Any) -> None:
        _validate_pruning_amount_init(amount)
        self.amount = amount

    def _count(self, size: int) -> int:
        count = int(_compute_nparams_toprune(self.amount, size))
        _validate_pruning_amount(count, size)
        return count


class RandomUnstructured(_Amount):
    """Prunes entries at random.

    Args:
        amount: how many, or which share (a float from 0 to 1).
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        mask = default_mask.clone().contiguous()
        count = self._count(t.numel())
        if count:
            mask.view(-1)[rand(t.numel()).topk(count).indices] = 0
        return mask

    @classmethod
    def apply(cls, module: Any, name: str, amount: Any) -> Any:  # type: ignore[override]
        """Prune a parameter at random."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Amount):
    """Prunes the entries of the smallest magnitude.

    Args:
        amount: how many, or which share (a float from 0 to 1).
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        mask = default_mask.clone().contiguous()
        count = self._count(t.numel())
        if count:
            mask.view(-1)[t.abs().reshape(-1).topk(count, largest=False).indices] = 0
        return mask

    @classmethod
    def apply(cls, module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:  # type: ignore[override]
        """Prune the smallest entries of a parameter."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class RandomStructured(_Amount):
    """Prunes slices along a dim at random.

    Args:
        amount: how many, or which share (a float from 0 to 1).
        dim: that counts the slices. Default: -1.
    """

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        _validate_structured_pruning(t)
        _validate_pruning_dim(t, self.dim)
        count = self._count(t.shape[self.dim])
        if count == 0:
            return default_mask
        return default_mask * _without(t, self.dim, rand(t.shape[self.dim]).topk(count).indices)

    @classmethod
    def apply(cls, module: Any, name: str, amount: Any, dim: int = -1) -> Any:  # type: ignore[override]
        """Prune slices of a parameter at random."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Amount):
    """Prunes the slices along a dim whose norm is smallest.

    Args:
        amount: how many, or which share (a float from 0 to 1).
        n: which norm.
        dim: that counts the slices. Default: -1.
    """

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.n = n
        self.dim = dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        _validate_structured_pruning(t)
        _validate_pruning_dim(t, self.dim)
        count = self._count(t.shape[self.dim])
        if count == 0:
            return default_mask
        dim = self.dim % t.dim()
        norms = t.norm(self.n, [i for i in range(t.dim()) if i != dim])
        return default_mask * _without(t, self.dim, norms.topk(count, largest=False).indices)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None
    ) -> Any:
        """Prune the slices of the smallest norm of a parameter."""
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


def _without(t: Any, dim: int, indices: Any) -> Any:
    """Ones in the shape of ``t``, zeros in some slices along ``dim``."""
    return ones_like(t).index_fill(dim, indices, 0)


class CustomFromMask(BasePruningMethod):
    """Prunes by a mask that is given.

    Args:
        mask: zeros and ones, of the parameter's shape.
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape {self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module: Any, name: str, mask: Any) -> Any:  # type: ignore[override]
        """Prune a parameter by a mask."""
        return super().apply(module, name, mask=mask)


# ---- functions


def identity(module: Any, name: str) -> Any:
    """Give a parameter a mask of ones. Returns the module, which is changed in place."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """Prune entries of a parameter at random.

    Args:
        module: is changed in place: gets the parameter ``name_orig`` and the buffer ``name_mask``.
        name: of the parameter.
        amount: how many, or which share (a float from 0 to 1).

    Returns:
        the module.
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """Prune the entries of a parameter whose magnitude is smallest.

    Args:
        module: is changed in place: gets the parameter ``name_orig`` and the buffer ``name_mask``.
        name: of the parameter.
        amount: how many, or which share (a float from 0 to 1).
        importance_scores: prune where these are smallest instead.

    Returns:
        the module.

    Example:
        >>> from ember.nn.utils import prune
        >>> layer = prune.l1_unstructured(ember.nn.Linear(4, 2), "weight", amount=0.5)
        >>> (layer.weight == 0).sum().item(), sorted(layer.state_dict())
        (4, ['bias', 'weight_mask', 'weight_orig'])
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """Prune slices of a parameter along a dim at random; arguments as in :func:`ln_structured`."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """Prune the slices of a parameter along a dim whose norm is smallest.

    Args:
        module: is changed in place: gets the parameter ``name_orig`` and the buffer ``name_mask``.
        name: of the parameter.
        amount: how many slices, or which share of them (a float from 0 to 1).
        n: which norm.
        dim: that counts the slices.
        importance_scores: take the norms of these instead.

    Returns:
        the module.
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def global_unstructured(parameters: Any, pruning_method: Any, importance_scores: Any = None, **kwargs: Any) -> None:
    """Prune the entries of several parameters as if they were one vector.

    Args:
        parameters: pairs of a module and a parameter's name.
        pruning_method: a class of this module whose type is unstructured.
        importance_scores: from such a pair to the values by which its entries are kept. Default: the parameters.
        kwargs: of the class, as ``amount``.

    Raises:
        TypeError: ``parameters`` is not iterable, or the method is not unstructured.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    pairs = list(parameters)
    scores_of = importance_scores if importance_scores is not None else {}
    if not isinstance(scores_of, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    tensors = [getattr(module, name) for module, name in pairs]
    scores = _ops.cat(
        [scores_of.get(pair, tensor).detach().reshape(-1) for pair, tensor in zip(pairs, tensors, strict=True)]
    )
    mask_now = _ops.cat(
        [
            getattr(module, name + "_mask", ones_like(tensor.detach())).reshape(-1)
            for (module, name), tensor in zip(pairs, tensors, strict=True)
        ]
    )
    container = PruningContainer()
    container._tensor_name = "temp"
    method = pruning_method(**kwargs)
    method._tensor_name = "temp"
    container.add_pruning_method(method)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    mask = container.compute_mask(scores, mask_now)
    start = 0
    for (module, name), tensor in zip(pairs, tensors, strict=True):
        count = tensor.numel()
        custom_from_mask(module, name, mask=mask[start : start + count].view_as(tensor))
        start += count


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune a parameter by a mask of zeros and ones. Returns the module, which is changed in place."""
    CustomFromMask.apply(module, name, mask)
    return module


def remove(module: Any, name: str) -> Any:
    """Make the pruned values of a parameter the parameter itself; the zeros stay.

    Raises:
        ValueError: the parameter is not pruned.
    """
    found = _hook_of(module, name)
    if found is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    number, hook = found
    hook.remove(module)
    del module._forward_pre_hooks[number]
    return module


def is_pruned(module: Module) -> bool:
    """Whether a parameter of the module, or of one in it, is pruned."""
    return any(_hook_of(each) is not None for each in module.modules())


# ---- checks of arguments


def _validate_pruning_amount_init(amount: Any) -> None:
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    most = math.inf if isinstance(amount, numbers.Integral) else 1.0
    if not 0.0 <= float(amount) <= most:
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")


def _validate_pruning_amount(amount: Any, tensor_size: int) -> None:
    if isinstance(amount, numbers.Integral) and int(amount) > tensor_size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={tensor_size}")


def _validate_structured_pruning(t: Any) -> None:
    if t.dim() <= 1:
        raise ValueError(
            "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
            f"{t.shape} with {t.dim()} dims"
        )


def _validate_pruning_dim(t: Any, dim: int) -> None:
    if dim >= t.dim():
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _compute_nparams_toprune(amount: Any, tensor_size: int) -> Any:
    return amount if isinstance(amount, numbers.Integral) else round(amount * tensor_size)

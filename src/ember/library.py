"""Operations that packages define in Python: called as ``torch.ops.namespace.name`` and differentiable as they say.

An operation runs eagerly: its function, and the gradient that `register_autograd` gives it. What is registered for
tracing (`register_fake`) is kept, and is used where all tensors are on `meta`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import _C
from ._ops import aten
from .autograd.function import Function

__all__ = [
    "CustomOpDef",
    "Library",
    "custom_op",
    "define",
    "get_ctx",
    "impl",
    "infer_schema",
    "register_autograd",
    "register_fake",
    "register_kernel",
]

_NAMES_OF_TYPES = {
    "Tensor": "Tensor",
    "int": "SymInt",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "device": "Device",
    "dtype": "ScalarType",
    "NoneType": "()",
    "None": "()",
}


class CustomOpDef:
    """An operation that a package has defined; it is called like a function.

    Args:
        namespace, name: it is ``torch.ops.<namespace>.<name>``.
        schema: what it takes and returns, in PyTorch's notation.
        fn: computes it, on devices that have no function of their own.
    """

    def __init__(self, namespace: str, name: str, schema: str, fn: Callable[..., Any] | None = None) -> None:
        self._namespace, self._name, self._schema = namespace, name, schema
        self._kernels: dict[str | None, Callable[..., Any]] = {} if fn is None else {None: fn}
        self._fake: Callable[..., Any] | None = None
        self._backward: Callable[..., Any] | None = None
        self._setup_context: Callable[..., Any] | None = None
        self.__name__ = name
        self.__doc__ = getattr(fn, "__doc__", None) or f"The operation {namespace}::{name}{schema}."

    @property
    def _qualname(self) -> str:
        return f"{self._namespace}::{self._name}"

    @property
    def default(self) -> CustomOpDef:
        """The operation: it has one form."""
        return self

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._qualname})>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._backward is None or not _C.is_grad_enabled():
            return self._compute(*args, **kwargs)
        return _Differentiable.apply(self, tuple(kwargs), *args, *kwargs.values())

    def _compute(self, *args: Any, **kwargs: Any) -> Any:
        result = self._run(*args, **kwargs)
        observer = _C._observer()
        if observer is not None:
            observer(self, args, [result], kwargs)
        return result

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        tensors = [each for each in (*args, *kwargs.values()) if isinstance(each, _C.Tensor)]
        device = tensors[0].device.type if tensors else "cpu"
        if device == "meta" and self._fake is not None:
            return self._fake(*args, **kwargs)
        kernel = self._kernels.get(device, self._kernels.get(None))
        if kernel is None:
            raise NotImplementedError(f"{self._qualname}(): no function is registered for device '{device}'.")
        return kernel(*args, **kwargs)

    def register_fake(self, fn: Callable[..., Any], /) -> Callable[..., Any]:
        """Set the function that gives the outputs' shapes, for tensors on `meta`; returns it."""
        self._fake = fn
        return fn

    def register_kernel(self, device_types: Any, fn: Callable[..., Any] | None = None, /) -> Any:
        """Set the function for one or several types of devices; without it a decorator."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            for each in [device_types] if device_types is None or isinstance(device_types, str) else device_types:
                self._kernels[each] = function
            return function

        return register if fn is None else register(fn)

    def register_autograd(self, backward: Callable[..., Any], /, *, setup_context: Any = None) -> None:
        """Set the gradient: ``backward(ctx, *gradients)``, and ``setup_context(ctx, inputs, output)`` that saves."""
        self._backward, self._setup_context = backward, setup_context

    def register_vmap(self, func: Any = None, /) -> Any:
        """Accepted: `vmap` maps what the operation is made of."""
        return func if func is not None else lambda function: function

    def register_torch_dispatch(self, torch_dispatch_class: Any, fn: Any = None, /) -> Any:
        """Accepted: classes that take calls over are asked through ``__torch_function__``."""
        return fn if fn is not None else lambda function: function


class _Differentiable(Function):
    """A call of an operation with its gradient."""

    @staticmethod
    def forward(ctx: Any, op: CustomOpDef, names: tuple[str, ...], *values: Any) -> Any:
        """The outputs; what backward needs is saved as the operation says."""
        count = len(values) - len(names)
        output = op._compute(*values[:count], **dict(zip(names, values[count:], strict=True)))
        ctx._operation = op
        if op._setup_context is not None:
            op._setup_context(ctx=ctx, inputs=values, output=output)
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """The gradients of the operation's inputs."""
        assert ctx._operation._backward is not None
        found = ctx._operation._backward(ctx, *gradients)
        return (None, None, *(found if isinstance(found, tuple) else (found,)))


# By namespace, then by name.
_operations: dict[str, dict[str, CustomOpDef]] = {}


class Namespace(types.SimpleNamespace):
    """The operations ``torch.ops.<name>.*``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = _operations.get(self._name, {}).get(name)
        if found is not None:
            return found
        if self._name == "aten" and not name.startswith("__"):
            packet = aten(name)
            if packet is not None:
                return packet
        raise AttributeError(f"'_OpNamespace' '{self._name}' object has no attribute '{name}'")


def _split(qualname: str) -> tuple[str, str]:
    namespace, separator, name = qualname.partition("::")
    if not separator or not namespace or not name:
        raise ValueError(
            f'Expected `name` to be of the form "namespace::name", got {qualname!r}: the package, then the operation.'
        )
    return namespace, name.partition(".")[0]


def _find(op: Any) -> CustomOpDef:
    """An operation by its name; one that is not defined yet is made without a function, and accepts registrations."""
    if isinstance(op, CustomOpDef):
        return op
    namespace, name = _split(op)
    return _operations.setdefault(namespace, {}).setdefault(name, CustomOpDef(namespace, name, "(...) -> ..."))


def infer_schema(
    prototype_function: Callable[..., Any], /, *, mutates_args: Any, op_name: str | None = None, tags: Any = ()
) -> str:
    """What a function takes and returns, from its annotations, in PyTorch's notation.

    Args:
        prototype_function: annotated with Tensor, int, float, bool, str, lists of them, and Optional.
        mutates_args: names of the arguments that it changes, or "unknown".
        op_name: put before it.

    Example:
        >>> def scale(x: ember.Tensor, by: float) -> ember.Tensor:
        ...     return x * by
        >>> ember.library.infer_schema(scale, mutates_args=())
        '(Tensor x, float by) -> Tensor'
    """
    signature = inspect.signature(prototype_function, eval_str=True)
    parts = []
    keyword_only = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            parts.append("*")
        kind = _type_in_schema(parameter.annotation, parameter.name)
        if mutates_args != "unknown" and parameter.name in mutates_args:
            kind = kind.replace("Tensor", f"Tensor(a{len(parts)}!)")
        default = "" if parameter.default is parameter.empty else f"={parameter.default}"
        parts.append(f"{kind} {parameter.name}{default}")
    return f"{op_name or ''}({', '.join(parts)}) -> {_type_in_schema(signature.return_annotation, 'return')}"


def _type_in_schema(annotation: Any, name: str) -> str:
    import typing

    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType) and type(None) in arguments and len(arguments) == 2:
        return _type_in_schema(next(each for each in arguments if each is not type(None)), name) + "?"
    if origin in (list, Sequence) and arguments:
        return _type_in_schema(arguments[0], name) + "[]"
    if origin is tuple:
        return f"({', '.join(_type_in_schema(each, name) for each in arguments)})"
    found = _NAMES_OF_TYPES.get(getattr(annotation, "__name__", str(annotation)))
    if found is None:
        raise ValueError(f"infer_schema(): parameter {name} has type {annotation}, which an operation cannot take.")
    return found


def custom_op(
    name: str,
    fn: Callable[..., Any] | None = None,
    /,
    *,
    mutates_args: str | Iterable[str],
    device_types: Any = None,
    schema: str | None = None,
    tags: Any = None,
) -> Any:
    """Define an operation from a function of Python; a decorator without `fn`.

    Args:
        name: ``"namespace::name"``; the operation is ``torch.ops.namespace.name``.
        fn: computes it.
        mutates_args: names of the arguments that it changes.
        device_types: the types of devices that `fn` serves. Default: all.
        schema: what it takes and returns. Default: from the annotations.
        tags: accepted, without effect.

    Returns:
        CustomOpDef, which is called like `fn` and takes a gradient by ``register_autograd``.

    Example:
        >>> @ember.library.custom_op("example::double", mutates_args=())
        ... def double(x: ember.Tensor) -> ember.Tensor:
        ...     return 2 * x
        >>> ember.ops.example.double(ember.ones(2))
        tensor([2., 2.])
    """

    def make(function: Callable[..., Any]) -> CustomOpDef:
        namespace, plain = _split(name)
        described = schema if schema is not None else infer_schema(function, mutates_args=mutates_args)
        made = CustomOpDef(namespace, plain, described)
        made.__doc__ = function.__doc__ or made.__doc__
        made.register_kernel(device_types, function)
        _operations.setdefault(namespace, {})[plain] = made
        return made

    return make if fn is None else make(fn)


def register_fake(
    op: Any,
    func: Callable[..., Any] | None = None,
    /,
    *,
    lib: Any = None,
    _stacklevel: int = 1,
    allow_override: bool = True,
) -> Any:
    """Set the function that gives an operation's output shapes; a decorator without it.

    Args:
        op: its name or itself; a name that is not defined yet is accepted, as its function may come later or never.
        func: called with tensors on `meta`.
    """
    return _find(op).register_fake if func is None else _find(op).register_fake(func)


def register_autograd(
    op: Any, backward: Callable[..., Any], /, *, setup_context: Callable[..., Any] | None = None, lib: Any = None
) -> None:
    """Set an operation's gradient.

    Args:
        op: its name or itself.
        backward: ``backward(ctx, *gradients)`` gives the gradient of each input.
        setup_context: ``setup_context(ctx, inputs, output)`` saves what backward needs.
    """
    _find(op).register_autograd(backward, setup_context=setup_context)


def register_kernel(op: Any, device_types: Any, func: Callable[..., Any] | None = None, /, *, lib: Any = None) -> Any:
    """Set an operation's function for types of devices; a decorator without it."""
    return _find(op).register_kernel(device_types, func)


def register_vmap(op: Any, func: Callable[..., Any] | None = None, /, *, lib: Any = None) -> Any:
    """Accepted: `vmap` maps what the operation is made of."""
    return _find(op).register_vmap(func)


def define(qualname: str, schema: str, *, lib: Any = None, tags: Any = ()) -> None:
    """Declare an operation, for which :func:`impl` gives a function.

    Args:
        qualname: ``"namespace::name"``.
        schema: ``"(Tensor x) -> Tensor"``.
    """
    _find(qualname)._schema = schema


def impl(qualname: str, types: Any, func: Callable[..., Any] | None = None, *, lib: Any = None) -> Any:
    """Set a declared operation's function; a decorator without it.

    Args:
        qualname: ``"namespace::name"``.
        types: of devices: ``"cpu"``, or ``"default"`` for all.
        func: computes it.
    """
    return _find(qualname).register_kernel(None if types == "default" else types, func)


def get_ctx() -> Any:
    """RuntimeError: sizes that depend on data have no place on `meta`."""
    raise RuntimeError(
        "get_ctx(): a fake function with sizes that depend on the data cannot run: tensors on meta have none."
    )


# What packages call PyTorch's layers of dispatch, for which a function is registered: the type of device.
_KEYS = {"": None, "CPU": "cpu", "CUDA": "cuda", "Meta": "meta", "CompositeExplicitAutograd": None}
_KEYS["CompositeImplicitAutograd"] = None


class Library:
    """Operations of a namespace, declared and given functions one by one.

    Args:
        ns: the namespace.
        kind: ``"DEF"``, ``"FRAGMENT"`` or ``"IMPL"``.
        dispatch_key: for which devices `impl` is meant.

    Example:
        >>> lib = ember.library.Library("example_lib", "DEF")
        >>> lib.define("half(Tensor x) -> Tensor")
        'half'
        >>> lib.impl("half", lambda x: x / 2, "CPU")
        >>> ember.ops.example_lib.half(ember.ones(1))
        tensor([0.5000])
    """

    def __init__(self, ns: str, kind: str, dispatch_key: str = "") -> None:
        if kind not in ("DEF", "FRAGMENT", "IMPL"):
            raise ValueError(f"Unsupported kind: {kind}; expected 'DEF', 'FRAGMENT' or 'IMPL'.")
        self.ns, self.kind, self.dispatch_key = ns, kind, dispatch_key

    def define(self, schema: str, alias_analysis: str = "", *, tags: Any = ()) -> str:
        """Declare an operation: ``"name(Tensor x) -> Tensor"``; returns its name."""
        name = schema.partition("(")[0].strip()
        define(f"{self.ns}::{name}", schema[len(name) :].strip())
        return name

    def impl(
        self,
        op_name: Any,
        fn: Callable[..., Any],
        dispatch_key: str = "",
        *,
        with_keyset: bool = False,
        allow_override: bool = False,
    ) -> None:
        """Set the function of an operation for what `dispatch_key` stands for; layers that Ember lacks are accepted."""
        key = str(dispatch_key or self.dispatch_key)
        name = op_name if isinstance(op_name, str) else op_name.__name__
        op = _find(name if "::" in name else f"{self.ns}::{name}")
        if key == "Meta":
            op.register_fake(fn)
        elif key in _KEYS:
            op.register_kernel(_KEYS[key], fn)

    def fallback(self, fn: Any, dispatch_key: str = "", *, with_keyset: bool = False) -> None:
        """Accepted: layers of dispatch are PyTorch's."""

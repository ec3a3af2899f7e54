"""TorchScript's names: functions and modules run eagerly, as they are written; nothing is compiled or stored.

Decorators return what they are given. `save` and `load` say what to use in their place.
"""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Any, Final, NamedTuple, TypeVar

from .. import _C
from .._absent import absent_class
from ..futures import Future
from ..nn.modules.module import Module
from . import annotations  # type: ignore

F = TypeVar("F")

_NO_SCRIPTS = (
    "Ember does not read or write TorchScript; save the state_dict with torch.save and load it into a module that "
    "the program makes."
)


class Error(RuntimeError):
    """What TorchScript raises."""


class TracerWarning(Warning):
    """A warning that tracing has lost something; tracing runs eagerly and loses nothing."""


class Attribute(NamedTuple):
    """A value of a module with its type; the type is not used."""

    value: Any
    type: Any


class ScriptModule(Module):
    """A base class for modules that TorchScript would compile; methods run eagerly."""

    def save(self, f: Any, _extra_files: Any = None) -> None:
        """RuntimeError: there is nothing to store as a script."""
        save(self, f, _extra_files)


class RecursiveScriptModule(ScriptModule):
    """The class of what `script` makes of modules in PyTorch; nothing is an instance here."""


ScriptFunction = absent_class("ScriptFunction", "jit.script returns a function as it is.")
TensorType = absent_class("TensorType", "jit.script compiles nothing, so that there are no types of TorchScript.")
CompilationUnit = absent_class("CompilationUnit", "Ember does not compile source text.")


def script(
    obj: F,
    optimize: None = None,
    _frames_up: int = 0,
    _rcb: Callable[[str], Any] | None = None,
    example_inputs: Any = None,
) -> F:
    """Return a function, class or module as it is: it runs eagerly.

    Args:
        obj: what TorchScript would compile.
        optimize, example_inputs: accepted; they have no effect.

    Example:
        >>> @ember.jit.script
        ... def double(x):
        ...     return x + x
        >>> double(ember.ones(2))
        tensor([2., 2.])
    """
    return obj


def trace(
    func: F,
    example_inputs: Any = None,
    optimize: Any = None,
    check_trace: bool = True,
    check_inputs: Any = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    _force_outplace: bool = False,
    _module_class: Any = None,
    _compilation_unit: Any = None,
    example_kwarg_inputs: Any = None,
    _store_inputs: bool = True,
) -> F:
    """Return a function or a module as it is, without running it: each call runs eagerly and follows its own branches.

    Args:
        func: what would be recorded.
        example_inputs, example_kwarg_inputs: inputs of the recording; a function that takes others works too.
        optimize, check_trace, check_inputs, check_tolerance, strict: accepted; they have no effect.
    """
    return func


def trace_module(
    mod: F,
    inputs: Any,
    optimize: Any = None,
    check_trace: bool = True,
    check_inputs: Any = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    _force_outplace: bool = False,
    _module_class: Any = None,
    _compilation_unit: Any = None,
    example_inputs_is_kwarg: bool = False,
    _store_inputs: bool = True,
) -> F:
    """Return a module as it is, without running it: see :func:`trace`.

    Args:
        mod: the module.
        inputs: for each name of a method, example inputs.
        optimize, check_trace, check_inputs, check_tolerance, strict, example_inputs_is_kwarg: accepted; no effect.
    """
    return mod


def freeze(mod: Any, preserved_attrs: list[str] | None = None, optimize_numerics: bool = True) -> Any:
    """Return a module as it is; as in PyTorch it has to be in evaluation mode."""
    if mod.training:
        raise RuntimeError("freeze(): the module is in training mode; call eval() first.")
    return mod


def optimize_for_inference(mod: F, other_methods: list[str] | None = None) -> F:
    """Return a module as it is."""
    return mod


def save(m: Any, f: Any, _extra_files: Any = None) -> None:
    """RuntimeError: Ember does not write TorchScript; `ember.save` stores a state_dict or a module."""
    raise RuntimeError(f"jit.save(): {_NO_SCRIPTS}")


def load(f: Any, map_location: Any = None, _extra_files: Any = None, _restore_shapes: bool = False) -> Any:
    """RuntimeError: Ember does not read TorchScript."""
    raise RuntimeError(f"jit.load(): {_NO_SCRIPTS}")


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """Return a function as it is; ``@ignore`` and ``@ignore(drop=True)`` both decorate."""
    return drop if callable(drop) else _same


def unused(fn: F) -> F:
    """Return a function as it is."""
    return fn


def export(fn: F) -> F:
    """Return a method as it is."""
    return fn


def interface(obj: F) -> F:
    """Return a class as it is."""
    return obj


def script_method(fn: F) -> F:
    """Return a method as it is."""
    return fn


def script_if_tracing(fn: F) -> F:
    """Return a function as it is: nothing is traced."""
    return fn


def _same(fn: F) -> F:
    return fn


_script_if_tracing = script_if_tracing


def _overload(func: F) -> F:
    """`func`, of which a definition for other types follows."""
    return func


_overload_method = _overload


def annotate(the_type: Any, the_value: F) -> F:
    """Return the value; the type is for TorchScript."""
    return the_value


def isinstance(obj: Any, target_type: Any) -> bool:
    """Whether `obj` is of a type that may have parameters, down to its elements.

    Args:
        obj: any object.
        target_type: a type such as ``list[int]`` or ``Optional[Tensor]``, or a tuple of types.

    Example:
        >>> from typing import Dict, List
        >>> ember.jit.isinstance([1, 2], List[int]), ember.jit.isinstance({"a": 1}, Dict[str, str])
        (True, False)
    """
    import builtins

    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, each) for each in target_type)
    origin, parameters = typing.get_origin(target_type), typing.get_args(target_type)
    if target_type is Any:
        return True
    if target_type is None:
        return obj is None
    if origin in (typing.Union, UnionType):
        return any(isinstance(obj, each) for each in parameters)
    if origin is None:
        if target_type in (list, dict, tuple, typing.List, typing.Dict, typing.Tuple):  # noqa: UP006
            raise RuntimeError(f"jit.isinstance(): {target_type} has no type of elements; expected, say, list[int].")
        return builtins.isinstance(obj, target_type)
    if not builtins.isinstance(obj, origin):
        return False
    if origin is dict:
        return all(isinstance(key, parameters[0]) and isinstance(value, parameters[1]) for key, value in obj.items())
    if origin is tuple:
        if len(parameters) == 2 and parameters[1] is Ellipsis:
            return all(isinstance(each, parameters[0]) for each in obj)
        return len(obj) == len(parameters) and all(map(isinstance, obj, parameters))
    return all(isinstance(each, parameters[0]) for each in obj)


def is_scripting() -> bool:
    """False: nothing is being compiled."""
    return False


def is_tracing() -> bool:
    """False: nothing is being recorded."""
    return False


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Future:
    """Call a function now; the result, or the exception, waits in a :class:`ember.futures.Future`."""
    future = Future()
    try:
        future.set_result(func(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future


def wait(future: Future) -> Any:
    """The result of what `fork` has called."""
    return future.wait()


def set_fusion_strategy(strategy: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Accepted; nothing is fused. Returns the strategy."""
    return strategy


def enable_onednn_fusion(enabled: bool) -> None:
    """Accepted; nothing is fused."""


def onednn_fusion_enabled() -> bool:
    """False: nothing is fused."""
    return False


@contextlib.contextmanager
def optimized_execution(should_optimize: bool) -> Iterator[None]:
    """A block in which a script would be optimized or not; no effect."""
    yield

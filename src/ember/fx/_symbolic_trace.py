"""Graphs of modules and functions, made by calling them with proxies."""

from __future__ import annotations

import builtins
import contextlib
import functools
import inspect
import math
import operator
import sys
import typing
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from .. import _C
from ..nn.modules.container import Sequential
from ..nn.modules.module import Module
from ..nn.parameter import Parameter
from ..settings import _assert
from . import _code
from .graph import Graph
from .graph_module import GraphModule
from .node import map_aggregate
from .proxy import ParameterProxy, Proxy, TracerBase

__all__ = ["Tracer", "symbolic_trace", "wrap"]

_Named = TypeVar("_Named", str, Callable[..., Any])
# The functions of modules that are recorded, not called: the module's globals, and the name there.
_wrapped: dict[tuple[int, str], dict[str, Any]] = {}
_is_fx_tracing_flag = False


def is_fx_tracing() -> bool:
    """Whether a graph is being made."""
    return _is_fx_tracing_flag


def wrap(fn_or_name: _Named) -> _Named:
    """Let calls of a function of the caller's module be steps of graphs: it is not looked into.

    Args:
        fn_or_name: the function (also as a decorator), or its name, which may be that of a built-in one.

    Example:
        >>> import ember
        >>> ember.fx.wrap("len")
        'len'
    """
    if not callable(fn_or_name) and not isinstance(fn_or_name, str):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    name = fn_or_name if isinstance(fn_or_name, str) else fn_or_name.__name__
    frame = sys._getframe(1)
    if frame.f_code.co_name != "<module>":
        raise NotImplementedError("wrap must be called at the top level of a module")
    _wrapped[id(frame.f_globals), name] = frame.f_globals
    return fn_or_name


def _assert_is_none(value: Any, msg: str) -> None:
    assert value is None, msg


def _recorded(function: Any) -> Any:
    """`function`, a call of which is a step if it has a proxy among its arguments."""

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        found: list[Proxy] = []
        map_aggregate((args, kwargs), lambda each: found.append(each) if isinstance(each, Proxy) else None)
        if not found:
            return function(*args, **kwargs)
        return found[0].tracer.create_proxy("call_function", function, args, kwargs)

    return recorded


class Tracer(TracerBase):
    """Makes the graph of a module or function; subclasses say what is looked into.

    Args:
        autowrap_modules: modules of Python whose functions are recorded.
        autowrap_functions: further functions that are recorded.
        param_shapes_constant: shapes of parameters are the numbers that they are.
    """

    def __init__(
        self,
        autowrap_modules: tuple[ModuleType, ...] = (math,),
        autowrap_functions: tuple[Callable[..., Any], ...] = (),
        param_shapes_constant: bool = False,
    ) -> None:
        self._modules_to_wrap = autowrap_modules
        self._functions_to_wrap = autowrap_functions
        self.param_shapes_constant = param_shapes_constant
        self.root: Module = Module()
        self.submodule_paths: dict[Module, str] = {}
        self.tensor_attrs: dict[int, str] = {}

    # ---- what subclasses may say -------------------------------------------------------------------------------------

    def is_leaf_module(self, m: Module, module_qualified_name: str) -> bool:
        """Whether a submodule is one step; default: those of ``torch.nn`` but Sequential."""
        return (m.__module__.startswith(("ember.nn", "torch.nn"))) and not isinstance(m, Sequential)

    def path_of_module(self, mod: Module) -> str:
        """The name of a submodule of the root."""
        for name, module in self.root.named_modules():
            if module is mod:
                return name
        raise NameError("module is not installed as a submodule")

    def call_module(self, m: Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call of a submodule becomes: a step, or what its forward does."""
        path = self.path_of_module(m)
        if self.is_leaf_module(m, path):
            return self.create_proxy("call_module", path, args, kwargs)
        return forward(*args, **kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Proxy]) -> Any:
        """What reading an attribute of a module becomes: a step for a parameter."""
        if not isinstance(attr_val, Parameter):
            return attr_val
        for name, parameter in self.root.named_parameters():
            if parameter is attr_val:
                if name not in parameter_proxy_cache:
                    known = functools.partial(ParameterProxy, self, name=name, param=attr_val)
                    factory = known if self.param_shapes_constant else None
                    parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {}, proxy_factory_fn=factory)
                return parameter_proxy_cache[name]
        return attr_val

    def get_fresh_qualname(self, prefix: str) -> str:
        """The first of ``prefix0``, ``prefix1`` ... that the root does not have."""
        number = 0
        while hasattr(self.root, f"{prefix}{number}"):
            number += 1
        return f"{prefix}{number}"

    def _single_arg(self, a: Any) -> Any:
        if isinstance(a, Parameter):
            for name, parameter in self.root.named_parameters():
                if parameter is a:
                    return self.create_node("get_attr", name, (), {})
            raise NameError("parameter is not a member of this module")
        if isinstance(a, _C.Tensor):
            for name, buffer in self.root.named_buffers():
                if buffer is a:
                    return self.create_node("get_attr", name, (), {})
            path = self.tensor_attrs.get(id(a))
            if path is None:
                path = self.get_fresh_qualname("_tensor_constant")
                self.tensor_attrs[id(a)] = path
                setattr(self.root, path, a)
            return self.create_node("get_attr", path, (), {})
        return super()._single_arg(a)

    # ---- tracing -----------------------------------------------------------------------------------------------------

    def create_args_for_root(
        self, root_fn: Callable[..., Any], is_module: bool, concrete_args: Any = None
    ) -> tuple[Any, list[Any]]:
        """The function to call, and what with: a proxy for each parameter that is not given."""
        function = inspect.unwrap(root_fn)
        args: list[Any] = [self.root] if is_module else []
        given, kinds = concrete_args or {}, _kinds(function)
        for name, parameter in _parameters(function)[is_module:]:
            star = _STARS.get(parameter.kind, "")
            if name in given:
                args.append(self._specialised(name, given[name]))
                continue
            default = () if star or parameter.default is parameter.empty else (parameter.default,)
            kind = kinds.get(name) if not star else None
            args.append(self.create_proxy("placeholder", star + name, default, {}, type_expr=kind))
        return root_fn, args

    def _specialised(self, name: str, value: Any) -> Any:
        """`value`, and steps that assert that the graph's input is that."""
        given = self.create_proxy("placeholder", f"{name}_1", (), {})
        message = f"{name} has been specialized to have value {value} but got another value"
        if isinstance(value, (bool, int, float)):
            equal = self.create_proxy("call_function", operator.eq, (given, value), {})
            self.create_proxy("call_function", _assert, (equal, message), {})
        elif value is None:
            self.create_proxy("call_function", _assert_is_none, (given, message), {})
        return value

    def trace(self, root: Module | Callable[..., Any], concrete_args: dict[str, Any] | None = None) -> Graph:
        """The graph of a module or function.

        Args:
            root: what is called.
            concrete_args: values of parameters that are no inputs.
        """
        is_module = isinstance(root, Module)
        self.root = root if isinstance(root, Module) else Module()
        function: Any = getattr(type(root), self.traced_func_name) if is_module else root
        self.submodule_paths = {module: name for name, module in self.root.named_modules()}
        self.tensor_attrs = {
            id(value): f"{path}.{name}".lstrip(".")
            for path, module in self.root.named_modules()
            for name, value in vars(module).items()
            if isinstance(value, _C.Tensor)
        }
        self.graph = Graph(tracer_cls=type(self))
        function, args = self.create_args_for_root(function, is_module, concrete_args)
        with self._patched(function):
            result = _call(function, args)
            kind = _kinds(function).get("return")
            self.create_node("output", "output", (self.create_arg(result),), {}, type_expr=kind)
        return self.graph

    @contextlib.contextmanager
    def _patched(self, function: Any) -> Iterator[None]:
        """Modules, and functions that are recorded, tell this tracer of their calls."""
        global _is_fx_tracing_flag
        call, read = Module.__call__, Module.__getattribute__
        cache: dict[str, Proxy] = {}

        def traced_call(module: Module, *args: Any, **kwargs: Any) -> Any:
            def forward(*args: Any, **kwargs: Any) -> Any:
                return call(module, *args, **kwargs)

            return self.call_module(module, forward, args, kwargs)

        def traced_read(module: Module, name: str) -> Any:
            value = read(module, name)
            return self.getattr(name, value, cache) if isinstance(value, Parameter) else value

        with contextlib.ExitStack() as stack:
            for owner, name, replacement in self._replacements(function):
                earlier = owner.get(name, ...)
                owner[name] = replacement
                stack.callback(_restore, owner, name, earlier)
            for name, replacement in (("__call__", traced_call), ("__getattribute__", traced_read)):
                setattr(Module, name, replacement)
                stack.callback(delattr, Module, name)
            before, _is_fx_tracing_flag = _is_fx_tracing_flag, True
            try:
                yield
            finally:
                _is_fx_tracing_flag = before

    def _replacements(self, function: Any) -> Iterator[tuple[dict[str, Any], str, Any]]:
        """Where functions stand that are recorded, and what is to stand there."""
        for (_, name), place in _wrapped.items():
            original = place.get(name, getattr(builtins, name, None))
            if original is not None:
                _code.wrapped[name] = original
                yield place, name, _recorded(original)
        automatic = list(self._functions_to_wrap)
        for module in self._modules_to_wrap:
            for name, value in list(vars(module).items()):
                if not name.startswith("_") and callable(value):
                    automatic.append(value)
                    yield vars(module), name, _recorded(value)
        for each in automatic:
            _code.wrapped[f"{getattr(each, '__module__', '')}.{each.__name__}"] = each
        place = getattr(inspect.unwrap(function), "__globals__", {})
        for name, value in list(place.items()):
            if any(value is each for each in automatic):
                yield place, name, _recorded(value)


def _restore(owner: dict[str, Any], name: str, earlier: Any) -> None:
    if earlier is ...:
        owner.pop(name, None)
    else:
        owner[name] = earlier


def _kinds(function: Any) -> dict[str, Any]:
    """The types of a function's parameters and result, where they say something."""
    function = inspect.unwrap(function)
    try:
        kinds = typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):  # a name that only type checkers know
        kinds = {n: kind for n, kind in getattr(function, "__annotations__", {}).items() if not isinstance(kind, str)}
    return {name: kind for name, kind in kinds.items() if kind is not Any}


_STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def _parameters(function: Any) -> list[tuple[str, inspect.Parameter]]:
    """A function's parameters, as its code has them: ``*args`` and ``**kwargs`` last."""
    named = inspect.signature(function).parameters.items()
    return sorted(named, key=lambda item: len(_STARS.get(item[1].kind, "")))


def _call(function: Any, args: list[Any]) -> Any:
    """Call a function with a value for each parameter, ``*args`` and ``**kwargs`` too: these are one proxy each."""
    inner = inspect.unwrap(function)
    parameters = _parameters(inner)
    if not any(parameter.kind in _STARS for _, parameter in parameters):
        by_name = {name: value for (name, p), value in zip(parameters, args, strict=True) if p.kind is p.KEYWORD_ONLY}
        return function(*args[: len(args) - len(by_name)], **by_name)
    code = inner.__code__
    with_stars = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    flat = code.replace(
        co_flags=code.co_flags & ~with_stars, co_argcount=len(args), co_kwonlyargcount=0, co_posonlyargcount=0
    )
    return FunctionType(flat, inner.__globals__, inner.__name__, None, inner.__closure__)(*args)


def symbolic_trace(root: Module | Callable[..., Any], concrete_args: dict[str, Any] | None = None) -> GraphModule:
    """The module of a graph that a module or function makes when it is called with proxies.

    Args:
        root: the module or function; its control flow may not depend on its inputs' values.
        concrete_args: values of parameters that are no inputs of the graph.

    Example:
        >>> import ember
        >>> traced = ember.fx.symbolic_trace(lambda x: ember.relu(x) + 1)
        >>> [node.op for node in traced.graph.nodes]
        ['placeholder', 'call_function', 'call_function', 'output']
    """
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    name = type(root).__name__ if isinstance(root, Module) else getattr(root, "__name__", "GraphModule")
    return GraphModule(tracer.root, graph, name)

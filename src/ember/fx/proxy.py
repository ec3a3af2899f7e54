"""What stands for a value while a graph is made: every operation on it becomes a step."""

from __future__ import annotations

import collections
import dis
import enum
import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .. import _C
from .graph import Graph
from .node import Node, map_aggregate, public_function

__all__ = ["Attribute", "GraphAppendingTracer", "ParameterProxy", "Proxy", "TraceError", "TracerBase"]


_PLAIN = (
    *(Node, str, int, float, complex, type(None), type(...), range, enum.Enum),
    *(_C.dtype, _C.device, _C.Tensor, _C.Generator),
)


class TraceError(ValueError):
    """The program asked for a value that is not known while its graph is made."""


class TracerBase:
    """Makes steps and the proxies of their values."""

    graph: Graph
    record_stack_traces: bool = False
    check_mutable_operations: bool = False
    trace_asserts: bool = False
    proxy_buffer_attributes: bool = False
    traced_func_name: str = "forward"

    def create_node(
        self,
        kind: str,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None = None,
        type_expr: Any | None = None,
    ) -> Node:
        """A step of the graph."""
        return self.graph.create_node(kind, target, args, kwargs, name, type_expr)

    def proxy(self, node: Node) -> Proxy:
        """What stands for the step's value."""
        return Proxy(node, self)

    def create_proxy(
        self,
        kind: str,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None = None,
        type_expr: Any | None = None,
        proxy_factory_fn: Callable[[Node], Proxy] | None = None,
    ) -> Proxy:
        """A step whose arguments may hold proxies, and what stands for its value."""
        args, kwargs = self.create_arg(args), self.create_arg(kwargs)
        node = self.create_node(kind, target, args, kwargs, name, type_expr)
        return proxy_factory_fn(node) if proxy_factory_fn is not None else self.proxy(node)

    def create_arg(self, a: Any) -> Any:
        """A value as a step's argument: proxies become their steps."""
        if isinstance(a, (tuple, list, dict, slice)):
            return map_aggregate(_checked(a), self._single_arg)
        if isinstance(a, range):
            return range(*(self.create_arg(each) for each in (a.start, a.stop, a.step)))
        return self._single_arg(a)

    def _single_arg(self, a: Any) -> Any:
        if isinstance(a, Proxy):
            return a.node
        if hasattr(a, "__fx_create_arg__"):
            return a.__fx_create_arg__(self)
        plain = (
            Node,
            str,
            int,
            float,
            complex,
            type(None),
            type(...),
            _C.dtype,
            _C.device,
            _C.Tensor,
            enum.Enum,
            range,
        )
        if isinstance(a, plain) or callable(a) or type(a).__name__ in ("layout", "memory_format"):
            return a
        raise NotImplementedError(f"argument of type: {type(a)}")

    def to_bool(self, obj: Proxy) -> bool:
        """The truth of a proxy: a TraceError, unless a tracer knows better."""
        raise TraceError("symbolically traced variables cannot be used as inputs to control flow")

    def iter(self, obj: Proxy) -> Iterator[Any]:
        """The parts of a proxy, where the program says how many there are: ``a, b = x``."""
        frame = sys._getframe(2)
        code = {each.offset: each for each in dis.get_instructions(frame.f_code)}
        step = code.get(frame.f_lasti)
        if step is not None and step.opname == "UNPACK_SEQUENCE":
            return iter(
                [self.create_proxy("call_function", operator.getitem, (obj, i), {}) for i in range(step.argval)]
            )
        raise TraceError(
            "Proxy object cannot be iterated: how often is not known while the graph is made. Loop over a number that "
            "the program knows, or wrap the function with torch.fx.wrap."
        )

    def keys(self, obj: Proxy) -> Any:
        """What ``**obj`` asks for."""
        return Attribute(obj, "keys")()


def _checked(a: Any) -> Any:
    if isinstance(a, dict):
        for key in a:
            if isinstance(key, (Proxy, Node)):
                shown = key.node if isinstance(key, Proxy) else key
                raise RuntimeError(f"Keys for dictionaries used as an argument cannot contain a Node. Got key: {shown}")
        for each in a.values():
            _checked(each)
    elif isinstance(a, (tuple, list)):
        for each in a:
            _checked(each)
    return a


class GraphAppendingTracer(TracerBase):
    """Appends steps to a graph.

    Args:
        graph: the graph.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scope_stack: collections.OrderedDict[str, Any] = collections.OrderedDict()


class Proxy:
    """What stands for the value of a step.

    Args:
        node: the step.
        tracer: who makes further steps; default: they are appended to the step's graph.
    """

    def __init__(self, node: Node, tracer: TracerBase | None = None) -> None:
        self.tracer = GraphAppendingTracer(node.graph) if tracer is None else tracer
        self.node = node

    def __repr__(self) -> str:
        return f"Proxy({self.node.name})"

    def __getattr__(self, k: str) -> Attribute:
        return Attribute(self, k)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __deepcopy__(self, memo: Any) -> Proxy:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Proxy:
        return self.tracer.create_proxy("call_method", "__call__", (self, *args), kwargs)

    def __iter__(self) -> Iterator[Any]:
        return self.tracer.iter(self)

    def __bool__(self) -> bool:
        return self.tracer.to_bool(self)

    def __abs__(self) -> Proxy:
        return self.tracer.create_proxy("call_function", abs, (self,), {})

    def __len__(self) -> int:
        raise RuntimeError(
            "'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
            "torch.fx.wrap('len') at module scope"
        )

    def keys(self) -> Any:
        """What ``**proxy`` asks for."""
        return self.tracer.keys(self)

    __hash__ = object.__hash__

    @classmethod
    def __torch_function__(
        cls, orig_method: Any, types: Any, args: Any = None, kwargs: dict[str, Any] | None = None
    ) -> Proxy:
        args, kwargs = args or (), kwargs or {}
        tracers: dict[TracerBase, None] = {}
        map_aggregate((args, kwargs), lambda each: tracers.setdefault(each.tracer) if isinstance(each, Proxy) else each)
        if len(tracers) > 1:
            raise RuntimeError(f"Found multiple different tracers {list(tracers)} while trying to trace {orig_method}")
        tracer = next(iter(tracers))
        public = public_function(orig_method)
        if public is None:  # only a method has that name
            return tracer.create_proxy("call_method", orig_method.__name__, args, kwargs)
        return tracer.create_proxy("call_function", public, args, kwargs)


class Attribute(Proxy):
    """An attribute of a proxy; it becomes a step when it is used, or a call of a method."""

    def __init__(self, root: Proxy, attr: str) -> None:
        self.root, self.attr, self.tracer = root, attr, root.tracer
        self._node: Node | None = None

    @property
    def node(self) -> Node:  # type: ignore[override]
        """The step that reads the attribute, made when it is first asked for."""
        if self._node is None:
            self._node = self.tracer.create_proxy("call_function", getattr, (self.root, self.attr), {}).node
        return self._node

    def __call__(self, *args: Any, **kwargs: Any) -> Proxy:
        return self.tracer.create_proxy("call_method", self.attr, (self.root, *args), kwargs)


class ParameterProxy(Proxy):
    """What stands for a parameter whose shape is known.

    Args:
        tracer: who makes further steps.
        node: the step that reads it.
        name: its name.
        param: the parameter.
    """

    def __init__(self, tracer: TracerBase, node: Node, name: str, param: Any) -> None:
        super().__init__(node, tracer)
        self.param, self.name = param, name

    def __repr__(self) -> str:
        return f"ParameterProxy({self.name})"

    @property
    def shape(self) -> Any:
        """The parameter's."""
        return self.param.shape

    def size(self) -> Any:
        """The parameter's."""
        return self.param.size()

    def dim(self) -> int:
        """The parameter's."""
        return int(self.param.dim())

    @property
    def ndim(self) -> int:
        """The parameter's."""
        return int(self.param.ndim)

    def numel(self) -> int:
        """The parameter's."""
        return int(self.param.numel())

    def nelement(self) -> int:
        """The parameter's."""
        return int(self.param.numel())


def _operator(function: Any, reflected: bool) -> Any:
    def method(*args: Any) -> Proxy:
        tracer = args[0].tracer
        return tracer.create_proxy("call_function", function, args[::-1] if reflected else args, {})

    return method


_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "and_", "or_", "xor")
for _name in (*_BINARY, "eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "invert", "getitem"):
    _method = _operator(getattr(operator, _name), False)
    setattr(Proxy, f"__{_name.strip('_')}__", _method)
    if _name in _BINARY:
        setattr(Proxy, f"__r{_name.strip('_')}__", _operator(getattr(operator, _name), True))

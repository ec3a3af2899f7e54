"""A model as TensorBoard draws it: the operations of one run, within the modules that they belong to."""

from __future__ import annotations

from typing import Any

from ... import _C


class _Calls:
    """Which module ran while which nodes were made, by the numbers that nodes count up."""

    def __init__(self, model: Any) -> None:
        self._titles = {
            id(module): f"{type(module).__name__}[{path.rpartition('.')[2]}]" if path else type(module).__name__
            for path, module in model.named_modules()
        }
        self._open: list[tuple[str, int]] = []
        self._closed: list[tuple[int, int, str]] = []  # first and last number, the path in titles
        self._probe = _C.ops.full((), 1.0, device="cpu").requires_grad_()

    def _now(self) -> int:
        node = (self._probe * 1).grad_fn
        assert node is not None
        return node._sequence_nr()

    def begin(self, module: Any, *rest: Any) -> None:
        above = self._open[-1][0] + "/" if self._open else ""
        self._open.append((above + self._titles[id(module)], self._now()))

    def end(self, module: Any, *rest: Any) -> None:
        path, first = self._open.pop()
        self._closed.append((first, self._now(), path))

    def path_of(self, number: int) -> str:
        """That of the innermost module that was running when the node was made."""
        spans = [(last - first, path) for first, last, path in self._closed if first < number < last]
        return min(spans)[1] + "/" if spans else ""


def _tensors_in(value: Any) -> list[Any]:
    if isinstance(value, _C.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [each for part in value for each in _tensors_in(part)] if isinstance(value, (list, tuple)) else []


def _run(model: Any, inputs: Any) -> tuple[_Calls, list[Any], list[Any]]:
    """One run with gradients: the calls, the inputs as leaves of the graph, the outputs."""
    arguments = inputs if isinstance(inputs, (list, tuple)) else (inputs,)
    leaves = []
    for each in arguments:
        floating = isinstance(each, _C.Tensor) and each.is_floating_point()
        leaves.append(each.detach().requires_grad_() if floating else each)
    calls = _Calls(model)
    handles = []
    for module in model.modules():
        handles += [module.register_forward_pre_hook(calls.begin), module.register_forward_hook(calls.end)]
    before = _C._set_grad_enabled(True)
    try:
        outputs = model(*leaves)
    finally:
        _C._set_grad_enabled(before)
        for handle in handles:
            handle.remove()
    return calls, leaves, _tensors_in(outputs)


class _Drawing:
    def __init__(self, model: Any, calls: _Calls, leaves: list[Any]) -> None:
        from tensorboard.compat.proto import attr_value_pb2, node_def_pb2, tensor_shape_pb2

        self._attribute, self._node, self._shape = attr_value_pb2.AttrValue, node_def_pb2.NodeDef, tensor_shape_pb2
        self._calls = calls
        self._parameters = {id(parameter): name for name, parameter in model.named_parameters()}
        self._inputs = {id(leaf): f"input/x{index or ''}" for index, leaf in enumerate(leaves)}
        self._names: dict[Any, str] = {}
        self.nodes: list[Any] = []
        for leaf, name in zip(leaves, self._inputs.values(), strict=True):
            self._add(name, "IO Node", [], leaf)

    def _add(self, name: str, operation: str, inputs: list[str], tensor: Any = None) -> None:
        attributes = {}
        if isinstance(tensor, _C.Tensor):
            dims = [self._shape.TensorShapeProto.Dim(size=size) for size in tensor.shape]
            shapes = self._attribute.ListValue(shape=[self._shape.TensorShapeProto(dim=dims)])
            attributes["_output_shapes"] = self._attribute(list=shapes)
        self.nodes.append(self._node(name=name, op=operation, input=inputs, attr=attributes))

    def _leaf(self, tensor: Any) -> str:
        if id(tensor) in self._inputs:
            return self._inputs[id(tensor)]
        return "parameters/" + self._parameters.get(id(tensor), "tensor").replace(".", "/")

    def visit(self, root: Any) -> str:
        """Adds what leads to a node, before the node; its name in the drawing."""
        pending = [root]
        while pending:
            node = pending[-1]
            parents = [parent for parent, _ in node.next_functions if parent is not None]
            missing = [parent for parent in parents if parent not in self._names]
            if missing:
                pending += missing
                continue
            pending.pop()
            if node not in self._names:
                self._names[node] = self._draw(node, [self._names[parent] for parent in parents])
        return self._names[root]

    def _draw(self, node: Any, inputs: list[str]) -> str:
        if node.name() == "AccumulateGrad":
            name = self._leaf(node.variable)
            if all(each.name != name for each in self.nodes):
                self._add(name, "Parameter", [], node.variable)
            return name
        operation = node.name().removesuffix("Backward0")
        number = node._sequence_nr()
        name = f"{self._calls.path_of(number)}{operation}_{number}"
        self._add(name, operation, inputs)
        return name

    def output(self, tensor: Any, index: int) -> None:
        inputs = [self.visit(tensor.grad_fn)] if tensor.grad_fn is not None else []
        self._add(f"output/output{index or ''}", "IO Node", inputs, tensor)


def graph_of(model: Any, inputs: Any) -> Any:
    """A ``GraphDef`` of one run of the model, from what autograd records; the model's buffers may change."""
    from tensorboard.compat.proto import graph_pb2, versions_pb2

    calls, leaves, outputs = _run(model, inputs)
    drawing = _Drawing(model, calls, leaves)
    for index, tensor in enumerate(outputs):
        drawing.output(tensor, index)
    return graph_pb2.GraphDef(node=drawing.nodes, versions=versions_pb2.VersionDef(producer=22))

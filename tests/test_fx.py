"""Graphs of modules: what is traced computes what the module does; graphs can be read, changed, copied and run."""

from __future__ import annotations

import copy
import math
import operator
import pickle

import numpy as np
import pytest

import ember
from ember import fx, nn


@fx.wrap
def scaled(x, by):
    return x * float(by)  # a proxy could not be a float


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.rest = nn.Sequential(nn.Tanh(), nn.Linear(4, 2))
        self.shift = nn.Parameter(ember.ones(4))
        self.register_buffer("kept", ember.full((2,), 2.0))

    def forward(self, x, factor: float = 0.5):
        """Layers, a parameter, a buffer, methods, functions, items and attributes."""
        hidden = ember.relu(self.first(x) + self.shift).clamp(max=3.0)
        left, right = hidden[:, :2], hidden[:, 2:]
        y = self.rest(hidden) * factor + self.kept
        return {"y": y.view(x.shape[0], -1), "parts": (left - right, [y @ y.T])}


def leaves(value):
    if isinstance(value, ember.Tensor):
        return [value]
    return [each for part in (value.values() if isinstance(value, dict) else value) for each in leaves(part)]


def test_the_traced_module_computes_the_same_with_the_same_gradients():
    net = Net()
    traced = fx.symbolic_trace(net)
    assert isinstance(traced, fx.GraphModule) and isinstance(traced, nn.Module)
    expected = ["shift", "first.weight", "first.bias", "rest.1.weight", "rest.1.bias"]
    assert traced.first is net.first and [name for name, _ in traced.named_parameters()] == expected
    x = ember.randn(5, 3)
    for given in ((x,), (x, 2.0)):
        pairs = zip(leaves(net(*given)), leaves(traced(*given)), strict=True)
        assert all(ember.equal(a, b) for a, b in pairs)
    sums = [sum(each.sum() for each in leaves(module(x))) for module in (net, traced)]
    expected, found = (ember.autograd.grad(each, list(net.parameters())) for each in sums)
    assert all(ember.equal(a, b) for a, b in zip(expected, found, strict=True))
    assert traced.kept is net.kept and traced.eval().training is False


def test_the_steps_are_what_the_module_does():
    graph = fx.symbolic_trace(Net()).graph
    graph.lint()
    kinds = [(node.op, node.target) for node in graph.nodes]
    assert kinds[:5] == [
        *(("placeholder", "x"), ("placeholder", "factor"), ("call_module", "first"), ("get_attr", "shift")),
        ("call_function", operator.add),
    ]
    assert ("call_function", ember.relu) in kinds and ("call_method", "clamp") in kinds and kinds[-1] == ("output",) * 2
    relu = next(node for node in graph.nodes if node.target is ember.relu)
    assert [node.name for node in relu.users] == ["clamp"] and [node.name for node in relu.all_input_nodes] == ["add"]
    assert relu.args == (graph.find_nodes(op="call_function", target=operator.add)[0],) and relu.kwargs == {}
    assert str(graph).startswith("graph():\n    %x : [num_users=2] = placeholder[target=x]")
    assert graph.find_nodes(op="placeholder")[1].args == (0.5,)


def test_programs():
    graph = fx.Graph()
    x = graph.placeholder("x", ember.Tensor)
    y = graph.call_function(ember.add, (x, 1), {"alpha": 2})
    graph.output((graph.call_method("relu", (y,)), y))
    made = fx.GraphModule({}, graph)
    assert made.code.strip() == (
        "def forward(self, x : torch.Tensor):\n"
        "    add = torch.add(x, 1, alpha = 2);  x = None\n"
        "    relu = add.relu()\n"
        "    return (relu, add)"
    )
    assert [each.tolist() for each in made(ember.tensor([-3.0]))] == [[0.0], [-1.0]]
    assert "class GraphModule(torch.nn.Module):" in made.print_readable(print_output=False)
    assert repr(made) == "GraphModule()" and made.code in str(made)


def test_graphs_are_changed():
    traced = fx.symbolic_trace(lambda x: ember.relu(x) + x)
    graph = traced.graph
    relu = graph.find_nodes(op="call_function", target=ember.relu)[0]
    with graph.inserting_after(relu):
        doubled = graph.call_function(operator.mul, (relu, 2))
    relu.replace_all_uses_with(doubled, delete_user_cb=lambda user: user is not doubled)
    traced.recompile()
    assert traced(ember.tensor([1.0, -1.0])).tolist() == [3, -1]
    relu.target = ember.neg
    add = graph.output_node().args[0]
    add.update_arg(1, 10)
    assert [node.name for node in graph.nodes] == ["x", "relu", "mul", "add", "output"]
    traced.recompile()
    assert traced(ember.tensor([1.0])).tolist() == [8]
    with pytest.raises(RuntimeError, match="Tried to erase Node relu but it still had 1 users"):
        graph.erase_node(relu)
    graph.output_node().args = (relu,)
    assert graph.eliminate_dead_code() and [node.name for node in graph.nodes] == ["x", "relu", "output"]
    relu.append(graph.find_nodes(op="placeholder")[0])
    with pytest.raises(RuntimeError, match="Argument 'x' of Node 'relu' was used before it has been defined"):
        graph.lint()


def test_patterns_are_replaced():
    traced = fx.symbolic_trace(lambda x: ember.relu(x) * 2 + ember.relu(ember.relu(x) * 2) * 2)
    matches = fx.replace_pattern(traced, lambda a: ember.relu(a) * 2, lambda a: ember.tanh(a))
    traced.graph.lint()
    x = np.linspace(-2, 2, 5, dtype=np.float32)
    assert len(matches) in (2, 3)
    np.testing.assert_allclose(traced(ember.from_numpy(x)).numpy(), np.tanh(x) + np.tanh(np.tanh(x)), rtol=1e-6)


class Doubled(fx.Transformer):
    def call_function(self, target, args, kwargs):
        result = super().call_function(target, args, kwargs)
        return result * 2 if target is ember.relu else result


class Counted(fx.Interpreter):
    def run_node(self, n):
        self.seen = [*getattr(self, "seen", []), n.op]
        return super().run_node(n)


def test_graphs_are_run_and_made_anew_step_by_step():
    traced = fx.symbolic_trace(Net())
    x = ember.randn(2, 3)
    runner = Counted(traced)
    assert all(ember.equal(a, b) for a, b in zip(leaves(runner.run(x)), leaves(traced(x)), strict=True))
    assert len(runner.seen) == len(traced.graph.nodes) and len(runner.env) < len(runner.seen)
    plain = fx.symbolic_trace(lambda x: ember.relu(x) + 1)
    assert Doubled(plain).transform()(ember.tensor([3.0])).tolist() == [7]
    with pytest.raises(TypeError, match="While executing %relu"):
        fx.Interpreter(plain).run("text")


def test_copies_and_pickles():
    traced = fx.symbolic_trace(Net())
    x = ember.randn(2, 3)
    for again in (copy.deepcopy(traced), pickle.loads(pickle.dumps(traced)), copy.copy(traced)):
        assert again.code == traced.code and str(again.graph) == str(traced.graph) and type(again) is not type(traced)
        assert all(ember.equal(a, b) for a, b in zip(leaves(again(x)), leaves(traced(x)), strict=True))
    assert copy.deepcopy(traced).shift is not traced.shift and copy.copy(traced).shift is traced.shift


def test_leaves_and_tracers_of_ones_own():
    class Everything(fx.Tracer):
        def is_leaf_module(self, m, module_qualified_name):
            return False

    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    graph = Everything().trace(net)
    assert [node.op for node in graph.nodes if node.op == "call_module"] == []
    assert [node.target for node in graph.nodes if node.op == "get_attr"] == ["0.weight", "0.bias"]
    x = ember.randn(1, 2)
    assert ember.equal(fx.GraphModule(net, graph)(x), net(x))
    assert nn.Linear(2, 2)(x).shape == (1, 2)  # modules compute again


def test_functions_that_are_not_looked_into():
    traced = fx.symbolic_trace(lambda x: scaled(x, 3) + math.sqrt(4.0))
    assert next(node.target for node in traced.graph.nodes if node.op == "call_function") is scaled
    assert traced(ember.tensor([2.0])).tolist() == [8] and scaled(ember.tensor([1.0]), 2).tolist() == [2]
    place = {"wrap": fx.wrap, "function": lambda x: float(x), "traced": fx.symbolic_trace}
    assert eval("wrap('function')", place) == "function"  # at the top level of a module, as eval's text is
    assert [node.op for node in eval("traced(lambda x: function(x))", place).graph.nodes][1] == "call_function"
    with pytest.raises(NotImplementedError, match="top level of a module"):
        fx.wrap(scaled)


def test_given_arguments_are_no_inputs():
    traced = fx.symbolic_trace(lambda x, y: x + 1 if y else x, concrete_args={"y": True})
    assert traced(ember.tensor([1.0]), True).tolist() == [2]
    with pytest.raises(AssertionError, match="y has been specialized to have value True"):
        traced(ember.tensor([1.0]), False)


REFUSED = {
    "control flow": (lambda x: 1 if x.sum() > 0 else 2, fx.proxy.TraceError, "inputs to control flow"),
    "loop": (lambda x: [2 * each for each in x], fx.proxy.TraceError, "cannot be iterated"),
    "length": (lambda x: len(x), RuntimeError, "'len' is not supported"),
    "key": (lambda x: {x: 1}, RuntimeError, "cannot contain a Node. Got key: x"),
    "argument": (lambda x: ember.relu(x) + object(), NotImplementedError, "argument of type: <class 'object'>"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_traced_says_so(name):
    function, error, text = REFUSED[name]
    with pytest.raises(error, match=text):
        fx.symbolic_trace(function)
    assert not fx._symbolic_trace.is_fx_tracing() and nn.ReLU()(ember.ones(1)).tolist() == [1]


def test_no_tensor_is_fake() -> None:
    from ember._subclasses.fake_tensor import FakeTensor, FakeTensorMode, is_fake
    from ember.fx.experimental.proxy_tensor import get_proxy_mode

    x = ember.ones(1, device="meta")
    assert not is_fake(x) and not isinstance(x, FakeTensor)
    assert get_proxy_mode() is None
    with pytest.raises(RuntimeError, match="Ember has no fake tensors"):
        FakeTensorMode()

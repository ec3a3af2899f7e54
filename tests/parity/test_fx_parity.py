"""Graphs beside PyTorch's: their steps, texts and programs, what changes of them give, what is refused."""

import inspect
import math
import operator

import pytest
from answers import plain

torch = pytest.importorskip("torch")

import ember  # noqa: E402
from ember import fx as ours  # noqa: E402

theirs = pytest.importorskip("torch.fx")


def module(T):
    class Net(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = T.nn.Linear(4, 5)
            self.weight = T.nn.Parameter(T.ones(3, 4))
            self.rest = T.nn.Sequential(T.nn.ReLU(), T.nn.Linear(5, 2))
            self.register_buffer("kept", T.ones(2))
            self.plain = T.zeros(2)

        def forward(self, x, y=2.5, *, flag: bool = True, **more):
            z = self.linear(x + self.weight).clamp(min=0.0, max=1.0)
            T.chunk(z, 2, dim=-1)
            w = self.rest(z) + self.kept
            q = T.cat([w, w * 2], dim=0)[:, 1:]
            n = self.weight * 2
            return {"w": w, "q": (q, -x.size(0), x.shape[1] // 2), "m": 3 - w @ w.t(), "n": n, "p": w + self.plain}

    return Net()


def operators(T):
    def function(x, *args, **more):
        x += 1
        a, b = x
        y = x & a | b ^ a
        z = (x << 1) * 2 >> 1
        w = 2**x / 3 % 5 // 2
        return (
            y,
            z,
            w.abs(),
            x.float().to(T.float32),
            x.view(x.shape[0], -1),
            x.to(T.device("cpu")),
            ~(x >= 2),
            math.inf * x,
        )

    return function


def arguments(T):
    def function(x, items=(1, 2), name: str = "sum", other=None):
        made = T.zeros(x.shape[0], dtype=T.float32, device="cpu")
        picked = x[..., None, 0:2], x[T.tensor([0])], {"a": x, "b": [x.device, x.T]}
        return made, picked, math.sqrt(x), T.add(x, 1, alpha=2), T.full_like(x, True)

    return function


def nothing(T):
    return lambda: T.ones(2)


CASES = [module, operators, arguments, nothing]


def traced(T, case):
    return T.fx.symbolic_trace(case(T))


@pytest.mark.parametrize("case", CASES)
def test_programs_and_texts(case):
    mine, other = traced(ember, case), traced(torch, case)
    assert mine.code == other.code
    assert str(mine.graph) == str(other.graph)
    assert repr(mine) == repr(other) and list(mine.state_dict()) == list(other.state_dict())
    for one, two in zip(mine.graph.nodes, other.graph.nodes, strict=True):
        assert (one.op, one.name, str(one.args), str(one.kwargs)) == (two.op, two.name, str(two.args), str(two.kwargs))
        assert [each.name for each in one.users] == [each.name for each in two.users]
        assert one.is_impure() == two.is_impure() and one.format_node() == two.format_node()


def concrete(T):
    return T.fx.symbolic_trace(lambda x, y: x + y, concrete_args={"y": 3}).code


def nothing_given(T):
    return T.fx.symbolic_trace(lambda x, y: x if y is None else x + y, concrete_args={"y": None}).code


def by_hand(T):
    graph = T.fx.Graph()
    x, y = graph.placeholder("x", T.Tensor), graph.placeholder("y", default_value=1)
    added = graph.create_node("call_function", operator.add, (x, y))
    named = graph.create_node("call_function", T.sub, (x, y), {"alpha": 2}, name="my name")
    attribute = graph.get_attr("layers.0.weight")
    called = graph.call_module("layers.0", (attribute,))
    graph.output([added, named, graph.call_method("float", (called,))], T.Tensor)
    graph.lint()
    return str(graph), graph.python_code("self").src, [str(each) for each in graph.nodes]


def names(T):
    graph = T.fx.Graph()
    made = [graph.placeholder(each) for each in ("x", "x", "x_1", "float", "Big", "aB", "x_5", "x")]
    made += [
        graph.call_function(each, (made[0],)) for each in (T.abs, abs, operator.and_, getattr, T.nn.functional.relu)
    ]
    return [each.name for each in made]


def changed(T):
    result = T.fx.symbolic_trace(lambda x, y: T.relu(x * y) + x)
    graph, texts = result.graph, []
    mul, relu = graph.find_nodes(op="call_function", target=operator.mul)[0], list(graph.nodes)[3]
    with graph.inserting_before(relu):
        new = graph.call_function(T.neg, (mul,))
    relu.replace_input_with(mul, new)
    texts.append(str(graph))
    relu.update_kwarg("inplace", True), relu.insert_arg(0, 7), new.append(graph.output_node().prev)
    texts += [str(graph), relu.args, relu.kwargs, [str(each) for each in mul.all_input_nodes]]
    relu.args, relu.kwargs = (mul,), {}
    graph.output_node().prepend(new.next)
    removed = graph.eliminate_dead_code()
    texts += [removed, str(graph), [str(each) for each in reversed(graph.nodes)], len(graph.nodes)]
    other, copied = T.fx.Graph(), {}
    other.output(other.graph_copy(graph, copied))
    return [*map(str, texts), str(other), [f"{a}: {b}" for a, b in copied.items()]]


def patterns(T):
    result = T.fx.symbolic_trace(lambda x: T.relu(x) + T.relu(x * 2))
    found = T.fx.replace_pattern(result, lambda x: T.relu(x), lambda x: T.tanh(x) * 2)
    return result.code, [(str(each.anchor), str(each.nodes_map)) for each in found]


def transformed(T):
    class Doubled(T.fx.Transformer):
        def call_function(self, target, args, kwargs):
            result = super().call_function(target, args, kwargs)
            return result * 2 if target is T.relu else result

    return Doubled(T.fx.symbolic_trace(lambda x: T.relu(x) + 1)).transform().code


def submodules(T):
    class Two(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = T.nn.Linear(2, 2), T.nn.ReLU()

        def forward(self, x: T.Tensor) -> T.Tensor:
            return self.b(self.a(x))

    result = T.fx.symbolic_trace(Two())
    answers = [result.add_submodule("c.d", T.nn.Tanh()), repr(result), result.delete_submodule("c.e")]
    answers += [result.delete_submodule("c.d"), result.delete_all_unused_submodules(), repr(result)]
    return [*answers, result.code]


def maps(T):
    seen = []
    graph = T.fx.Graph()
    x, y = graph.placeholder("x"), graph.placeholder("y")
    mapped = T.fx.node.map_arg([x, {"k": (y, 1)}, slice(x, None)], lambda each: seen.append(each.name) or f"<{each}>")
    return mapped, seen


def interpreted(T):
    result = T.fx.symbolic_trace(lambda x, *more, scale=2: (x * scale, more))
    return T.fx.Interpreter(result).run(T.ones(2), 5, 6)


ANSWERS = [concrete, nothing_given, by_hand, names, changed, patterns, transformed, submodules, maps, interpreted]


@pytest.mark.parametrize("case", ANSWERS)
def test_answers_are_the_same(case):
    assert str(case(ember)) == str(case(torch))


REFUSED = {
    "control flow": lambda T: T.fx.symbolic_trace(lambda x: 1 if x.sum() > 0 else 2),
    "loop": lambda T: T.fx.symbolic_trace(lambda x: [2 * each for each in x]),
    "length": lambda T: T.fx.symbolic_trace(lambda x: len(x)),
    "integer": lambda T: T.fx.symbolic_trace(lambda x: range(x)),
    "key": lambda T: T.fx.symbolic_trace(lambda x: {x: 1}),
    "object": lambda T: T.fx.symbolic_trace(lambda x: x + object()),
    "operation": lambda T: T.fx.Graph().create_node("nothing", "x"),
    "function": lambda T: T.fx.Graph().create_node("call_function", "x"),
    "list": lambda T: T.fx.Graph().create_node("call_function", abs, []),
    "attribute": lambda T: T.fx.GraphModule({}, graph_with_attribute(T)),
    "wrap": lambda T: T.fx.wrap(3),
    "inside": lambda T: T.fx.wrap("len"),
    "item": lambda T: T.fx.symbolic_trace(lambda x: x.__setitem__(0, 1) and operator.setitem(x, 0, 1)),
}


def graph_with_attribute(T):
    graph = T.fx.Graph()
    graph.output(graph.get_attr("nothing"))
    return graph


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    def outcome(T):
        try:
            return type(REFUSED[name](T)).__name__
        except Exception as error:
            return plain(error)

    assert outcome(ember) == outcome(torch)


PUBLIC = [
    (owner, name)
    for owner in ("Graph", "Node", "Tracer", "Interpreter", "GraphModule", "Transformer")
    for name in vars(getattr(ours, owner))
    if name[0] != "_"
]


@pytest.mark.parametrize(("owner", "name"), PUBLIC)
def test_signatures(owner, name):
    mine, other = (getattr(getattr(fx, owner), name, None) for fx in (ours, theirs))
    if not inspect.isfunction(mine) or not inspect.isfunction(other) or name in ("python_code", "print_readable"):
        return
    found, expected = (
        [
            (p.name, p.kind, str(p.default).replace("ember", "torch")[:9])
            for p in inspect.signature(each).parameters.values()
        ]
        for each in (mine, other)
    )
    assert found == expected

"""What stands around tensors, beside PyTorch: signatures, trees, versions, subclasses."""

from __future__ import annotations

import collections
import importlib
import inspect

import pytest

torch = pytest.importorskip("torch")

import torch.utils._pytree as theirs  # noqa: E402

import ember  # noqa: E402
from ember.utils import _pytree as ours  # noqa: E402

MODULES = [
    *("accelerator", "backends.cuda", "backends.mha", "backends.mps", "compiler", "hub", "overrides", "jit"),
    *("utils._pytree", "library", "backends.cpu", "utils.model_zoo"),
]


def signatures(name):
    mine, other = importlib.import_module(f"ember.{name}"), importlib.import_module(f"torch.{name}")
    for each, function in vars(mine).items():
        if inspect.isfunction(function) and not each.startswith("_") and inspect.isfunction(getattr(other, each, None)):
            parameters = inspect.signature(function).parameters
            if list(parameters) != ["args", "kwargs"]:  # what only refuses
                yield pytest.param(function, getattr(other, each), id=f"{name}.{each}")


@pytest.mark.parametrize(("mine", "other"), [each for name in MODULES for each in signatures(name)])
def test_signatures(mine, other):
    expected = inspect.signature(other).parameters
    if list(expected) == ["args", "kwargs"]:
        return
    found = inspect.signature(mine).parameters
    assert [(p.name, p.kind) for p in found.values()] == [(p.name, p.kind) for p in expected.values()]
    simple = (bool, int, float, str, type(None))
    for p in found.values():
        default = expected[p.name].default
        assert p.default == default or not isinstance(default, simple), p.name


Pair = collections.namedtuple("Pair", "a b")
TREES = [
    1,
    None,
    [],
    {"b": 1, "a": [2, (3, None)]},
    (collections.OrderedDict(x=4), collections.defaultdict(list, {"q": 5}), collections.deque([6, 7], maxlen=4)),
    [Pair(1, [2]), {"k": (Pair(3, 4),)}],
    [[], {}, ((),)],
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_trees(tree):
    leaves, spec = ours.tree_flatten(tree)
    expected_leaves, expected = theirs.tree_flatten(tree)
    assert leaves == expected_leaves and repr(spec) == repr(expected)
    assert (spec.num_nodes, spec.num_leaves, spec.num_children) == (
        expected.num_nodes,
        expected.num_leaves,
        expected.num_children,
    )
    assert ours.tree_unflatten(leaves, spec) == tree and ours.treespec_pprint(spec) == theirs.treespec_pprint(expected)
    paths = [(ours.keystr(path), leaf) for path, leaf in ours.tree_leaves_with_path(tree)]
    assert paths == [(theirs.keystr(path), leaf) for path, leaf in theirs.tree_leaves_with_path(tree)]
    if "Pair" not in repr(tree):
        assert ours.treespec_dumps(spec) == theirs.treespec_dumps(expected)
        assert ours.treespec_loads(theirs.treespec_dumps(expected)) == spec


WRONG = [
    ([1, 2], [1]),
    ({"a": 1}, {"b": 1}),
    ([1], 5),
    ((1,), [1]),
    (Pair(1, 2), (1, 2)),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.deque([1], maxlen=2), collections.deque([1], maxlen=3)),
]


@pytest.mark.parametrize(("tree", "rest"), WRONG, ids=repr)
def test_trees_that_do_not_fit(tree, rest):
    def outcome(pytree):
        try:
            return pytree.tree_map(lambda x, y: (x, y), tree, rest)
        except Exception as error:
            return type(error), str(error)

    assert outcome(ours) == outcome(theirs)


@pytest.mark.parametrize("prefix", [1, [1, 2], [1, [2, 3]], (1, 2)], ids=repr)
def test_prefixes(prefix):
    full = [3, [4, 5]]
    assert ours._broadcast_to_and_flatten(prefix, ours.tree_structure(full)) == theirs._broadcast_to_and_flatten(
        prefix, theirs.tree_structure(full)
    )


VERSIONS = [
    "1.9",
    "1.10.0a0",
    "1.10.0rc1",
    "1.10",
    "1.10.0+cpu",
    "1.10.0.post1",
    "2.0.0.dev20230101",
    "2.13.0",
    "parrot",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_versions(version):
    mine, other = ember.torch_version.TorchVersion(version), torch.torch_version.TorchVersion(version)
    for against in VERSIONS if version == "parrot" else [*VERSIONS, (1, 10), (2, 13, 0)]:
        for comparison in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__"):
            assert getattr(mine, comparison)(against) == getattr(other, comparison)(against), (comparison, against)


CALLS = [
    *(
        "p + 1",
        "1 - p",
        "p.sum()",
        "p.max(0)",
        "p.split(1)",
        "p.numpy()",
        "p.shape",
        "T.nn.functional.relu(p)",
        "p.grad",
    ),
    *(
        "T.nn.Parameter(p)",
        "p.data",
        "p.T",
        "p[0]",
        "T.stack([p, p])",
        "p == 1",
        "p.tolist()",
        "p.new_zeros(2)",
        "p.clone()",
    ),
    *(
        "T.nn.Parameter(T.ones(1)) + 1",
        "list(p)[0]",
        "p.view(4)",
        "T.einsum('ij->i', p)",
        "p.requires_grad_()",
        "p.dtype",
    ),
    *(
        "T.cat((T.ones(1, 2), p))",
        "float(p.sum())",
        "T.nn.functional.dropout(p)",
        "T.where(p > 0, p, p)",
        "P([1.0, 2.0])",
    ),
]


@pytest.mark.parametrize("call", CALLS)
def test_classes_of_results(call):
    def kind(T):
        P = type("P", (T.Tensor,), {})
        result = eval(call, {"T": T, "p": T.ones(2, 2).as_subclass(P), "P": P})
        inner = [type(each).__name__ for each in result] if isinstance(result, tuple) else []
        return type(result).__name__, inner

    assert kind(ember) == kind(torch)


DEVICES = ["is_available()", "device_count()", "memory_allocated()", "get_rng_state_all()", "is_bf16_supported()"]
NEED = ["current_device()", "get_device_name()", "synchronize()", "Stream()", "mem_get_info()", "get_rng_state()"]


@pytest.mark.parametrize("call", [*DEVICES, *NEED])
def test_cuda(call):
    def outcome(T):
        try:
            return eval(f"T.cuda.{call}", {"T": T})
        except Exception as error:
            return type(error)

    if torch.cuda.is_available():
        pytest.skip("PyTorch has a device here")
    assert outcome(ember) == outcome(torch)


GROUP = ["get_rank()", "get_world_size()", "barrier()", "get_backend()", "all_reduce(T.ones(1))", "is_initialized()"]


@pytest.mark.parametrize("call", GROUP)
def test_without_a_process_group(call):
    def outcome(T):
        try:
            return eval(f"T.distributed.{call}", {"T": T})
        except Exception as error:
            return type(error)

    assert outcome(ember) == outcome(torch)

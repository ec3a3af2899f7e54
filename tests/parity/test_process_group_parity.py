"""A group of one process beside PyTorch's by gloo: what each exchange gives, and what is refused."""

from __future__ import annotations

import importlib
import inspect

import pytest
from answers import check, shown, torch

import ember

if not torch.distributed.is_available():
    pytest.skip("this PyTorch has no process groups", allow_module_level=True)


@pytest.fixture(autouse=True)
def groups():
    for T in (ember, torch):
        T.distributed.init_process_group("gloo", rank=0, world_size=1, store=T.distributed.HashStore())
    yield
    for T in (ember, torch):
        if T.distributed.is_initialized():
            T.distributed.destroy_process_group()


def changed(text):
    """The call's result, and what it has written."""

    def case(T):
        out, given = T.zeros(2), T.tensor([1.0, 2.0])
        lists, objects = [T.zeros(2)], [None]
        names = {"d": T.distributed, "T": T, "out": out, "given": given, "lists": lists, "objects": objects}
        result = eval(f"d.{text}", names)
        return None if result is None else type(result).__name__, out, given, lists, objects

    case.__name__ = text
    return case


EXCHANGES = [
    *("all_reduce(given)", "all_reduce(given, op=d.ReduceOp.MAX)", "all_reduce_coalesced([given, out])", "barrier()"),
    *("reduce(given, 0)", "broadcast(given, 0)", "broadcast(given, group_src=0)", "monitored_barrier()"),
    *(
        "all_gather(lists, given)",
        "all_gather_into_tensor(out, given)",
        "gather(given, lists)",
        "scatter(out, [given])",
    ),
    *("reduce_scatter(out, [given])", "reduce_scatter_tensor(out, given)", "all_to_all(lists, [given])"),
    *("all_to_all_single(out, given)", "all_gather_object(objects, {'a': 1})", "gather_object((3,), objects)"),
    *("broadcast_object_list(objects, 0)", "scatter_object_list(objects, ['b'], 0)"),
]


@pytest.mark.parametrize("call", EXCHANGES)
def test_what_is_sent_is_received(call):
    check(changed(call))


EXPRESSIONS = [
    "T.distributed.is_initialized()",
    "T.distributed.get_rank()",
    "T.distributed.get_world_size()",
    "T.distributed.get_backend()",
    "T.distributed.get_rank(T.distributed.GroupMember.NON_GROUP_MEMBER)",
    "T.distributed.get_process_group_ranks(None)",
    "T.distributed.get_global_rank(T.distributed.group.WORLD, 0)",
    "T.distributed.get_group_rank(T.distributed.group.WORLD, 0)",
    "(T.distributed.group.WORLD.rank(), T.distributed.group.WORLD.size(), T.distributed.group.WORLD.name())",
    "isinstance(T.distributed.group.WORLD, T.distributed.ProcessGroup)",
    "T.distributed.get_world_size(T.distributed.new_group([0]))",
    "T.distributed.all_reduce(x, async_op=True).wait()",
    "T.distributed.new_group([1])",
    "T.distributed.broadcast(x, 1)",
    "T.distributed.broadcast(x)",
    "T.distributed.all_gather([], x)",
    "T.distributed.all_gather([s], x)",
    "T.distributed.all_reduce([1])",
    "T.distributed.gather(x)",
    "T.distributed.send(x, 0)",
    "T.distributed.init_process_group('gloo')",
    "T.distributed.distributed_c10d._get_default_group().size()",
]


def trained(T):
    net = T.nn.Linear(2, 1)
    net.load_state_dict({key: T.full_like(value, 0.5) for key, value in net.state_dict().items()})
    both = T.nn.parallel.DistributedDataParallel(net)
    with both.no_sync():
        both(T.ones(1, 2)).sum().backward()
        inside = both.require_backward_grad_sync
    both(T.ones(1, 2)).sum().backward()
    return repr(both), list(both.state_dict()), both.module is net, net.weight.grad, inside


def without_gradients(T):
    return T.nn.parallel.DistributedDataParallel(T.nn.Linear(1, 1).requires_grad_(False))


def with_gradients(T):
    exchange = importlib.import_module(f"{T.__name__}.distributed.nn")
    x = T.tensor([1.0, 2.0], requires_grad=True)
    group = T.distributed.group.WORLD
    results = [exchange.all_reduce(x * 2, group=group), *exchange.all_gather(x * 3, group)]
    results += [
        exchange.broadcast(x * 5, 0, group),
        exchange.reduce(x, 0, group=group),
        exchange.scatter([x], 0, group),
    ]
    sum((each * each).sum() for each in results).backward()
    return results[0].detach(), x.grad


def stores(T):
    store = T.distributed.HashStore()
    store.set("a", "1")
    return store.get("a"), store.add("n", 2), store.add("n", 3), store.check(["a", "b"]), store.delete_key("a")


@pytest.mark.parametrize("case", [*EXPRESSIONS, trained, without_gradients, with_gradients, stores], ids=shown)
def test_answers_are_the_same(case):
    check(case)


ENVIRONMENTS = [{}, {"RANK": "0", "WORLD_SIZE": "1"}, {"RANK": "0", "MASTER_ADDR": "localhost"}]


@pytest.mark.parametrize("variables", ENVIRONMENTS, ids=str)
def test_groups_of_the_environment_that_lack_something(monkeypatch, variables):
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for T in (ember, torch):
        T.distributed.destroy_process_group()
    check("T.distributed.init_process_group()")
    check("T.distributed.init_process_group('nothing', rank=0, world_size=1, store=T.distributed.HashStore())")


SIGNATURES = [call.partition("(")[0] for call in EXCHANGES if "coalesced" not in call]


@pytest.mark.parametrize("name", ["init_process_group", "new_group", "get_rank", "get_backend", *SIGNATURES])
def test_signatures(name):
    found, expected = (
        [(p.name, p.kind, repr(p.default)) for p in inspect.signature(getattr(T.distributed, name)).parameters.values()]
        for T in (ember, torch)
    )
    assert found == expected

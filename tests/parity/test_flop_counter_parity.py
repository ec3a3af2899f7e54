"""Counts of operations by module and operation, formulas, and names of operations beside PyTorch's."""

from __future__ import annotations

import importlib
import inspect

import pytest
import torch

import ember

LIBRARIES = (ember, torch)


def tools(library):
    return importlib.import_module(f"{library.__name__}.utils.flop_counter")


def in_words(counter):
    """By module, then by the operation's name."""
    return {name: {str(op): n for op, n in counts.items()} for name, counts in counter.get_flop_counts().items()}


def network(library):
    nn = library.nn
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 4, 2, stride=2),
        nn.Flatten(),
        nn.Linear(4 * 16 * 16, 10),
        nn.Sequential(nn.Linear(10, 10, bias=False), nn.Tanh(), nn.Linear(10, 2)),
    )


def test_networks_count_alike():
    counts = []
    for library in LIBRARIES:
        with tools(library).FlopCounterMode(display=False) as counter:
            network(library)(library.randn(2, 3, 8, 8, requires_grad=True)).sum().backward()
        counts.append((in_words(counter), counter.get_total_flops()))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("mm", [(3, 4), (4, 5)]),
        ("bmm", [(2, 3, 4), (2, 4, 6)]),
        ("addmm", [(3, 6), (3, 4), (4, 6)]),
        ("baddbmm", [(2, 3, 6), (2, 3, 4), (2, 4, 6)]),
        ("matmul", [(2, 3, 4), (4, 5)]),
        ("matmul", [(2, 1, 3, 4), (5, 4, 6)]),
        ("matmul", [(3,), (3, 4)]),
        ("nn.functional.linear", [(2, 3, 4), (5, 4), (5,)]),
        ("nn.functional.linear", [(2, 3, 4), (5, 4)]),
        ("nn.functional.conv1d", [(2, 4, 7), (6, 4, 3)]),
        ("nn.functional.conv3d", [(4, 7, 7, 7), (6, 4, 3, 3, 3)]),
    ],
)
def test_operations_count_alike(name, shapes):
    counts = []
    for library in LIBRARIES:
        function = library
        for part in name.split("."):
            function = getattr(function, part)
        with tools(library).FlopCounterMode(display=False) as counter:
            function(*(library.randn(*shape, requires_grad=True) for shape in shapes)).sum().backward()
        counts.append(in_words(counter))
    if name == "matmul" and len(shapes[0]) == 1:  # which of the products are of one row differs
        counts = [sum(each["Global"].values()) for each in counts]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "name",
    [
        *("FlopCounterMode", "register_flop_formula", "mm_flop", "addmm_flop", "bmm_flop", "baddbmm_flop"),
        *("conv_flop_count", "conv_flop", "conv_backward_flop", "sdpa_flop_count", "sdpa_flop", "sdpa_backward_flop"),
        *("sdpa_backward_flop_count", "get_shape", "shape_wrapper", "get_suffix_str", "convert_num_with_suffix"),
        "convert_to_percent_str",
    ],
)
def test_signatures(name):
    ours, theirs = (inspect.signature(getattr(tools(library), name)).parameters.values() for library in LIBRARIES)
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


def test_formulas_and_texts():
    for number in (0, 1, 999, 1000, 99999, 10**6, 10**9, 10**13, 10**20):
        assert tools(ember).get_suffix_str(number) == tools(torch).get_suffix_str(number)
    for number, suffix in ((1234567, "M"), (1234, ""), (1500, "K")):
        ours, theirs = (tools(library).convert_num_with_suffix(number, suffix) for library in LIBRARIES)
        assert ours == theirs
    query, key, value = (2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 9)
    for name, arguments in (
        ("sdpa_flop_count", (query, key, value)),
        ("sdpa_backward_flop_count", ((2, 4, 5, 9), query, key, value)),
        ("conv_flop_count", ((2, 3, 8, 8), (4, 3, 3, 3), (2, 4, 6, 6))),
        ("conv_flop_count", ((2, 3, 8, 8), (3, 4, 3, 3), (2, 4, 10, 10), True)),
    ):
        ours, theirs = (getattr(tools(library), name)(*arguments) for library in LIBRARIES)
        assert ours == theirs


def test_tables_read_alike():
    pytest.importorskip("tabulate")
    tables = []
    for library in LIBRARIES:
        with tools(library).FlopCounterMode(display=False) as counter:
            network(library)(library.randn(2, 3, 8, 8, requires_grad=True)).sum().backward()
        tables.append([counter.get_table(depth) for depth in (None, 0, 1, 5)])
    assert tables[0] == tables[1]


def test_names_of_operations():
    for describe in (
        lambda aten: repr(aten.mm),
        lambda aten: repr(aten.add.Tensor),
        lambda aten: str(aten.mm.default),
        lambda aten: aten.add.Tensor.name(),
        lambda aten: aten.mm.default.name(),
        lambda aten: aten.mm._qualified_op_name,
        lambda aten: (aten.mm.__name__, aten.mm.__module__, aten.mm.default.namespace),
    ):
        assert describe(ember.ops.aten) == describe(torch.ops.aten)


def test_scans_of_associative_functions():
    from torch._higher_order_ops.associative_scan import associative_scan as theirs

    from ember._higher_order_ops import associative_scan as ours

    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
    x = torch.randn(3, 7, 2, dtype=torch.float64)
    for reverse in (False, True):
        expected = theirs(lambda a, b: a * b, x, 1, reverse=reverse, combine_mode="generic")
        found = ours(lambda a, b: a * b, ember.from_numpy(x.numpy()), 1, reverse=reverse, combine_mode="generic")
        torch.testing.assert_close(torch.from_numpy(found.numpy()), expected)


def test_sizes_of_exports_read_alike():
    for library in LIBRARIES:
        importlib.import_module(f"{library.__name__}.export")
    for make in (
        lambda export: export.Dim("b"),
        lambda export: export.Dim("b", min=1, max=4),
        lambda export: export.dims("a", "b", min=2),
        lambda export: export.Dim.AUTO,
    ):
        assert repr(make(ember.export)) == repr(make(torch.export))

"""Counting floating-point operations: formulas, modules, backward, tables; and telling modules apart."""

from __future__ import annotations

import pytest

import ember
from ember import nn
from ember.nn import functional as F
from ember.utils.checkpoint import checkpoint
from ember.utils.flop_counter import (
    FlopCounterMode,
    conv_flop_count,
    flop_registry,
    register_flop_formula,
    sdpa_backward_flop_count,
    sdpa_flop_count,
)
from ember.utils.module_tracker import ModuleTracker

aten = ember.ops.aten


def leaf(*shape):
    return ember.randn(*shape, requires_grad=True)


def counted(function, *arguments):
    """What forward costs, and what its backward costs, by operation."""
    with FlopCounterMode(display=False) as forward:
        result = function(*arguments)
    with FlopCounterMode(display=False) as backward:
        (result[0] if isinstance(result, tuple) else result).sum().backward()
    return tuple(
        {op.__name__: count for op, count in counter.get_flop_counts().get("Global", {}).items()}
        for counter in (forward, backward)
    )


@pytest.mark.parametrize(
    ("function", "shapes", "forward", "backward"),
    [
        (ember.mm, [(3, 4), (4, 5)], {"mm": 120}, {"mm": 240}),
        (ember.bmm, [(2, 3, 4), (2, 4, 6)], {"bmm": 288}, {"bmm": 576}),
        (ember.addmm, [(3, 6), (3, 4), (4, 6)], {"addmm": 144}, {"mm": 288}),
        (ember.baddbmm, [(2, 3, 6), (2, 3, 4), (2, 4, 6)], {"baddbmm": 288}, {"bmm": 576}),
        (ember.matmul, [(3,), (3, 4)], {"mm": 24}, {"mm": 48}),
        (ember.matmul, [(2, 3, 4), (4, 5)], {"mm": 240}, {"mm": 480}),
        (ember.matmul, [(2, 1, 3, 4), (5, 4, 6)], {"bmm": 1440}, {"bmm": 2880}),
        (ember.matmul, [(2, 3, 4), (4,)], {"mv": 48}, {"mm": 96}),
        (ember.matmul, [(3,), (3,)], {"dot": 6}, {"mm": 12}),
        (F.linear, [(2, 3, 4), (5, 4), (5,)], {"addmm": 240}, {"mm": 480}),
        (F.linear, [(2, 3, 4), (5, 4)], {"mm": 240}, {"mm": 480}),
        (F.linear, [(4,), (5, 4)], {"mm": 40}, {"mm": 80}),
        (F.conv1d, [(2, 4, 7), (6, 4, 3)], {"convolution": 1440}, {"convolution_backward": 2880}),
        (F.conv3d, [(4, 7, 7, 7), (6, 4, 3, 3, 3)], {"convolution": 162000}, {"convolution_backward": 324000}),
    ],
)
def test_each_product_counts_twice_its_sizes(function, shapes, forward, backward):
    found = counted(function, *(leaf(*shape) for shape in shapes))
    if function is ember.matmul and len(shapes[0]) == 1:  # which of the products are of one row is not the point here
        found = found[0], {"mm": sum(found[1].values())}
    assert found == (forward, backward)


def test_convolutions_count_by_group():
    x, weight = leaf(2, 4, 7, 7), leaf(6, 2, 3, 3)
    forward = 2 * 2 * 4 * 4 * 6 * 2 * 3 * 3
    found = counted(lambda: F.conv2d(x, weight, leaf(6), stride=2, padding=1, groups=2))
    assert found == ({"convolution": forward}, {"convolution_backward": 2 * forward})
    found = counted(lambda: F.conv2d(x.detach(), weight, stride=2, padding=1, groups=2))
    assert found == ({"convolution": forward}, {"convolution_backward": forward})

    transposed = leaf(4, 3, 3, 3)
    forward = 2 * 2 * 7 * 7 * 4 * 3 * 3 * 3
    found = counted(lambda: F.conv_transpose2d(x, transposed, leaf(6), 2, 1, output_padding=1, groups=2))
    assert found == ({"convolution": forward}, {"convolution_backward": 2 * forward})
    assert conv_flop_count((2, 3, 8, 8), (4, 3, 3, 3), (2, 4, 6, 6)) == 15552


def test_attention_counts_two_products_and_five_back():
    query, key, value = leaf(2, 4, 5, 8), leaf(2, 4, 7, 8), leaf(2, 4, 7, 9)
    forward, backward = counted(F.scaled_dot_product_attention, query, key, value)
    assert forward == {"_scaled_dot_product_flash_attention": 9520}
    assert backward == {"_scaled_dot_product_flash_attention_backward": 23520}
    assert sdpa_flop_count(query.shape, key.shape, value.shape) == 9520
    assert sdpa_backward_flop_count((2, 4, 5, 9), query.shape, key.shape, value.shape) == 23520
    shared = [leaf(2, 2, 7, 8) for _ in range(2)]
    found = counted(lambda: F.scaled_dot_product_attention(query, *shared, enable_gqa=True))
    assert found[0] == {"_scaled_dot_product_flash_attention": 2 * 2 * 2 * 4 * 5 * 7 * 8}


def test_recurrent_layers_count_their_products():
    forward, backward = counted(nn.LSTM(4, 6), ember.randn(3, 2, 4))
    rows, weights = 6, 24 * 4 + 24 * 6
    # The input asks for no gradient.
    assert forward == {"mm": 2 * rows * weights}
    assert backward == {"mm": 2 * rows * (weights + 24 * 6)}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.rest = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 8))

    def forward(self, x):
        return self.rest(self.first(x))


TABLE = """\
Module          FLOP    % Total
------------  ------  ---------
Net             1056    100.00%
- aten.addmm     384     36.36%
- aten.mm        672     63.64%
Net.first        192     18.18%
- aten.addmm      96      9.09%
- aten.mm         96      9.09%
Net.rest         864     81.82%
- aten.addmm     288     27.27%
- aten.mm        576     54.55%"""


def test_modules_have_their_share_of_forward_and_backward(capsys):
    net = Net()
    with FlopCounterMode() as counter:
        net(ember.randn(3, 4)).sum().backward()
    assert capsys.readouterr().out == TABLE + "\n"
    assert counter.get_total_flops() == 1056
    counts = counter.get_flop_counts()
    assert counts["Net.rest.0"] == {aten.addmm: 96, aten.mm: 192}
    assert set(counts) == {"Global", "Net", "Net.first", "Net.rest", "Net.rest.0", "Net.rest.2"}
    assert counter.get_table(1) == "\n".join(TABLE.splitlines()[:5])
    assert counter.get_table(depth=3).count("Net.rest.") == 2
    assert counter.get_table(0).splitlines()[2].split() == ["Global", "1056", "100.00%"]
    with counter:
        pass
    assert counter.get_total_flops() == 0


def test_recomputing_is_counted():
    net, x = Net(), ember.randn(3, 4, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        checkpoint(net, x, use_reentrant=False).sum().backward()
    counts = counter.get_flop_counts()
    # All but the last layer, whose output nothing asks for again.
    assert counts["Net"] == {aten.addmm: 384 + 192, aten.mm: 768}
    assert counts["Net.first"] == {aten.addmm: 192, aten.mm: 192}


def test_large_numbers_have_suffixes():
    from ember.utils.flop_counter import convert_num_with_suffix, convert_to_percent_str, get_suffix_str

    assert [get_suffix_str(10**i) for i in (0, 3, 4, 6, 9, 13, 20)] == ["", "", "K", "K", "M", "T", "T"]
    assert convert_num_with_suffix(1234567, "M") == "1.235M"
    assert convert_to_percent_str(1, 3) == "33.33%" and convert_to_percent_str(1, 0) == "0%"
    x = ember.empty(1024, 1024, device="meta")
    with FlopCounterMode(display=False) as counter:
        x @ x
    assert counter.get_table().splitlines()[2].split() == ["Global", "2147.484M", "100.00%"]


def test_counters_nest():
    x = ember.randn(3, 4)
    with FlopCounterMode(display=False) as outer:
        with FlopCounterMode(display=False) as inner:
            x @ x.T
        x @ x.T
    assert (outer.get_total_flops(), inner.get_total_flops()) == (144, 72)
    x @ x.T
    assert outer.get_total_flops() == 144


def test_formulas_of_packages():
    seen = []

    @ember.library.custom_op("flop_test::scaled", mutates_args=())
    def scaled(x: ember.Tensor, by: float) -> ember.Tensor:
        return x * by

    @register_flop_formula(ember.ops.flop_test.scaled)
    def flops(shape, by, out_shape=None):
        seen.append((shape, by, out_shape))
        return 12

    try:
        with FlopCounterMode(display=False) as counter:
            ember.ops.flop_test.scaled(ember.ones(3), by=2.0)
        assert seen == [(ember.Size([3]), 2.0, ember.Size([3]))]
        assert counter.get_flop_counts() == {"Global": {ember.ops.flop_test.scaled: 12}}
        with pytest.raises(RuntimeError, match="duplicate registrations"):
            register_flop_formula(ember.ops.flop_test.scaled)(flops)
    finally:
        del flop_registry[ember.ops.flop_test.scaled]
    with pytest.raises(ValueError, match="expected each target to be OpOverloadPacket"):
        register_flop_formula(ember.mm)(flops)


def test_own_mapping_takes_the_place_of_a_formula():
    def raw(left, right, out_val=None):
        return left.numel() + out_val.dim() if isinstance(out_val, ember.Tensor) else left.numel()

    raw._get_raw = True
    x = ember.randn(3, 4)
    custom = {aten.mm: raw, aten.add: lambda a, b, alpha=1, out_shape=None: out_shape.numel()}
    with FlopCounterMode(display=False, custom_mapping=custom) as counter:
        F.linear(x, ember.ones(5, 4))
        x + 1
    assert counter.get_flop_counts() == {"Global": {aten.mm: 12, aten.add: 12}}
    with pytest.warns(UserWarning, match="mods argument is not needed anymore"):
        FlopCounterMode(Net())


def test_an_error_of_a_formula_reaches_the_program():
    x = ember.randn(3, 4)
    with pytest.raises(ZeroDivisionError), FlopCounterMode(display=False, custom_mapping={aten.mm: divide}):
        x @ x.T
    assert ember._C._observer() is None


def divide(*args, **kwargs):
    return 1 // 0


def test_module_tracker_knows_where_the_program_is():
    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, x):
            y = self.inner(x)
            seen.append((tracker.parents, tracker.is_bw))
            y.grad_fn.register_prehook(lambda g: seen.append(tracker.is_bw))
            return y.exp()

    with ModuleTracker() as tracker:
        assert tracker.parents == {"Global"} and not tracker.is_bw
        y = Watched()(ember.randn(3, 4))
        assert tracker.parents == {"Global"}
        y.sum().backward()
        assert tracker.parents == {"Global"} and not tracker.is_bw
    assert seen[0] == ({"Global", "Watched"}, False)

    net = Net()
    with ModuleTracker() as tracker:
        with pytest.raises(RuntimeError, match="linear"):
            net(ember.ones(2, 3))
        assert tracker.parents == {"Global"}


def test_names_of_operations():
    mm = aten.mm
    assert (repr(mm), str(mm), mm._qualified_op_name) == ("<OpOverloadPacket(op='aten.mm')>", "aten.mm", "aten::mm")
    assert repr(mm.default) == "<OpOverload(op='aten.mm', overload='default')>"
    assert (str(mm.default), mm.default.name(), aten.add.Tensor.name()) == (
        "aten.mm.default",
        "aten::mm",
        "aten::add.Tensor",
    )
    assert mm is ember.ops.aten.mm and mm.default is mm.default and mm.default.overloadpacket is mm
    assert mm.default(ember.ones(1, 2), ember.ones(2, 1)).item() == 2
    x, weight = ember.randn(1, 2, 5), ember.randn(3, 2, 3)
    out = aten.convolution(x, weight, None, [1], [0], [1], False, [0], 1)
    assert ember.equal(out, F.conv1d(x, weight))
    with pytest.raises(AttributeError, match="'_OpNamespace' 'aten' object has no attribute 'nosuch'"):
        _ = aten.nosuch
    with pytest.raises(RuntimeError, match="a name only"):
        aten.convolution_backward()

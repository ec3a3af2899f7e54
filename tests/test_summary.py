"""ember.summary: layers, shapes, parameters, memory, and what it says of eval mode."""

from __future__ import annotations

import warnings

import pytest

import ember

nn = ember.nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(4, 3)
        self.head.bias.requires_grad_(False)

    def forward(self, x):
        return self.head(self.body(x))


def test_layers_shapes_and_parameters():
    found = ember.summary(Net(), ember.randn(5, 6))
    by_path = {layer.path: layer for layer in found.layers}
    assert list(by_path) == ["", "body", "body.0", "body.1", "body.2", "body.3", "head"]
    assert by_path["body.0"].output_shapes == [(5, 4)] and by_path["body.0"].parameters == 28
    assert by_path[""].output_shapes == [(5, 3)] and by_path[""].type == "Net"
    assert found.parameters == 28 + 8 + 15 and found.trainable_parameters == found.parameters - 3
    assert found.parameter_bytes == 4 * (51 + 8) + 8  # the batch norm's buffers, its counter
    assert found.output_bytes == 4 * 5 * (4 + 4 + 4 + 4 + 3)


def test_the_table():
    text = str(ember.summary(Net(), (5, 6)))
    lines = text.splitlines()
    assert lines[0].split() == ["Layer", "Output", "shape", "Parameters", "Output", "memory"]
    assert lines[2].startswith("Net") and "(5, 3)" in lines[2]
    assert lines[4] == "    0: Linear       (5, 4)                28       80 bytes"
    assert "Parameters: 51, of them 3 frozen" in lines and "Mode" not in text
    assert repr(ember.summary(Net())) == str(ember.summary(Net())) and "(5, 3)" not in str(ember.summary(Net()))


def test_the_model_is_left_as_it_was():
    net = Net().train()
    net.body[3].eval()
    state = {name: value.clone() for name, value in net.state_dict().items()}
    before = ember.get_rng_state().tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ember.summary(net, ember.ones(5, 6))
    assert [module.training for module in net.modules()] == [True, True, True, True, True, False, True]
    assert all((net.state_dict()[name] == value).all() for name, value in state.items())
    assert ember.get_rng_state().tolist() == before
    assert not net.head._forward_hooks
    with pytest.raises(RuntimeError, match=r"In body\.0"):
        ember.summary(net, ember.ones(5, 7))
    assert not net.head._forward_hooks and net.training


def test_arguments_and_shared_layers():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4, bias=False)
            self.same = nn.Linear(4, 4, bias=False)
            self.same.weight = self.layer.weight

        def forward(self, x, scale=1.0):
            return {"out": self.layer(self.layer(x)) * scale, "other": (self.same(x),)}

    for given in ((ember.ones(2, 4), 2.0), {"x": ember.ones(2, 4)}, ember.ones(2, 4), (2, 4)):
        found = ember.summary(Twice(), given)
        assert found.parameters == 16 and found.layers[1].calls == 2
        assert found.layers[0].output_shapes == [(2, 4), (2, 4)]
    assert "layer: Linear (2 calls)" in str(found)


def test_eval_mode_is_said_and_warned_of_while_training():
    net = Net().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ember.summary(net)
    last = "Mode: eval: body.1 (BatchNorm1d), body.3 (Dropout) do not train. Call train() before training."
    assert not found.training and str(found).splitlines()[-1] == last
    net(ember.randn(4, 6)).sum().backward()
    with pytest.warns(UserWarning, match=r"while body.1 \(BatchNorm1d\), body.3 \(Dropout\) are in eval mode"):
        ember.summary(net)
    net.train()
    net.body[3].eval()
    with pytest.warns(UserWarning, match=r"while body.3 \(Dropout\) is in eval mode"):
        found = ember.summary(net)
    assert found.inactive == ["body.3 (Dropout)"]

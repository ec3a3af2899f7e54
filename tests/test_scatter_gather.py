"""Arguments shared out to devices: no device but the CPU is needed for their structure."""

from __future__ import annotations

from collections import namedtuple

import pytest

import ember
from ember.nn.parallel.scatter_gather import gather, scatter, scatter_kwargs

Pair = namedtuple("Pair", ["left", "right"])


def test_tensors_are_split_and_objects_are_shared() -> None:
    parts = scatter({"x": ember.zeros(5, 3), "names": Pair("a", 2)}, ["meta", "meta"])
    assert [tuple(part["x"].shape) for part in parts] == [(3, 3), (2, 3)]
    assert [part["names"] for part in parts] == [Pair("a", 2), Pair("a", 2)]
    assert isinstance(parts[0]["names"], Pair)


def test_arguments_of_both_kinds_are_as_many() -> None:
    assert scatter_kwargs((), {"flag": True}, ["meta", "meta"]) == (((), ()), ({"flag": True}, {"flag": True}))


def test_the_cpu_is_no_target() -> None:
    with pytest.raises(ValueError, match=r"scatter\(\): target_gpus is \['cpu'\]; expected devices other than the CPU"):
        scatter(ember.zeros(2), ["cpu"])


def test_outputs_come_together() -> None:
    outputs = [{"y": Pair(ember.ones(2, 1), ember.tensor(3.0))}, {"y": Pair(ember.zeros(1, 1), ember.tensor(4.0))}]
    result = gather(outputs, "cpu")["y"]
    assert result.left.tolist() == [[1], [1], [0]]
    assert result.right.tolist() == [3, 4]


def test_dicts_of_other_keys_are_refused() -> None:
    with pytest.raises(ValueError, match=r"gather\(\): the dicts have the keys \[\['a'\], \['b'\]\]"):
        gather([{"a": ember.ones(1)}, {"b": ember.ones(1)}], "cpu")

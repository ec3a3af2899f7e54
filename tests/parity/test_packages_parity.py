"""What packages asked for first: signatures and refusals are PyTorch's."""

from __future__ import annotations

import importlib
import inspect

import pytest
import torch

import ember

SCATTER_GATHER = [importlib.import_module(f"{library}.nn.parallel.scatter_gather") for library in ("ember", "torch")]


@pytest.mark.parametrize("name", ["scatter", "scatter_kwargs", "gather", "is_namedtuple"])
def test_scatter_gather_takes_the_same_arguments(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(module, name)) for module in SCATTER_GATHER)
    described = [[(p.name, p.kind, p.default) for p in signature.parameters.values()] for signature in (ours, theirs)]
    assert described[0] == described[1]


def test_scatter_shares_and_refuses_alike() -> None:
    ours, theirs = (module.scatter for module in SCATTER_GATHER)
    assert ours([1, "s"], [0, 1]) == theirs([1, "s"], [0, 1])
    for scatter, library in ((ours, ember), (theirs, torch)):
        with pytest.raises(ValueError):
            scatter(library.ones(4), ["cpu"])


def test_records_of_a_checkpoint(tmp_path: object) -> None:
    path = f"{tmp_path}/x.pt"
    torch.save({"a": torch.arange(3.0)}, path)
    ours, theirs = (library.PyTorchFileReader(path) for library in (ember, torch))
    assert ours.get_all_records() == theirs.get_all_records()
    assert ours.serialization_id() == theirs.serialization_id()
    for name in ours.get_all_records():
        assert ours.get_record(name) == theirs.get_record(name)
        assert ours.get_record_offset(name) == theirs.get_record_offset(name)
    for reader in (ours, theirs):
        with pytest.raises(RuntimeError):
            reader.get_record("nothing")


def test_marks_of_quantization() -> None:
    for name in ("QuantStub", "DeQuantStub"):
        ours, theirs = (getattr(library.ao.quantization, name)() for library in (ember, torch))
        assert repr(ours) == repr(theirs) and hasattr(ours, "qconfig") == hasattr(theirs, "qconfig")


def test_the_signature_of_a_module() -> None:
    assert str(inspect.signature(ember.nn.Linear(1, 1))) == str(inspect.signature(torch.nn.Linear(1, 1)))

"""Files go both ways between Ember and PyTorch."""

from __future__ import annotations

import collections
import io

import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

DTYPES = (
    "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()  # noqa: SIM905
)


def contents(framework):
    """The same object in either framework."""
    base = framework.arange(12.0).reshape(3, 4)
    model = framework.nn.Sequential(framework.nn.Linear(4, 3), framework.nn.BatchNorm1d(3))
    for index, parameter in enumerate(model.parameters()):
        parameter.data.fill_(float(index))
    optimizer = framework.optim.Adam(model.parameters(), lr=0.1)
    model(framework.ones(2, 4)).sum().backward()
    optimizer.step()
    return collections.OrderedDict(
        base=base,
        column=base.t()[1:],
        dtypes=[framework.tensor([0, 1, 2]).to(getattr(framework, name)) for name in DTYPES],
        parameter=framework.nn.Parameter(framework.ones(2)),
        leaf=framework.ones(2, requires_grad=True),
        empty=framework.empty(0, 3),
        meta=framework.empty(2, 3, device="meta"),
        model=model.state_dict(),
        optimizer=optimizer.state_dict(),
        size=base.shape,
        dtype=framework.float16,
        device=framework.device("cpu"),
        layout=framework.strided,
        plain=[1, 2**70, 1.5, None, True, "é", b"\xff", {1, 2}, (1, (2,)), 1 + 2j, list(range(500))],
    )


def assert_same(ours, theirs):
    if isinstance(theirs, torch.Tensor):
        assert str(ours.dtype) == str(theirs.dtype)
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert ours.stride() == theirs.stride()
        assert ours.storage_offset() == theirs.storage_offset()
        assert ours.requires_grad == theirs.requires_grad
        assert type(ours).__name__ == type(theirs).__name__
        if theirs.device.type != "meta":
            assert ours.tolist() == theirs.tolist()
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            assert_same(ours[key], theirs[key])
        assert getattr(ours, "_metadata", None) == getattr(theirs, "_metadata", None)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            assert_same(our, their)
    else:
        assert str(ours) == str(theirs)


# PyTorch's safe reader knows protocol 2 only.
@pytest.mark.parametrize(("protocol", "weights_only"), [(2, True), (2, False), (4, False), (5, False)])
@pytest.mark.parametrize("zipped", [True, False])
def test_pytorch_reads_what_ember_saves(protocol, zipped, weights_only, tmp_path):
    saved = contents(ember)
    ember.save(saved, tmp_path / "t.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    loaded = torch.load(tmp_path / "t.pt", weights_only=weights_only)
    assert_same(saved, loaded)
    loaded["base"].zero_()
    assert loaded["column"].sum() == 0
    if zipped:
        assert_same(saved["model"], torch.load(tmp_path / "t.pt", mmap=True, weights_only=weights_only)["model"])


@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_ember_reads_what_pytorch_saves(protocol, zipped, weights_only, tmp_path):
    saved = contents(torch)
    torch.save(saved, tmp_path / "t.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    loaded = ember.load(tmp_path / "t.pt", weights_only=weights_only)
    assert_same(loaded, saved)
    loaded["base"].zero_()
    assert loaded["column"].sum() == 0


def test_modules_go_both_ways():
    ours, theirs = (
        framework.nn.Sequential(framework.nn.Linear(2, 3), framework.nn.ReLU()) for framework in (ember, torch)
    )
    file = io.BytesIO()
    torch.save(theirs, file)
    file.seek(0)
    assert_same(ember.load(file, weights_only=False).state_dict(), theirs.state_dict())
    file = io.BytesIO()
    ember.save(ours.state_dict(), file)
    file.seek(0)
    theirs.load_state_dict(torch.load(file))
    assert_same(ours.state_dict(), theirs.state_dict())


def test_tensors_with_attributes():
    tensor = ember.ones(2)
    try:
        tensor.note = "kept"
    except AttributeError:
        pytest.skip("tensors of Ember take no attributes")
    file = io.BytesIO()
    ember.save(tensor, file)
    file.seek(0)
    assert torch.load(file).note == "kept"
    theirs = torch.ones(2)
    theirs.note = "kept"
    file = io.BytesIO()
    torch.save(theirs, file)
    file.seek(0)
    assert ember.load(file).note == "kept"


def test_plain_pickles_of_pytorch_hold_files():
    import pickle

    file = io.BytesIO()
    torch.save([pickle.loads(pickle.dumps(torch.arange(3.0)))], file)
    file.seek(0)
    assert ember.load(file)[0].tolist() == [0.0, 1.0, 2.0]


def test_conjugate_views():
    tensor = torch.tensor([1 + 2j, 3 - 1j])
    for theirs in (tensor.conj(), tensor.conj().imag):
        file = io.BytesIO()
        torch.save(theirs, file)
        file.seek(0)
        assert ember.load(file).tolist() == theirs.tolist()

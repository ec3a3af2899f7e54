"""save and load: what comes back, the file's layout, where tensors go, interrupted saves; pickle and deepcopy."""

from __future__ import annotations

import collections
import copy
import io
import mmap
import os
import pathlib
import pickle
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pytest

import ember
from ember import nn
from ember.serialization import sources
from ember.serialization.archive import ArchiveReader, write_archive

DATA = pathlib.Path(__file__).parent / "data"
DTYPES = [
    ember.bool,
    ember.uint8,
    ember.int8,
    ember.int16,
    ember.int32,
    ember.int64,
    ember.float16,
    ember.bfloat16,
    ember.float32,
    ember.float64,
    ember.complex64,
    ember.complex128,
]


def saved(obj, **options):
    buffer = io.BytesIO()
    ember.save(obj, buffer, **options)
    buffer.seek(0)
    return buffer


def round_trip(obj, **options):
    return ember.load(saved(obj), **options)


def values(dtype):
    return ember.tensor([0, 1, 2]).to(dtype)


# ---- what comes back ----


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(dtype, zipped, protocol):
    file = saved(values(dtype), pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    loaded = ember.load(file)
    assert loaded.dtype == dtype
    assert loaded.tolist() == values(dtype).tolist()


def test_views_keep_shape_stride_offset_and_shared_memory():
    base = ember.arange(12.0).reshape(3, 4)
    loaded = round_trip({"base": base, "column": base.t()[1:], "row": base[2], "scalar": base[1, 1]})
    assert loaded["column"].shape == (3, 3)
    assert loaded["column"].stride() == (1, 4)
    assert loaded["column"].storage_offset() == 1
    loaded["base"].zero_()
    assert loaded["column"].sum() == 0
    assert loaded["row"].sum() == 0
    assert loaded["scalar"].item() == 0


def test_the_same_tensor_comes_back_as_one():
    weight = ember.ones(2)
    loaded = round_trip([weight, weight])
    assert loaded[0] is loaded[1]


def test_empty_tensors_and_scalars():
    loaded = round_trip([ember.empty(0, 3), ember.empty(2, 0), ember.tensor(5.0)])
    assert [tuple(tensor.shape) for tensor in loaded] == [(0, 3), (2, 0), ()]
    assert loaded[2].item() == 5.0


def test_requires_grad_and_parameters():
    leaf = ember.ones(2, requires_grad=True)
    loaded = round_trip(
        {"leaf": leaf, "parameter": nn.Parameter(ember.ones(3)), "frozen": nn.Parameter(ember.ones(1), False)}
    )
    assert loaded["leaf"].requires_grad
    assert type(loaded["parameter"]) is nn.Parameter
    assert loaded["parameter"].requires_grad
    assert not loaded["frozen"].requires_grad


def test_meta_tensors_have_no_bytes():
    loaded = round_trip(ember.empty(1 << 40, device="meta"))
    assert loaded.device.type == "meta"
    assert loaded.shape == (1 << 40,)


def test_plain_python_objects():
    data = {
        "numbers": [1, -1, 255, 256, 65536, -(2**31), 2**31, 2**70, -(2**70), 1.5, float("inf"), True, None, 1 + 2j],
        "text": ["", "ascii", "日本語", "\n\t\\'\""],
        "bytes": [b"", b"\x00\xff" * 300, bytearray(b"xy")],
        "containers": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {1, 2}, frozenset({3}), {"a": {"b": [[]]}}),
        "collections": [
            collections.OrderedDict(a=1),
            collections.Counter("aab"),
            collections.deque([1, 2], 5),
            collections.defaultdict(list, {1: [2]}),
        ],
        "others": [slice(1, 5, 2), range(3), ember.Size([2, 3]), ember.bfloat16, ember.device("cpu"), ember.strided],
        "long": list(range(1000)),
        "mixed": [*range(200), "x"],
    }
    for protocol in (2, 4, 5):
        loaded = ember.load(saved(data, pickle_protocol=protocol))
        assert loaded == data
        assert [type(item) for item in loaded["collections"]] == [type(item) for item in data["collections"]]
        assert loaded["collections"][2].maxlen == 5
        assert type(loaded["others"][2]) is ember.Size


def test_objects_that_contain_themselves():
    cycle = [1]
    cycle.append(cycle)
    loaded = round_trip(cycle)
    assert loaded[1] is loaded
    shared = list(range(500))
    first, second = round_trip([shared, shared])
    assert first is second


def test_numpy_scalars_and_arrays():
    numpy = pytest.importorskip("numpy")
    data = [
        numpy.float64(1.5),
        numpy.int32(-3),
        numpy.bool_(True),
        numpy.arange(6).reshape(2, 3),
        numpy.asfortranarray(numpy.ones((2, 3), numpy.float32)),
        numpy.array(["ab", "c"]),
        numpy.array([1.5, 2.5], dtype=">f8"),
        numpy.array(7),
    ]
    for protocol in (2, 4, 5):
        for before, after in zip(data, ember.load(saved(data, pickle_protocol=protocol)), strict=True):
            assert type(before) is type(after)
            # NumPy's own pickles may change the byte order.
            assert after.dtype == pickle.loads(pickle.dumps(before, protocol)).dtype
            assert numpy.array_equal(before, after)
    with pytest.raises(pickle.UnpicklingError):
        round_trip(numpy.array([object()]))


def test_state_dict_with_its_metadata():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    loaded = round_trip(model.state_dict())
    assert type(loaded) is collections.OrderedDict
    assert loaded._metadata == model.state_dict()._metadata
    other = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    other.load_state_dict(loaded)
    assert all(ember.equal(a, b) for a, b in zip(model.state_dict().values(), other.state_dict().values(), strict=True))


def test_training_resumes_to_the_same_numbers(tmp_path):
    def trained(steps, checkpoint=None):
        ember.manual_seed(0)
        model = nn.Linear(3, 2)
        optimizer = ember.optim.Adam(model.parameters(), lr=0.1)
        if checkpoint:
            model.load_state_dict(checkpoint["model"])
            optimizer.load_state_dict(checkpoint["optimizer"])
        for _ in range(steps):
            optimizer.zero_grad()
            (model(ember.ones(4, 3)) ** 2).sum().backward()
            optimizer.step()
        return model, optimizer

    straight, _ = trained(4)
    model, optimizer = trained(2)
    path = tmp_path / "checkpoint.pth"
    ember.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 2}, path)
    resumed, _ = trained(2, ember.load(path))
    assert ember.equal(straight.weight, resumed.weight)


def test_whole_modules_need_trust():
    file = saved(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    with pytest.raises(pickle.UnpicklingError, match=r"torch\.nn\.modules\.container\.Sequential"):
        ember.load(file)
    file.seek(0)
    model = ember.load(file, weights_only=False)
    assert model(ember.ones(1, 2)).shape == (1, 3)


def test_typed_storages():
    storage = ember.arange(3.0).storage()
    loaded = round_trip(storage)
    assert loaded.tolist() == [0.0, 1.0, 2.0]
    assert loaded.dtype == ember.float32


# ---- files that PyTorch wrote (tests/data, by torch 2.13) ----


@pytest.mark.parametrize("name", ["written_by_torch.pt", "written_by_torch_legacy.pt"])
@pytest.mark.parametrize("weights_only", [True, False])
def test_a_file_of_pytorch(name, weights_only):
    loaded = ember.load(DATA / name, weights_only=weights_only)
    assert loaded["state_dict"]["0.weight"].tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert loaded["state_dict"]._metadata["1"] == {"version": 2}
    assert [tensor.dtype for tensor in loaded["dtypes"]] == DTYPES
    for tensor, dtype in zip(loaded["dtypes"], DTYPES, strict=True):
        assert tensor.tolist() == values(dtype).tolist()
    assert loaded["transposed"].stride() == (1, 3)
    loaded["w"][1, 0] = 9.0
    assert loaded["row"].tolist() == [9.0, 4.0, 5.0]
    assert loaded["transposed"][0, 1].item() == 9.0
    assert type(loaded["parameter"]) is nn.Parameter
    assert loaded["conjugate"].tolist() == [1 - 2j]
    assert loaded["empty"].shape == (0, 3)
    assert loaded["size"] == ember.Size([2, 3])
    assert loaded["dtype"] == ember.bfloat16
    assert loaded["device"] == ember.device("cpu")
    assert loaded["set"] == {1, 2}
    assert (loaded["large"], loaded["bytes"], loaded["complex"], loaded["lr"]) == (2**70, b"ab", 1 + 2j, 1e-3)
    assert loaded["tuple"] == (1, [2, {"k": True}])


# ---- what the file looks like ----


def test_layout_is_pytorchs(tmp_path):
    path = tmp_path / "model.v1.pt"
    ember.save({"a": ember.ones(100), "b": ember.ones(3)}, path)
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        assert archive.testzip() is None
        assert archive.namelist() == [
            f"model.v1/{name}"
            for name in (
                "data.pkl",
                ".format_version",
                ".storage_alignment",
                "byteorder",
                "data/0",
                "data/1",
                "version",
                ".data/serialization_id",
            )
        ]
        assert archive.read("model.v1/byteorder") == b"little"
        assert archive.read("model.v1/version") == b"3\n"
        assert b"ctorch._utils\n_rebuild_tensor_v2\n" in archive.read("model.v1/data.pkl")
        assert b"ctorch\nFloatStorage\n" in archive.read("model.v1/data.pkl")
        assert b"ember" not in archive.read("model.v1/data.pkl")
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            file.seek(entry.header_offset + 26)
            name_length, extra_length = struct.unpack("<2H", file.read(4))
            assert (entry.header_offset + 30 + name_length + extra_length) % 64 == 0


def test_equal_objects_give_equal_files():
    assert saved({"a": ember.ones(2)}).getvalue() == saved({"a": ember.ones(2)}).getvalue()


def test_memory_seen_as_two_dtypes_is_refused():
    tensor = ember.zeros(2)
    with pytest.raises(RuntimeError, match=r"torch\.float32 and as torch\.int32"):
        saved([tensor, tensor.view(ember.int32)])


def test_records_past_four_gigabytes(tmp_path):
    size = 5 << 30
    zeros = memoryview(mmap.mmap(-1, size))  # pages that nobody touches
    path = tmp_path / "big.pt"
    records = [("data/0", zeros, 0), ("data.pkl", b"N.", zlib.crc32(b"N.")), ("data/1", zeros, 0)]
    with open(path, "wb") as file:
        write_archive(lambda data: file.seek(size, 1) if data is zeros else file.write(data), "big", records)
    with zipfile.ZipFile(path) as archive:
        assert [entry.file_size for entry in archive.infolist()] == [size, 2, size]
        assert archive.read("big/data.pkl") == b"N."
    with sources.open_source(str(path), True, False) as source:
        archive = ArchiveReader(source)
        assert archive.size("data/1") == size
        assert archive.read("data.pkl") == b"N."
        assert archive.storage("data/1").nbytes() == size


# ---- where files and tensors go ----


def test_paths_strings_and_file_objects(tmp_path):
    path = tmp_path / "t.pt"
    for target in (path, str(path)):
        ember.save(ember.ones(2), target)
        assert ember.load(target).tolist() == [1.0, 1.0]
    with open(path, "wb") as file:
        ember.save(ember.zeros(2), file)
    with open(path, "rb", buffering=0) as file:
        assert ember.load(file).tolist() == [0.0, 0.0]

    class OnlyReads:
        def __init__(self, data):
            self._inner = io.BytesIO(data)
            self.read, self.seek, self.tell = self._inner.read, self._inner.seek, self._inner.tell

    assert ember.load(OnlyReads(path.read_bytes())).tolist() == [0.0, 0.0]


def test_a_file_object_is_read_from_its_position():
    file = io.BytesIO(b"header" + saved(ember.ones(2)).getvalue())
    file.seek(6)
    assert ember.load(file).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("mapped", [None, True, False])
def test_mapped_tensors_can_be_written_and_the_file_stays(tmp_path, mapped):
    path = tmp_path / "big.pt"
    ember.save(ember.zeros(sources.MAPPED_FROM // 4 + 1), path)
    before = path.read_bytes()
    loaded = ember.load(path, mmap=mapped)
    loaded.fill_(1.0)
    assert path.read_bytes() == before
    ember.save(ember.full((sources.MAPPED_FROM,), 7.0), path)  # a new file under the name; the old one stays mapped
    assert loaded.sum().item() == loaded.numel()


def test_records_at_odd_offsets_are_copied(tmp_path):
    path = tmp_path / "odd.pt"
    path.write_bytes(b"x" + saved(ember.arange(3, dtype=ember.float64)).getvalue())
    with open(path, "rb") as file:
        file.seek(1)
        assert ember.load(file).tolist() == [0.0, 1.0, 2.0]


def test_map_location():
    tensor = ember.arange(3.0)
    for location in ("cpu", ember.device("cpu"), {"cpu": "cpu"}, {"cuda:0": "cpu"}, lambda storage, tag: storage):
        assert round_trip(tensor, map_location=location).tolist() == [0.0, 1.0, 2.0]
    assert round_trip(tensor, map_location=lambda storage, tag: None).tolist() == [0.0, 1.0, 2.0]
    seen = []
    round_trip(tensor, map_location=lambda storage, tag: seen.append((type(storage), tag, storage.nbytes())))
    assert seen == [(ember.UntypedStorage, "cpu", 12)]
    for location in ("meta", ember.device("meta"), {"cpu": "meta"}):
        loaded = round_trip({"a": tensor, "b": tensor[1:]}, map_location=location)
        assert loaded["a"].device.type == "meta"
        assert loaded["b"].shape == (2,)
    with pytest.raises(RuntimeError, match="tagged with nowhere"):
        round_trip(tensor, map_location="nowhere")
    with pytest.raises(TypeError, match="map_location is int"):
        round_trip(tensor, map_location=3)


def test_arguments():
    with pytest.raises(ValueError, match="file path"):
        ember.load(saved(1), mmap=True)
    with pytest.raises(RuntimeError, match="pickle_module"):
        ember.load(saved(1), weights_only=True, pickle_module=pickle)
    with pytest.raises(TypeError, match="foo"):
        ember.load(saved(1), foo=1)
    with pytest.raises(AttributeError, match="seek"):
        ember.load(5)
    with pytest.raises(AttributeError, match="write"):
        ember.save(1, 5)
    with pytest.raises(FileNotFoundError):
        ember.load("/no/such/file.pt")
    with pytest.raises(RuntimeError, match="Parent directory /no/such does not exist"):
        ember.save(1, "/no/such/file.pt")
    assert ember.load(saved([1]), pickle_module=pickle) == [1]


# ---- saves are whole or not there ----


class Refuses:
    def __reduce__(self):
        raise ValueError("not me")


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "t.pt"
    ember.save(1, path)
    with pytest.raises(ValueError, match="not me"):
        ember.save([ember.ones(2), Refuses()], path)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        ember.save(lambda: 0, path)
    assert ember.load(path) == 1
    assert os.listdir(tmp_path) == ["t.pt"]
    with pytest.raises(RuntimeError, match="is a folder"):
        ember.save(1, tmp_path)


def test_a_full_disk_leaves_the_old_file(tmp_path):
    script = """
import resource, sys, ember
ember.save(1, sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
try:
    ember.save(ember.zeros(1 << 16), sys.argv[1])
except OSError as error:
    print(type(error).__name__)
"""
    path = tmp_path / "t.pt"
    result = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert result.stdout == "OSError\n"
    assert ember.load(path) == 1
    assert os.listdir(tmp_path) == ["t.pt"]


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    script = """
import sys, ember
step = 0
print("ready", flush=True)
while True:
    step += 1
    ember.save([step, ember.full((50_000,), float(step))], sys.argv[1])
"""
    path = tmp_path / "t.pt"
    for delay in (0.05, 0.09, 0.14, 0.2):
        process = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE)
        process.stdout.readline()
        while not path.exists():
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        step, tensor = ember.load(path, mmap=False)
        assert tensor.min().item() == tensor.max().item() == step


def test_links_modes_and_devices_are_kept(tmp_path):
    real, link = tmp_path / "real.pt", tmp_path / "link.pt"
    ember.save(1, real)
    real.chmod(0o640)
    link.symlink_to(real)
    ember.save(2, link)
    assert link.is_symlink()
    assert ember.load(real) == 2
    assert real.stat().st_mode & 0o777 == 0o640
    ember.save(3, "/dev/null")


# ---- plain pickle and deepcopy ----


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    base = ember.arange(6.0).reshape(2, 3)
    loaded = pickle.loads(pickle.dumps([base.t(), nn.Parameter(ember.ones(2)), ember.empty(0)], protocol))
    assert loaded[0].tolist() == base.t().tolist()
    assert loaded[0].stride() == (1, 3)
    assert type(loaded[1]) is nn.Parameter
    loaded[0].zero_()


def test_pickle_out_of_band():
    tensor = ember.arange(1000.0)
    buffers = []
    data = pickle.dumps(tensor, 5, buffer_callback=buffers.append)
    assert len(data) < 500
    assert ember.equal(pickle.loads(data, buffers=buffers), tensor)


def test_deepcopy():
    base = ember.arange(6.0).reshape(2, 3)
    copied, transposed = copy.deepcopy([base, base.t()])
    copied[0, 1] = 9.0
    assert transposed[1, 0].item() == 9.0
    assert base[0, 1].item() == 1.0
    assert transposed.stride() == (1, 3)
    leaf = ember.ones(2, requires_grad=True)
    (leaf * leaf).sum().backward()
    twin = copy.deepcopy(leaf)
    assert twin.grad.tolist() == [2.0, 2.0]
    assert twin.grad is not leaf.grad
    assert twin.requires_grad
    with pytest.raises(RuntimeError, match="leaves"):
        copy.deepcopy(leaf * 2)
    parameter = nn.Parameter(ember.ones(2))
    first, second = copy.deepcopy([parameter, parameter])
    assert first is second
    assert type(first) is nn.Parameter
    assert copy.deepcopy(ember.empty(2, device="meta")).device.type == "meta"

"""Files made by hand and files made to harm: other devices and byte orders, damage, malice, classes vouched for."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import random
import struct
import zipfile

import pytest

import ember
from ember import nn


def saved(obj, **options):
    buffer = io.BytesIO()
    ember.save(obj, buffer, **options)
    buffer.seek(0)
    return buffer


def archive_of(pickled, records=None, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled)
        for name, data in (records or {}).items():
            archive.writestr(f"archive/{name}", data)
    file.seek(0)
    return file


def tagged(location):
    """A file with one tensor that claims to have been saved on `location`."""
    pickled = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X"
        + struct.pack("<I", len(location))
        + location
        + b"K\x02tQK\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR."
    )
    return archive_of(pickled, {"data/0": struct.pack("<2f", 1.5, 2.5)})


def test_tensors_of_devices_that_are_not_there():
    assert ember.load(tagged(b"cuda:0"), map_location="cpu").tolist() == [1.5, 2.5]
    assert ember.load(tagged(b"mps"), map_location=lambda storage, tag: storage).tolist() == [1.5, 2.5]
    with pytest.raises(RuntimeError, match="tagged with mps"):
        ember.load(tagged(b"mps"))
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        ember.load(tagged(b"cuda:0"))


def test_big_endian_files():
    pickled = tagged(b"cpu")
    with zipfile.ZipFile(pickled) as archive:
        data = archive.read("archive/data.pkl")
    file = archive_of(data, {"data/0": struct.pack(">2f", 1.5, 2.5), "byteorder": b"big"})
    assert ember.load(file).tolist() == [1.5, 2.5]
    with pytest.raises(RuntimeError, match="byte order"):
        ember.load(archive_of(data, {"data/0": bytes(8), "byteorder": b"middle"}))


# ---- damage ----

DAMAGE = (RuntimeError, pickle.UnpicklingError, EOFError)


@pytest.mark.parametrize("zipped", [True, False])
def test_truncated_anywhere(zipped, tmp_path):
    data = saved({"a": ember.arange(10.0)}, _use_new_zipfile_serialization=zipped).getvalue()
    path = tmp_path / "cut.pt"
    for length in range(0, len(data), 7):
        with pytest.raises(DAMAGE):
            ember.load(io.BytesIO(data[:length]))
        path.write_bytes(data[:length])
        with pytest.raises((*DAMAGE, ValueError) if length == 0 else DAMAGE):
            ember.load(path, mmap=True)


def test_checksums_catch_damage():
    tensor = ember.arange(10.0)
    data = bytearray(saved(tensor).getvalue())
    at = bytes(data).index(struct.pack("<2f", 1.0, 2.0))
    data[at] ^= 1
    with pytest.raises(RuntimeError, match=r"data/0.*checksum"):
        ember.load(io.BytesIO(data))
    data[at] ^= 1
    data[bytes(data).index(b"FloatStorage")] ^= 1
    with pytest.raises(RuntimeError, match=r"data\.pkl.*checksum"):
        ember.load(io.BytesIO(data))


def test_files_without_checksums():
    ember.serialization.set_crc32_options(False)
    try:
        file = saved(ember.ones(2))
    finally:
        ember.serialization.set_crc32_options(True)
    assert ember.load(file).tolist() == [1.0, 1.0]


def test_random_damage_never_does_worse_than_an_error():
    generator = random.Random(0)
    originals = [saved({"a": ember.arange(10.0), "b": [1, "x", {2}]}, pickle_protocol=p).getvalue() for p in (2, 4)]
    originals.append(saved({"a": ember.arange(10.0)}, _use_new_zipfile_serialization=False).getvalue())
    for _ in range(600):
        data = bytearray(generator.choice(originals))
        for _ in range(generator.choice([1, 2, 8])):
            data[generator.randrange(len(data))] = generator.randrange(256)
        with contextlib.suppress(DAMAGE):
            ember.load(io.BytesIO(data))


# ---- malice ----


class Runs:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self._call = function, args

    def __reduce__(self):
        return self._call


def tensor_pickle(offset=b"K\x00", size=b"K\x02\x85", stride=b"K\x01\x85", key=b"0", count=b"K\x02"):
    """The pickle of a tensor of two floats, each of its parts replaceable by other opcodes."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX" + struct.pack("<I", len(key)) + key
    storage += b"X\x03\x00\x00\x00cpu" + count + b"tQ"
    rest = offset + size + stride + b"\x89ccollections\nOrderedDict\n)RtR."
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest


def long(value):
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


CALLS = {
    "os.system": Runs(os.system, "touch hacked"),
    "eval": Runs(eval, "open('hacked', 'w')"),
    "getattr": Runs(getattr, [], "append"),
    "open": Runs(open, "hacked", "w"),
    "type": Runs(type, "X", (), {}),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_calls_are_refused(name, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickle.UnpicklingError, match="not an allowed global"):
        ember.load(archive_of(pickle.dumps(CALLS[name], protocol)))
    assert os.listdir(tmp_path) == []


MALICE = {
    "a bytearray of a terabyte": b"\x80\x02c__builtin__\nbytearray\n" + long(2**40) + b"\x85R.",
    "a tensor of a terabyte": b"\x80\x02ctorch\nTensor\n" + long(2**40) + b"\x85R.",
    "a set of a long range": b"\x80\x02c__builtin__\nset\nc__builtin__\nrange\n" + long(2**40) + b"\x85R\x85R.",
    "a long string that is not there": b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x.",
    "a string of negative length": b"T" + struct.pack("<i", -5) + b"xxxxxxxxx.",
    "a memo that was not filled": b"\x80\x02j\xff\xff\xff\xff.",
    "a far place in the memo": b"\x80\x02Nr\xff\xff\xff\xff.garbage"[:7],
    "an empty stack": b"\x80\x02.",
    "no end": b"\x80\x02N",
    "a tuple without a mark": b"\x80\x02t.",
    "a mark as an object": b"\x80\x02(\x85.",
    "a list as a key": b"\x80\x02}]Ns.",
    "an odd number of items": b"\x80\x02}(Nu.",
    "items of a list": b"\x80\x02]NNs.",
    "an attribute of a tensor": tensor_pickle()[:-1] + b"}X\x01\x00\x00\x00aNsb.",
    "a global of numbers": b"\x80\x04K\x01K\x02\x93.",
    "a call of a list": b"\x80\x02])R.",
    "a call without a tuple": b"\x80\x02ccollections\nOrderedDict\n]R.",
    "a class that builtins lack": b"\x80\x02c__builtin__\nobject\n)\x81.",
    "an old instance": b"(ios\nsystem\n.",
    "an extension": b"\x80\x02\x82\x01.",
    "a buffer from outside": b"\x80\x05\x97.",
    "a number of a million digits": b"I" + b"9" * 1_000_000 + b"\n.",
    "a persistent id of another kind": b"\x80\x02K\x01Q.",
    "a storage of no type": b"\x80\x02(X\x07\x00\x00\x00storageNX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQ.",
    "a storage larger than its record": tensor_pickle(count=long(2**40)),
    "a storage of negative size": tensor_pickle(count=long(-8)),
    "a storage that is not there": tensor_pickle(key=b"7"),
    "a storage elsewhere": tensor_pickle(key=b"../data.pkl"),
    "a view past its storage": tensor_pickle(size=b"K\x03\x85"),
    "an offset past its storage": tensor_pickle(offset=b"K\x01"),
    "a stride past its storage": tensor_pickle(stride=b"K\x02\x85"),
    "a negative offset": tensor_pickle(offset=long(-1)),
    "a negative size": tensor_pickle(size=long(-1) + b"\x85"),
    "a negative stride": tensor_pickle(offset=b"K\x01", stride=long(-1) + b"\x85"),
    "a size that overflows": tensor_pickle(size=long(2**62) + long(2**62) + b"\x86", stride=b"K\x00K\x00\x86"),
    "an extent that overflows": tensor_pickle(size=b"K\x03\x85", stride=long(2**63 - 1) + b"\x85"),
    "sizes without strides": tensor_pickle(stride=b")"),
    "too many dims": tensor_pickle(size=b"(" + b"K\x01" * 100 + b"t", stride=b"(" + b"K\x01" * 100 + b"t"),
    "a size that is no number": tensor_pickle(size=b"X\x01\x00\x00\x00a\x85"),
}


@pytest.mark.parametrize("name", MALICE)
def test_malicious_pickles_are_refused(name):
    with pytest.raises(DAMAGE):
        ember.load(archive_of(MALICE[name], {"data/0": bytes(8)}))


def test_the_tensor_of_the_malicious_ones_is_fine_as_such():
    assert ember.load(archive_of(tensor_pickle(), {"data/0": bytes(8)})).tolist() == [0.0, 0.0]


def test_shared_lists_cost_no_memory():
    # Thirty doublings: a thousand million items to whoever walks it, thirty lists to the reader.
    pickled = b"\x80\x02]q\x00(" + b"".join(b"]q%c(h%ch%ce" % (i, i - 1, i - 1) for i in range(1, 30)) + b"e."
    assert len(ember.load(archive_of(pickled))) == 29


def test_packed_records():
    data = archive_of(tensor_pickle(), {"data/0": bytes(8)}, zipfile.ZIP_DEFLATED)
    assert ember.load(data).tolist() == [0.0, 0.0]
    count = 1 << 24
    bomb = archive_of(tensor_pickle(count=long(count)), {"data/0": bytes(4 * count)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(RuntimeError, match="would unpack"):
        ember.load(bomb)


def test_zip_directories_that_lie():
    data = archive_of(tensor_pickle(), {"data/0": bytes(8)}).getvalue()
    entry = data.rindex(b"PK\x01\x02")
    for at, value in ((24, 1 << 30), (20, 1 << 30), (42, 1 << 30), (8, 1), (10, 99)):
        lie = bytearray(data)
        struct.pack_into("<I" if at > 10 else "<H", lie, entry + at, value)
        with pytest.raises(RuntimeError):
            ember.load(io.BytesIO(lie))
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("archive/data.pkl", b"N.")
        archive.writestr("archive/data.pkl", b"I1\n.")
    twice.seek(0)
    with pytest.raises(RuntimeError, match="twice"):
        ember.load(twice)


def test_other_files_get_their_own_words():
    for data, error, words in (
        (b"", EOFError, "empty"),
        (b"not a checkpoint at all", pickle.UnpicklingError, "opcode"),
        (pickle.dumps({"a": 1}), RuntimeError, "Invalid magic number"),
    ):
        with pytest.raises(error, match=words):
            ember.load(io.BytesIO(data))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("net/constants.pkl", b"")
    file.seek(0)
    with pytest.raises(RuntimeError, match="TorchScript"):
        ember.load(file)


# ---- classes that the user vouches for ----


class Config:
    def __init__(self, size):
        self.size = size


class Slotted:
    __slots__ = ("x",)


def test_safe_globals():
    ember.serialization.clear_safe_globals()  # an example in the documentation adds one
    file = saved(Config(3))
    name = f"{Config.__module__}.Config"
    with pytest.raises(pickle.UnpicklingError, match=r"ember\.serialization\.add_safe_globals\(\[.*Config\]\)"):
        ember.load(file)
    file.seek(0)
    assert ember.serialization.get_unsafe_globals_in_checkpoint(file) == [name]
    for entry in (Config, (Config, name)):
        with ember.serialization.safe_globals([entry]):
            file.seek(0)
            assert ember.load(file).size == 3
            assert ember.serialization.get_safe_globals() == [entry]
    assert ember.serialization.get_safe_globals() == []
    ember.serialization.add_safe_globals([Config, Slotted])
    try:
        slotted = Slotted()
        slotted.x = 5
        assert ember.load(saved([Config(1), slotted]))[1].x == 5
        assert ember.serialization.get_unsafe_globals_in_checkpoint(saved(Config(1))) == []
    finally:
        ember.serialization.clear_safe_globals()


def test_modules_can_be_allowed_too():
    with ember.serialization.safe_globals([nn.Linear, set]):
        assert ember.load(saved(nn.Linear(2, 3))).out_features == 3

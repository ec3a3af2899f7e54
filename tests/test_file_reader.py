"""Records of a checkpoint one by one, of files that Ember and that PyTorch wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

import ember


def test_records_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    ember.save({"a": ember.arange(3.0)}, path)
    reader = ember.PyTorchFileReader(str(path))
    assert {"data.pkl", "data/0", "version"} <= set(reader.get_all_records())
    assert reader.has_record("data/0") and not reader.has_record("data/1")
    assert reader.get_record_size("data/0") == 12
    offset = reader.get_record_offset("data/0")
    assert path.read_bytes()[offset : offset + 12] == reader.get_record("data/0")
    storage = reader.get_storage_from_record("data/0", 3, ember.float32)
    assert ember.empty(0).set_(storage.untyped_storage(), 0, (3,), (1,)).tolist() == [0, 1, 2]
    untyped = reader.get_storage_from_record("data/0", 12, ember.UntypedStorage)
    assert untyped.dtype == ember.uint8 and untyped._typed_storage()._untyped_storage.nbytes() == 12
    with pytest.raises(RuntimeError, match=r"get_storage_from_record\(\): 4 elements of torch.float32 are 16 bytes"):
        reader.get_storage_from_record("data/0", 4, ember.float32)
    with pytest.raises(RuntimeError, match="the record 'data/1' is missing"):
        reader.get_record("data/1")


def test_a_file_that_pytorch_wrote() -> None:
    with open(Path(__file__).parent / "data" / "written_by_torch.pt", "rb") as file:
        assert ember.PyTorchFileReader(file).serialization_id().isdigit()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"PyTorchFileReader\(\): .* cannot be opened: No such file"):
        ember.PyTorchFileReader(str(tmp_path / "nothing"))

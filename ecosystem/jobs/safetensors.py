"""save_file, load_file, save_model and load_model, of float32, bfloat16 and integers"""

import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load, load_file, load_model, save, save_file, save_model
from sample import filled, values


def job():
    tensors = {"float": values(64, 64), "half": values(32).bfloat16(), "integers": torch.arange(10)}
    network, empty = filled(torch.nn.Linear(16, 4)), torch.nn.Linear(16, 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tensors.safetensors"
        save_file(tensors, path, metadata={"format": "pt"})
        read = load_file(path)
        with safe_open(path, framework="pt") as file:
            rows = file.get_slice("float")[3:5]
        save_model(network, str(path))
        load_model(empty, str(path))
    back = load(save(tensors))
    assert all(read[name].dtype == tensor.dtype for name, tensor in tensors.items())
    return {**read, "bytes": back["float"], "rows": rows, "weight": empty.weight}

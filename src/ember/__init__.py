"""Ember: a deep-learning framework with PyTorch's API.

``import ember as torch`` and a PyTorch script runs; ``python -m ember script.py`` runs it unchanged.
"""

from __future__ import annotations

import math as _math
from typing import TYPE_CHECKING, Any

from ._waiting import short_waits as _short_waits

with _short_waits():
    from . import _C
from ._C import (
    Generator,
    OutOfMemoryError,
    Size,
    Tensor,
    device,
    dtype,
    get_default_device,
    get_default_dtype,
    get_num_threads,
    is_grad_enabled,
    is_inference_mode_enabled,
    set_num_threads,
)
from .version import __version__

# Types of elements: ember.float32 and its other names.
bool = _C.bool
uint8 = _C.uint8
int8 = _C.int8
int16 = short = _C.int16
int32 = int = _C.int32
int64 = long = _C.int64
uint16 = _C.uint16
uint32 = _C.uint32
uint64 = _C.uint64
float8_e4m3fn = _C.float8_e4m3fn
float8_e5m2 = _C.float8_e5m2
float8_e4m3fnuz = _C.float8_e4m3fnuz
float8_e5m2fnuz = _C.float8_e5m2fnuz
float8_e8m0fnu = _C.float8_e8m0fnu
float16 = half = _C.float16
bfloat16 = _C.bfloat16
float32 = float = _C.float32
float64 = double = _C.float64
complex32 = chalf = _C.complex32
# Of no tensor: packages have them in their tables.
qint8, quint8, qint32 = _C.qint8, _C.quint8, _C.qint32
quint4x2, quint2x4 = _C.quint4x2, _C.quint2x4
complex64 = cfloat = _C.complex64
complex128 = cdouble = _C.complex128

inf = _math.inf
nan = _math.nan
pi = _math.pi
e = _math.e
newaxis = None

# Every operation that a record describes, then what is composed from them in Python.
for _name in _C._operation_names(1):
    globals()[_name] = getattr(_C.ops, _name)

from . import _tensor, _torch_function, ops, settings  # noqa: E402
from ._composite import all_overridable as _all_overridable  # noqa: E402

globals().update(_all_overridable())
_tensor.finish_methods()
_torch_function.install()

from ._layout import (  # noqa: E402
    channels_last,
    channels_last_3d,
    contiguous_format,
    jagged,
    layout,
    legacy_contiguous_format,
    memory_format,
    preserve_format,
    sparse_bsc,
    sparse_bsr,
    sparse_coo,
    sparse_csc,
    sparse_csr,
    strided,
)
from ._number_info import finfo, iinfo  # noqa: E402
from ._tensor_str import set_printoptions  # noqa: E402
from .amp.autocast_mode import *  # noqa: E402, F403
from .autograd import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: E402
from .autograd.anomaly_mode import debug_nans  # noqa: E402
from .random import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state  # noqa: E402
from .serialization import load, save  # noqa: E402
from .serialization.file_reader import PyTorchFileReader  # noqa: E402
from .settings import *  # noqa: E402, F403
from .storage import *  # noqa: E402, F403

# Imported when first used: what a small script does not need.
_LAZY = (
    "__config__",
    "_dynamo",
    "_utils",
    "accelerator",
    "amp",
    "ao",
    "autograd",
    "backends",
    "compiler",
    "cpu",
    "cuda",
    "distributed",
    "distributions",
    "export",
    "fft",
    "func",
    "functional",
    "fx",
    "futures",
    "hub",
    "jit",
    "library",
    "linalg",
    "mps",
    "mtia",
    "multiprocessing",
    "nested",
    "nn",
    "onnx",
    "optim",
    "overrides",
    "profiler",
    "quasirandom",
    "random",
    "return_types",
    "serialization",
    "signal",
    "sparse",
    "special",
    "testing",
    "torch_version",
    "types",
    "utils",
    "version",
    "xpu",
)

# Names that stand in a module of their own, imported when first used.
_LAZY_NAMES = {
    "Future": "futures",
    "compile": "compiler",
    "drop_in": "_drop_in",
    "summary": "_summary",
    **dict.fromkeys(("sparse_coo_tensor", "sparse_compressed_tensor"), "sparse._construction"),
    **dict.fromkeys(("sparse_csr_tensor", "sparse_csc_tensor"), "sparse._construction"),
    **dict.fromkeys(("sparse_bsr_tensor", "sparse_bsc_tensor"), "sparse._construction"),
    **dict.fromkeys(("_convert_indices_from_coo_to_csr", "_convert_indices_from_csr_to_coo"), "sparse._functions"),
    **dict.fromkeys(("Event", "Stream"), "_streams"),
    **dict.fromkeys(("ScriptFunction", "ScriptModule", "TensorType"), "jit"),
    **dict.fromkeys(("SymBool", "SymFloat", "SymInt", "sym_float", "sym_int", "sym_ite", "sym_max"), "_symbolic"),
    **dict.fromkeys(("sym_min", "sym_not", "sym_sqrt", "sym_sum", "_assert_async", "_check"), "_symbolic"),
    **dict.fromkeys(("_check_index", "_check_is_size", "_check_not_implemented", "_check_tensor_all"), "_symbolic"),
    **dict.fromkeys(("_check_type", "_check_value", "_shape_as_tensor"), "_symbolic"),
    **dict.fromkeys(("_check_with", "_check_tensor_all_with"), "_symbolic"),
}

if TYPE_CHECKING:
    from . import nn, optim, utils


def __getattr__(name: str) -> Any:
    import importlib
    import importlib.util

    if name in _LAZY and importlib.util.find_spec(f"ember.{name}"):
        return importlib.import_module(f"ember.{name}")
    if name in _LAZY_NAMES:
        return globals().setdefault(name, getattr(importlib.import_module(f"ember.{_LAZY_NAMES[name]}"), name))
    if name == "vmap":
        from .func import vmap

        return vmap
    if not name.startswith("_"):
        from ._composite import functional_in_torch

        importlib.import_module("ember.nn.functional")
        if name in functional_in_torch:
            return globals().setdefault(name, functional_in_torch[name])
    raise AttributeError(f"module 'ember' has no attribute {name!r}")


def _private_name(name: str) -> Any:
    from . import _torch_private

    return getattr(_torch_private, name)


_C.__getattr__ = _private_name  # PyTorch's private names, which packages read


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, "drop_in", "summary", "vmap"})


__all__ = [_name for _name in globals() if not _name.startswith("_")]

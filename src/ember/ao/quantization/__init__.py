"""Marks in models that may be quantized; Ember computes in floating point, and quantizing says so."""

from ..._absent import absent_class, refusing
from .stubs import DeQuantStub, QuantStub, QuantWrapper

_REASON = "Ember does not quantize modules; they compute in their floating-point dtype."

QConfig = absent_class("QConfig", _REASON)
convert = refusing("convert", _REASON)
fuse_modules = refusing("fuse_modules", _REASON)
fuse_modules_qat = refusing("fuse_modules_qat", _REASON)
get_default_qat_qconfig = refusing("get_default_qat_qconfig", _REASON)
get_default_qconfig = refusing("get_default_qconfig", _REASON)
prepare = refusing("prepare", _REASON)
prepare_qat = refusing("prepare_qat", _REASON)
quantize_dynamic = refusing("quantize_dynamic", _REASON)

__all__ = [
    "DeQuantStub",
    "QConfig",
    "QuantStub",
    "QuantWrapper",
    "convert",
    "fuse_modules",
    "fuse_modules_qat",
    "get_default_qat_qconfig",
    "get_default_qconfig",
    "prepare",
    "prepare_qat",
    "quantize_dynamic",
]

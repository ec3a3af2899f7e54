"""Errors of an export."""


class OnnxExporterError(RuntimeError):
    """An export has failed."""


class UnsupportedOperatorError(OnnxExporterError):
    """An export has met an operation that ONNX lacks."""

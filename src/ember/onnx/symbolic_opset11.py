"""The operations of ONNX's version 11: none are described, as nothing is exported."""

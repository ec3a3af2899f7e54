"""The version of Ember; `cuda` and `hip` are None, as in PyTorch where it is built without them."""

__version__ = "0.1.0"
cuda: str | None = None
hip: str | None = None
debug = False

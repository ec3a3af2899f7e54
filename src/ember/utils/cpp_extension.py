"""Extensions compiled against PyTorch's C++ interface, which Ember does not have."""

from __future__ import annotations

from .._absent import absent_class, refusing

_REASON = "Ember has no C++ interface for extensions of PyTorch; write the operation with torch.library.custom_op."

CUDA_HOME = None
ROCM_HOME = None
IS_WINDOWS = False

for _name in ("CUDAExtension", "CppExtension", "include_paths", "library_paths", "load", "load_inline"):
    globals()[_name] = refusing(f"cpp_extension.{_name}", _REASON)

BuildExtension = absent_class("BuildExtension", _REASON, methods=("with_options",))


def is_ninja_available() -> bool:
    """Whether ninja is on the path."""
    import shutil

    return shutil.which("ninja") is not None

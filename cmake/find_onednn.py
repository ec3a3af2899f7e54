"""Prints the folder of dnnl-config.cmake that the wheel onednn-devel-cpu-gomp has put beside this Python."""

from importlib import metadata

try:
    files = metadata.files("onednn-devel-cpu-gomp") or []
except metadata.PackageNotFoundError:
    raise SystemExit("Ember needs oneDNN 3: pip install onednn-devel-cpu-gomp, or set CMAKE_PREFIX_PATH") from None
print(next(file.locate().resolve().parent for file in files if file.name == "dnnl-config.cmake"))

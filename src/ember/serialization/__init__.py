"""Checkpoints: ``save`` and ``load`` in PyTorch's file format."""

from .locations import MAP_LOCATION, default_restore_location, location_tag, register_package
from .reader import get_unsafe_globals_in_checkpoint, load
from .safe_globals import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from .settings import (
    DEFAULT_PROTOCOL,
    LoadEndianness,
    get_crc32_options,
    get_default_load_endianness,
    get_default_mmap_options,
    set_crc32_options,
    set_default_load_endianness,
    set_default_mmap_options,
)
from .writer import save

__all__ = [
    "DEFAULT_PROTOCOL",
    "MAP_LOCATION",
    "LoadEndianness",
    "add_safe_globals",
    "clear_safe_globals",
    "default_restore_location",
    "get_crc32_options",
    "get_default_load_endianness",
    "get_default_mmap_options",
    "get_safe_globals",
    "get_unsafe_globals_in_checkpoint",
    "load",
    "location_tag",
    "register_package",
    "safe_globals",
    "save",
    "set_crc32_options",
    "set_default_load_endianness",
    "set_default_mmap_options",
]

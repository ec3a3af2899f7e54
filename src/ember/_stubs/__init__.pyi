"""Written by tools/write_stubs.py: what is made at run time."""

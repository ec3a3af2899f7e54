"""An older place of `distributed.fsdp`."""

from __future__ import annotations

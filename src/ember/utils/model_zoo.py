"""An older place of what `ember.hub` downloads."""

from __future__ import annotations

from typing import Any

from ..hub import load_state_dict_from_url  # noqa: F401
from ..hub import load_state_dict_from_url as load_url  # noqa: F401


def __getattr__(name: str) -> Any:
    if name == "tqdm":
        from .. import hub

        return hub.tqdm
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

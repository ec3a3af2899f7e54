"""Steps that are methods of pipes."""

from __future__ import annotations

from typing import Any

from .datapipe import IterDataPipe, MapDataPipe


class functional_datapipe:
    """Decorates a pipe's class: ``pipe.name(...)`` makes one of `pipe`.

    Args:
        name: the method's name.
        enable_df_api_tracing: accepted.
    """

    def __init__(self, name: str, enable_df_api_tracing: bool = False) -> None:
        self.name = name
        self.enable_df_api_tracing = enable_df_api_tracing

    def __call__(self, cls: Any) -> Any:
        kind = MapDataPipe if isinstance(cls, type) and issubclass(cls, MapDataPipe) else IterDataPipe
        kind.register_datapipe_as_function(self.name, cls, self.enable_df_api_tracing)
        return cls

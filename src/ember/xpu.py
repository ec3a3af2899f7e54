"""Intel's GPUs, of which this build has none: what scripts ask answers so, what needs them fails clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._no_device import names_of

if TYPE_CHECKING:
    from ._no_device import *  # noqa: F403

    def __getattr__(name: str) -> Any: ...  # what refuses


globals().update(names_of("xpu", "XPU"))

"""Intel's GPUs, of which this build has none: what scripts ask answers so, what needs them fails clearly."""

from __future__ import annotations

from ._no_device import names_of

globals().update(names_of("xpu", "XPU"))

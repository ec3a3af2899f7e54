"""What of a checkpoint each process writes."""

from __future__ import annotations

from . import DefaultLoadPlanner as DefaultLoadPlanner  # type: ignore[attr-defined]
from . import DefaultSavePlanner as DefaultSavePlanner  # type: ignore[attr-defined]

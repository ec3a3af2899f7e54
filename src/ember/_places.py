"""Where a call stood in the user's program, from the frames that C++ has noted: `model.py:14 in forward`."""

from __future__ import annotations

import linecache
import os
import traceback
import warnings

Frames = list[tuple[str, int, str]]  # file, line, function; the innermost first

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def users_frames(frames: Frames) -> Frames:
    """Without those of Ember itself; all of them if there are no others."""
    return [frame for frame in frames if not frame[0].startswith(_PACKAGE)] or frames


def short_path(path: str) -> str:
    """Relative to the working directory, if the file lies below it."""
    below = os.getcwd() + os.sep
    return path[len(below) :] if path.startswith(below) else path


def describe(frames: Frames) -> str:
    """The innermost line of the user's own: ``model.py:14 in forward: `y = x.sqrt()` ``."""
    if not frames:
        return "an unknown place"
    path, line, name = users_frames(frames)[0]
    source = linecache.getline(path, line).strip()
    return f"{short_path(path)}:{line} in {name}" + (f": `{source}`" if source else "")


def warn(node: str, frames: Frames) -> None:
    """Warn that `node` failed in backward, with the lines that led to its forward call."""
    lines = traceback.StackSummary.from_list([(*frame, None) for frame in reversed(users_frames(frames))]).format()
    warnings.warn(
        f"Error detected in {node}. Traceback of forward call that caused the error:\n{''.join(lines)}", stacklevel=2
    )

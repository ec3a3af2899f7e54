"""Versions that compare as versions: ``TorchVersion("2.13.0") > "2.9"``."""

from __future__ import annotations

import re
from typing import Any

_VERSION = re.compile(
    r"v?(?:\d+!)?(?P<release>\d+(?:\.\d+)*)[-_.]?(?:(?P<phase>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?P<number>\d*))?"
    r"(?:[-_.]?(?:post|rev|r)[-_.]?(?P<post>\d*))?(?:[-_.]?dev[-_.]?(?P<dev>\d*))?(?:\+(?P<local>[a-z0-9._-]+))?",
    re.IGNORECASE,
)
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_FINAL = 3


def _order(version: str) -> tuple[Any, ...] | None:
    """What orders versions as PEP 440 does; None for a text that is none."""
    match = _VERSION.fullmatch(version.strip())
    if not match:
        return None
    release = [int(part) for part in match["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    phase, post, dev, local = match["phase"], match["post"], match["dev"], match["local"]
    if phase:
        stage = (_PHASES[phase.lower()], int(match["number"] or 0))
    else:  # a release that is in development comes before its first alpha
        stage = (-1, 0) if dev is not None and post is None else (_FINAL, 0)
    parts = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"[-_.]", local or "") if part]
    after = -1 if post is None else int(post or 0)
    return (release, stage, after, float("inf") if dev is None else int(dev or 0), parts)


def _text(other: Any) -> str:
    return (
        other
        if isinstance(other, str)
        else ".".join(map(str, other))
        if isinstance(other, (tuple, list))
        else str(other)
    )


class TorchVersion(str):
    """A string with the order of versions: compares with strings, tuples of numbers and version objects.

    What is no version is compared as text.

    Example:
        >>> version = ember.torch_version.TorchVersion("2.13.0+cpu")
        >>> version > "2.9", version >= (2, 13), version == "2.13.0+cpu"
        (True, True, True)
    """

    def _compare(self, other: Any) -> int:
        ours, theirs = _order(self), _order(_text(other))
        if ours is None or theirs is None:
            first, second = str(self), _text(other)
            return (first > second) - (first < second)
        return (ours > theirs) - (ours < theirs)

    def __lt__(self, other: Any) -> bool:
        return self._compare(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._compare(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._compare(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._compare(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self._compare(other) == 0

    def __ne__(self, other: object) -> bool:
        return self._compare(other) != 0

    __hash__ = str.__hash__

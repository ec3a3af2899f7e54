"""``python -m ember.utils.collect_env``: what a report of a problem should say about the machine."""

from __future__ import annotations

import platform
import sys


def get_pretty_env_info() -> str:
    """The versions of Ember, Python, NumPy and the system, and how Ember computes."""
    import numpy

    from .. import __config__
    from ..version import __version__

    facts = {
        "Ember version": __version__,
        "Python version": sys.version.replace("\n", " "),
        "Python platform": platform.platform(),
        "NumPy version": numpy.__version__,
        "CUDA available": "False",
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items()) + f"\n\n{__config__.show()}"


get_env_info = get_pretty_env_info


def main() -> None:
    """Print it."""
    print("Collecting environment information...")
    print(get_pretty_env_info())


if __name__ == "__main__":
    main()

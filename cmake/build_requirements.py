"""Prints what a build needs, one requirement a line: pyproject.toml's list, CMake and ninja."""

import re
from pathlib import Path

text = Path(__file__).parent.parent.joinpath("pyproject.toml").read_text()
requires = re.search(r"^requires = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
tools = re.findall(r'^(cmake|ninja)\.version = "(.*)"$', text, re.MULTILINE)
print("\n".join(re.findall(r'"(.*?)"', requires[1]) + [name + version for name, version in tools]))

"""Times Ember beside PyTorch, torch.compile and JAX: each in a process of its own, taking turns on the same machine.

python benchmarks/bench.py                        all cases, a Markdown table
python benchmarks/bench.py --cases matmul --quick cases whose name has "matmul" in it, few rounds
python benchmarks/bench.py --write                the tables in benchmarks/README.md become this run's
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from cases import CASES, COMPILED_CASES, FIRST_STEP, FIRST_STEP_PROGRAM, OUT_SIZES, PEAK_CASES, PEAK_STEPS, Case

FOLDER = Path(__file__).resolve().parent
LIBRARIES = ("ember", "torch")
COMPILERS = ("ember", "torch", "torch.compile", "jax")
TITLES = {"ember": "Ember", "torch": "PyTorch", "jax": "JAX jit"}
BEGIN, END = "<!-- table: written by bench.py -->", "<!-- end of table -->"
GROWTH_STEPS, FLAT = 10_000, 1 << 20  # bytes: page-sized noise of the interpreter stays far below it


class Failure(Exception):
    """A library could not run a case; the text says why."""


class Library:
    """A worker process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(FOLDER / "worker.py"), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{self.name} ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(f"{self.name}: {answer['error']}")
        return answer

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


@dataclass
class Row:
    """A line of a table: each library's seconds round by round, or the reason why it has none."""

    name: str
    target: float
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ember's time over that of the fastest of the others."""
        others = [seconds for library, seconds in self.seconds.items() if library != "ember"]
        if "ember" not in self.seconds or not others:
            return None
        return median(e / o for e, o in zip(self.seconds["ember"], min(others, key=median), strict=True))

    @property
    def reached(self) -> bool:
        return self.ratio is not None and self.ratio <= self.target

    def cells(self, libraries: tuple[str, ...]) -> list[str]:
        ratio = self.ratio
        text = "" if ratio is None else f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}"
        return [
            self.name,
            *(self.cell(library) for library in libraries),
            text if self.reached or not text else f"**{text}**",
            f"<= {self.target:g}",
        ]

    def cell(self, library: str) -> str:
        if library in self.seconds:
            return duration(median(self.seconds[library]))
        return self.failures.get(library, "not installed")


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def take_turns(row: Row, rounds: int, measures: dict[str, Callable[[], float]]) -> None:
    """Calls all once a round; who begins changes from round to round."""
    row.seconds = {library: [] for library in measures}
    for i in range(rounds):
        order = list(row.seconds)
        begin = i % max(len(order), 1)
        for library in order[begin:] + order[:begin]:
            try:
                row.seconds[library].append(measures[library]())
            except Failure as failure:
                row.failures[library] = str(failure)
                del row.seconds[library]


def compare(case: Case, libraries: list[Library], rounds: int) -> Row:
    row = Row(case.name, case.target)
    measures: dict[str, Callable[[], float]] = {}
    for library in libraries:
        try:
            count = library.ask(prepare=case.name)["count"]
            measures[library.name] = partial(seconds_of, library, case.name, count)
        except Failure as failure:
            row.failures[library.name] = str(failure)
    take_turns(row, rounds, measures)
    return row


def seconds_of(library: Library, name: str, count: int) -> float:
    return library.ask(measure=name, count=count)["seconds"]


def first_step(library: str) -> float:
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", FIRST_STEP_PROGRAM.format(library=library)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Failure(f"{library}: {result.stderr.strip().splitlines()[-1]}")
    return time.perf_counter() - begin


def compare_first_step(rounds: int) -> Row:
    row = Row(FIRST_STEP.name, FIRST_STEP.target)
    measures: dict[str, Callable[[], float]] = {library: partial(first_step, library) for library in LIBRARIES}
    take_turns(row, 1, measures)  # all files are in the page cache from now on
    take_turns(row, rounds, {library: measures[library] for library in row.seconds})
    return row


def beside_compilers(pattern: re.Pattern[str], rounds: int) -> list[Row]:
    """Training steps beside PyTorch, torch.compile and, where it is installed, JAX."""
    cases = [case for case in COMPILED_CASES if pattern.search(f"{case.name} beside compilers")]
    if not cases:
        return []
    libraries = [Library(name) for name in COMPILERS if importlib.util.find_spec(name.partition(".")[0])]
    rows = []
    for case in cases:
        rows.append(compare(case, libraries, rounds))
        print("  ".join(rows[-1].cells(COMPILERS)), file=sys.stderr, flush=True)
    for library in libraries:
        library.close()
    return rows


def new_over_out(library: Library, megabytes: int, rounds: int) -> float:
    """Time of an addition into a new tensor over that of the same into `out=`."""
    names = [f"add, {megabytes} MB, {form}" for form in ("new tensor", "out=")]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            count = library.ask(prepare=name)["count"]
            seconds[name].append(library.ask(measure=name, count=count)["seconds"])
    return median(new / out for new, out in zip(*seconds.values(), strict=True))


def memory_rows(libraries: list[Library], pattern: re.Pattern[str], rounds: int) -> list[list[str]]:
    rows = []
    name = f"growth over {GROWTH_STEPS:,} training steps"
    if pattern.search(name):
        rows.append([name, *(growth(library) for library in libraries), f"<= {FLAT >> 20} MB"])
    for case in PEAK_CASES:
        name = f"peak of the process, {case.name}"
        if pattern.search(name):
            rows.append([name, *(peak(library.name, case) for library in libraries), "<= PyTorch's"])
    for size in OUT_SIZES:
        name = f"time of `x + y` over `add(x, y, out=z)`, {size} MB"
        if pattern.search(name):
            rows.append([name, *(new_tensor(library, size, rounds) for library in libraries), "<= 1.15"])
    return rows


def growth(library: Library) -> str:
    try:
        return f"{library.ask(growth=GROWTH_STEPS)['bytes'] / (1 << 20):.2f} MB"
    except Failure as failure:
        return str(failure)


def peak(name: str, case: Case) -> str:
    library = Library(name)
    try:
        return f"{library.ask(peak=case.name, count=PEAK_STEPS)['bytes'] / (1 << 20):.0f} MB"
    except Failure as failure:
        return str(failure)
    finally:
        library.close()


def new_tensor(library: Library, size: int, rounds: int) -> str:
    try:
        return f"{new_over_out(library, size, rounds):.2f}"
    except Failure as failure:
        return str(failure)


def markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *(["---:"] * (len(header) - 1))], *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def table_of(rows: list[Row], libraries: tuple[str, ...], ratio: str) -> list[str]:
    header = ["work", *(TITLES.get(library, library) for library in libraries), ratio, "target"]
    reached = sum(row.reached for row in rows)
    return [
        markdown(header, [row.cells(libraries) for row in rows]),
        f"{reached} of {len(rows)} targets reached; a ratio in bold misses its own.",
    ]


def compilers() -> str:
    jax = f"JAX {version('jax')}" if importlib.util.find_spec("jax") else "JAX"
    return (
        "Beside compilers, once they have compiled: `torch.compile(model)` with its defaults, "
        f"and {jax} with the whole step under `jax.jit`, which updates its state in place."
    )


def processor() -> str:
    """The model name, and the widest vectors that it has."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    features = [
        name for name, flag in (("AVX-512", "avx512f"), ("bf16", "avx512_bf16"), ("AMX", "amx_tile")) if flag in text
    ]
    return ", ".join([model[1] if model else platform.machine(), *features])


def headline(libraries: list[Library], rounds: int) -> str:
    ember, torch = (library.ask(about=True) for library in libraries)
    return (
        f"{datetime.date.today().isoformat()}; {processor()}; {len(os.sched_getaffinity(0))} cores; "
        f"Python {platform.python_version()}; Ember {ember['version']} on {ember['threads']} threads, "
        f"PyTorch {torch['version']} on {torch['threads']}; medians of {rounds} rounds; "
        f"load average {os.getloadavg()[0]:.1f} at the start."
    )


def write(table: str) -> None:
    page = FOLDER / "README.md"
    before, rest = page.read_text().split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cases", default="", metavar="PATTERN", help="a regular expression that a case's name has to match"
    )
    parser.add_argument("--quick", action="store_true", help="5 rounds instead of 11")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    arguments = parser.parse_args()
    pattern, rounds = re.compile(arguments.cases, re.IGNORECASE), 5 if arguments.quick else 11

    libraries = [Library(name) for name in LIBRARIES]
    lines = [headline(libraries, rounds)]
    rows = []
    for case in CASES:
        if pattern.search(case.name):
            rows.append(compare(case, libraries, rounds))
            print("  ".join(rows[-1].cells(LIBRARIES)), file=sys.stderr, flush=True)
    if pattern.search(FIRST_STEP.name):
        rows.append(compare_first_step(rounds))
    if rows:
        lines += table_of(rows, LIBRARIES, "ratio")
    memory = memory_rows(libraries, pattern, 5)
    if memory:
        lines.append(markdown(["memory", "Ember", "PyTorch", "target"], memory))
    for library in libraries:
        library.close()
    rows = beside_compilers(pattern, rounds)
    if rows:
        lines.append(compilers())
        lines += table_of(rows, COMPILERS, "ratio to the fastest")

    table = "\n\n".join(lines)
    print(table)
    if arguments.write:
        write(table)


if __name__ == "__main__":
    main()

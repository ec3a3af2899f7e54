"""Times Ember beside PyTorch: each in a process of its own, taking turns, so that both see the same machine.

python benchmarks/bench.py                        all cases, a Markdown table
python benchmarks/bench.py --cases matmul --quick cases whose name has "matmul" in it, few rounds
python benchmarks/bench.py --write                the table in benchmarks/README.md becomes this run's
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from cases import CASES, FIRST_STEP, FIRST_STEP_PROGRAM, OUT_SIZES, PEAK_CASES, PEAK_STEPS, Case

FOLDER = Path(__file__).resolve().parent
LIBRARIES = ("ember", "torch")
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
    """A line of the table: seconds of both libraries round by round, or the reason why there are none."""

    name: str
    target: float
    ember: list[float] = field(default_factory=list)
    torch: list[float] = field(default_factory=list)
    failure: str = ""

    @property
    def ratio(self) -> float:
        return median(e / t for e, t in zip(self.ember, self.torch, strict=True))

    def cells(self) -> list[str]:
        if self.failure:
            return [self.name, "", "", self.failure, f"<= {self.target}"]
        ratio = f"{self.ratio:.3f}" if self.ratio < 0.1 else f"{self.ratio:.2f}"
        if self.ratio > self.target:
            ratio = f"**{ratio}**"
        return [self.name, duration(median(self.ember)), duration(median(self.torch)), ratio, f"<= {self.target}"]


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def take_turns(rounds: int, ember: Any, torch: Any) -> tuple[list[float], list[float]]:
    """Calls both once a round; who begins changes from round to round."""
    seconds: dict[Any, list[float]] = {ember: [], torch: []}
    for i in range(rounds):
        for measure in (ember, torch) if i % 2 == 0 else (torch, ember):
            seconds[measure].append(measure())
    return seconds[ember], seconds[torch]


def compare(case: Case, libraries: list[Library], rounds: int) -> Row:
    row = Row(case.name, case.target)
    try:
        counts = [library.ask(prepare=case.name)["count"] for library in libraries]
        ember, torch = (
            lambda library=library, count=count: library.ask(measure=case.name, count=count)["seconds"]
            for library, count in zip(libraries, counts, strict=True)
        )
        row.ember, row.torch = take_turns(rounds, ember, torch)
    except Failure as failure:
        row.failure = str(failure)
    return row


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
    try:
        for library in LIBRARIES:
            first_step(library)  # its files are in the page cache from now on
        row.ember, row.torch = take_turns(rounds, lambda: first_step("ember"), lambda: first_step("torch"))
    except Failure as failure:
        row.failure = str(failure)
    return row


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
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    arguments = parser.parse_args()
    pattern, rounds = re.compile(arguments.cases, re.IGNORECASE), 5 if arguments.quick else 11

    libraries = [Library(name) for name in LIBRARIES]
    lines = [headline(libraries, rounds)]
    rows = []
    for case in CASES:
        if pattern.search(case.name):
            rows.append(compare(case, libraries, rounds))
            print("  ".join(rows[-1].cells()), file=sys.stderr, flush=True)
    if pattern.search(FIRST_STEP.name):
        rows.append(compare_first_step(rounds))
    if rows:
        header = ["work", "Ember", "PyTorch", "ratio", "target"]
        lines.append(markdown(header, [row.cells() for row in rows]))
        missed = sum(1 for row in rows if row.failure or row.ratio > row.target)
        lines.append(f"{len(rows) - missed} of {len(rows)} targets reached; a ratio in bold misses its own.")
    memory = memory_rows(libraries, pattern, 5)
    if memory:
        lines.append(markdown(["memory", "Ember", "PyTorch", "target"], memory))
    for library in libraries:
        library.close()

    table = "\n\n".join(lines)
    print(table)
    if arguments.write:
        write(table)


if __name__ == "__main__":
    main()

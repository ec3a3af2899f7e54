"""Runs real packages, as PyPI has them, on Ember in an environment without PyTorch, and compares with PyTorch.

python ecosystem/run.py                        all packages, a Markdown table
python ecosystem/run.py --packages timm kornia only these
python ecosystem/run.py --wheel dist/ember.whl this wheel; without it, src/ember as it is
python ecosystem/run.py --write                the table in README.md becomes this run's
"""

from __future__ import annotations

import argparse
import ast
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent
TORCH_VERSION = "2.13.0"
BEGIN, END = "<!-- table: written by run.py -->", "<!-- end of table -->"
LIMIT = 300  # seconds for a job
# The order of the table: what most others stand on first.
PACKAGES = [
    "einops",
    "safetensors",
    "torchinfo",
    "torchdiffeq",
    "torchmetrics",
    "timm",
    "transformers",
    "torchvision",
    "torch-geometric",
    "kornia",
    "gpytorch",
    "captum",
    "tensorboard",
    "accelerate",
    "peft",
    "trl",
    "sentence-transformers",
    "skorch",
    "lightning",
    "fastai",
]
TOLERANCE = 1e-3  # of the largest number of a result: float32 through a network and back


@dataclass
class Outcome:
    """What a job gave, or the error that ended it."""

    numbers: dict[str, list[float]]
    seconds: float
    error: str = ""


class Environment:
    """A virtual environment that has Ember and the packages, but no PyTorch."""

    def __init__(self, folder: Path) -> None:
        self.python = folder / "bin" / "python"
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        where = [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        self.packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())

    def pip(self, *arguments: str) -> None:
        command = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
        subprocess.run(command, check=True)

    def install_ember(self, wheel: Path | None) -> None:
        in_place = self.packages / "ember_in_place.pth"
        in_place.unlink(missing_ok=True)
        if wheel is not None:
            self.pip("--force-reinstall", "--no-deps", str(wheel))
            self.pip(str(wheel))
        else:
            in_place.write_text(f"{REPOSITORY / 'src'}\n")

    def install(self, packages: list[str]) -> None:
        """Installs packages and what they require; of PyTorch pip sees, for as long as it resolves, an empty record."""
        record = self.packages / f"torch-{TORCH_VERSION}.dist-info"
        record.mkdir(exist_ok=True)
        contents = {"METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {TORCH_VERSION}\n", "INSTALLER": "pip\n"}
        try:
            for name, text in {**contents, "RECORD": ""}.items():
                (record / name).write_text(text)
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
                constraints.write(f"torch=={TORCH_VERSION}\n")
                constraints.flush()
                self.pip("--constraint", constraints.name, *packages)
        finally:
            for file in record.iterdir():
                file.unlink()
            record.rmdir()

    def version(self, package: str) -> str:
        code = f"import importlib.metadata as metadata; print(metadata.version({package!r}))"
        found = subprocess.run([self.python, "-c", code], capture_output=True, text=True)
        return found.stdout.strip() or "not installed"


def job_of(package: str) -> Path:
    return FOLDER / "jobs" / f"{package.replace('-', '_')}.py"


def run_job(command: list[str | Path], package: str, **variables: str) -> Outcome:
    """Runs a job in a process of its own, without a network."""
    offline = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "TQDM_DISABLE": "1", "PYTHONWARNINGS": "ignore"}
    surroundings = {**os.environ, **offline, **variables}
    try:
        done = subprocess.run(
            [*command, job_of(package)], env=surroundings, capture_output=True, text=True, timeout=LIMIT, cwd=FOLDER
        )
    except subprocess.TimeoutExpired:
        return Outcome({}, 0, f"not done after {LIMIT} s")
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return Outcome(**json.loads(line.removeprefix("RESULT ")))
    cause = done.stderr.partition("\nThe above exception was the direct cause")[0]
    lines = [line for line in cause.splitlines() if line and not line[0].isspace()]
    return Outcome({}, 0, lines[-1] if lines else f"ended with status {done.returncode}")


def difference(ours: Outcome, theirs: Outcome) -> str:
    """The first result that is not PyTorch's, in words; empty if there is none."""
    for name, expected in theirs.numbers.items():
        found = ours.numbers.get(name, [])
        if len(found) != len(expected):
            return f"`{name}`: {len(found)} numbers, PyTorch has {len(expected)}"
        scale = max(map(abs, expected), default=0.0)
        for one, other in zip(found, expected, strict=True):
            if not (abs(one - other) <= TOLERANCE * scale or (one != one and other != other)):
                return f"`{name}`: {one:.6g}, PyTorch has {other:.6g}"
    return ""


def cell(text: str) -> str:
    text = text.replace("|", "\\|")
    return text if len(text) <= 160 else text[:157] + "..."


def has_torch() -> bool:
    try:
        return version("torch").partition("+")[0] == TORCH_VERSION
    except PackageNotFoundError:
        return False


def row(environment: Environment, package: str, compare: bool) -> tuple[bool, str]:
    """Whether the job passes, and its line of the table."""
    title = ast.get_docstring(ast.parse(job_of(package).read_text())) or ""
    ours = run_job([environment.python, "-m", "ember", "worker.py"], package)
    if compare:
        theirs = run_job([sys.executable, "reference.py"], package, PYTHONPATH=str(environment.packages))
    else:
        theirs = Outcome({}, 0, "PyTorch is not installed")
    result = cell(ours.error or difference(ours, theirs)) or ("passes" if not theirs.error else "runs, not compared")
    times = ["" if outcome.error else f"{outcome.seconds * 1000:.1f} ms" for outcome in (ours, theirs)]
    if theirs.error and compare:
        times[1] = cell(theirs.error)
    passes = not ours.error and not difference(ours, theirs)
    return passes, f"| {package} | {environment.version(package)} | {title} | {result} | {times[0]} | {times[1]} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", nargs="+", choices=PACKAGES, default=PACKAGES, metavar="PACKAGE")
    parser.add_argument("--wheel", type=Path, help="the wheel to test; src/ember, if none is given")
    parser.add_argument("--environment", type=Path, default=REPOSITORY / "build" / "ecosystem", help="where it is made")
    parser.add_argument("--no-install", action="store_true", help="the environment has the packages already")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    arguments = parser.parse_args()

    environment = Environment(arguments.environment)
    if not arguments.no_install:
        environment.install(arguments.packages)
        environment.install_ember(arguments.wheel and arguments.wheel.resolve())
    compare = has_torch()
    lines = ["| Package | Version | Job | Result | Time | Under PyTorch |", "|---|---|---|---|---|---|"]
    print("\n".join(lines), flush=True)
    passed = 0
    for package in arguments.packages:
        passes, line = row(environment, package, compare)
        passed += passes
        lines.append(line)
        print(line, flush=True)
    note = f"{passed} of {len(arguments.packages)} pass. Python {platform.python_version()}, {datetime.date.today()}."
    print(f"\n{note}")
    if arguments.write:
        readme = REPOSITORY / "README.md"
        head, _, rest = readme.read_text().partition(BEGIN)
        tail = rest.partition(END)[2]
        readme.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n\n{note}\n{END}{tail}")
    sys.exit(passed != len(arguments.packages))


if __name__ == "__main__":
    main()

"""Compiles and runs every program in tests/cpp against the C++ files that its first lines name."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = sorted((ROOT / "tests" / "cpp").glob("*.cpp"))
COMPILER = shutil.which("g++") or shutil.which("c++")
FLAGS = ["-std=c++20", "-O2", "-fopenmp", "-fPIC", f"-I{ROOT / 'csrc'}", f"-I{ROOT / 'tests' / 'cpp'}"]
KERNEL_FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
if platform.machine() in ("x86_64", "AMD64"):
    FLAGS.append("-DEMBER_MULTI_ISA=1")
    ISA_FLAGS = {"v3": ["-march=x86-64-v3"], "v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"]}
else:
    ISA_FLAGS = {"generic": []}


def sources(program: Path) -> list[Path]:
    """The files on the program's `// sources:` line."""
    for line in program.read_text().splitlines():
        if line.startswith("// sources:"):
            return [ROOT / "csrc" / name for name in line.removeprefix("// sources:").split()]
    raise ValueError(f"{program.name} has no line `// sources: ...`")


def onednn() -> list[str]:
    """Compiler and linker flags for oneDNN from the Python environment, or an empty list where it has none."""
    prefix = Path(sys.prefix)
    if not (prefix / "include" / "dnnl.h").exists() or not (prefix / "lib" / "libdnnl.so").exists():
        return []
    return [f"-I{prefix / 'include'}", f"-L{prefix / 'lib'}", "-ldnnl", f"-Wl,-rpath,{prefix / 'lib'}"]


def compile_object(source: Path, target: Path, flags: list[str]) -> Path:
    command = [COMPILER, *FLAGS, *flags, "-c", str(source), "-o", str(target)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return target


def objects_of(program: Path, folder: Path) -> list[str]:
    """Compiles a program and its sources; those in cpu/kernels once for each instruction set."""
    dnnl = [flag for flag in onednn() if flag.startswith("-I")]
    objects = [compile_object(program, folder / "program.o", KERNEL_FLAGS)]
    for source in sources(program):
        if source.parent.name == "kernels":
            for isa, flags in ISA_FLAGS.items():
                target = folder / f"{source.stem}_{isa}.o"
                objects.append(compile_object(source, target, [*KERNEL_FLAGS, *flags, f"-DEMBER_ISA={isa}"]))
        else:
            objects.append(compile_object(source, folder / f"{source.stem}_source.o", dnnl))
    return [str(path) for path in objects]


@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler (g++ or c++) on the path")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program(program: Path, tmp_path: Path) -> None:
    link = []
    if "cpu/gemm.cpp" in {str(path.relative_to(ROOT / "csrc")) for path in sources(program)}:
        link = onednn()
        if not link:
            pytest.skip("needs oneDNN: pip install onednn-devel-cpu-gomp onednn-cpu-gomp")
    binary = tmp_path / program.stem
    command = [COMPILER, "-fopenmp", *objects_of(program, tmp_path), "-o", str(binary), *link, "-pthread"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    result = subprocess.run([str(binary)], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr + result.stdout

"""What is installed: sizes, bundled libraries, import time, neighbours in the process, ways to install."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

import ember

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(ember.__file__).parent
WHEELS = sorted((ROOT / "dist").glob(f"ember-*-cp{sys.version_info[0]}{sys.version_info[1]}-*.whl"))
MB = 1 << 20
HAS_TORCH = importlib.util.find_spec("torch") is not None

needs_wheel = pytest.mark.skipif(not WHEELS, reason="make wheel")
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="pip install torch")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def run(program: str, *, python: str = sys.executable, timeout: float = 120, **environment: str) -> str:
    result = subprocess.run(
        [python, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=os.environ | environment,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


# ---- sizes ----------------------------------------------------------------------------------------------------------


@needs_wheel
def test_wheel_is_small() -> None:
    assert WHEELS[-1].stat().st_size <= 25 * MB


def test_installed_package_is_small() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) <= 75 * MB


@needs_wheel
def test_wheel_holds_the_package_and_nothing_else() -> None:
    names = zipfile.ZipFile(WHEELS[-1]).namelist()
    assert all(re.match(r"ember/|ember_as_torch\.pth$|ember-[\d.]+\.dist-info/", name) for name in names)
    assert sum(re.match(r"ember/_C\..*so$", name) is not None for name in names) == 1
    assert {"ember/lib/libdnnl.so.3", "ember/lib/libgomp.so.1", "ember/lib/libgomp.txt"} <= set(names)
    assert not [name for name in names if "cache" in name or name.endswith((".cpp", ".h", ".a", ".o"))]


@needs_wheel
def test_wheel_carries_the_licences() -> None:
    names = zipfile.ZipFile(WHEELS[-1]).namelist()
    for wanted in ("licenses/LICENSE", "lib/LICENSE", "lib/THIRD-PARTY-PROGRAMS", "lib/libgomp.txt"):
        assert any(name.endswith(wanted) for name in names), wanted


def test_numpy_is_the_only_dependency() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    found = re.search(r"^dependencies = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert [re.match(r"\w+", name.strip(' "'))[0] for name in found[1].split(",")] == ["numpy"]


def test_version_is_written_once() -> None:
    assert (
        ember.__version__
        == re.search(r'"(.*)"', (ROOT / "src/ember/version.py").read_text().split("__version__")[1])[1]
    )


# ---- import ---------------------------------------------------------------------------------------------------------


def test_import_is_quick() -> None:
    """At most 0.15 s on a quiet machine: the best of five, because a test machine is seldom quiet."""
    program = """
        import time
        begin = time.perf_counter()
        import ember
        print(time.perf_counter() - begin)
    """
    assert min(float(run(program)) for _ in range(5)) <= 0.15


def test_import_loads_no_heavy_module() -> None:
    program = """
        import sys
        import ember
        heavy = {"numpy", "scipy", "matplotlib", "multiprocessing", "asyncio", "unittest", "torch"}
        print(sorted(heavy & set(sys.modules)))
    """
    assert run(program) == "[]"


def test_numpy_comes_when_it_is_needed() -> None:
    assert run("import sys, ember; ember.zeros(2).numpy(); print('numpy' in sys.modules)") == "True"


def test_works_without_the_repository(tmp_path: Path) -> None:
    program = "import ember; print((ember.ones(3) * 2).tolist())"
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[2.0, 2.0, 2.0]"


# ---- shared libraries -----------------------------------------------------------------------------------------------

MAPPED = """
def mapped(name):
    return sorted({line.split()[-1] for line in open("/proc/self/maps") if name in line})
"""
PRODUCT = "x.randn(300, 300) @ x.randn(300, 300)"


@on_linux
def test_bundled_libraries_are_used() -> None:
    libraries = run(f"{MAPPED}\nimport ember as x\n{PRODUCT}\nprint(mapped('libdnnl'), mapped('libgomp'))")
    assert libraries == f"['{PACKAGE}/lib/libdnnl.so.3'] ['{PACKAGE}/lib/libgomp.so.1']"


@on_linux
@needs_torch
@pytest.mark.parametrize("order", [("torch", "ember"), ("ember", "torch")], ids=" first, then ".join)
def test_shares_a_process_with_torch(order: tuple[str, str]) -> None:
    """Both compute, and there is one pool of threads."""
    work = "\n".join(f"import {library} as x\n{PRODUCT}" for library in order)
    libraries = run(f"{MAPPED}\n{work}\nprint(len(mapped('libgomp')))")
    assert libraries == "1"


@on_linux
def test_shares_a_process_with_numpy_and_scipy() -> None:
    pytest.importorskip("scipy")
    work = "import numpy, scipy.linalg; scipy.linalg.inv(numpy.eye(200))"
    for program in (f"import ember as x\n{PRODUCT}\n{work}", f"{work}\nimport ember as x\n{PRODUCT}"):
        run(program)


def test_forked_child_computes() -> None:
    """The pool of threads does not survive a fork: a child that used it would wait for ever."""
    program = """
        import os, sys
        import ember
        x = ember.randn(1024, 1024)
        (x @ x).exp().sum().item()
        child = os.fork()
        if child == 0:
            os._exit(0 if (x @ x).exp().shape == (1024, 1024) and ember.ones(1 << 22).sum().item() == 1 << 22 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (x + x).sum().isfinite().item())
    """
    assert run(program, timeout=60) == "0 True"


def test_threads_follow_affinity() -> None:
    program = """
        import os
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        import ember
        print(ember.get_num_threads())
    """
    assert run(program) == "1"


def test_threads_follow_the_environment() -> None:
    assert run("import ember; print(ember.get_num_threads())", OMP_NUM_THREADS="1") == "1"


# ---- ways to install ------------------------------------------------------------------------------------------------


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@needs_wheel
def test_target_install(tmp_path: Path) -> None:
    pip("--target", str(tmp_path), str(WHEELS[-1]))
    program = "import ember; print(ember.__file__); ember.randn(64, 64) @ ember.randn(64, 64)"
    assert run(program, PYTHONPATH=str(tmp_path)).startswith(str(tmp_path))


@needs_wheel
def test_user_install(tmp_path: Path) -> None:
    """The tree of `--user`, made with `--prefix`: virtual environments refuse `--user` itself."""
    pip("--prefix", str(tmp_path), "--ignore-installed", str(WHEELS[-1]))
    site = next(tmp_path.rglob("site-packages"))
    program = "import ember; print(ember.__file__); ember.randn(64, 64) @ ember.randn(64, 64)"
    assert run(program, PYTHONPATH=str(site)).startswith(str(tmp_path))


# ---- processors -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs binutils")
@pytest.mark.parametrize("build", [ROOT / "build" / "dev", ROOT / "build" / "wheel"], ids=lambda path: path.name)
def test_kernels_share_no_symbols(build: Path) -> None:
    """A weak symbol is shared by all instruction sets; the linker may keep the copy that this processor cannot run."""
    objects = sorted(build.glob("CMakeFiles/ember_kernels_v*.dir/csrc/cpu/kernels/*.o"))
    if not objects:
        pytest.skip(f"no objects in {build.name}")
    symbols = subprocess.run(["nm", "-C", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    weak = [line for line in symbols.splitlines() if re.search(r" [WVu] ", line) and not re.search(r"\bv[34]::", line)]
    assert weak == []


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs binutils")
@pytest.mark.parametrize("build", [ROOT / "build" / "dev", ROOT / "build" / "wheel"], ids=lambda path: path.name)
def test_kernels_run_nothing_when_they_are_loaded(build: Path) -> None:
    """An initializer would run before the processor is looked at."""
    objects = sorted(build.glob("CMakeFiles/ember_kernels_v*.dir/csrc/cpu/kernels/*.o"))
    if not objects:
        pytest.skip(f"no objects in {build.name}")
    headers = subprocess.run(["objdump", "-h", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    assert ".init_array" not in headers


def test_median_call_is_fast() -> None:
    """A guard against a build without optimisation: 1 us for what takes 0.1 us."""
    program = """
        import timeit
        import ember
        x = ember.ones(4, 4)
        print(min(timeit.repeat("x + x", globals={"x": x}, number=10000)) / 10000)
    """
    assert statistics.median(float(run(program)) for _ in range(3)) <= 1e-6

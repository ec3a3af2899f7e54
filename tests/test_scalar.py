"""The functions of one number (csrc/scalar): accuracy, derivatives, and that every loop over them is vectorised."""

from __future__ import annotations

import ctypes
import platform
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parent / "scalar"
COMPILER = shutil.which("g++")
FLAGS = [
    "-std=c++20",
    "-O3",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
]
V3 = "-march=x86-64-v3"
FUNCTION = re.compile(r"FUNCTION\((\w+), (-?\d+), (-?\d+),")
FUNCTIONS = {
    name: (float(low), float(high)) for name, low, high in FUNCTION.findall((FOLDER / "functions.inc").read_text())
}
# Derivatives of the gamma family end in the zeta function, a sum whose length depends on the argument; the second
# derivative of min and max is the constant 0, which becomes a memset.
NOT_VECTORISED = {0: set(), 1: {"digamma"}, 2: {"lgamma", "digamma", "min", "max"}}


def has_v3() -> bool:
    information = Path("/proc/cpuinfo")
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    return information.exists() and all(f" {flag} " in information.read_text() for flag in ("avx2", "fma", "bmi2"))


pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="needs g++ on the path"),
    pytest.mark.skipif(not has_v3(), reason="needs an x86-64-v3 processor"),
]


def compile_program(*arguments: str) -> str:
    """Runs the compiler and returns its messages."""
    result = subprocess.run([str(COMPILER), *FLAGS, V3, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[ctypes.CDLL], list[str]]:
    """By order of the derivative: the library of tests/scalar/loops.cpp, and the compiler's report about it."""
    folder = tmp_path_factory.mktemp("loops")
    libraries, reports = [], []
    for order in range(3):
        target = folder / f"loops{order}.so"
        reports.append(
            compile_program(
                f"-DORDER={order}", "-fopt-info-vec", "-shared", "-fPIC", str(FOLDER / "loops.cpp"), "-o", str(target)
            )
        )
        libraries.append(ctypes.CDLL(str(target)))
    return libraries, reports


def call(library: ctypes.CDLL, name: str, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    x = np.ascontiguousarray(x)
    y = x if y is None else np.ascontiguousarray(y, x.dtype)
    z = np.empty_like(x)
    kind = {np.dtype("f4"): "float", np.dtype("f8"): "double"}[x.dtype]
    getattr(library, f"{name}_{kind}")(*(ctypes.c_void_p(a.ctypes.data) for a in (x, y, z)), ctypes.c_long(x.size))
    return z


def test_accuracy(tmp_path: Path) -> None:
    program = tmp_path / "accuracy"
    compile_program("-DDENSE=250000", str(FOLDER / "accuracy.cpp"), "-o", str(program))
    lines = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == 2 * len(FUNCTIONS)
    broken = [line for line in lines if float(line.split()[2]) > float(line.split()[3])]
    assert not broken, "error in ulp, promise, argument:\n" + "\n".join(broken)


@pytest.mark.parametrize("order", range(3))
def test_every_loop_is_vectorised(loops: tuple[list[ctypes.CDLL], list[str]], order: int) -> None:
    report = loops[1][order]
    found: dict[tuple[str, int], int] = {}
    for file, line in re.findall(r"(\w+\.\w+):(\d+):\d+: optimized: loop vectorized using 32 byte", report):
        found[file, int(line)] = found.get((file, int(line)), 0) + 1
    scalar = []
    for file in ("functions.inc", "loops.cpp"):
        text = (FOLDER / file).read_text()
        active = text if order == 0 else text.split("#if ORDER == 0")[0]
        for number, line in enumerate(active.splitlines(), start=1):
            match = re.match(r"(?:FUNCTION|BINARY|UNARY|LOOP)\((\w+)", line)
            if match and match[1] not in NOT_VECTORISED[order]:
                wanted = 2 if line.startswith("FUNCTION") else len(re.findall(r"(?:BINARY|UNARY|LOOP)\(", line))
                if found.get((file, number), 0) < wanted:
                    scalar.append(line)
    assert not scalar, "not vectorised:\n" + "\n".join(scalar)


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm on the path")
def test_no_function_is_left_to_the_linker(tmp_path: Path) -> None:
    """A weak symbol would be shared by the copies for different instruction sets."""
    target = tmp_path / "loops.o"
    compile_program("-DORDER=1", "-c", str(FOLDER / "loops.cpp"), "-o", str(target))
    symbols = subprocess.run(["nm", str(target)], capture_output=True, text=True, check=True).stdout
    assert re.findall(r" [WVwvu] (\S+)", symbols) == []


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_central_differences(loops: tuple[list[ctypes.CDLL], list[str]], order: int) -> None:
    step = 2e-4
    for name in [*FUNCTIONS, "pow", "atan2", "hypot"]:
        low, high = FUNCTIONS.get(name, (0.0, 5.0))
        # Away from the ends, where derivatives are infinite, and where the function still changes.
        x = np.linspace(max(low + 0.05, -3.0), min(high - 0.05, 5.0), 1001)
        y = np.full_like(x, 1.7)
        lower, library = loops[0][order - 1], loops[0][order]
        near, far = (call(lower, name, x + k * step, y) - call(lower, name, x - k * step, y) for k in (1, 2))
        expected = (8 * near - far) / (12 * step)  # off by about step^4 times the fifth derivative
        usable = np.isfinite(expected) & (np.abs(expected) < 1e3)
        if name == "digamma":  # poles
            usable &= (x > 0) | (np.abs(x - np.round(x)) > 0.1)
        assert usable.sum() > 500, name
        found, single = call(library, name, x, y), call(library, name, x.astype("f4"), y)
        np.testing.assert_allclose(found[usable], expected[usable], rtol=1e-6, atol=1e-7, err_msg=name)
        np.testing.assert_allclose(single[usable], found[usable], rtol=1e-3, atol=1e-4, err_msg=name)


def test_binary_functions_agree_with_double(loops: tuple[list[ctypes.CDLL], list[str]]) -> None:
    special = np.array([0, 1, 2, 3, 0.5, 2.5, 1e-45, 1e-30, 7e22, 3.4e38, np.inf, np.nan, 17, 1e9, 16777217], "f4")
    special = np.concatenate([special, -special])
    x, y = (a.ravel() for a in np.meshgrid(special, special))
    generator = np.random.default_rng(0)
    any_bits = generator.integers(0, 2**32, (2, 200_000), dtype=np.uint32).view("f4")
    with np.errstate(all="ignore"):
        x = np.concatenate([x, any_bits[0], any_bits[0]])
        y = np.concatenate([y, any_bits[1], generator.normal(0, 3, 200_000).astype("f4")])
        wide_x, wide_y = x.astype("f8"), y.astype("f8")
        expected = {
            "pow": np.power(wide_x, wide_y),
            "atan2": np.arctan2(wide_x, wide_y),
            "hypot": np.hypot(wide_x, wide_y),
            "fmod": np.fmod(wide_x, wide_y),
            "copysign": np.copysign(wide_x, wide_y),
            "min": np.minimum(wide_x, wide_y),
            "max": np.maximum(wide_x, wide_y),
        }
        for name, wide in expected.items():
            found, rounded = call(loops[0][0], name, x, y), wide.astype("f4")
            exact = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
            off = np.abs(found.astype("f8") - wide) / np.spacing(np.abs(rounded).clip(1e-38)).astype("f8")
            limit = {"pow": 0.6, "atan2": 2.5, "hypot": 0.51}.get(name, 0)
            # Beside the overflow bound the largest number may stand for inf.
            wrong = ~exact & ~(off <= limit) & ~(np.abs(wide) > 3.4028e38)
            assert not wrong.any(), (name, x[wrong][:5], y[wrong][:5], found[wrong][:5], rounded[wrong][:5])
        for name in ("pow", "atan2", "hypot"):
            found, wide = call(loops[0][0], name, wide_x, wide_y), expected[name]
            off = np.abs(found - wide) / np.spacing(np.abs(wide))
            wrong = ~((found == wide) | (np.isnan(found) & np.isnan(wide)) | (off <= 3))
            assert not wrong.any(), (name, x[wrong][:5], y[wrong][:5], found[wrong][:5], wide[wrong][:5])


def test_division_with_remainder_is_pythons(loops: tuple[list[ctypes.CDLL], list[str]]) -> None:
    generator = np.random.default_rng(1)
    x = generator.normal(0, 100, 20_000).astype("f4")
    y = generator.normal(0, 5, x.size).astype("f4")
    y[::2] = np.round(y[::2])
    y[y == 0] = 1
    rest, quotient = call(loops[0][0], "remainder", x, y), call(loops[0][0], "floor_divide", x, y)
    for a, b, r, q in zip(x.tolist(), y.tolist(), rest, quotient, strict=True):
        assert r == np.float32(a % b) or abs(r - a % b) < 1e-6 * abs(b)
        assert q == np.float32(a // b)

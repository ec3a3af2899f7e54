"""`python -m ember` and `ember.drop_in()`: PyTorch's name, Ember's modules, the interpreter's own manners."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

import ember


def run(*arguments, cwd=None, command=("-m", "ember")):
    return subprocess.run(
        [sys.executable, *command, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=120
    )


def run_code(code, *arguments):
    return run("-c", code, *arguments)


def test_names_are_embers_own_objects():
    code = """
import sys, torch, ember
import torch.nn as nn, torch.nn.functional as F
from torch import Tensor, nn as same
from torch.nn.modules.linear import Linear
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset
assert nn is same is ember.nn is sys.modules["torch.nn"] is torch.nn
assert ember.nn.__spec__.name == "ember.nn"
assert F is ember.nn.functional and Linear is ember.nn.Linear and Tensor is torch.Tensor is ember.Tensor
assert DataLoader is ember.utils.data.DataLoader
assert torch.float32 is ember.float32
torch.mine = 5
assert ember.mine == 5 and torch.mine == 5 and "mine" in dir(torch)
del torch.mine
assert not hasattr(ember, "mine")
print(torch.__version__, torch.__name__, ember.__version__)
"""
    result = run_code(code)
    assert result.stderr == ""
    assert result.stdout == f"2.13.0 torch {ember.__version__}\n"


def test_what_is_missing_is_named():
    code = """
import importlib.util, torch
for attempt in ("import torch.nothing.at_all", "from torch import nothing", "torch.nothing"):
    try:
        exec(attempt)
    except Exception as error:
        print(type(error).__name__, error)
assert importlib.util.find_spec("torch.nothing") is None
assert importlib.util.find_spec("torch.nn") is not None
"""
    lines = run_code(code).stdout.splitlines()
    assert lines[0] == "ModuleNotFoundError No module named 'torch.nothing'"
    assert lines[1].startswith("ImportError cannot import name 'nothing' from 'torch'")
    assert lines[2].startswith("AttributeError module 'torch' has no attribute 'nothing'")


def test_packages_find_the_version():
    result = run_code("import importlib.metadata as m; print(m.version('torch'))")
    assert result.stdout == "2.13.0\n"


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    (tmp_path / "beside.py").write_text("value = 7\n")
    path.write_text(
        """
import pickle, sys, torch, beside

class Mine:
    pass

def fail():
    raise ValueError("boom")

print(__name__, sys.argv[1:], beside.value, __file__, sys.argv[0])
assert type(pickle.loads(pickle.dumps(Mine()))) is Mine
if "exit" in sys.argv:
    sys.exit(7)
if "text" in sys.argv:
    sys.exit("said")
if "fail" in sys.argv:
    fail()
"""
    )
    return path


@pytest.mark.parametrize("argument", ["fine", "exit", "text", "fail"])
def test_scripts_run_as_under_python(script, argument, tmp_path):
    # Under plain Python the same script finds a stand-in for torch.
    stand_in = tmp_path / "stand_in"
    stand_in.mkdir()
    (stand_in / "torch.py").touch()
    run_plain = (
        "import runpy, sys; sys.path.insert(1, sys.argv.pop(1)); sys.argv.pop(0); sys.path[0] = sys.argv.pop(0);"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    plain = run("-c", run_plain, stand_in, tmp_path, script, argument, "-x", command=())
    ours = run(script, argument, "-x")
    assert ours.returncode == plain.returncode == {"fine": 0, "exit": 7, "text": 1, "fail": 1}[argument]
    assert ours.stdout == f"__main__ [{argument!r}, '-x'] 7 {script} {script}\n"
    if argument == "fail":
        assert ours.stderr.startswith(f'Traceback (most recent call last):\n  File "{script}", line 17, in <module>')
        assert ours.stderr.endswith("ValueError: boom\n")
        assert "ember" not in ours.stderr
    else:
        assert ours.stderr == plain.stderr


def test_relative_scripts_modules_and_syntax_errors(script, tmp_path):
    assert run("script.py", "a", cwd=tmp_path).stdout.startswith(f"__main__ ['a'] 7 {script} script.py")
    assert run("-m", "script", "a", cwd=tmp_path).stdout.startswith(f"__main__ ['a'] 7 {script}")
    bad = tmp_path / "bad.py"
    bad.write_text("x = (\n")
    ours, plain = run(bad), run(bad, command=())
    assert (ours.returncode, ours.stderr) == (plain.returncode, plain.stderr)
    ours, plain = run("missing.py", cwd=tmp_path), run("missing.py", cwd=tmp_path, command=())
    assert (ours.returncode, ours.stderr) == (plain.returncode, plain.stderr)
    assert run("-m", "no_such_module").returncode == 1


def test_usage():
    assert run().returncode == 2
    assert "usage: python -m ember" in run().stderr
    assert run("-h").returncode == 0
    assert run("-c").returncode == 2


def test_processes_that_start_afresh_find_ember_too(tmp_path):
    path = tmp_path / "parallel.py"
    path.write_text(
        """
import multiprocessing, torch

def double(number):
    return (torch.tensor(number) * 2).item()

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(double, [3, 4]))
"""
    )
    result = run(path)
    assert result.stderr == ""
    assert result.stdout == "[6, 8]\n"


def test_drop_in():
    code = """
import ember
torch = ember.drop_in()
import torch.nn
assert torch.nn is ember.nn and ember.drop_in() is torch
print(torch.__version__)
"""
    result = run("-c", code, command=())
    assert (result.stdout, result.stderr) == ("2.13.0\n", "")


def test_drop_in_after_the_real_one(tmp_path):
    (tmp_path / "torch.py").touch()
    result = run("-c", "import torch, ember; ember.drop_in()", command=(), cwd=tmp_path)
    assert "RuntimeError: drop_in(): PyTorch itself is imported already" in result.stderr
    assert str(pathlib.Path("torch.py")) in result.stderr


def test_whole_modules_travel_between_the_two_names(tmp_path):
    code = """
import sys, torch
if sys.argv[1] == "save":
    torch.save(torch.nn.Linear(2, 3), sys.argv[2])
else:
    print(torch.load(sys.argv[2], weights_only=False))
"""
    path = tmp_path / "m.pt"
    assert run("-c", code, "save", path).stderr == ""
    assert run("-c", code, "load", path).stdout == "Linear(in_features=2, out_features=3, bias=True)\n"
    assert ember.load(path, weights_only=False).out_features == 3

"""The examples run as a user would run them, on tiny sizes; the demo's promises hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DIGITS = next(path for path in EXAMPLES if path.stem == "digits")
for _module in ("matplotlib", "skimage", "sklearn", "tqdm"):
    pytest.importorskip(_module, reason="pip install ember[examples]")


def run(script: Path, folder: Path, *arguments: str, **variables: str) -> str:
    environment = os.environ | {"MPLCONFIGDIR": str(folder)} | variables
    command = [sys.executable, str(script), *arguments]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False, env=environment
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def outcome(output: str) -> tuple[str, float]:
    """Loss as printed, test accuracy in per cent."""
    found = re.search(r"loss ([\d.]+), test accuracy ([\d.]+)%", output)
    assert found is not None, output
    return found[1], float(found[2])


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_short(script: Path) -> None:
    assert len(script.read_text().splitlines()) < 200


def test_digits_reaches_its_accuracy(tmp_path: Path) -> None:
    _, accuracy = outcome(run(DIGITS, tmp_path))
    assert accuracy >= 97
    assert (tmp_path / "digits.pth").stat().st_size > 100_000
    assert (tmp_path / "digits.png").read_bytes().startswith(b"\x89PNG")


def test_digits_resumes_to_the_same_numbers(tmp_path: Path) -> None:
    at_once, in_parts = tmp_path / "at_once", tmp_path / "in_parts"
    at_once.mkdir()
    in_parts.mkdir()
    uninterrupted = outcome(run(DIGITS, at_once, "--epochs", "4", "--seed", "3"))
    run(DIGITS, in_parts, "--epochs", "2", "--seed", "3")
    resumed = outcome(run(DIGITS, in_parts, "--epochs", "4", "--seed", "5", "--resume"))
    assert resumed == uninterrupted


def test_digits_resumes_to_the_same_weights(tmp_path: Path) -> None:
    import ember

    run(DIGITS, tmp_path, "--epochs", "2", "--checkpoint", "whole.pth")
    run(DIGITS, tmp_path, "--epochs", "1", "--checkpoint", "part.pth")
    run(DIGITS, tmp_path, "--epochs", "2", "--checkpoint", "part.pth", "--resume")
    whole, part = (ember.load(tmp_path / name)["network"] for name in ("whole.pth", "part.pth"))
    assert list(whole) == list(part)
    assert all(ember.equal(whole[key], part[key]) for key in whole)


def test_digits_says_what_it_can_do(tmp_path: Path) -> None:
    text = run(DIGITS, tmp_path, "--help")
    assert all(option in text for option in ("--epochs", "--seed", "--checkpoint", "--resume"))


def example(name: str) -> Path:
    return ROOT / "examples" / f"{name}.py"


def losses(output: str) -> tuple[float, float]:
    """Loss of the last step and on the test part, as printed."""
    found = re.search(r"^loss ([\d.]+), test loss ([\d.]+)", output, re.MULTILINE)
    assert found is not None, output
    return float(found[1]), float(found[2])


def test_cnn_learns(tmp_path: Path) -> None:
    _, accuracy = outcome(run(example("cnn"), tmp_path, "--epochs", "2", "--patches", "100"))
    assert accuracy > 40  # of ten photographs, 10 by guessing
    assert (tmp_path / "cnn.pth").exists() and (tmp_path / "cnn.png").read_bytes().startswith(b"\x89PNG")


def test_char_lstm_learns_and_writes(tmp_path: Path) -> None:
    output = run(example("char_lstm"), tmp_path, "--steps", "60")
    assert losses(output)[1] < 3.2  # below the 3.3 nats of how often each character comes; 4.6 by guessing
    assert len(output) > 400 and (tmp_path / "char_lstm.png").exists() and (tmp_path / "char_lstm.pth").exists()


def test_char_gpt_resumes_to_the_same_numbers(tmp_path: Path) -> None:
    at_once = losses(run(example("char_gpt"), tmp_path, "--steps", "30", "--checkpoint", "whole.pth"))
    run(example("char_gpt"), tmp_path, "--steps", "20")
    output = run(example("char_gpt"), tmp_path, "--steps", "30", "--seed", "7", "--resume")
    assert losses(output) == at_once and at_once[1] < 4
    assert len(output) > 400 and (tmp_path / "char_gpt.png").exists()


def test_readme_examples_run(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks))
    output = run(script, tmp_path)
    loss = re.search(r"loss ([\d.]+)", output)
    assert loss is not None
    assert float(loss[1]) < 0.02  # the noise alone gives 0.01
    assert re.findall(r"torch.Size\(.*?\)", output) == re.findall(r"# (torch.Size\(.*?\))", "\n".join(blocks))

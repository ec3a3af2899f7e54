"""The tour runs as it stands, in order, as an unmodified PyTorch script, and its comments are true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "tour.md").read_text(), re.DOTALL)

# What the comments of a block say, by a line that stands in it.
CLAIMS = {
    "# Creating tensors": """
assert t2.shape == (3, 4) and not t2.any() and t3.shape == (2, 3) and t3.all() and t4.std() > 0
assert t5.tolist() == [0, 2, 4, 6, 8] and t1.shape == torch.Size([3]) and t1.dtype == torch.int64
assert str(t1.device) == "cpu" and str(t1.shape) == "torch.Size([3])" and str(t1.dtype) == "torch.int64"
assert c.tolist() == [5, 7, 9] and d.tolist() == [4, 10, 18] and e.item() == 32.0
assert f.tolist() == [[4, 5, 6], [8, 10, 12], [12, 15, 18]] and y.shape == (6, 4) and z.shape == (24,)
""",
    "# Enable gradient tracking": "assert x.grad.tolist() == [5, 8] and y.grad.tolist() == [2, 3]",
    "# Define a simple network": "assert total_params == 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10",
    "# Training loop": "assert avg_loss < 1.5",  # log(10) where nothing was learnt
    "# Evaluation mode": "assert 0 <= accuracy <= 1 and model.training and total == 200",
    "# Load checkpoint": """
assert epoch == 4 and optimizer.state_dict()["state"][0]["step"] == 160
saved = torch.load("model.pth")
assert all(torch.equal(saved[key], value) for key, value in model.state_dict().items())
""",
    "# Conv block 1": "assert model.conv1(torch.randn(2, 3, 32, 32)).shape == (2, 32, 32, 32)",
    "# Use last hidden state": """
lstm_out, (h_n, c_n) = model.lstm(torch.randn(3, 7, 100))
assert lstm_out.shape == (3, 7, 256) and h_n.shape == c_n.shape == (2, 3, 256)
assert torch.allclose(lstm_out[:, -1], h_n[-1], atol=1e-6)
""",
    "scheduler.step()  ": "assert abs(optimizer.param_groups[0]['lr'] - 0.01 * 0.1 ** (num_epochs // 10)) < 1e-12",
    "CustomLoss()(": "assert loss.item() == 2.5",
    "# Normalize after linear layer": """
normal = BNNetwork().bn1(BNNetwork().fc1(torch.randn(64, 784)))
assert normal.mean(0).abs().max() < 1e-5 and (normal.std(0, unbiased=False) - 1).abs().max() < 1e-2
""",
    "# Prevent exploding": "assert all(p.grad.abs().max() <= 0.1 for p in model.parameters())",
    "GradScaler\n": "assert loss.isfinite()",
    "# Instead of 32": "assert loss.isfinite() and accumulation_steps == 4",
}


def test_tour(tmp_path: Path) -> None:
    unused = set(CLAIMS)
    script = []
    for block in BLOCKS:
        script.append(block)
        for line in [line for line in unused if line in block]:
            script.append(CLAIMS[line])
            unused.remove(line)
    assert not unused
    (tmp_path / "tour.py").write_text("\n".join(script))
    command = [sys.executable, "-m", "ember", "tour.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    for text in (
        "torch.Size([3])\ntorch.int64\ncpu\n",
        "tensor([5., 8.])",
        "Total parameters: 109386",
        "Epoch 5/5, Loss: ",
    ):
        assert text in result.stdout
    assert "Accuracy: " in result.stdout and result.stdout.count("torch.Size([4, 10])") == 2
    assert "no GPU" in result.stderr or "CUDA" in result.stderr  # mixed precision says so, and trains on

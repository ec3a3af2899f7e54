"""What type checkers make of programs; tests/test_types.py runs mypy over it, nothing runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import assert_type

import ember as torch
import ember.nn.functional as F
from ember import Tensor, nn, optim
from ember.utils.data import DataLoader, Dataset, TensorDataset


def tensors() -> None:
    x = torch.ones(2, 3)
    assert_type(x, Tensor)
    assert_type(torch.zeros((2, 3), dtype=torch.float64, device="cpu", requires_grad=True), Tensor)
    assert_type(torch.tensor([[1, 2], [3, 4]]), Tensor)
    assert_type(torch.randn(2, 3, generator=torch.Generator().manual_seed(0)), Tensor)
    assert_type(torch.arange(5), Tensor)
    assert_type(x.shape, torch.Size)
    assert_type(x.shape[0], int)
    assert_type(x.shape[1:], torch.Size)
    assert_type(x.size(), torch.Size)
    assert_type(x.size(0), int)
    assert_type(x.dtype, torch.dtype)
    assert_type(torch.bfloat16, torch.dtype)
    assert_type(torch.uint16, torch.dtype)
    assert_type(x.device, torch.device)
    assert_type(x.device.type, str)
    assert_type(x.requires_grad, bool)
    assert_type(x.grad, Tensor | None)
    number: float = x.item()
    assert_type(x.to(torch.float16), Tensor)
    assert_type(x.to("meta", torch.float16, non_blocking=True), Tensor)
    assert_type(x.cpu().float().detach().requires_grad_(), Tensor)
    assert_type(x.T, Tensor)
    assert_type(x.real, Tensor)
    assert_type([number, *x.tolist()], list[Any])
    assert_type(list(x), list[Tensor])
    assert_type(int(x[0, 0]), int)
    x.requires_grad = True
    x.grad = None
    x[0] = 1
    x[..., 1:] = x[:, None, x[0] > 0, [0, 1]]


def operations(x: Tensor, y: Tensor) -> None:
    assert_type(torch.add(x, 1, alpha=2), Tensor)
    assert_type(torch.add(input=x, other=y, out=x), Tensor)
    assert_type(x + 1, Tensor)
    assert_type(1.5 / -x, Tensor)
    assert_type(x @ y, Tensor)
    assert_type(x == y, Tensor)
    assert_type((x > 0) & ~(y != 1), Tensor)
    x += 1
    assert_type(x, Tensor)
    assert_type(x.sum(), Tensor)
    assert_type(x.sum(dim=0, keepdim=True, dtype=torch.float64), Tensor)
    assert_type(x.sum((0, 1)), Tensor)
    assert_type(torch.mean(x, dim=[0, -1]), Tensor)
    assert_type(x.max(), Tensor)
    assert_type(x.max(dim=1).indices, Tensor)
    assert_type(torch.max(x, y), Tensor)
    values, indices = x.topk(2)
    assert_type(values, Tensor)
    assert_type(indices, Tensor)
    assert_type(torch.linalg.svd(x).S, Tensor)
    assert_type(x.view(2, -1), Tensor)
    assert_type(x.view((2, -1)), Tensor)
    assert_type(x.view(torch.int32), Tensor)
    assert_type(x.permute(1, 0).reshape(-1).expand_as(y), Tensor)
    assert_type(x.unsqueeze_(0).relu_(), Tensor)
    assert_type(x.split(2), tuple[Tensor, ...])
    assert_type(torch.cat([x, y], dim=1), Tensor)
    assert_type(torch.stack((x, y)), Tensor)
    assert_type(torch.where(x > 0, x, 0.0), Tensor)
    assert_type(torch.where(x), tuple[Tensor, ...])
    assert_type(x.nonzero(), Tensor)
    assert_type(x.nonzero(as_tuple=True), tuple[Tensor, ...])
    assert_type(x.clamp(min=0), Tensor)
    assert_type(x.masked_fill(y > 0, float("-inf")), Tensor)
    assert_type(x.new_zeros(2, 3), Tensor)
    assert_type(torch.allclose(x, y), bool)
    assert_type(torch.einsum("ij,jk->ik", x, y), Tensor)
    assert_type(torch.fft.rfft(x, n=8), Tensor)
    assert_type(torch.special.erf(x), Tensor)
    assert_type(torch.manual_seed(0), torch.Generator)
    assert_type(torch.is_grad_enabled(), bool)
    assert_type(x.type(), str)
    assert_type(x.type(torch.half), Tensor)


def functional(x: Tensor, target: Tensor, weight: Tensor) -> None:
    assert_type(F.relu(x, inplace=True), Tensor)
    assert_type(F.softmax(x, dim=-1), Tensor)
    assert_type(F.softplus(x, beta=2), Tensor)
    assert_type(F.linear(x, weight), Tensor)
    assert_type(F.conv2d(x, weight, stride=2, padding="same"), Tensor)
    assert_type(F.max_pool2d(x, 2), Tensor)
    assert_type(F.cross_entropy(x, target, label_smoothing=0.1), Tensor)
    assert_type(F.scaled_dot_product_attention(x, x, x, is_causal=True), Tensor)
    assert_type(F.interpolate(x, scale_factor=(2.0, 2.0), mode="bilinear"), Tensor)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(0.1))
        self.scale = nn.Parameter(torch.ones(3))
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, x: Tensor, times: int = 1) -> Tensor:
        return self.layers(x) * self.scale * times


def modules(x: Tensor) -> None:
    network = Network()
    assert_type(network(x), Tensor)
    assert_type(network(x, times=2), Tensor)
    assert_type(network.scale, nn.Parameter)
    assert_type(network.scale.grad, Tensor | None)
    assert_type(network.eval(), Network)
    assert_type(network.to("cpu").half(), Network)
    assert_type(network.state_dict(), dict[str, Any])
    assert_type([name for name, _ in network.named_parameters()], list[str])
    assert_type([*network.parameters()], list[nn.Parameter])
    assert_type(nn.Linear(2, 3)(x), Tensor)
    assert_type(nn.CrossEntropyLoss()(x, x), Tensor)
    output, (h, c) = nn.LSTM(2, 3)(x)
    assert_type((output, h, c), tuple[Tensor, Tensor, Tensor])
    attended, weights = nn.MultiheadAttention(4, 2)(x, x, x)
    assert_type(attended, Tensor)
    assert_type(weights, Tensor | None)
    function: Callable[[Tensor], Tensor] = nn.ReLU()
    assert_type(function(x), Tensor)
    assert_type(list(map(network, [x])), list[Tensor])
    for layer in nn.ModuleList([nn.Linear(2, 2)]):
        assert_type(layer, nn.Module)


class Squares(Dataset[int]):
    def __getitem__(self, index: int) -> int:
        return index**2

    def __len__(self) -> int:
        return 10


@torch.no_grad()
def answer(network: Network, x: Tensor) -> Tensor:
    return network(x)


@torch.inference_mode()
def count(x: Tensor) -> int:
    return x.numel()


def training(network: Network, x: Tensor) -> None:
    optimizer = optim.AdamW(network.parameters(), lr=1e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=4, shuffle=True):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = network(batch).square().mean()
        loss.backward()
        assert_type(nn.utils.clip_grad_norm_(network.parameters(), 1.0), Tensor)
        optimizer.step()
        schedule.step()
    assert_type(torch.amp.GradScaler("cpu").scale(x), Tensor)
    assert_type(Squares()[3], int)
    assert_type(answer(network, x), Tensor)
    assert_type(count(x), int)
    with torch.no_grad(), torch.device("meta"), torch.set_grad_enabled(False):
        torch.save(network.state_dict(), "network.pth")
        network.load_state_dict(torch.load("network.pth", weights_only=True))
    assert_type(torch.autograd.grad(x.sum(), [x]), tuple[Tensor, ...])
    assert_type(torch.utils.data.default_collate([x]), Any)
    assert_type(torch.cuda.is_available(), bool)

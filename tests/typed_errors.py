"""Mistakes that type checkers find, each with mypy's name for it; tests/test_types.py runs mypy over it."""

from __future__ import annotations

import ember as torch
import ember.nn.functional as F
from ember import Tensor, nn, optim

x = torch.ones(2, 3)
torch.no_such_function(x)  # attr-defined
x.no_such_method()  # attr-defined
F.no_such_function(x)  # attr-defined
torch.float33  # attr-defined
torch.add(x)  # call-arg
torch.add(x, "1")  # arg-type
torch.add("1", x)  # arg-type
x + "1"  # operator
x.sum(dim="rows")  # arg-type
x.sum(dims=0)  # call-arg
torch.zeros(2, dtype="float32")  # arg-type
torch.zeros(2, requires_grad=x, device=1.5)  # arg-type
x.view("2")  # call-overload
torch.stack(x, dim=0.5)  # arg-type
x.to(torch.float16).shape = x.shape  # misc
x["row"]  # index
nn.Linear("2", 3)  # arg-type
nn.Linear(2)  # call-arg
nn.Linear(2, 3)(5)  # arg-type
nn.Linear(2, 3)(x, x)  # call-arg
nn.Linear(2, 3)(rows=x)  # call-arg
F.relu(x, out=x)  # call-arg
F.linear(x, 3)  # arg-type
optim.SGD(nn.Linear(2, 3), lr="fast")  # arg-type
number: int = x.sum()  # assignment
values: list[Tensor] = x.max(dim=0)  # assignment


class Network(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


Network()("text")  # arg-type
text: str = Network()(x)  # assignment

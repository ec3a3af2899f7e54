"""odeint with dopri5 and rk4, gradients through the solver and through the adjoint"""

import torch
from sample import filled, gradient_norm, values
from torch import nn
from torchdiffeq import odeint, odeint_adjoint


class Field(nn.Module):
    """A small vector field."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))

    def forward(self, time, state):
        return self.layers(state) * torch.cos(time)


def job():
    field, start, times = filled(Field()), values(16, 2), torch.linspace(0, 2, 10)
    results = {}
    for name, solve, method in [
        ("direct", odeint, "dopri5"),
        ("adjoint", odeint_adjoint, "dopri5"),
        ("rk4", odeint, "rk4"),
    ]:
        field.zero_grad()
        path = solve(field, start, times, method=method)
        path[-1].square().mean().backward()
        results.update({name: path, f"{name} gradients": gradient_norm(field)})
    return results

"""Accelerator: three epochs with gradient accumulation and clipping, the state saved and read"""

import tempfile

import torch
from accelerate import Accelerator
from sample import filled, labels, values
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def job():
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    network = filled(nn.Sequential(nn.Linear(10, 32), nn.GELU(), nn.Linear(32, 4)))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    batches = DataLoader(TensorDataset(values(64, 10), labels(64, 4)), batch_size=8)
    network, optimizer, batches = accelerator.prepare(network, optimizer, batches)
    losses = []
    for _ in range(3):
        for inputs, targets in batches:
            with accelerator.accumulate(network):
                loss = nn.functional.cross_entropy(network(inputs), targets)
                accelerator.backward(loss)
                accelerator.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.item())
    with tempfile.TemporaryDirectory() as folder:
        accelerator.save_state(folder)
        accelerator.load_state(folder)
    return {"losses": losses, "weight": accelerator.unwrap_model(network)[0].weight}

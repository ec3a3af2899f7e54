"""summary of a small convolutional network: parameters, multiplications, output sizes"""

import torch
from torch import nn
from torchinfo import summary


def job():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Sequential(nn.Conv2d(8, 16, 3, stride=2), nn.AdaptiveAvgPool2d(1)),
        nn.Flatten(),
        nn.Linear(16, 10),
    )
    result = summary(network, input_size=(4, 3, 32, 32), verbose=0, depth=3, device=torch.device("cpu"))
    assert "AdaptiveAvgPool2d" in str(result)
    return {
        "parameters": [result.total_params, result.trainable_params],
        "multiplications": result.total_mult_adds,
        "bytes": [result.total_input, result.total_output_bytes, result.total_param_bytes],
        "lines": len(str(result).splitlines()),
        "text": [ord(character) for character in str(result)],
    }

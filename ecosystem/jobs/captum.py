"""integrated gradients, saliency, DeepLift and occlusion of a small network"""

from captum.attr import DeepLift, IntegratedGradients, Occlusion, Saliency
from sample import filled, values
from torch import nn


def job():
    network = filled(nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))).eval()
    inputs, baseline = values(8, 12), values(8, 12, seed=1)
    gradients, error = IntegratedGradients(network).attribute(inputs, baseline, target=1, return_convergence_delta=True)
    return {
        "integrated": gradients,
        "integration error": error.abs().max() < 0.1,
        "saliency": Saliency(network).attribute(inputs.requires_grad_(), target=2),
        "deeplift": DeepLift(network).attribute(inputs, baseline, target=0),
        "occlusion": Occlusion(network).attribute(inputs.detach(), sliding_window_shapes=(3,), target=3),
    }

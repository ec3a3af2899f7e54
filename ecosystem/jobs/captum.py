"""integrated gradients, saliency, DeepLift and occlusion of a small network; DeepLift and Grad-CAM of convolutions"""

from captum.attr import DeepLift, GuidedGradCam, IntegratedGradients, LayerGradCam, Occlusion, Saliency
from sample import filled, values
from torch import nn


def of_images():
    layers = nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 4)
    network, images = filled(nn.Sequential(*layers)).eval(), values(2, 1, 8, 8)
    return {
        "deeplift of images": DeepLift(network).attribute(images, target=1),
        "guided": GuidedGradCam(network, network[0]).attribute(images, target=1),
        "layer": LayerGradCam(network, network[0]).attribute(images, target=2),
    }


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
        **of_images(),
    }

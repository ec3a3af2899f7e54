"""ResNet-18, ViT-tiny, ConvNeXt and EfficientNet: forward, backward, a step of AdamW with layer decay"""

import timm
import timm.optim
import torch
from sample import filled, gradient_norm, labels, values

NETWORKS = {"resnet18": {}, "vit_tiny_patch16_224": {"img_size": 64}, "convnext_atto": {}, "efficientnet_b0": {}}


def job():
    results = {}
    for name, options in NETWORKS.items():
        network = filled(timm.create_model(name, pretrained=False, num_classes=10, **options)).train()
        if name == "efficientnet_b0":  # many small batch norms: rounding grows in training
            network.eval()
        scores = network(values(4, 3, 64, 64))
        torch.nn.functional.cross_entropy(scores, labels(4, 10)).backward()
        results.update({name: scores, f"{name} gradients": gradient_norm(network)})
        if name == "vit_tiny_patch16_224":
            timm.optim.create_optimizer_v2(network, opt="adamw", lr=1e-3, layer_decay=0.7).step()
            results["stepped"] = network.head.weight
    return results

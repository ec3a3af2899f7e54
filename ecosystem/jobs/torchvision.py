"""transforms, ResNet-18 forward and backward, nms, roi_align"""

import torch
import torchvision
from sample import filled, gradient_norm, labels, values
from torchvision.ops import nms, roi_align
from torchvision.transforms import v2


def job():
    image = (values(3, 80, 96) * 40 + 128).clamp(0, 255).to(torch.uint8)
    prepare = v2.Compose(
        [
            v2.Resize(64),
            v2.CenterCrop(64),
            v2.RandomHorizontalFlip(1.0),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    batch = torch.stack([prepare(image), prepare(image.flip(2))])
    network = filled(torchvision.models.resnet18(num_classes=10))
    scores = network(batch)
    torch.nn.functional.cross_entropy(scores, labels(2, 10)).backward()
    corners = values(40, 2).abs() * 20
    boxes = torch.cat([corners, corners + 15], dim=1)
    kept = nms(boxes, torch.linspace(0, 1, 40), 0.3)
    aligned = roi_align(batch, [boxes[:3], boxes[3:6]], output_size=4, aligned=True)
    results = {"image": batch, "scores": scores, "gradients": gradient_norm(network)}
    return {**results, "kept": kept, "aligned": aligned}

"""transforms of images, boxes, masks; ResNet-18, MobileNetV3 forward and backward, ViT; nms, roi_align, a box loss"""

import torch
import torchvision
from sample import filled, gradient_norm, labels, values
from torchvision import tv_tensors
from torchvision.ops import complete_box_iou_loss, nms, roi_align
from torchvision.transforms import v2


def transformed(image):
    prepare = v2.Compose(
        [
            v2.Resize(64),
            v2.CenterCrop(64),
            v2.RandomHorizontalFlip(1.0),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    boxes = tv_tensors.BoundingBoxes([[3, 4, 20, 22], [10, 10, 45, 38]], format="XYXY", canvas_size=(80, 96))
    sample = {"boxes": boxes, "mask": tv_tensors.Mask(image[:1] > 128)}
    turn = v2.Compose([v2.RandomVerticalFlip(1.0), v2.Pad(3), v2.ConvertBoundingBoxFormat("CXCYWH")])
    turned = turn({**sample, "image": v2.functional.rotate(tv_tensors.Image(image), 30.0, expand=True)})
    return torch.stack([prepare(image), prepare(image.flip(2))]), turned


def regions(batch):
    corners = values(40, 2).abs() * 20
    boxes = torch.cat([corners, corners + 15], dim=1)
    moved = (boxes[:9] + values(9, 4)).requires_grad_()
    complete_box_iou_loss(moved, boxes[:9], reduction="mean").backward()
    return {
        "kept": nms(boxes, torch.linspace(0, 1, 40), 0.3),
        "aligned": roi_align(batch, [boxes[:3], boxes[3:6]], output_size=4, aligned=True),
        "box gradients": moved.grad,
    }


def job():
    batch, turned = transformed((values(3, 80, 96) * 40 + 128).clamp(0, 255).to(torch.uint8))
    results = {"image": batch, **turned, **regions(batch)}
    for name in ("resnet18", "mobilenet_v3_small"):
        network = filled(getattr(torchvision.models, name)(num_classes=10)).double()
        scores = network.eval()(batch.double())
        torch.nn.functional.cross_entropy(scores, labels(2, 10)).backward()
        results.update({name: scores, f"{name} gradients": gradient_norm(network)})
    transformer = filled(torchvision.models.vit_b_32(num_classes=10, image_size=64)).eval()
    return {**results, "vit": transformer(batch)}

"""colour, filters, a warp and its gradient, an augmentation"""

import torch
from kornia.augmentation import RandomHorizontalFlip
from kornia.color import rgb_to_grayscale, rgb_to_hsv
from kornia.filters import gaussian_blur2d, sobel
from kornia.geometry import rotate, warp_perspective
from sample import values


def job():
    images = torch.sigmoid(values(2, 3, 48, 48)).requires_grad_()
    blurred = gaussian_blur2d(images, (5, 5), (1.5, 1.5))
    turned = rotate(blurred, torch.tensor([10.0, -20.0]))
    matrix = torch.tensor([[1.0, 0.1, 2.0], [-0.1, 1.0, 1.0], [0.001, 0.0, 1.0]]).repeat(2, 1, 1)
    warped = warp_perspective(turned, matrix, (48, 48))
    warped.square().mean().backward()
    results = {"hsv": rgb_to_hsv(images.detach()), "edges": sobel(rgb_to_grayscale(images.detach()))}
    flipped = RandomHorizontalFlip(p=1.0)(images.detach())
    return {**results, "warped": warped, "gradient": images.grad, "flipped": flipped}

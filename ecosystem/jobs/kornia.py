"""colour, filters, warps with their gradients, morphology, losses, corners, an augmentation"""

import torch
from kornia.augmentation import RandomHorizontalFlip
from kornia.color import rgb_to_grayscale, rgb_to_hsv, rgb_to_lab
from kornia.enhance import equalize_clahe
from kornia.feature import harris_response
from kornia.filters import bilateral_blur, gaussian_blur2d, median_blur, sobel
from kornia.geometry import elastic_transform2d, find_homography_dlt, rotate, warp_perspective
from kornia.losses import HausdorffERLoss, ssim_loss
from kornia.morphology import dilation
from sample import values


def job():
    images = torch.sigmoid(values(2, 3, 48, 48)).requires_grad_()
    blurred = gaussian_blur2d(images, (5, 5), (1.5, 1.5))
    turned = rotate(blurred, torch.tensor([10.0, -20.0]))
    matrix = torch.tensor([[1.0, 0.1, 2.0], [-0.1, 1.0, 1.0], [0.001, 0.0, 1.0]]).repeat(2, 1, 1)
    warped = warp_perspective(turned, matrix, (48, 48))
    bent = elastic_transform2d(bilateral_blur(images, 3, 0.1, (1.0, 1.0)), values(2, 2, 48, 48) * 0.1)
    (warped.square().mean() + ssim_loss(bent, images.detach().flip(3), 5)).backward()
    plain = images.detach()
    gray = rgb_to_grayscale(plain)
    return {
        "hsv": rgb_to_hsv(plain),
        "lab": rgb_to_lab(plain),
        "edges": sobel(gray),
        "warped": warped,
        "gradient": images.grad,
        "flipped": RandomHorizontalFlip(p=1.0)(plain),
        "median": median_blur(plain, 3),
        "contrast": equalize_clahe(plain),
        "dilated": dilation(gray, torch.ones(3, 3)),
        "corners": harris_response(gray),
        "homography": find_homography_dlt(values(1, 8, 2), values(1, 8, 2, seed=1)),
        "distance": HausdorffERLoss(k=3)(torch.softmax(plain, 1), (gray * 2.9).long()),
    }

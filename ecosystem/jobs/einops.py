"""rearrange, reduce, repeat, einsum and the layers, with gradients"""

import torch
from einops import einsum, rearrange, reduce, repeat
from einops.layers.torch import Rearrange, Reduce
from sample import filled, gradient_norm, values


def job():
    images = values(8, 3, 32, 32).requires_grad_()
    patches = rearrange(images, "b c (h p) (w q) -> b (h w) (p q c)", p=4, q=4)
    scores = einsum(patches, repeat(patches, "b n d -> b n d"), "b i d, b j d -> b i j")
    means = reduce(scores, "b (h w) j -> b h", "mean", h=8)
    network = filled(
        torch.nn.Sequential(
            Rearrange("b c h w -> b (c h w)"),
            torch.nn.Linear(3072, 16),
            Reduce("b (g k) -> b g", "max", k=4),
        )
    )
    (means.square().mean() + network(images).square().mean()).backward()
    return {"patches": patches, "means": means, "images": images.grad, "gradients": gradient_norm(network)}

"""Functions of samples for vmap, by name: (function, arguments, in_dims). Batches have 3 samples."""

import numpy

import ember as torch
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)
B = 3


def draw(*shape):
    return torch.tensor(RANDOM.standard_normal(shape))


def index(bound, *shape):
    return torch.tensor(RANDOM.integers(0, bound, shape))


def distinct(bound, *shape):
    """Different indices along the last dim."""
    rows = [RANDOM.permutation(bound)[: shape[-1]] for _ in range(int(numpy.prod(shape[:-1])))]
    return torch.tensor(numpy.stack(rows).reshape(shape))


X, Y = draw(B, 4), draw(B, 4)
M, N = draw(B, 4, 5), draw(B, 5, 2)
IMAGES = draw(B, 2, 3, 6, 6)
SQUARE = draw(B, 3, 3)
SHARED_FIRST = (None, 0)
SHARED_SECOND = (0, None)
SHARED_REST = (0, None, None)


def set_item(a, b):
    c = a.clone()
    c[1] = b * 2
    c[:, 0] += b[0]
    return c * c


def set_columns(a, b, columns):
    c = a.clone()
    c[:, columns] = b
    return c * c


def change_view(a):
    c = a.clone()
    c.t()[1:].mul_(2).add_(a.t()[:-1])
    return c * c


def fill_buffer(a):
    buffer = torch.zeros(5, dtype=a.dtype)
    buffer[1:] += a
    return buffer * a.sum()


POINTWISE = {
    "add": (lambda a, b: a + b, (X, Y), 0),
    "broadcast": (lambda a, b: a + b, (M, draw(B, 5)), 0),
    "number": (lambda a, b: a * b, (draw(B), M), 0),
    "shared": (lambda a, b: a * b, (X, draw(2, 4)), SHARED_SECOND),
    "where": (lambda a, b: torch.where(a > 0, a, b), (X, Y), 0),
    "clamp": (lambda a: a.clamp(-0.5, 0.5), (X,), 0),
    "gelu": (F.gelu, (X,), 0),
    "lerp": (torch.lerp, (X, Y, draw(B, 4)), 0),
    "complex": (lambda a: torch.view_as_real(torch.complex(a, a * 2) * 1j), (X,), 0),
    "modulus": (lambda a: torch.complex(a, a * 2).abs(), (X,), 0),
    "real": (lambda a: torch.complex(a, a * a).imag, (X,), 0),
    "other dims": (lambda a, b: a @ b, (draw(4, 5, B), draw(5, B, 2)), (2, 1)),
}

REDUCTIONS = {
    **{
        name: (lambda a, name=name: getattr(a, name)(), (M,), 0)
        for name in ("sum", "mean", "prod", "max", "std", "median")
    },
    **{
        f"{name} along": (lambda a, name=name: getattr(a, name)(dim=-1, keepdim=True), (M,), 0)
        for name in ("sum", "mean", "amax", "var", "logsumexp", "prod")
    },
    "sum of a number": (lambda a: a.sum(0), (draw(B),), 0),
    "softmax of a number": (lambda a: a.softmax(0), (draw(B),), 0),
    "max of a number": (lambda a: a.max(0)[0], (draw(B),), 0),
    "norm": (lambda a: a / a.norm(), (M,), 0),
    "max and index": (lambda a: a.max(0)[0], (M,), 0),
    "cumsum": (lambda a: a.cumsum(0), (M,), 0),
    "cumprod": (lambda a: a.cumprod(-1), (M,), 0),
    "cummax": (lambda a: a.cummax(0)[0], (M,), 0),
    "sort": (lambda a: a.sort(0)[0], (M,), 0),
    "topk": (lambda a: a.topk(2)[0], (M,), 0),
    "softmax": (lambda a: a.softmax(0), (M,), 0),
    "log_softmax": (lambda a: a.log_softmax(-1), (M,), 0),
    "quantile": (lambda a: a.quantile(0.3, dim=0), (M,), 0),
}

SHAPES = {
    "transpose": (lambda a: a.T @ a, (M,), 0),
    "reshape": (lambda a: a.T.reshape(-1).sin(), (M,), 0),
    "permute": (lambda a: a.permute(2, 0, 1).sin(), (draw(B, 2, 3, 4),), 0),
    "expand": (lambda a: a.expand(3, 4).sin(), (X,), 0),
    "squeeze": (lambda a: a.unsqueeze(0).squeeze().sin(), (X,), 0),
    "unbind": (lambda a: a.unbind(1)[2].sin(), (M,), 0),
    "split": (lambda a: a.split(2, dim=1)[1].sin(), (M,), 0),
    "diagonal": (lambda a: a.diagonal().sin(), (M,), 0),
    "unfold": (lambda a: a.unfold(0, 2, 1).sin(), (X,), 0),
    "stack": (lambda a, b: torch.stack([a, b], -1), (X, Y), 0),
    "cat": (lambda a, b: torch.cat([a, b]), (X, draw(4)), SHARED_SECOND),
    "repeat": (lambda a: a.repeat(2, 3), (X,), 0),
    "flip": (lambda a: a.flip(0, 1), (M,), 0),
    "roll": (lambda a: a.roll((1, 2), (0, 1)), (M,), 0),
    "tril": (lambda a: a.tril(), (M,), 0),
    "diag_embed": (torch.diag_embed, (X,), 0),
}

PRODUCTS = {
    "matmul": (torch.matmul, (M, N), 0),
    "one matrix right": (torch.matmul, (M, draw(5, 2)), SHARED_SECOND),
    "one matrix left": (torch.matmul, (draw(2, 4), M), SHARED_FIRST),
    "matrix vector": (torch.matmul, (M, draw(B, 5)), 0),
    "one matrix vectors": (torch.matmul, (draw(2, 5), draw(B, 5)), SHARED_FIRST),
    "vector matrix": (torch.matmul, (X, M), 0),
    "dot": (torch.dot, (X, Y), 0),
    "batches": (torch.matmul, (draw(B, 2, 3, 4), draw(B, 4, 2)), 0),
    "shared batches": (torch.matmul, (draw(B, 3, 4), draw(2, 4, 2)), SHARED_SECOND),
    "vector batches": (torch.matmul, (X, draw(2, 4, 3)), SHARED_SECOND),
    "bmm": (torch.bmm, (draw(B, 2, 3, 4), draw(B, 2, 4, 2)), 0),
    "addmm": (torch.addmm, (draw(B, 2), M, draw(5, 2)), (0, 0, None)),
    "einsum": (lambda a, b: torch.einsum("ij,jk->ik", a, b), (M, N), 0),
    "outer": (lambda a, b: torch.einsum("i,j->ij", a, b), (X, Y), 0),
    "linear": (F.linear, (draw(B, 5, 4), draw(2, 4), draw(2)), SHARED_REST),
    "linear of rows": (F.linear, (X, draw(2, 4), draw(2)), SHARED_REST),
    "own weights": (F.linear, (X, draw(B, 2, 4), draw(B, 2)), 0),
    "ensemble": (F.linear, (draw(5, 4), draw(B, 2, 4), draw(B, 2)), (None, 0, 0)),
    "bilinear": (F.bilinear, (draw(B, 5, 4), draw(B, 5, 3), draw(2, 4, 3)), (0, 0, None)),
}

LAYERS = {
    "conv2d": (F.conv2d, (IMAGES, draw(4, 3, 3, 3), draw(4)), SHARED_REST),
    "conv2d of an image": (lambda a, k, b: F.conv2d(a[0], k, b), (IMAGES, draw(4, 3, 3, 3), draw(4)), SHARED_REST),
    "own kernels": (F.conv2d, (IMAGES, draw(B, 4, 3, 3, 3), draw(B, 4)), 0),
    "kernels alone": (F.conv2d, (draw(2, 3, 6, 6), draw(B, 4, 3, 3, 3), draw(B, 4)), (None, 0, 0)),
    "groups": (
        lambda a, k: F.conv2d(a, k, groups=3, padding=1, stride=2),
        (IMAGES, draw(6, 1, 3, 3)),
        SHARED_SECOND,
    ),
    "own kernels in groups": (lambda a, k: F.conv2d(a, k, groups=3, padding=1), (IMAGES, draw(B, 6, 1, 3, 3)), 0),
    "own bias": (F.conv2d, (IMAGES, draw(4, 3, 3, 3), draw(B, 4)), (0, None, 0)),
    "conv_transpose2d": (lambda a, k: F.conv_transpose2d(a, k, stride=2), (IMAGES, draw(3, 2, 3, 3)), SHARED_SECOND),
    "conv1d": (F.conv1d, (draw(B, 2, 3, 7), draw(2, 3, 3)), SHARED_SECOND),
    "max_pool2d": (lambda a: F.max_pool2d(a, 2), (IMAGES,), 0),
    "max_pool2d of an image": (lambda a: F.max_pool2d(a[0], 3, 2, 1), (IMAGES,), 0),
    "avg_pool2d": (lambda a: F.avg_pool2d(a, 2), (IMAGES,), 0),
    "adaptive_avg_pool2d": (lambda a: F.adaptive_avg_pool2d(a, 2), (IMAGES,), 0),
    "adaptive_max_pool2d": (lambda a: F.adaptive_max_pool2d(a, 3), (IMAGES,), 0),
    "pad": (lambda a: F.pad(a, (1, 2, 0, 1)), (IMAGES,), 0),
    "reflect": (lambda a: F.pad(a, (1, 2, 0, 1), mode="reflect"), (IMAGES,), 0),
    "unfold": (lambda a: F.unfold(a, 2), (IMAGES,), 0),
    "interpolate": (lambda a: F.interpolate(a, scale_factor=2, mode="bilinear"), (IMAGES,), 0),
    "pixel_shuffle": (lambda a: F.pixel_shuffle(a, 2), (draw(B, 2, 4, 3, 3),), 0),
    "layer_norm": (lambda a, w, b: F.layer_norm(a, (5,), w, b), (M, draw(5), draw(5)), SHARED_REST),
    "own layer_norm": (lambda a, w, b: F.layer_norm(a, (5,), w, b), (M, draw(B, 5), draw(B, 5)), 0),
    "rms_norm": (lambda a, w: F.rms_norm(a, (5,), w), (M, draw(5)), SHARED_SECOND),
    "group_norm": (lambda a, w, b: F.group_norm(a, 3, w, b), (IMAGES, draw(3), draw(3)), SHARED_REST),
    "instance_norm": (F.instance_norm, (IMAGES,), 0),
    "batch_norm": (
        lambda a, w, b: F.batch_norm(a, None, None, w, b, True),
        (IMAGES, draw(3), draw(3)),
        SHARED_REST,
    ),
    "attention": (F.scaled_dot_product_attention, (draw(B, 2, 3, 4, 8), draw(B, 2, 3, 5, 8), draw(B, 2, 3, 5, 8)), 0),
    "causal attention": (
        lambda q: F.scaled_dot_product_attention(q, q * 2, q.sin(), is_causal=True),
        (draw(B, 3, 4, 8),),
        0,
    ),
}

LOSSES = {
    "cross_entropy": (F.cross_entropy, (M, index(5, B, 4)), 0),
    "cross_entropy of a row": (F.cross_entropy, (X, index(4, B)), 0),
    "cross_entropy sum": (lambda a, t: F.cross_entropy(a, t, reduction="sum"), (M, index(5, B, 4)), 0),
    "cross_entropy none": (lambda a, t: F.cross_entropy(a, t, reduction="none"), (M, index(5, B, 4)), 0),
    "cross_entropy smoothed": (lambda a, t: F.cross_entropy(a, t, label_smoothing=0.1), (M, index(5, B, 4)), 0),
    "cross_entropy ignoring": (lambda a, t: F.cross_entropy(a, t, ignore_index=1), (M, index(5, B, 4)), 0),
    "cross_entropy in space": (F.cross_entropy, (draw(B, 2, 5, 3), index(5, B, 2, 3)), 0),
    "nll_loss": (lambda a, t: F.nll_loss(a.log_softmax(-1), t), (M, index(5, B, 4)), 0),
    "mse_loss": (F.mse_loss, (M, M + 1), 0),
    "with logits": (lambda a, b: F.binary_cross_entropy_with_logits(a, b.sigmoid()), (X, Y), 0),
    "cosine": (lambda a, b: F.cosine_similarity(a, b, dim=-1), (M, M * 2 + 1), 0),
}

INDEXING = {
    "row": (lambda a: a[1].sin(), (M,), 0),
    "slice": (lambda a: a[:, 1:3].sin(), (M,), 0),
    "list": (lambda a: a[:, [0, 2, 2]].sin(), (M,), 0),
    "own number": (lambda a, j: a[j].sin(), (M, index(4, B)), 0),
    "own rows": (lambda a, j: a[j].sin(), (M, index(4, B, 2)), 0),
    "own columns": (lambda a, j: a[:, j].sin(), (M, index(5, B, 2)), 0),
    "shared table": (lambda a, j: a[j].sin(), (draw(7, 3), index(7, B)), SHARED_FIRST),
    "two indices": (lambda a, j, k: a[j, k].sin(), (M, index(4, B, 2), index(5, 2)), (0, 0, None)),
    "indices apart": (lambda a, j, k: a[j, :, k].sin(), (draw(B, 3, 2, 4), index(3, B, 2), index(4, B, 2)), 0),
    "shared apart": (
        lambda a, j, k: a[j, :, k].sin(),
        (draw(3, 2, 4), index(3, B, 2), index(4, 2)),
        (None, 0, None),
    ),
    "lists apart": (lambda a: a[[0, 1], :, [1, 2]].sin(), (draw(B, 3, 2, 4),), 0),
    "gather": (lambda a, j: a.gather(1, j), (M, index(5, B, 4, 2)), 0),
    "index_select": (lambda a, j: a.index_select(1, j), (M, index(5, B, 2)), 0),
    "index_add": (lambda a, j, b: a.index_add(0, j, b), (M, index(4, B, 2), draw(B, 2, 5)), 0),
    "scatter": (lambda a, j, b: a.scatter(1, j, b), (M, distinct(5, B, 4, 2), draw(B, 4, 2)), 0),
    "scatter_add": (lambda a, j, b: a.scatter_add(1, j, b), (M, index(5, B, 4, 2), draw(B, 4, 2)), 0),
    "masked_fill": (lambda a, v: a.masked_fill(a > 0, v), (M, draw(B)), 0),
    "set items": (set_item, (M, draw(B, 5)), 0),
    "set columns": (set_columns, (M, draw(B, 4, 2), distinct(5, B, 2)), 0),
    "change of a view": (change_view, (draw(B, 3, 3),), 0),
    "changes in place": (lambda a: a.clone().add_(1).mul_(a).sin_(), (M,), 0),
    "a buffer": (fill_buffer, (X,), 0),
    "new_zeros": (lambda a: a.new_zeros(4).add_(a) * a, (X,), 0),
    "embedding": (F.embedding, (index(7, B, 3), draw(7, 2)), SHARED_SECOND),
    "own tables": (lambda j, w: F.embedding(j, w, padding_idx=1), (index(3, B, 4), draw(B, 7, 2)), 0),
}

LINEAR_ALGEBRA = {
    "det": (torch.linalg.det, (SQUARE,), 0),
    "inv": (torch.linalg.inv, (SQUARE,), 0),
    "solve": (torch.linalg.solve, (SQUARE, draw(B, 3, 2)), 0),
    "shared solve": (torch.linalg.solve, (draw(3, 3), draw(B, 3)), SHARED_FIRST),
    "eigvalsh": (lambda a: torch.linalg.eigvalsh(a @ a.T), (SQUARE,), 0),
    "cholesky": (lambda a: torch.linalg.cholesky(a @ a.T + torch.eye(3, dtype=a.dtype)), (SQUARE,), 0),
    "matrix_exp": (torch.matrix_exp, (SQUARE,), 0),
    "fft": (lambda a: torch.fft.fft(a).abs(), (X,), 0),
    "rfft": (lambda a: torch.view_as_real(torch.fft.rfft(a, dim=0)), (M,), 0),
}

CASES = {
    f"{family}: {name}": case
    for family, cases in {
        "pointwise": POINTWISE,
        "reduction": REDUCTIONS,
        "shape": SHAPES,
        "product": PRODUCTS,
        "layer": LAYERS,
        "loss": LOSSES,
        "indexing": INDEXING,
        "linear algebra": LINEAR_ALGEBRA,
    }.items()
    for name, case in cases.items()
}

"""Activations, losses, embeddings, distances and lazy modules beside PyTorch: values, gradients, dtypes and errors."""

from __future__ import annotations

import inspect
import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

RANDOM = numpy.random.default_rng(0)
SCORES = RANDOM.normal(size=(6, 5)) * 3
OTHERS = RANDOM.normal(size=(6, 5)) * 3
THIRDS = RANDOM.normal(size=(6, 5)) * 3
IMAGES = RANDOM.normal(size=(3, 5, 2, 4))
SHARES = RANDOM.uniform(0.05, 0.95, (6, 5))
SIGNS = RANDOM.choice([-1.0, 1.0], (6, 5))
CLASSES = RANDOM.integers(0, 5, 6)
PIXELS = RANDOM.integers(0, 5, (3, 2, 4))
WEIGHTS = RANDOM.uniform(0.5, 2, 5)
TABLE = RANDOM.normal(size=(7, 4))
INDICES = RANDOM.integers(0, 7, (4, 3))
STEPS = RANDOM.normal(size=(9, 4, 5))
SPELLED = RANDOM.integers(1, 5, (4, 3))


def arrays(library, dtype):
    """The arrays above by their names, floating-point ones of a dtype and wanting gradients."""
    found = {}
    for name, value in globals().items():
        if isinstance(value, numpy.ndarray):
            found[name] = library.tensor(value)
            if value.dtype.kind == "f":
                found[name] = found[name].to(getattr(library, dtype)).requires_grad_()
    return found


REDUCTIONS = [f"reduction={each!r}" for each in ("mean", "sum", "none")]
LOSSES = [
    ("F.l1_loss(SCORES, OTHERS", ["", "weight=SHARES"]),
    ("F.mse_loss(SCORES, OTHERS", ["", "weight=SHARES"]),
    ("F.smooth_l1_loss(SCORES, OTHERS", ["", "beta=0.3", "beta=0.0"]),
    ("F.huber_loss(SCORES, OTHERS", ["", "delta=0.3", "weight=SHARES"]),
    ("F.binary_cross_entropy(SHARES, OTHERS.sigmoid().detach()", ["", "weight=WEIGHTS.detach()"]),
    (
        "F.binary_cross_entropy_with_logits(SCORES, SHARES",
        ["", "weight=WEIGHTS.detach()", "pos_weight=WEIGHTS.detach()"],
    ),
    ("F.cross_entropy(SCORES, CLASSES", ["", "weight=WEIGHTS.detach()", "ignore_index=1", "label_smoothing=0.2"]),
    ("F.cross_entropy(SCORES, CLASSES, weight=WEIGHTS.detach(), ignore_index=2, label_smoothing=0.3", [""]),
    ("F.cross_entropy(IMAGES, PIXELS", ["", "weight=WEIGHTS.detach()", "ignore_index=1, label_smoothing=0.2"]),
    ("F.cross_entropy(SCORES, SHARES", ["", "weight=WEIGHTS.detach()", "label_smoothing=0.2"]),
    ("F.cross_entropy(IMAGES, IMAGES.softmax(1)", ["", "weight=WEIGHTS.detach(), label_smoothing=0.2"]),
    ("F.cross_entropy(SCORES[0], CLASSES[0]", ["", "label_smoothing=0.2"]),
    ("F.cross_entropy(SCORES[0], SHARES[0]", ["", "label_smoothing=0.2"]),
    ("F.nll_loss(SCORES, CLASSES", ["", "weight=WEIGHTS.detach()", "ignore_index=1"]),
    ("F.nll_loss(IMAGES, PIXELS", ["", "weight=WEIGHTS.detach()", "ignore_index=1"]),
    ("F.nll_loss(SCORES[0], CLASSES[0]", [""]),
    ("F.kl_div(SCORES, SHARES", ["", "log_target=True"]),
    ("F.poisson_nll_loss(SHARES, SHARES", ["", "log_input=False", "full=True", "eps=0.1, log_input=False"]),
    ("F.poisson_nll_loss(SCORES, OTHERS.abs(), full=True", [""]),
    ("F.gaussian_nll_loss(SCORES, OTHERS, SHARES", ["", "full=True", "eps=0.3"]),
    ("F.gaussian_nll_loss(SCORES, OTHERS, SHARES[:, :1]", [""]),
    ("F.gaussian_nll_loss(SCORES, OTHERS, SHARES[:, 0]", [""]),
    ("F.gaussian_nll_loss(SCORES, OTHERS, 2.5", [""]),
    ("F.soft_margin_loss(SCORES, SIGNS.detach()", [""]),
    ("F.hinge_embedding_loss(SCORES, SIGNS.detach()", ["", "margin=2.5"]),
    ("F.cosine_embedding_loss(SCORES, OTHERS, SIGNS[:, 0].detach()", ["", "margin=0.3"]),
    ("F.cosine_embedding_loss(SCORES[0], OTHERS[0], SIGNS[0, 0].detach()", [""]),
    ("F.margin_ranking_loss(SCORES, OTHERS, SIGNS.detach()", ["", "margin=0.5"]),
    ("F.triplet_margin_loss(SCORES, OTHERS, THIRDS", ["", "margin=2.0", "p=1.0", "swap=True", "eps=0.1"]),
    ("F.triplet_margin_loss(SCORES[0], OTHERS[0], THIRDS[0]", [""]),
    ("F.triplet_margin_with_distance_loss(SCORES, OTHERS, THIRDS", ["", "swap=True, margin=3.0"]),
    ("F.multi_margin_loss(SCORES, CLASSES", ["", "p=2", "margin=0.5", "weight=WEIGHTS.detach()"]),
    ("F.multi_margin_loss(SCORES[0], CLASSES[0]", [""]),
    ("F.multilabel_margin_loss(SCORES[:3], t.tensor([[1, 3, -1, 0, 2], [-1, 0, 0, 0, 0], [4, 3, 2, 1, 0]])", [""]),
    ("F.multilabel_margin_loss(SCORES[0], t.tensor([2, 0, -1, 1, 1])", [""]),
    ("F.multilabel_soft_margin_loss(SCORES, SHARES.detach()", ["", "weight=WEIGHTS.detach()"]),
    ("F.ctc_loss(STEPS.log_softmax(-1), SPELLED, (9, 7, 5, 8), (3, 2, 1, 0)", ["", "zero_infinity=True"]),
    ("F.ctc_loss(STEPS.log_softmax(-1), SPELLED, (9, 2, 5, 8), (3, 3, 1, 0), zero_infinity=True", ["", "blank=0"]),
    ("F.linear_cross_entropy(SCORES, IMAGES[0, :, 0, 0].outer(WEIGHTS), CLASSES", ["", "weight=SHARES[0].detach()"]),
]
VALUES = [
    f"{call}, {option}, {reduction})".replace(", ,", ",")
    for call, options in LOSSES
    for option in options
    for reduction in REDUCTIONS
]
VALUES += [
    "F.kl_div(SCORES, SHARES, reduction='batchmean')",
    "F.kl_div(SCORES, SHARES, log_target=True, reduction='batchmean')",
]
VALUES += [
    f"F.{call}"
    for call in (
        "celu(SCORES, 0.7)",
        "elu(SCORES, 0.7)",
        "gelu(SCORES)",
        "gelu(SCORES, approximate='tanh')",
        "glu(IMAGES)",
        "glu(IMAGES, 2)",
        "hardshrink(SCORES, 1.0)",
        "hardsigmoid(SCORES * 2)",
        "hardswish(SCORES * 2)",
        "hardtanh(SCORES, -0.5, 1.5)",
        "leaky_relu(SCORES, 0.3)",
        "logsigmoid(SCORES)",
        "log_softmax(IMAGES, 1)",
        "mish(SCORES)",
        "prelu(IMAGES, WEIGHTS)",
        "prelu(SCORES, WEIGHTS[:1])",
        "prelu(SCORES[0], WEIGHTS[:1])",
        "relu(SCORES)",
        "relu6(SCORES * 3)",
        "rrelu(SCORES, 0.2, 0.6)",
        "selu(SCORES)",
        "sigmoid(SCORES)",
        "silu(SCORES)",
        "softmax(IMAGES, -3)",
        "softmin(IMAGES, 2)",
        "softplus(SCORES, 2.0, 3.0)",
        "softshrink(SCORES, 0.8)",
        "softsign(SCORES)",
        "tanh(SCORES)",
        "tanhshrink(SCORES)",
        "threshold(SCORES, 0.5, 9.0)",
        "bilinear(SCORES, OTHERS, IMAGES[:, :, 0, :1] * SHARES[0])",
        "cosine_similarity(SCORES, OTHERS)",
        "cosine_similarity(IMAGES, IMAGES.flip(0), dim=2)",
        "cosine_similarity(SCORES, OTHERS[0], dim=-1, eps=1e-3)",
        "pairwise_distance(SCORES, OTHERS)",
        "pairwise_distance(SCORES, OTHERS, p=1.0, keepdim=True)",
        "pairwise_distance(SCORES, OTHERS[0], p=3.0, eps=0.1)",
        "pairwise_distance(SCORES[0], OTHERS[0])",
        "pdist(SCORES)",
        "pdist(SCORES, 1.0)",
        "pdist(SCORES, 3.0)",
        "pdist(SCORES, float('inf'))",
        "pdist(SCORES[:1])",
        "normalize(SCORES, 1.0, 0)",
        "one_hot(INDICES, 9)",
        "embedding(INDICES, TABLE)",
        "embedding(INDICES, TABLE, padding_idx=2)",
        "embedding(INDICES, TABLE, scale_grad_by_freq=True)",
        "embedding(INDICES, TABLE.detach(), max_norm=1.0, norm_type=1.0)",
        "embedding_bag(INDICES, TABLE)",
        "embedding_bag(INDICES, TABLE, mode='sum', padding_idx=3)",
        "embedding_bag(INDICES, TABLE, mode='max')",
        "embedding_bag(INDICES, TABLE, mode='max', padding_idx=-2)",
        "embedding_bag(INDICES.flatten(), TABLE, t.tensor([0, 0, 5, 6, 12]))",
        "embedding_bag(INDICES.flatten(), TABLE, t.tensor([0, 4, 12]), include_last_offset=True)",
        "embedding_bag(INDICES[:3], TABLE, mode='sum', per_sample_weights=SHARES[:3, :3])",
        "embedding_bag(INDICES, TABLE.detach(), max_norm=1.0)",
        "feature_alpha_dropout(SCORES, 0.5, False)",
        "dropout2d(IMAGES, 0.0)",
        "alpha_dropout(SCORES, 0.0, True)",
    )
]
VALUES += [
    "t.prelu(SCORES, WEIGHTS)",
    "SCORES.prelu(WEIGHTS)",
    "SCORES.hardshrink(1.0)",
    "t.threshold(SCORES, 1.0, 2.0)",
    "t.cosine_similarity(SCORES, OTHERS)",
    "t.pairwise_distance(SCORES, OTHERS)",
    "t.pdist(SCORES)",
    "t.embedding(TABLE, INDICES, 2)",
    "t.bilinear(SCORES, OTHERS, IMAGES[:, :, 0, :1] * SHARES[0])",
    "t.dropout(SCORES, 0.5, False)",
    "t.kl_div(SCORES, SHARES)",
    "t.kl_div(SCORES, SHARES, 1)",
    "t.binary_cross_entropy_with_logits(SCORES, SHARES, None, WEIGHTS.detach())",
    "t.cosine_embedding_loss(SCORES, OTHERS, SIGNS[:, 0].detach(), 0.1, 2)",
    "t.hinge_embedding_loss(SCORES, SIGNS.detach())",
    "t.margin_ranking_loss(SCORES, OTHERS, SIGNS.detach())",
    "t.triplet_margin_loss(SCORES, OTHERS, THIRDS)",
    "t.poisson_nll_loss(SCORES, SHARES, True, False, 1e-8, 1)",
    "t.ctc_loss(STEPS.log_softmax(-1), SPELLED, (9, 7, 5, 8), (3, 2, 1, 0))",
    "t.embedding_renorm_(TABLE.detach().clone(), INDICES, 1.0, 2.0)",
]


def results(library, call, dtype):
    """The value of a call, and the gradients of all arrays by a sum of its elements that weighs each differently."""
    names = arrays(library, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = eval(call, {"F": library.nn.functional, "t": library, **names})
    gradients = {}
    if value.requires_grad:
        steps = library.arange(1, 1 + value.numel()).to(value.dtype).reshape(value.shape)
        (value * steps).sum().backward()
        gradients = {name: each.grad for name, each in names.items() if each.grad is not None}
    return value, gradients


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("call", VALUES)
def test_values_and_gradients(call, dtype):
    (ours, our_gradients), (theirs, their_gradients) = (results(each, call, dtype) for each in (ember, torch))
    assert str(ours.dtype) == str(theirs.dtype)
    assert tuple(ours.shape) == tuple(theirs.shape)
    # Torch's float32 sums of a few hundred terms, and its constants of hardsigmoid and celu: float32 in float64, too.
    tolerance = 2e-4 if dtype == "float32" else 1e-7 if "hard" in call or "celu" in call else 1e-9
    options = {"rtol": tolerance, "atol": tolerance}
    numpy.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), **options)
    assert {name for name, each in our_gradients.items() if each.abs().sum() > 0} == {
        name for name, each in their_gradients.items() if each.abs().sum() > 0
    }
    for name, each in our_gradients.items():
        if name in their_gradients:
            numpy.testing.assert_allclose(each.numpy(), their_gradients[name].numpy(), **options, err_msg=name)


# ---- edges ----

EDGES = [
    "F.kl_div(t.tensor([0.5, 0.5]), t.tensor([0.0, 1.0]), reduction='none')",
    "F.binary_cross_entropy(t.tensor([0.0, 1.0]), t.tensor([1.0, 0.0]), reduction='none')",
    "F.binary_cross_entropy_with_logits(t.tensor([1e4, -1e4]), t.tensor([0.0, 1.0]), reduction='none')",
    "F.cross_entropy(t.tensor([[1e4, -1e4]]), t.tensor([1]))",
    "F.cross_entropy(t.zeros(2, 3), t.tensor([-100, -100]))",
    "F.cross_entropy(t.zeros(0, 3), t.zeros(0, dtype=t.int64))",
    "F.cross_entropy(t.zeros(0, 3), t.zeros(0, dtype=t.int64), reduction='sum')",
    "F.nll_loss(t.zeros(0, 3), t.zeros(0, dtype=t.int64))",
    "F.nll_loss(t.zeros(2, 3), t.tensor([-100, 1]))",
    "F.mse_loss(t.zeros(0), t.zeros(0))",
    "F.l1_loss(t.zeros(0), t.zeros(0), reduction='sum')",
    "F.smooth_l1_loss(t.tensor([1.0, -1.0]), t.zeros(2), reduction='none')",
    "F.cosine_similarity(t.zeros(1, 3), t.ones(1, 3))",
    "F.pdist(t.tensor([[0.0, 0.0], [0.0, 0.0], [3.0, 4.0]]))",
    "F.pdist(t.tensor([[0.0, 0.0], [0.0, 0.0], [3.0, 4.0]]), 0)",
    "F.pdist(t.zeros(3, 0))",
    "F.softmax(t.tensor([float('inf'), 0.0]), 0)",
    "F.softmax(t.tensor([-float('inf'), 0.0]), 0)",
    "F.log_softmax(t.full((2,), -float('inf')), 0)",
    "F.softplus(t.tensor([-100.0, 100.0]))",
    "F.threshold(t.tensor([float('nan'), 0.5]), 0.5, 9.0)",
    "F.hardtanh(t.tensor([float('nan'), 2.0]))",
    "F.hardshrink(t.tensor([float('nan'), 0.5, -0.5]))",
    "F.softshrink(t.tensor([0.5, -0.5, 0.6]))",
    "F.relu6(t.tensor([-1, 3, 9]))",
    "F.relu(t.tensor([-1, 3, 9]))",
    "F.threshold(t.tensor([-1, 3, 9]), 2, 5)",
    "F.hardtanh(t.tensor([-1, 3, 9]))",
    "F.one_hot(t.tensor([], dtype=t.int64), 3)",
    "F.one_hot(t.tensor(2))",
    "F.embedding_bag(t.zeros(0, dtype=t.int64), t.ones(3, 2), t.zeros(2, dtype=t.int64))",
    "F.embedding_bag(t.zeros(0, dtype=t.int64), t.ones(3, 2), t.zeros(2, dtype=t.int64), mode='max')",
    "F.embedding_bag(t.tensor([1, 1]), t.ones(3, 2), t.tensor([0]), padding_idx=1, mode='max')",
    "F.multi_margin_loss(t.tensor([0.1, 0.2, 0.9]), t.tensor(2))",
    "F.gaussian_nll_loss(t.zeros(2), t.ones(2), t.zeros(2))",
    "F.gumbel_softmax(t.zeros(3, 4), hard=True).sum()",
    "F.dropout(t.ones(4), 1.0)",
    "F.alpha_dropout(t.ones(4), 1.0, True)",
    "F.feature_alpha_dropout(t.ones(2, 3, 4), 0.5, True).std(-1)",
    "F.dropout1d(t.ones(2, 3, 4), 0.5).std(-1)",
    "F.dropout3d(t.ones(3, 2, 2, 4), 0.5).flatten(1).std(-1)",
    "nn.LazyLinear(3).weight.requires_grad",
    "nn.Embedding(4, 2, padding_idx=-1).weight[3]",
    "nn.EmbeddingBag(4, 2, padding_idx=-1).weight[3]",
    "nn.EmbeddingBag.from_pretrained(t.ones(4, 2)).weight.requires_grad",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]).cutoffs",
    "nn.CTCLoss(1, 'sum', True).__dict__['zero_infinity']",
    "nn.LinearCrossEntropyLoss(5, 10, out_features=(4, 3), bias=True, weight=t.ones(10), ignore_index=3)",
    "nn.LinearCrossEntropyOptions(batch_chunk_size=3, acc_policy='compact')",
    "[key for key in nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10], head_bias=True).state_dict()]",
    "nn.LinearCrossEntropyLoss(5, 10, bias=True, weight=t.ones(10)).state_dict().keys()",
]


@pytest.mark.parametrize("call", EDGES)
def test_edges(call):
    found = []
    for library in (ember, torch):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = eval(call, {"F": library.nn.functional, "t": library, "nn": library.nn})
        if isinstance(value, library.Tensor):
            found.append((str(value.dtype), tuple(value.shape), value.detach().numpy()))
        else:
            found.append((repr(value), (), 0))
    assert found[0][:2] == found[1][:2]
    numpy.testing.assert_allclose(found[0][2], found[1][2], rtol=1e-6)


# ---- bad input ----

ERRORS = [
    "F.cross_entropy(t.zeros(2, 3), t.tensor([0, 3]))",
    "F.cross_entropy(t.zeros(2, 3), t.zeros(2, 2))",
    "F.cross_entropy(t.zeros(2, 3), t.zeros(3, dtype=t.int64))",
    "F.cross_entropy(t.zeros(2, 3), t.zeros(2, 3).softmax(1), ignore_index=1)",
    "F.cross_entropy(t.zeros(2, 3), t.zeros(2, 3), weight=t.ones(2))",
    "F.cross_entropy(t.zeros(2, 3), t.zeros(2, dtype=t.int64), label_smoothing=1.5)",
    "F.nll_loss(t.zeros(2, 3), t.tensor([0, 3]))",
    "F.multi_margin_loss(t.zeros(2, 3), t.zeros(2, dtype=t.int64), p=3)",
    "F.multi_margin_loss(t.zeros(2, 3), t.tensor([0, 3]))",
    "F.multi_margin_loss(t.zeros(2, 3), t.zeros(2, dtype=t.int64), weight=t.ones(2))",
    "F.multilabel_margin_loss(t.zeros(2, 3), t.zeros(2, dtype=t.int64))",
    "F.huber_loss(t.zeros(2), t.zeros(2), delta=0)",
    "F.smooth_l1_loss(t.zeros(2), t.zeros(2), beta=-1)",
    "F.gaussian_nll_loss(t.zeros(2), t.zeros(2), -t.ones(2))",
    "F.gaussian_nll_loss(t.zeros(2), t.zeros(2), t.ones(2), reduction='foo')",
    "F.gaussian_nll_loss(t.zeros(2, 3), t.zeros(2, 3), t.ones(3))",
    "F.kl_div(t.zeros(2), t.zeros(2), reduction='foo')",
    "F.triplet_margin_loss(t.zeros(2, 3), t.zeros(2, 3), t.zeros(2, 3), margin=-1)",
    "F.cosine_embedding_loss(t.zeros(2, 3), t.zeros(2, 3), t.ones(2, 3))",
    "F.hinge_embedding_loss(t.zeros(2), t.ones(2), reduction='foo')",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), (3,), (2, 2))",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), (3, 4), (2, 2))",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), (3, 3), (2, 3))",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), (3, 3), (2, 2), blank=4)",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(5), (3, 3), (2, 2))",
    "F.ctc_loss(t.zeros(3, 0, 4), t.ones(0, 2), (), ())",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), (3, 3), (2, 2), reduction='foo')",
    "F.ctc_loss(t.zeros(3, 2, 4), t.ones(2, 2), t.ones(2), t.tensor([2, 2]))",
    "F.embedding(t.zeros(2), t.zeros(3, 2))",
    "F.embedding(t.tensor([3]), t.zeros(3, 2))",
    "F.embedding_bag(t.tensor([3]), t.zeros(3, 2), t.tensor([0]))",
    "F.embedding_bag(t.tensor([-1]), t.zeros(3, 2), t.tensor([0]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2))",
    "F.embedding_bag(t.tensor([[1]]), t.zeros(3, 2), t.tensor([0]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([1]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0, 2]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([[0]]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3), t.tensor([0]))",
    "F.embedding_bag(t.tensor([1.0]), t.zeros(3, 2), t.tensor([0]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2).long(), t.tensor([0]))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), mode='foo')",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), padding_idx=3)",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), per_sample_weights=t.ones(1))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), mode='sum', per_sample_weights=t.ones(2))",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), mode='sum', per_sample_weights=t.ones(1).double())",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), mode='max', scale_grad_by_freq=True)",
    "F.embedding_bag(t.tensor([1]), t.zeros(3, 2), t.tensor([0]), mode='max', sparse=True)",
    "F.pdist(t.zeros(3))",
    "F.pdist(t.zeros(3, 2).long())",
    "F.pdist(t.zeros(3, 2), -1)",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(4, 5), t.tensor([0, 1]))",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(3), t.tensor([0, 1]))",
    "F.linear_cross_entropy(t.zeros(2, 1, 3), t.zeros(4, 3), t.tensor([0, 1]))",
    "F.linear_cross_entropy(t.zeros(3), t.zeros(4, 2, 3), t.tensor([0, 1]))",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(4, 3), t.tensor([0, 1]), linear_bias=t.zeros(3))",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(4, 3), t.ones(2, 4), ignore_index=2)",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(4, 3), t.tensor([0, 4]))",
    "F.linear_cross_entropy(t.zeros(2, 3), t.zeros(4, 3), t.tensor([0]))",
    "F.gelu(t.zeros(2), approximate='foo')",
    "F.glu(t.zeros(3))",
    "F.glu(t.tensor(1.0))",
    "F.hardtanh(t.zeros(2), 1.0, -1.0)",
    "F.rrelu(t.zeros(2), 0.5, 0.1)",
    "F.softshrink(t.zeros(2), -1.0)",
    "F.prelu(t.zeros(2, 3), t.zeros(2))",
    "F.celu(t.zeros(2), 0.0)",
    "F.dropout(t.zeros(2), -0.1)",
    "F.dropout1d(t.zeros(2, 2, 2, 2))",
    "F.alpha_dropout(t.zeros(2), 2.0)",
    "F.one_hot(t.tensor([-1]))",
    "F.bilinear(t.zeros(2, 3), t.zeros(2, 4), t.zeros(5, 4, 3))",
    "F.cosine_similarity(t.zeros(2, 3), t.zeros(2, 4))",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [])",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 20])",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.zeros(2, 8), t.tensor([0, 20]))",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.zeros(2, 8), t.tensor([0]))",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.zeros(2, 8), t.tensor([[0, 1]]))",
    "nn.LinearCrossEntropyLoss(5, 10, label_smoothing=3.0)",
    "nn.LinearCrossEntropyOptions(batch_chunk_size=0)",
    "nn.EmbeddingBag(4, 2, padding_idx=4)",
    "nn.EmbeddingBag(4, 2, _weight=t.zeros(3, 2))",
    "nn.EmbeddingBag.from_pretrained(t.zeros(3))",
    "nn.MultiMarginLoss(p=3)",
    "nn.TripletMarginLoss(margin=0)",
    "nn.Hardtanh(1, -1)",
    "nn.Dropout(2)",
    "nn.Softmax2d()(t.zeros(2, 3))",
    "nn.UninitializedParameter().shape",
    "nn.UninitializedParameter() + 1",
    "nn.UninitializedParameter().numel()",
    "nn.UninitializedParameter().share_memory_()",
    "nn.LazyLinear(3)()",
    "nn.Linear(2, 3).load_state_dict(nn.LazyLinear(3).state_dict())",
]


@pytest.mark.parametrize("call", ERRORS)
def test_types_of_errors(call):
    kinds = []
    for library in (ember, torch):
        with pytest.raises(Exception) as caught, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eval(call, {"F": library.nn.functional, "t": library, "nn": library.nn})
        kinds.append(next(kind.__name__ for kind in caught.type.__mro__ if kind.__module__ == "builtins"))
    assert kinds[0] == kinds[1]


# ---- lazy modules and parameters ----


@pytest.mark.parametrize(
    "name", ["LazyModuleMixin.initialize_parameters", "LazyModuleMixin.has_uninitialized_params", "LazyLinear.__init__"]
)
def test_signatures(name):
    owner, method = name.split(".")
    found, expected = (
        [
            (each.name, each.default)
            for each in inspect.signature(
                getattr(getattr(library.nn.modules.lazy, owner, None) or getattr(library.nn, owner), method)
            ).parameters.values()
        ]
        for library in (ember, torch)
    )
    assert found == expected


@pytest.mark.parametrize("bias", [True, False])
def test_lazy_linear(bias):
    texts = []
    for library in (ember, torch):
        layer = library.nn.LazyLinear(3, bias=bias)
        text = [repr(layer), repr(layer.weight), list(layer.state_dict()), layer.in_features]
        layer(library.ones(2, 5))
        text += [repr(layer), type(layer).__name__, type(layer.weight).__name__, tuple(layer.weight.shape)]
        loaded = library.nn.LazyLinear(3, bias=bias)
        loaded.load_state_dict(layer.state_dict())
        text += [repr(loaded), tuple(loaded.weight.shape), type(loaded).__name__]
        loaded(library.ones(1, 5))
        texts.append([*text, repr(loaded), sorted(loaded.__dict__.keys() & {"in_features", "out_features"})])
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["DataParallel.__init__", "parallel.data_parallel"])
def test_signatures_of_parallel(name):
    owner, method = name.split(".")
    found, expected = (
        [
            (each.name, each.default)
            for each in inspect.signature(getattr(getattr(library.nn, owner), method)).parameters.values()
        ]
        for library in (ember, torch)
    )
    assert found == expected
    names = [each for each in vars(torch.nn.common_types) if each[0] == "_" and each.endswith("_t")]
    assert [each for each in names if not hasattr(ember.nn.common_types, each)] == []


def test_data_parallel():
    texts = []
    for library in (ember, torch):
        net = library.nn.DataParallel(library.nn.Linear(2, 3))
        texts.append([repr(net), list(net.state_dict()), type(net).__module__.split(".", 1)[1], net.device_ids])
    assert texts[0] == texts[1]

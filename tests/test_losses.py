"""Losses over sequences, over very many classes and over a linear map, and what losses say about their input."""

import itertools
import math
import warnings

import numpy
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)


def log_softmax(x):
    return x - numpy.log(numpy.exp(x).sum(-1, keepdims=True))


def close(result, expected, tolerance=1e-12):
    numpy.testing.assert_allclose(result.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


# ---- connectionist temporal classification ----


def labels_of(path, blank):
    """What a path spells: repeated labels once, blanks left away."""
    return tuple(label for label, _ in itertools.groupby(path) if label != blank)


def probability_by_enumeration(log_probs, target, blank):
    """The sum over all paths: (T, C) and a tuple of labels."""
    steps, classes = log_probs.shape
    return sum(
        math.exp(sum(log_probs[t, label] for t, label in enumerate(path)))
        for path in itertools.product(range(classes), repeat=steps)
        if labels_of(path, blank) == target
    )


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("target", [(), (1,), (1, 3), (1, 1), (3, 1, 3), (1, 1, 1)])
def test_ctc_is_the_sum_over_all_paths(target, blank):
    log_probs = log_softmax(RANDOM.normal(size=(5, 4)))
    expected = -math.log(probability_by_enumeration(log_probs, target, blank))
    loss = F.ctc_loss(
        ember.tensor(log_probs), ember.tensor(target, dtype=ember.int64), (5,), (len(target),), blank, "none"
    )
    assert loss.shape == ()
    close(loss, expected)


def batch(dtype=numpy.float64):
    scores = RANDOM.normal(size=(6, 4, 5)).astype(dtype)
    targets = numpy.array([[1, 2, 2], [3, 4, 0], [1, 0, 0], [0, 0, 0]])
    return ember.tensor(scores), ember.tensor(targets), (6, 5, 3, 2), (3, 2, 1, 0)


def test_ctc_forms_of_its_arguments():
    scores, targets, steps, lengths = batch()
    log_probs = scores.log_softmax(-1)
    losses = F.ctc_loss(log_probs, targets, steps, lengths, reduction="none")
    for i in range(4):
        alone = F.ctc_loss(
            log_probs[: steps[i], i], targets[i, : lengths[i]], ember.tensor(steps[i]), (lengths[i],), reduction="sum"
        )
        close(losses[i], alone.item())
    joined = ember.tensor([1, 2, 2, 3, 4, 1])
    for given in (targets, targets.int(), joined):
        for make in (tuple, list, ember.tensor, lambda each: ember.tensor(each, dtype=ember.int32)):
            assert F.ctc_loss(log_probs, given, make(steps), make(lengths), reduction="none").equal(losses)
    assert F.ctc_loss(
        log_probs.transpose(0, 1).contiguous().transpose(0, 1), targets, steps, lengths, reduction="none"
    ).equal(losses)
    close(F.ctc_loss(log_probs, targets, steps, lengths), (losses.numpy() / [3, 2, 1, 1]).mean())
    close(nn.CTCLoss(reduction="sum")(log_probs, targets, steps, lengths), losses.numpy().sum())


def test_ctc_gradient():
    scores, targets, steps, lengths = batch()
    scores.requires_grad_()
    for reduction in ("mean", "sum", "none"):
        assert gradcheck(
            lambda x, r=reduction: F.ctc_loss(x.log_softmax(-1), targets, steps, lengths, reduction=r), (scores,)
        )
    log_probs = scores.detach().log_softmax(-1).requires_grad_()
    F.ctc_loss(log_probs, targets, steps, lengths).backward()
    close(log_probs.grad.sum(-1), 0)  # as of normalized probabilities
    assert (log_probs.grad[3:, 2] == 0).all()  # steps behind the end


def test_ctc_has_no_second_derivative():
    scores, targets, steps, lengths = batch()
    log_probs = scores.log_softmax(-1).requires_grad_()
    loss = F.ctc_loss(log_probs, targets, steps, lengths)
    (gradient,) = ember.autograd.grad(loss, log_probs, create_graph=True)
    with pytest.raises(RuntimeError, match="second derivative does not exist"):
        gradient.sum().backward()


def test_ctc_of_targets_that_do_not_fit():
    scores, targets, _, lengths = batch()
    for zero_infinity in (False, True):
        log_probs = scores.log_softmax(-1).requires_grad_()
        losses = F.ctc_loss(log_probs, targets, (3, 5, 3, 2), lengths, reduction="none", zero_infinity=zero_infinity)
        assert losses[0].item() == (0 if zero_infinity else math.inf)  # 1 2 2 takes 4 steps
        assert losses[1:].isfinite().all()
        losses.sum().backward()
        assert log_probs.grad[:, 1:].isfinite().all()
        assert log_probs.grad[:3, 0].isnan().all() if not zero_infinity else (log_probs.grad[:, 0] == 0).all()


def test_ctc_without_steps():
    log_probs = ember.zeros(3, 2, 2).log_softmax(-1)
    losses = F.ctc_loss(log_probs, ember.tensor([[1], [1]]), (0, 0), (0, 1), reduction="none")
    assert losses.tolist() == [0, math.inf]


def test_ctc_of_nan_is_nan():
    scores, targets, steps, lengths = batch()
    for t, label in itertools.product(range(3), (0, 1, 2)):
        log_probs = scores.log_softmax(-1)
        log_probs[t, 0, label] = math.nan
        losses = F.ctc_loss(log_probs, targets, steps, lengths, reduction="none")
        if (t, label) != (0, 2):  # the second label of 1 2 2 cannot be the first
            assert losses[0].isnan()
        assert losses[1:].isfinite().all()


def test_ctc_of_long_sequences_keeps_its_precision():
    steps, labels = 2000, 300
    scores = RANDOM.normal(size=(steps, 1, 30))
    target = ember.tensor(RANDOM.integers(1, 30, (1, labels)))
    single, double = (
        F.ctc_loss(ember.tensor(scores, dtype=dtype).log_softmax(-1), target, (steps,), (labels,), reduction="sum")
        for dtype in (ember.float32, ember.float64)
    )
    assert single.item() == pytest.approx(double.item(), rel=1e-6)


@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_ctc_of_sixteen_bits(dtype):
    scores, targets, steps, lengths = batch()
    half = scores.log_softmax(-1).to(dtype).requires_grad_()
    loss = F.ctc_loss(half, targets, steps, lengths)
    assert loss.dtype == dtype
    close(loss.float(), F.ctc_loss(half.detach().float(), targets, steps, lengths).item(), ember.finfo(dtype).eps)
    loss.backward()
    assert half.grad.dtype == dtype


def test_ctc_does_not_depend_on_threads():
    scores, targets, _, lengths = batch()
    scores, targets = scores.repeat(8, 25, 1), targets.repeat(25, 1)
    results = []
    threads = ember.get_num_threads()
    for count in (1, 4):
        ember.set_num_threads(count)
        log_probs = scores.log_softmax(-1).requires_grad_()
        loss = F.ctc_loss(log_probs, targets, (48,) * 100, lengths * 25, reduction="none")
        loss.sum().backward()
        results.append((loss, log_probs.grad))
    ember.set_num_threads(threads)
    assert all(a.equal(b) for a, b in zip(*results, strict=True))


# ---- adaptive softmax ----


def test_adaptive_softmax():
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10, 15], div_value=2.0, head_bias=True).double()
    x = ember.tensor(RANDOM.normal(size=(7, 8))).requires_grad_()
    target = ember.tensor([0, 19, 6, 4, 12, 5, 14])
    full = layer.log_prob(x)
    close(full.exp().sum(1), 1)
    output, loss = layer(x, target)
    close(output, full.detach().numpy()[range(7), target.numpy()])
    close(loss, -output.detach().numpy().mean())
    assert layer.predict(x).equal(full.argmax(1))
    alone = layer(x[1], target[1])
    close(alone.output, output[1].item())
    close(alone.loss, -output[1].item())
    assert gradcheck(lambda x: layer(x, target).loss, (x,))
    assert gradgradcheck(lambda x: layer(x, target).output, (x,))


def test_adaptive_softmax_with_all_targets_in_the_head():
    layer = nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5])
    x = ember.randn(3, 4)
    assert layer(x, ember.tensor([0, 1, 4])).loss.isfinite()
    layer.head.weight.data[5:] = -100.0 * ember.ones(1, 4) * x.sign()[:1]
    assert layer.predict(x[:1]).shape == (1,)


@pytest.mark.parametrize("cutoffs", [[], [5, 5], [10, 5], [20], [0, 5], [-1], [5.5]])
def test_wrong_cutoffs(cutoffs):
    with pytest.raises(ValueError, match="cutoffs should be a sequence"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)


# ---- cross entropy of a linear map ----


def linear_case(*features):
    input = ember.tensor(RANDOM.normal(size=(9, 4))).requires_grad_()
    matrix = ember.tensor(RANDOM.normal(size=(6, *features, 4))).requires_grad_()
    bias = ember.tensor(RANDOM.normal(size=(6, *features))).requires_grad_()
    target = ember.tensor(RANDOM.integers(0, 6, (9, *features)))
    return input, matrix, bias, target


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, ember.tensor([1.0, 2, 0.5, 0, 1, 3], dtype=ember.float64)])
@pytest.mark.parametrize("options", [None, nn.LinearCrossEntropyOptions(batch_chunk_size=2)])
def test_linear_cross_entropy(reduction, weight, options):
    input, matrix, bias, target = linear_case()
    options = {"weight": weight, "reduction": reduction, "ignore_index": 3, "options": options}
    found = F.linear_cross_entropy(input, matrix, target, linear_bias=bias, **options)
    del options["options"]
    expected = F.cross_entropy(F.linear(input, matrix, bias), target, **options)
    close(found, expected.detach().numpy())
    gradients = []
    for loss in (found, expected):
        (loss * ember.arange(1.0, 1 + loss.numel()).reshape(loss.shape)).sum().backward()
        gradients.append([each.grad for each in (input, matrix, bias)])
        for each in (input, matrix, bias):
            each.grad = None
    for a, b in zip(*gradients, strict=True):
        close(a, b.numpy())


def test_linear_cross_entropy_of_several_targets():
    input, matrix, bias, target = linear_case(3, 2)
    logits = ember.einsum("nf,cabf->ncab", input, matrix) + bias
    found = F.linear_cross_entropy(input, matrix, target, linear_bias=bias, reduction="none")
    close(found, F.cross_entropy(logits, target, reduction="none").detach().numpy())
    probabilities = ember.tensor(RANDOM.normal(size=(9, 6, 3, 2))).softmax(1)
    found = F.linear_cross_entropy(input, matrix, probabilities, linear_bias=bias, label_smoothing=0.1)
    close(found, F.cross_entropy(logits, probabilities, label_smoothing=0.1).item())


def test_parts_run_backward_twice():
    input, matrix, _, target = linear_case()
    loss = F.linear_cross_entropy(input, matrix, target, options=nn.LinearCrossEntropyOptions(batch_chunk_size=4))
    loss.backward(retain_graph=True)
    once = input.grad.clone()
    loss.backward()
    close(input.grad, 2 * once.numpy())


def test_options_that_do_not_apply_warn():
    input, matrix, _, target = linear_case()
    with pytest.warns(UserWarning, match="options are not used"):
        F.linear_cross_entropy(input, matrix, target, label_smoothing=0.1, options=nn.LinearCrossEntropyOptions())


def test_linear_cross_entropy_layer():
    layer = nn.LinearCrossEntropyLoss(4, 6, out_features=(3, 2), bias=True, label_smoothing=0.1).double()
    input, _, _, target = linear_case(3, 2)
    close(
        layer(input, target),
        F.cross_entropy(layer.linear(input).reshape(9, 6, 3, 2), target, label_smoothing=0.1).item(),
    )


@pytest.mark.parametrize(
    "options",
    [
        {"batch_chunk_size": 0},
        {"batch_chunk_size": 2.5},
        {"chunking_method": "foo"},
        {"chunking_method": "aspect_ratio:x"},
        {"acc_policy": "foo"},
        {"acc_dtype": ember.int64},
    ],
)
def test_wrong_options(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        nn.LinearCrossEntropyOptions(**options)


# ---- softmax before cross entropy ----


def seen(loss, input, target):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loss(input, target)
    return [str(each.message) for each in caught if each.category is UserWarning]


@pytest.mark.parametrize("dtype", [ember.float32, ember.float64, ember.bfloat16])
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3, 2), (5,)])
def test_softmax_before_cross_entropy_warns_once(dtype, shape):
    dim = 1 if len(shape) > 1 else 0
    target = ember.zeros([*shape[:dim], *shape[dim + 1 :]], dtype=ember.int64)
    loss = nn.CrossEntropyLoss()
    probabilities = ember.randn(*shape).softmax(dim).to(dtype)
    (message,) = seen(loss, probabilities, target)
    assert "looks like probabilities" in message
    assert seen(loss, probabilities, target) == []
    assert seen(nn.CrossEntropyLoss(), ember.randn(*shape).to(dtype), target) == []


def test_some_rows_like_probabilities_do_not_warn():
    x = ember.randn(4, 5)
    x[0] = x[0].softmax(0)
    target = ember.zeros(4, dtype=ember.int64)
    assert seen(nn.CrossEntropyLoss(), x, target) == []
    assert seen(nn.CrossEntropyLoss(), ember.zeros(4, 1), target) == []
    assert seen(nn.CrossEntropyLoss(), ember.zeros(0, 5), target[:0]) == []


# ---- older names and arguments ----

OLDER = [
    ("l1_loss", 2),
    ("mse_loss", 2),
    ("smooth_l1_loss", 2),
    ("soft_margin_loss", 2),
    ("hinge_embedding_loss", 2),
    ("poisson_nll_loss", 2),
    ("binary_cross_entropy_with_logits", 2),
    ("multilabel_soft_margin_loss", 2),
    ("margin_ranking_loss", 3),
    ("triplet_margin_loss", 3),
]


@pytest.mark.parametrize(("name", "tensors"), OLDER)
@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"size_average": True}, "mean"),
        ({"size_average": False}, "sum"),
        ({"reduce": False}, "none"),
        ({"reduce": True}, "mean"),
        ({"size_average": False, "reduce": False}, "none"),
    ],
)
def test_older_arguments(name, tensors, given, meant):
    inputs = [ember.tensor(RANDOM.uniform(0.1, 0.9, (3, 4))) for _ in range(tensors)]
    loss = getattr(F, name)
    with pytest.warns(UserWarning, match=f"please use reduction='{meant}'"):
        found = loss(*inputs, **given)
    close(found, loss(*inputs, reduction=meant).numpy())


def test_nll_loss_2d():
    log_probs = ember.tensor(RANDOM.normal(size=(2, 4, 3, 5)))
    target = ember.tensor(RANDOM.integers(0, 4, (2, 3, 5)))
    with pytest.warns(FutureWarning, match="NLLLoss2d"):
        loss = nn.NLLLoss2d()
    at_target = numpy.take_along_axis(log_probs.numpy(), target.numpy()[:, None], 1)
    close(loss(log_probs, target), -at_target.mean())


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda p, t: F.ctc_loss(p[0, 0], t, (6,), (3,)), RuntimeError, r"log_probs has shape \(5,\); expected"),
        (lambda p, t: F.ctc_loss(p, t[:2], (6, 5, 3, 2), (3, 2, 1, 0)), RuntimeError, r"targets has shape \(2, 3\)"),
        (lambda p, t: F.ctc_loss(p, t, (6, 5), (3, 2, 1, 0)), RuntimeError, "input_lengths has 2 numbers; .* expect 4"),
        (lambda p, t: F.ctc_loss(p, t, (6, 5, 3, 7), (3, 2, 1, 0)), RuntimeError, "input_lengths has 7 at position 3"),
        (lambda p, t: F.ctc_loss(p, t, (6, 5, 3, 2), (3, 4, 1, 0)), RuntimeError, "target_lengths has 4 at position 1"),
        (lambda p, t: F.ctc_loss(p, t, (6, 5, 3, 2), (3, -1, 1, 0)), RuntimeError, "target_lengths has -1"),
        (lambda p, t: F.ctc_loss(p, t[0], (6, 5, 3, 2), (1, 1, 1, 1)), RuntimeError, "3 labels; .* add up to 4"),
        (lambda p, t: F.ctc_loss(p, t, ember.ones(4), (3, 2, 1, 0)), RuntimeError, "float32; expected integers"),
        (
            lambda p, t: F.ctc_loss(p, t, (6, 5, 3, 2), (3, 2, 1, 0), blank=9),
            RuntimeError,
            r"blank 9 is outside \[0, 5\)",
        ),
        (
            lambda p, t: F.ctc_loss(p, t + 3, (6, 5, 3, 2), (3, 2, 1, 0)),
            IndexError,
            "target 5 at position 1 of sample 0",
        ),
        (lambda p, t: F.ctc_loss(p[:, :0], t[:0], (), ()), RuntimeError, "is empty"),
        (lambda p, t: F.ctc_loss(p.long(), t, (6, 5, 3, 2), (3, 2, 1, 0)), NotImplementedError, "int64"),
        (lambda p, t: F.ctc_loss(p, t, (6, 5, 3, 2), (3, 2, 1, 0), reduction="foo"), ValueError, "foo is not a valid"),
    ],
)
def test_wrong_ctc(call, error, text):
    scores, targets, _, _ = batch()
    with pytest.raises(error, match=text):
        call(scores.log_softmax(-1), targets)

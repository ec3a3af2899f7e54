"""Tables of vectors, bag by bag and by single indices."""

import numpy
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)
TABLE = RANDOM.normal(size=(9, 300))  # wider than a block of columns
INDICES = numpy.array([3, 1, 1, 8, 0, 3, 3, 5, 2, 8, 8, 8])
OFFSETS = numpy.array([0, 0, 3, 4, 9, 12])  # an empty bag at both ends
ENDS = numpy.array([0, 3, 4, 9, 12, 12])
WEIGHTS = RANDOM.normal(size=12)


def close(result, expected, tolerance=1e-12):
    numpy.testing.assert_allclose(result.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


def expected_of(mode, padding=None, weights=None):
    """The bags, and the gradient of the table by the sum of all results times their bag's number."""
    bags, gradient = numpy.zeros((6, 300)), numpy.zeros((9, 300))
    for b, (begin, end) in enumerate(zip(OFFSETS, ENDS, strict=True)):
        samples = [i for i in range(begin, end) if INDICES[i] != padding]
        if not samples:
            continue
        rows = TABLE[INDICES[samples]]
        if mode == "max":
            bags[b] = rows.max(0)
            numpy.add.at(gradient, (INDICES[samples][rows.argmax(0)], range(300)), b + 1)
            continue
        factors = numpy.ones(len(samples)) if weights is None else weights[samples]
        factors = factors / (len(samples) if mode == "mean" else 1)
        bags[b] = factors @ rows
        numpy.add.at(gradient, INDICES[samples], (factors * (b + 1))[:, None])
    return bags, gradient


def run(dtype=ember.float64, weights=None, table=TABLE, **options):
    table = ember.tensor(table).to(dtype).requires_grad_()
    weights = None if weights is None else ember.tensor(weights).to(dtype).requires_grad_()
    result = F.embedding_bag(ember.tensor(INDICES), table, ember.tensor(OFFSETS), per_sample_weights=weights, **options)
    (result * ember.arange(1, 7).to(dtype).unsqueeze(1)).sum().backward()
    return result, table.grad, None if weights is None else weights.grad


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 3, 8])
def test_modes(mode, padding):
    result, gradient, _ = run(mode=mode, padding_idx=padding)
    bags, expected = expected_of(mode, padding)
    close(result, bags)
    close(gradient, expected)


def test_weights_of_samples():
    result, gradient, of_weights = run(mode="sum", weights=WEIGHTS)
    bags, expected = expected_of("sum", weights=WEIGHTS)
    close(result, bags)
    close(gradient, expected)
    bag_of = numpy.searchsorted(ENDS, range(12), "right")
    close(of_weights, TABLE[INDICES].sum(1) * (bag_of + 1))


@pytest.mark.parametrize("dtype", [ember.float32, ember.bfloat16, ember.float16])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_other_types_are_rounded_once(dtype, mode):
    result, gradient, _ = run(dtype, mode=mode)
    exact, exact_gradient, _ = run(table=ember.tensor(TABLE).to(dtype).double().numpy(), mode=mode)
    tolerance = ember.finfo(dtype).eps * (8 if dtype == ember.float32 else 1)
    assert result.dtype == gradient.dtype == dtype
    close(result.double(), exact.detach().numpy(), tolerance)
    close(gradient.double(), exact_gradient.numpy(), tolerance)


def test_gradient_by_frequency():
    _, plain, _ = run(mode="mean")
    _, shared, _ = run(mode="mean", scale_grad_by_freq=True)
    counts = numpy.bincount(INDICES, minlength=9).clip(1)
    close(shared, plain.numpy() / counts[:, None])


def test_forms_of_the_input():
    table = ember.tensor(TABLE)
    offsets = ember.tensor(OFFSETS)
    indices = ember.tensor(INDICES)
    expected = F.embedding_bag(indices, table, offsets)
    with_end = ember.cat([offsets, ember.tensor([12])])
    assert F.embedding_bag(indices, table, with_end, include_last_offset=True).equal(expected)
    assert F.embedding_bag(indices.int(), table, offsets.int()).equal(expected)
    assert F.embedding_bag(indices, ember.tensor(TABLE.T.copy()).t(), offsets).equal(expected)
    assert F.embedding_bag(indices, table[:, ::2], offsets).equal(F.embedding_bag(indices, table, offsets)[:, ::2])
    rows = indices.reshape(4, 3)
    close(F.embedding_bag(rows, table), TABLE[INDICES].reshape(4, 3, 300).mean(1))
    assert F.embedding_bag(rows[:, :0], table).equal(ember.zeros(4, 300, dtype=ember.float64))
    assert F.embedding_bag(rows[:0], table).shape == (0, 300)


def test_indices_behind_the_last_offset_do_not_count():
    table = ember.tensor(TABLE).requires_grad_()
    weights = ember.tensor(WEIGHTS).requires_grad_()
    ends = ember.tensor([0, 4])
    options = {"mode": "sum", "include_last_offset": True}
    result = F.embedding_bag(ember.tensor(INDICES), table, ends, per_sample_weights=weights, **options)
    close(result, WEIGHTS[None, :4] @ TABLE[INDICES[:4]])
    result.sum().backward()
    assert (weights.grad[4:] == 0).all()
    assert (table.grad[5] == 0).all()


@pytest.mark.parametrize("options", [{"mode": "sum"}, {"mode": "mean", "padding_idx": 3}, {"mode": "max"}])
def test_gradients(options):
    table = ember.tensor(TABLE[:, :3]).requires_grad_()

    def bags(table):
        return F.embedding_bag(ember.tensor(INDICES), table, ember.tensor(OFFSETS), **options)

    assert gradcheck(bags, (table,))
    assert gradgradcheck(bags, (table,))


def test_gradients_with_weights():
    table = ember.tensor(TABLE[:, :3]).requires_grad_()
    weights = ember.tensor(WEIGHTS).requires_grad_()

    def bags(table, weights):
        return F.embedding_bag(
            ember.tensor(INDICES), table, ember.tensor(OFFSETS), mode="sum", per_sample_weights=weights
        )

    assert gradcheck(bags, (table, weights))
    assert gradgradcheck(bags, (table, weights))


def test_largest_of_nan_is_nan():
    table = ember.tensor([[1.0], [float("nan")], [3.0]])
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        assert F.embedding_bag(ember.tensor([order]), table, mode="max").isnan().all()


def test_does_not_depend_on_threads():
    table = RANDOM.normal(size=(500, 64))
    indices = ember.tensor(RANDOM.integers(0, 500, (400, 20)))
    threads = ember.get_num_threads()
    results = []
    for count in (1, 4):
        ember.set_num_threads(count)
        leaf = ember.tensor(table).requires_grad_()
        weights = ember.ones(400, 20, dtype=ember.float64).requires_grad_()
        result = F.embedding_bag(indices, leaf, mode="sum", per_sample_weights=weights)
        result.square().sum().backward()
        results.append((result, leaf.grad, weights.grad))
    ember.set_num_threads(threads)
    assert all(a.equal(b) for a, b in zip(*results, strict=True))


def test_layer():
    layer = nn.EmbeddingBag(9, 4, padding_idx=-2)
    assert repr(layer) == "EmbeddingBag(9, 4, mode='mean', padding_idx=7)"
    assert (layer.weight[7] == 0).all()
    assert layer(ember.tensor([7, 7]), ember.tensor([0])).equal(ember.zeros(1, 4))
    given = nn.EmbeddingBag.from_pretrained(ember.tensor(TABLE), mode="sum")
    assert not given.weight.requires_grad
    close(given(ember.tensor([[0, 1]])), TABLE[[0]] + TABLE[[1]])
    assert nn.EmbeddingBag.from_pretrained(ember.ones(2, 2), freeze=False).weight.requires_grad


@pytest.mark.parametrize("read", [F.embedding, F.embedding_bag])
def test_rows_are_held_to_a_norm(read):
    table = nn.Parameter(ember.tensor(TABLE))
    read(ember.tensor([[0, 1, 1]]), table, max_norm=1.0)
    norms = numpy.linalg.norm(table.detach().numpy(), axis=1)
    numpy.testing.assert_allclose(norms[:2], 1, rtol=1e-6)
    numpy.testing.assert_allclose(norms[2:], numpy.linalg.norm(TABLE[2:], axis=1))


def bag(indices=(1, 2), offsets=(0,), **options):
    offsets = None if offsets is None else ember.tensor(offsets)
    return F.embedding_bag(ember.tensor(indices), ember.ones(3, 2), offsets, **options)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: bag((1, 3)), RuntimeError, r"index 3 at position 1 is outside \[0, 3\)"),
        (lambda: bag((-1, 0)), RuntimeError, r"index -1 at position 0"),
        (lambda: bag(offsets=None), ValueError, "offsets is None"),
        (lambda: bag(offsets=(1,)), RuntimeError, r"offsets\[0\] is 1"),
        (lambda: bag(offsets=(0, 3)), RuntimeError, r"offsets\[-1\] is 3; the input has 2"),
        (lambda: bag(offsets=(0, 2, 1)), RuntimeError, "offsets falls from 2 to 1 at position 2"),
        (lambda: bag(offsets=((0,),)), ValueError, r"offsets has shape \(1, 1\)"),
        (lambda: bag(offsets=(0.0,)), RuntimeError, "offsets is of dtype float32"),
        (lambda: bag((1.0, 2.0)), RuntimeError, "input is of dtype float32"),
        (lambda: bag(((1, 2),)), ValueError, r"input of shape \(1, 2\) has a bag in each row"),
        (lambda: bag((((1,),),), None), ValueError, r"input has shape \(1, 1, 1\)"),
        (lambda: bag(mode="foo"), ValueError, "mode is 'foo'"),
        (lambda: bag(mode="max", scale_grad_by_freq=True), ValueError, "does not scale gradients"),
        (lambda: bag(mode="max", sparse=True), ValueError, "no sparse gradients"),
        (lambda: bag(padding_idx=3), RuntimeError, r"padding_idx 3 is outside \[-3, 3\)"),
        (lambda: bag(per_sample_weights=ember.ones(2)), NotImplementedError, "are for mode 'sum', not 'mean'"),
        (lambda: bag(mode="sum", per_sample_weights=ember.ones(3)), ValueError, r"per_sample_weights has shape \(3,\)"),
        (lambda: bag(mode="sum", per_sample_weights=ember.ones(2).double()), RuntimeError, "is of dtype float64 and"),
        (lambda: bag((), (), include_last_offset=True), RuntimeError, "input is of dtype float32"),
        (lambda: nn.EmbeddingBag(3, 2, padding_idx=3), AssertionError, "padding_idx"),
    ],
)
def test_wrong_input(call, error, text):
    with pytest.raises(error, match=text):
        call()

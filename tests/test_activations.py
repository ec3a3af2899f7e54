"""Activations, dropout and distances: forms in place, forms in `ember`, bounds of their options."""

import inspect
import math

import numpy
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)

IN_PLACE = {
    name: getattr(F, name)
    for name in dir(F)
    if not name.startswith("_")
    and callable(getattr(F, name))
    and hasattr(getattr(F, name), "__wrapped__")
    and "inplace" in inspect.signature(getattr(F, name)).parameters
    and "drop" not in name
}
OPTIONS = {"threshold": (0.2, 3.0)}


def test_every_in_place_form_is_found():
    assert len(IN_PLACE) >= 13


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    x = ember.tensor(RANDOM.normal(size=(4, 5)) * 4)
    options = OPTIONS.get(name, ())
    expected = IN_PLACE[name](x.clone(), *options)
    given = x.clone()
    assert IN_PLACE[name](given, *options, inplace=True) is given
    assert given.equal(expected)
    leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    IN_PLACE[name](leaf * 1, *options, inplace=True).sum().backward()
    IN_PLACE[name](other, *options).sum().backward()
    numpy.testing.assert_allclose(leaf.grad.numpy(), other.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relu_", ()),
        ("celu_", (0.5,)),
        ("elu_", (0.5,)),
        ("selu_", ()),
        ("leaky_relu_", (0.2,)),
        ("hardtanh_", (-0.5, 0.5)),
        ("threshold_", (0.1, 2.0)),
        ("rrelu_", (0.1, 0.3)),
    ],
)
def test_functions_that_write_into_their_input(name, options):
    x = ember.tensor(RANDOM.normal(size=6))
    expected = getattr(F, name[:-1])(x, *options)
    assert getattr(F, name)(x, *options) is x
    assert x.equal(expected)


@pytest.mark.parametrize("name", ["hardtanh", "relu6", "threshold"])
def test_integers(name):
    x = ember.arange(-10, 10)
    options = OPTIONS.get(name, ())
    if name == "threshold":
        options = (2, 5)
    result = getattr(F, name)(x, *options)
    assert result.dtype == ember.int64
    assert result.equal(getattr(F, name)(x.double(), *options).long())


def test_rrelu_draws_slopes():
    x = ember.full((10_000,), -1.0, requires_grad=True)
    y = F.rrelu(x, 0.2, 0.6, training=True)
    slopes = -y.detach()
    assert 0.2 <= slopes.min() < 0.21
    assert 0.59 < slopes.max() <= 0.6
    y.sum().backward()
    assert x.grad.equal(slopes)
    assert F.rrelu(ember.ones(3), training=True).equal(ember.ones(3))


def test_gumbel_softmax():
    probabilities = ember.tensor([0.7, 0.2, 0.1])
    logits = probabilities.log().expand(20_000, 3).requires_grad_()
    hard = F.gumbel_softmax(logits, hard=True)
    assert hard.sum(1).equal(ember.ones(20_000))
    # three standard deviations of a mean of 20,000
    assert ((hard.mean(0) - probabilities).abs() < 3 * math.sqrt(0.25 / 20_000)).all()
    soft = F.gumbel_softmax(logits, tau=0.5)
    numpy.testing.assert_allclose(soft.sum(1).detach().numpy(), 1, rtol=1e-5)
    assert gradcheck(
        lambda x: ember.manual_seed(1) and F.gumbel_softmax(x, tau=2.0),
        (logits[:3].detach().double().requires_grad_(),),
    )


DROPOUTS = [
    (F.dropout, (50, 40), ()),
    (F.dropout1d, (50, 40, 3), (2,)),
    (F.dropout1d, (50, 3), (1,)),
    (F.dropout2d, (50, 40, 3, 2), (2, 3)),
    (F.dropout2d, (50, 40, 3), (2,)),
    (F.dropout3d, (50, 40, 3, 2, 2), (2, 3, 4)),
    (F.dropout3d, (50, 3, 2, 2), (1, 2, 3)),
    (ember.feature_dropout, (50, 40, 3), (2,)),
]


@pytest.mark.parametrize(("drop", "shape", "together"), DROPOUTS)
def test_dropout_zeros_and_scales(drop, shape, together):
    x = ember.ones(shape).requires_grad_()
    y = drop(x, 0.25, True)
    assert set(y.unique().tolist()) == {0.0, ember.tensor(1 / 0.75).item()}
    if together:
        assert (y.amax(together) == y.amin(together)).all()
    y.sum().backward()
    assert x.grad.equal(y)
    assert drop(x, 0.25, False).equal(x)


def test_forms_in_ember():
    x = ember.tensor(RANDOM.normal(size=(6, 3)))
    for name, options in [
        ("dropout_", (0.0, True)),
        ("alpha_dropout_", (0.0, True)),
        ("feature_dropout_", (0.0, True)),
        ("feature_alpha_dropout_", (0.0, True)),
        ("rrelu_", ()),
        ("threshold_", (0.0, 1.0)),
    ]:
        given = x.clone()
        assert getattr(ember, name)(given, *options) is given
    assert x.prelu(ember.ones(3).double()).equal(x)
    assert x.hardshrink(0.5).equal(F.hardshrink(x))
    assert ember.kl_div(x, x.abs(), 2).equal(F.kl_div(x, x.abs(), reduction="sum"))
    assert ember.embedding(x, ember.tensor([1, 2])).equal(x[1:3])
    with pytest.raises(ValueError, match="5 is not a valid value for reduction"):
        ember.margin_ranking_loss(x, x, x, 0.0, 5)


@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3, math.inf])
def test_pdist(p):
    rows = RANDOM.normal(size=(5, 4))
    first, second = numpy.triu_indices(5, 1)
    expected = numpy.linalg.norm(rows[first] - rows[second], p, axis=1) if p != 0.5 else None
    if p == 0.5:
        expected = (numpy.abs(rows[first] - rows[second]) ** 0.5).sum(1) ** 2
    leaf = ember.tensor(rows).requires_grad_()
    numpy.testing.assert_allclose(F.pdist(leaf, p).detach().numpy(), expected, rtol=1e-12)
    if p:
        assert gradcheck(lambda x: F.pdist(x, p), (leaf,))
    if p in (0.5, 2, 3):
        assert gradgradcheck(lambda x: F.pdist(x, p), (leaf,))


def test_pdist_of_equal_rows_has_gradient_0():
    leaf = ember.zeros(3, 2).requires_grad_()
    F.pdist(leaf).sum().backward()
    assert (leaf.grad == 0).all()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: F.softshrink(x, -1.0), "lambd is -1.0; expected 0 or more"),
        (lambda x: nn.Softshrink(math.nan)(x), "lambd is nan"),
        (lambda x: F.celu(x, 0.0), "alpha is 0"),
        (lambda x: F.pdist(x), r"input has shape \(2,\)"),
        (lambda x: F.pdist(x.long().reshape(1, 2)), "torch.int64; expected a floating-point dtype"),
        (lambda x: F.pdist(x.reshape(1, 2), -1), "p is -1"),
    ],
)
def test_wrong_options(call, text):
    with pytest.raises(RuntimeError, match=text):
        call(ember.ones(2))


def test_container():
    with pytest.warns(FutureWarning, match="Container"):
        held = nn.Container(a=nn.ReLU())
    assert repr(held) == "Container(\n  (a): ReLU()\n)"

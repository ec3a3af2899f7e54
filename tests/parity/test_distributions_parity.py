"""Distributions beside PyTorch's: names, signatures, reprs, values, shapes, divergences, transforms and errors."""

import inspect

import numpy
import pytest

import ember

torch = pytest.importorskip("torch")

RANDOM = numpy.random.default_rng(0)
A, B = RANDOM.uniform(0.5, 3, (2, 3)).tolist()
P = RANDOM.uniform(0.05, 0.95, 3).tolist()
X = RANDOM.standard_normal((2, 3)).tolist()
W = RANDOM.dirichlet(numpy.ones(4), 3).tolist()
S = numpy.cov(RANDOM.standard_normal((3, 9))).tolist()
L = numpy.linalg.cholesky(S).tolist()
F = RANDOM.standard_normal((3, 2)).tolist()
POSITIVE = RANDOM.uniform(0.2, 3, (2, 3)).tolist()
UNIT = RANDOM.uniform(0.1, 0.9, (2, 3)).tolist()
COUNTS = [[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]
CORRELATION = numpy.linalg.cholesky([[1, 0.2, 0.1], [0.2, 1, -0.3], [0.1, -0.3, 1]]).tolist()
HOT = numpy.eye(4)[[0, 2, 3]].tolist()

# (distribution of the module D with tensors made by t, values)
CASES = [
    (lambda D, t: D.Normal(t(X[0]), t(A)), X),
    (lambda D, t: D.Normal(t([0.0]), t([1.0])), X),
    (lambda D, t: D.Laplace(t(X[0]), t(A)), X),
    (lambda D, t: D.Cauchy(t(X[0]), t(A)), X),
    (lambda D, t: D.Uniform(t([0.0, -1.0, -2.0]), t(A)), [[0.1, 0.2, 0.3]]),
    (lambda D, t: D.Exponential(t(A)), POSITIVE),
    (lambda D, t: D.Gamma(t(A), t(B)), POSITIVE),
    (lambda D, t: D.Chi2(t(A)), POSITIVE),
    (lambda D, t: D.Beta(t(A), t(B)), UNIT),
    (lambda D, t: D.Dirichlet(t([A, B])), [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]),
    (lambda D, t: D.StudentT(t([3.0, 1.5, 0.5]), t(A), t(B)), X),
    (lambda D, t: D.FisherSnedecor(t([3.0, 1.5, 0.5]), t([5.0, 3.0, 1.0])), POSITIVE),
    (lambda D, t: D.LogNormal(t(X[0]), t(A)), POSITIVE),
    (lambda D, t: D.HalfNormal(t(A)), POSITIVE),
    (lambda D, t: D.HalfCauchy(t(A)), POSITIVE),
    (lambda D, t: D.InverseGamma(t(A), t(B)), POSITIVE),
    (lambda D, t: D.Pareto(t([0.1, 0.15, 0.05]), t(A)), POSITIVE),
    (lambda D, t: D.Weibull(t(A), t([1.5, 2.0, 3.0])), POSITIVE),
    (lambda D, t: D.Kumaraswamy(t(A), t([0.5, 0.9, 0.7])), UNIT),
    (lambda D, t: D.Gumbel(t(X[0]), t(A)), X),
    (lambda D, t: D.LogisticNormal(t(X[0]), t(A)), [0.1, 0.2, 0.3, 0.4]),
    (lambda D, t: D.VonMises(t(X[0]), t(A)), X),
    (lambda D, t: D.Bernoulli(t(P)), [0.0, 1.0, 1.0]),
    (lambda D, t: D.Bernoulli(logits=t(X[0])), [0.0, 1.0, 1.0]),
    (lambda D, t: D.Geometric(t(P)), COUNTS),
    (lambda D, t: D.Geometric(logits=t(X[0])), COUNTS),
    (lambda D, t: D.Poisson(t(A)), COUNTS),
    (lambda D, t: D.Binomial(4, t(P)), COUNTS),
    (lambda D, t: D.Binomial(4, logits=t(X[0])), COUNTS),
    (lambda D, t: D.NegativeBinomial(t(A), t(P)), COUNTS),
    (lambda D, t: D.Categorical(t(W)), [0.0, 1.0, 3.0]),
    (lambda D, t: D.Categorical(logits=t(W)), [0.0, 1.0, 3.0]),
    (lambda D, t: D.OneHotCategorical(t(W)), HOT),
    (lambda D, t: D.OneHotCategoricalStraightThrough(t(W)), HOT),
    (lambda D, t: D.Multinomial(5, t(W)), [[1.0, 2.0, 1.0, 1.0], [0.0, 0.0, 5.0, 0.0], [5.0, 0.0, 0.0, 0.0]]),
    (lambda D, t: D.ContinuousBernoulli(t([0.1, 0.5, 0.8])), UNIT),
    (lambda D, t: D.RelaxedBernoulli(t(0.7), t(P)), UNIT),
    (lambda D, t: D.RelaxedOneHotCategorical(t(0.7), t(W)), W[::-1]),
    (lambda D, t: D.MultivariateNormal(t(X[0]), t(S)), X),
    (lambda D, t: D.MultivariateNormal(t(X), precision_matrix=t(S)), X),
    (lambda D, t: D.MultivariateNormal(t(X[0]), scale_tril=t(L)).expand((2,)), X),
    (lambda D, t: D.LowRankMultivariateNormal(t(X[0]), t(F), t(A)), X),
    (lambda D, t: D.Wishart(t(4.5), t(S)), S),
    (lambda D, t: D.LKJCholesky(3, t([0.5, 1.5])), CORRELATION),
    (lambda D, t: D.MixtureSameFamily(D.Categorical(t(P)), D.Normal(t(X[0]), t(A))), [0.1, 0.5]),
    (lambda D, t: D.Independent(D.Normal(t(X), t(A)), 1), X),
    (lambda D, t: D.TransformedDistribution(D.Normal(t(X[0]), t(A)), [D.SigmoidTransform(), D.AffineTransform(0.0, 3.0)]), POSITIVE),
]  # fmt: skip
# PyTorch computes these in single precision, or with the Bessel functions' older approximations.
LOOSE = {"Multinomial": 1e-6, "VonMises": 1e-6}


def pair(case):
    return [
        (make(lib.distributions, t), t(values))
        for lib in (ember, torch)
        for t in [lambda value, lib=lib: lib.tensor(value, dtype=lib.float64)]
        for make, values in [case]
    ]


def outcome(call, *args):
    """What a call returns, or the type of what it raises."""
    try:
        return call(*args)
    except Exception as error:
        return type(error).__name__


def check(ours, theirs, tolerance=1e-9):
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    assert tuple(ours.shape) == tuple(theirs.shape) and str(ours.dtype) == str(theirs.dtype)
    numpy.testing.assert_allclose(ours.tolist(), theirs.tolist(), rtol=tolerance, atol=1e-10)


def test_names_and_signatures():
    assert set(torch.distributions.__all__) == set(ember.distributions.__all__)
    assert set(torch.distributions.constraints.__all__) == set(ember.distributions.constraints.__all__)
    for name in torch.distributions.__all__:
        ours, theirs = getattr(ember.distributions, name), getattr(torch.distributions, name)
        if inspect.isclass(theirs):
            one, two = (list(inspect.signature(kind).parameters.values()) for kind in (ours, theirs))
            assert [(p.name, str(p.default)) for p in one] == [(p.name, str(p.default)) for p in two], name


@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case[0](torch.distributions, lambda v: torch.tensor(v, dtype=torch.float64))).__name__)  # fmt: skip
def test_values(case):
    (ours, x), (theirs, y) = pair(case)
    tolerance = LOOSE.get(type(theirs).__name__, 1e-9)
    assert repr(ours) == repr(theirs) and repr(ours.support) == repr(theirs.support)
    assert (ours.has_rsample, ours.has_enumerate_support) == (theirs.has_rsample, theirs.has_enumerate_support)
    for name in ("log_prob", "cdf"):
        check(outcome(getattr(ours, name), x), outcome(getattr(theirs, name), y), tolerance)
    for name in ("mean", "mode", "variance", "stddev"):
        check(outcome(getattr, ours, name), outcome(getattr, theirs, name), tolerance)
    for name in ("entropy", "perplexity", "enumerate_support"):
        check(outcome(getattr(ours, name)), outcome(getattr(theirs, name)), tolerance)
    for name in ("sample", "rsample"):
        one, two = (outcome(getattr(d, name), (5,)) for d in (ours, theirs))
        assert getattr(one, "shape", one) == getattr(two, "shape", two)
    one, two = (d.expand((2, *d.batch_shape)) for d in (ours, theirs))
    assert repr(one) == repr(two) and one.batch_shape == two.batch_shape


def test_divergences():
    pairs = [pair(case) for case in CASES if case != CASES[1]]  # PyTorch does not broadcast what is infinite
    for (p, _), (other_p, _) in pairs:
        for (q, _), (other_q, _) in pairs:
            kinds = (type(other_p).__name__, type(other_q).__name__)
            if kinds == ("ContinuousBernoulli", "Uniform"):
                continue  # PyTorch says inf where the bounds are just those of the support
            ours = outcome(ember.distributions.kl_divergence, p, q)
            theirs = outcome(torch.distributions.kl_divergence, other_p, other_q)
            check(ours, theirs, 1e-8)


def test_registered_pairs():
    ours, theirs = ({(p.__name__, q.__name__) for p, q in lib.distributions.kl._KL_REGISTRY} for lib in (ember, torch))
    assert theirs <= ours


@pytest.mark.parametrize("name", ["ExpTransform", "SigmoidTransform", "TanhTransform", "SoftplusTransform", "SoftmaxTransform", "StickBreakingTransform", "CorrCholeskyTransform", "AbsTransform"])  # fmt: skip
def test_transforms(name):
    values = RANDOM.standard_normal((2, 6)).tolist()
    results = []
    for lib in (ember, torch):
        transform, x = getattr(lib.distributions, name)(), lib.tensor(values, dtype=lib.float64)
        y = transform(x)
        results.append((y, transform.inv(y), outcome(transform.log_abs_det_jacobian, x, y), repr(transform.inv)))
    for ours, theirs in zip(*results, strict=True):
        check(ours, theirs)


def test_gradients_of_draws_agree_with_the_approximation():
    """PyTorch's gradients in the shape are approximations of 1e-3 or so."""
    for shape in (0.1, 0.7, 2.0, 15.0, 300.0):
        x = shape * numpy.array([0.3, 0.9, 1.0, 1.4])
        ours, theirs = (
            lib._standard_gamma_grad(
                lib.full((4,), shape, dtype=lib.float64), lib.tensor(x.tolist(), dtype=lib.float64)
            )
            for lib in (ember, torch)
        )
        check(ours, theirs, 5e-3)


def test_errors_are_of_the_same_type_and_begin_alike():
    calls = [
        lambda lib: lib.distributions.Normal(0.0, -1.0),
        lambda lib: lib.distributions.Normal(lib.zeros(3), 1.0).log_prob(lib.zeros(2)),
        lambda lib: lib.distributions.Bernoulli(),
        lambda lib: lib.distributions.MultivariateNormal(lib.zeros(3)),
        lambda lib: lib.distributions.LKJCholesky(1),
        lambda lib: lib.distributions.Independent(lib.distributions.Normal(0.0, 1.0), 1),
        lambda lib: lib.distributions.kl_divergence(lib.distributions.Normal(0.0, 1.0), lib.distributions.Cauchy(0.0, 1.0)),
        lambda lib: lib.distributions.transform_to(lib.distributions.constraints.boolean),
        lambda lib: lib.distributions.Normal(0.0, 1.0).enumerate_support(),
        lambda lib: lib.distributions.Multinomial(lib.tensor(3), lib.ones(3)),
        lambda lib: lib.binomial(lib.ones(2).long(), lib.ones(2)),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(Exception) as ours:
            call(ember)
        with pytest.raises(Exception) as theirs:
            call(torch)
        assert ours.type.__name__ == theirs.type.__name__
        assert str(theirs.value)[:25] in str(ours.value)

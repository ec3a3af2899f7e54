"""Distributions: densities, moments and quantiles beside SciPy's, draws by their statistics, gradients, divergences."""

import math
import pickle

import numpy
import pytest
from scipy import integrate, stats

import ember
from ember import distributions as D
from ember.autograd import gradcheck
from ember.distributions import constraints, transforms

FAR = 1e-10  # of values in double precision, which pass through a few special functions


def t(value):
    return ember.tensor(value, dtype=ember.float64)


POSITIVE = [0.2, 0.9, 2.5]
REAL = [-1.3, 0.1, 2.2]
UNIT = [0.1, 0.45, 0.8]
COUNTS = [0.0, 1.0, 3.0]

# name: (ours, SciPy's, values, what ours has of cdf and icdf, of entropy, and gradients through draws)
FAMILIES = {
    "normal": (lambda: D.Normal(t(0.5), t(1.5)), stats.norm(0.5, 1.5), REAL, "cdf icdf entropy rsample"),
    "laplace": (lambda: D.Laplace(t(0.5), t(1.5)), stats.laplace(0.5, 1.5), REAL, "cdf icdf entropy rsample"),
    "cauchy": (lambda: D.Cauchy(t(0.5), t(1.5)), stats.cauchy(0.5, 1.5), REAL, "cdf icdf entropy rsample"),
    "uniform": (lambda: D.Uniform(t(-2.0), t(3.0)), stats.uniform(-2, 5), REAL, "cdf icdf entropy rsample"),
    "exponential": (lambda: D.Exponential(t(2.0)), stats.expon(scale=0.5), POSITIVE, "cdf icdf entropy rsample"),
    "gamma": (lambda: D.Gamma(t(2.5), t(1.5)), stats.gamma(2.5, scale=1 / 1.5), POSITIVE, "entropy rsample"),
    "gamma_small": (lambda: D.Gamma(t(0.3), t(1.5)), stats.gamma(0.3, scale=1 / 1.5), POSITIVE, "entropy rsample"),
    "chi2": (lambda: D.Chi2(t(3.0)), stats.chi2(3), POSITIVE, "entropy rsample"),
    "beta": (lambda: D.Beta(t(2.0), t(0.7)), stats.beta(2, 0.7), UNIT, "entropy rsample"),
    "student": (lambda: D.StudentT(t(5.0), t(0.5), t(1.5)), stats.t(5, 0.5, 1.5), REAL, "entropy rsample"),
    "fisher": (lambda: D.FisherSnedecor(t(4.0), t(7.0)), stats.f(4, 7), POSITIVE, "rsample"),
    "lognormal": (lambda: D.LogNormal(t(0.5), t(0.6)), stats.lognorm(0.6, scale=math.exp(0.5)), POSITIVE, "cdf icdf entropy rsample"),
    "half_normal": (lambda: D.HalfNormal(t(1.5)), stats.halfnorm(0, 1.5), POSITIVE, "cdf icdf entropy rsample"),
    "half_cauchy": (lambda: D.HalfCauchy(t(1.5)), stats.halfcauchy(0, 1.5), POSITIVE, "cdf icdf rsample"),
    "inverse_gamma": (lambda: D.InverseGamma(t(3.0), t(1.5)), stats.invgamma(3, scale=1.5), POSITIVE, "entropy rsample"),
    "pareto": (lambda: D.Pareto(t(0.1), t(3.0)), stats.pareto(3, scale=0.1), POSITIVE, "cdf icdf entropy rsample"),
    "weibull": (lambda: D.Weibull(t(1.5), t(0.8)), stats.weibull_min(0.8, scale=1.5), POSITIVE, "cdf icdf entropy rsample"),
    "gumbel": (lambda: D.Gumbel(t(0.5), t(1.5)), stats.gumbel_r(0.5, 1.5), REAL, "cdf icdf entropy rsample"),
    "generalized_pareto": (lambda: D.GeneralizedPareto(t(0.1), t(1.5), t(0.3)), stats.genpareto(0.3, 0.1, 1.5), POSITIVE, "cdf icdf entropy rsample"),
    "generalized_pareto_bounded": (lambda: D.GeneralizedPareto(t(0.1), t(1.5), t(-0.3)), stats.genpareto(-0.3, 0.1, 1.5), POSITIVE, "cdf icdf entropy rsample"),
    "von_mises": (lambda: D.VonMises(t(0.5), t(1.5)), stats.vonmises(1.5, 0.5), REAL, ""),
    "bernoulli": (lambda: D.Bernoulli(t(0.3)), stats.bernoulli(0.3), [0.0, 1.0], "entropy"),
    "geometric": (lambda: D.Geometric(t(0.3)), stats.geom(0.3, -1), COUNTS, "entropy"),
    "poisson": (lambda: D.Poisson(t(2.5)), stats.poisson(2.5), COUNTS, ""),
    "poisson_large": (lambda: D.Poisson(t(30.0)), stats.poisson(30), COUNTS, ""),
    "binomial": (lambda: D.Binomial(7, t(0.3)), stats.binom(7, 0.3), COUNTS, "entropy"),
    "binomial_large": (lambda: D.Binomial(200, t(0.7)), stats.binom(200, 0.7), [130.0, 140.0], "entropy"),
    "negative_binomial": (lambda: D.NegativeBinomial(t(2.5), t(0.4)), stats.nbinom(2.5, 0.6), COUNTS, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_values_are_scipys(name):
    make, theirs, values, has = FAMILIES[name]
    ours, x = make(), numpy.array(values)
    density = theirs.logpmf if isinstance(theirs.dist, stats.rv_discrete) else theirs.logpdf
    numpy.testing.assert_allclose(ours.log_prob(t(values)).tolist(), density(x), rtol=FAR, atol=FAR)
    if "cdf" in has.split():
        numpy.testing.assert_allclose(ours.cdf(t(values)).tolist(), theirs.cdf(x), rtol=FAR)
    if "icdf" in has.split():
        numpy.testing.assert_allclose(ours.icdf(t(UNIT)).tolist(), theirs.ppf(UNIT), rtol=FAR)
    if "entropy" in has.split():
        numpy.testing.assert_allclose(ours.entropy().item(), theirs.entropy(), rtol=1e-6)
        numpy.testing.assert_allclose(ours.perplexity().item(), math.exp(theirs.entropy()), rtol=1e-6)
    if name != "von_mises" and name != "half_cauchy":  # whose variance is the circle's; which SciPy's sign differs in
        mean, variance = theirs.stats("mv")
        numpy.testing.assert_allclose(ours.mean.item(), mean, rtol=FAR, equal_nan=True)
        if name != "cauchy":
            numpy.testing.assert_allclose(ours.variance.item(), variance, rtol=FAR)
            numpy.testing.assert_allclose(ours.stddev.item(), math.sqrt(variance), rtol=FAR)


@pytest.mark.parametrize("name", FAMILIES)
def test_draws_follow_the_distribution(name):
    make, theirs, _, _ = FAMILIES[name]
    ember.manual_seed(7)
    drawn = numpy.array(make().sample((4000,)).tolist())
    if isinstance(theirs.dist, stats.rv_discrete):
        values, counts = numpy.unique(drawn, return_counts=True)
        expected = theirs.pmf(values) * len(drawn)
        often = expected > 8
        statistic = ((counts[often] - expected[often]) ** 2 / expected[often]).sum()
        assert stats.chi2(max(1, often.sum() - 1)).sf(statistic) > 1e-3
    else:
        assert stats.kstest(drawn, theirs.cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", [name for name in FAMILIES if "rsample" in FAMILIES[name][3]])
def test_gradients_of_log_prob(name):
    make, _, values, _ = FAMILIES[name]
    ours = make()
    parameters = [getattr(ours, n) for n in ours.arg_constraints]

    def log_prob(*parameters):
        return type(ours)(*parameters, validate_args=False).log_prob(t(values))

    if "gumbel" not in name:
        order = {"pareto": 2}.get(name, len(parameters))
        given = [p.detach().clone().requires_grad_() for p in (parameters[::-1] if name == "pareto" else parameters)]
        assert gradcheck(log_prob, given[:order])


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 3.0, 40.0, 1000.0])
def test_gamma_draws_move_with_their_shape(shape):
    """At a fixed quantile: dx / dshape is the slope of the quantile function in the shape."""
    for quantile in (0.05, 0.4, 0.9):
        step = 1e-5 * shape
        slope = (stats.gamma.ppf(quantile, shape + step) - stats.gamma.ppf(quantile, shape - step)) / (2 * step)
        x = stats.gamma.ppf(quantile, shape)
        numpy.testing.assert_allclose(ember._standard_gamma_grad(t(shape), t(x)).item(), slope, rtol=1e-5)


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.4), (1.0, 5.0), (20.0, 2.0), (60.0, 70.0)])
def test_beta_draws_move_with_their_shape(a, b):
    for quantile in (0.1, 0.5, 0.9):
        step = 1e-5 * a
        slope = (stats.beta.ppf(quantile, a + step, b) - stats.beta.ppf(quantile, a - step, b)) / (2 * step)
        x = stats.beta.ppf(quantile, a, b)
        ours = ember._dirichlet_grad(t(x), t(a), t(a + b)).item() * (1 - x)
        numpy.testing.assert_allclose(ours, slope, rtol=1e-5)


def test_draws_with_gradients_reach_the_parameters():
    ember.manual_seed(0)
    concentration = ember.full((20000,), 2.0, dtype=ember.float64, requires_grad=True)
    D.Gamma(concentration, 1.0).rsample().square().sum().backward()
    assert abs(concentration.grad.mean().item() - 5.0) < 0.2  # d E[x^2] / da = 2 a + 1
    alpha = t([[1.0, 2.0, 3.0]]).expand(20000, 3).clone().requires_grad_()
    D.Dirichlet(alpha).rsample()[:, 0].sum().backward()
    expected = numpy.array([5.0, -1.0, -1.0]) / 36
    numpy.testing.assert_allclose(alpha.grad.mean(0).tolist(), expected, atol=5e-3)
    loc = t(REAL).requires_grad_()
    D.Normal(loc, 1.0).rsample().sum().backward()
    assert loc.grad.tolist() == [1.0, 1.0, 1.0]


def test_draws_do_not_depend_on_the_number_of_threads():
    before, drawn = ember.get_num_threads(), []
    for threads in (1, 2):
        ember.set_num_threads(threads)
        ember.manual_seed(3)
        gamma, n = ember.full((5000,), 0.7), ember.full((5000,), 30.0)
        drawn.append(
            [ember._standard_gamma(gamma), ember._sample_dirichlet(gamma.view(-1, 5)), ember.binomial(n, gamma)]
        )
    ember.set_num_threads(before)
    assert all(ember.equal(one, two) for one, two in zip(*drawn, strict=True))


def test_small_shapes_give_no_zeros_or_nans():
    ember.manual_seed(1)
    assert (D.Gamma(ember.full((100,), 1e-3), 1.0).sample() > 0).all()
    x = D.Dirichlet(ember.full((50, 3), 1e-3)).sample()
    assert ember.isfinite(x).all() and ((x.sum(-1) - 1).abs() < 1e-6).all()


# ---- divergences ----

PAIRS = [
    (lambda: D.Normal(t(0.2), t(0.7)), lambda: D.Laplace(t(0.5), t(1.0))),
    (lambda: D.Normal(t(0.2), t(0.7)), lambda: D.Gumbel(t(0.5), t(1.0))),
    (lambda: D.Normal(t(0.2), t(0.7)), lambda: D.Normal(t(0.5), t(1.0))),
    (lambda: D.Laplace(t(0.2), t(0.7)), lambda: D.Normal(t(0.5), t(1.0))),
    (lambda: D.Laplace(t(0.2), t(0.7)), lambda: D.Laplace(t(0.5), t(1.0))),
    (lambda: D.Gumbel(t(0.2), t(0.7)), lambda: D.Gumbel(t(0.5), t(1.0))),
    (lambda: D.Gumbel(t(0.2), t(0.7)), lambda: D.Normal(t(0.5), t(1.0))),
    (lambda: D.Cauchy(t(0.2), t(0.7)), lambda: D.Cauchy(t(0.5), t(1.0))),
    (lambda: D.Exponential(t(0.7)), lambda: D.Exponential(t(1.5))),
    (lambda: D.Exponential(t(0.7)), lambda: D.Gamma(t(2.0), t(1.5))),
    (lambda: D.Exponential(t(0.7)), lambda: D.Gumbel(t(0.5), t(1.5))),
    (lambda: D.Exponential(t(0.7)), lambda: D.Normal(t(0.5), t(1.5))),
    (lambda: D.Gamma(t(2.0), t(1.5)), lambda: D.Gamma(t(1.0), t(0.5))),
    (lambda: D.Gamma(t(2.0), t(1.5)), lambda: D.Exponential(t(0.5))),
    (lambda: D.Gamma(t(2.0), t(1.5)), lambda: D.Gumbel(t(0.2), t(0.8))),
    (lambda: D.Gamma(t(2.0), t(1.5)), lambda: D.Normal(t(0.2), t(0.8))),
    (lambda: D.Beta(t(2.0), t(1.5)), lambda: D.Beta(t(1.2), t(3.0))),
    (lambda: D.Beta(t(2.0), t(1.5)), lambda: D.ContinuousBernoulli(t(0.3))),
    (lambda: D.Beta(t(2.0), t(1.5)), lambda: D.Gamma(t(2.0), t(0.3))),
    (lambda: D.Beta(t(2.0), t(1.5)), lambda: D.Normal(t(2.0), t(0.3))),
    (lambda: D.Beta(t(2.0), t(1.5)), lambda: D.Uniform(t(-0.5), t(1.5))),
    (lambda: D.Pareto(t(0.6), t(4.0)), lambda: D.Pareto(t(0.5), t(3.0))),
    (lambda: D.Pareto(t(0.6), t(4.0)), lambda: D.Gamma(t(0.5), t(3.0))),
    (lambda: D.Pareto(t(0.6), t(4.0)), lambda: D.Exponential(t(3.0))),
    (lambda: D.Uniform(t(0.1), t(0.8)), lambda: D.Beta(t(2.0), t(1.5))),
    (lambda: D.Uniform(t(0.1), t(0.8)), lambda: D.Gumbel(t(0.3), t(0.5))),
    (lambda: D.Uniform(t(0.1), t(0.8)), lambda: D.Pareto(t(0.05), t(0.5))),
    (lambda: D.Uniform(t(0.1), t(0.8)), lambda: D.Gamma(t(2.0), t(0.5))),
    (lambda: D.Uniform(t(0.1), t(0.8)), lambda: D.ContinuousBernoulli(t(0.2))),
    (lambda: D.ContinuousBernoulli(t(0.7)), lambda: D.ContinuousBernoulli(t(0.2))),
    (lambda: D.ContinuousBernoulli(t(0.7)), lambda: D.Exponential(t(2.0))),
]


@pytest.mark.parametrize(("make_p", "make_q"), PAIRS)
def test_divergences_are_integrals(make_p, make_q):
    p, q = make_p(), make_q()
    low, high = {"Beta": (0, 1), "ContinuousBernoulli": (0, 1), "Exponential": (0, 60), "Gamma": (0, 60), "Pareto": (0.6, 2000), "Uniform": (0.1, 0.8), "Cauchy": (-1e5, 1e5)}.get(type(p).__name__, (-25, 25))  # fmt: skip

    def integrand(x):
        log_p = p.log_prob(t(x)).item()
        return math.exp(log_p) * (log_p - q.log_prob(t(x)).item())

    value, _ = integrate.quad(
        integrand, low, high, limit=400, points=[low + 0.2, 0.2, 0.5] if high < 100 else [0.7, 3, 50]
    )
    numpy.testing.assert_allclose(D.kl_divergence(p, q).item(), value, rtol=1e-5, atol=1e-5)


def test_divergences_where_nothing_covers_are_infinite():
    assert D.kl_divergence(D.Normal(0.0, 1.0), D.Uniform(0.0, 1.0)).item() == math.inf
    assert D.kl_divergence(D.Uniform(0.0, 2.0), D.Uniform(0.5, 3.0)).item() == math.inf
    with pytest.raises(NotImplementedError, match="p type Normal and q type Cauchy"):
        D.kl_divergence(D.Normal(0.0, 1.0), D.Cauchy(0.0, 1.0))


def matrix(n=3, seed=0):
    a = numpy.random.default_rng(seed).standard_normal((n, n))
    return a @ a.T + n * numpy.eye(n)


def test_normal_vectors():
    sigma, loc, x = matrix(), numpy.array(REAL), numpy.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.5]])
    theirs = stats.multivariate_normal(loc, sigma)
    forms = {"covariance_matrix": sigma, "precision_matrix": numpy.linalg.inv(sigma), "scale_tril": numpy.linalg.cholesky(sigma)}  # fmt: skip
    for name, form in forms.items():
        ours = D.MultivariateNormal(t(REAL), **{name: t(form.tolist())})
        numpy.testing.assert_allclose(ours.log_prob(t(x.tolist())).tolist(), theirs.logpdf(x), rtol=FAR)
        numpy.testing.assert_allclose(ours.entropy().item(), theirs.entropy(), rtol=FAR)
        numpy.testing.assert_allclose(ours.covariance_matrix.tolist(), sigma, rtol=FAR)
        numpy.testing.assert_allclose(ours.precision_matrix.tolist(), numpy.linalg.inv(sigma), rtol=1e-8, atol=FAR)
    ember.manual_seed(0)
    drawn = numpy.array(ours.sample((20000,)).tolist())
    numpy.testing.assert_allclose(numpy.cov(drawn.T), sigma, atol=0.3)
    low_rank = D.LowRankMultivariateNormal(t(REAL), t([[1.0], [0.5], [-1.0]]), t([0.5, 1.0, 2.0]))
    full = D.MultivariateNormal(t(REAL), low_rank.covariance_matrix)
    numpy.testing.assert_allclose(
        low_rank.log_prob(t(x.tolist())).tolist(), full.log_prob(t(x.tolist())).tolist(), rtol=FAR
    )
    for p, q in ((low_rank, ours), (ours, low_rank), (low_rank, low_rank), (ours, full)):
        expected = D.kl_divergence(*(full if d is low_rank else d for d in (p, q))).item()
        numpy.testing.assert_allclose(D.kl_divergence(p, q).item(), expected, rtol=1e-8, atol=FAR)


def test_wishart_and_dirichlet_and_multinomial_are_scipys():
    v, x = matrix(), matrix(seed=1)
    ours, theirs = D.Wishart(t(5.5), t(v.tolist())), stats.wishart(5.5, v)
    numpy.testing.assert_allclose(ours.log_prob(t(x.tolist())).item(), theirs.logpdf(x), rtol=FAR)
    numpy.testing.assert_allclose(ours.entropy().item(), theirs.entropy(), rtol=FAR)
    numpy.testing.assert_allclose(ours.variance.tolist(), theirs.var(), rtol=FAR)
    ember.manual_seed(0)
    numpy.testing.assert_allclose(ours.sample((4000,)).mean(0).tolist(), theirs.mean(), rtol=0.1, atol=0.5)
    alpha, p = [0.7, 2.0, 1.1], [0.2, 0.3, 0.5]
    numpy.testing.assert_allclose(
        D.Dirichlet(t(alpha)).log_prob(t(p)).item(), stats.dirichlet(alpha).logpdf(p), rtol=FAR
    )
    numpy.testing.assert_allclose(D.Dirichlet(t(alpha)).entropy().item(), stats.dirichlet(alpha).entropy(), rtol=FAR)
    multinomial = D.Multinomial(4, t(p))
    numpy.testing.assert_allclose(
        multinomial.log_prob(t([1.0, 1.0, 2.0])).item(), stats.multinomial(4, p).logpmf([1, 1, 2]), rtol=FAR
    )
    numpy.testing.assert_allclose(multinomial.entropy().item(), stats.multinomial(4, p).entropy(), rtol=FAR)
    assert (multinomial.sample((50,)).sum(-1) == 4).all()


def test_lkj_is_uniform_on_correlations_at_one():
    """Of 2 x 2 matrices the correlation is uniform on [-1, 1]."""
    ember.manual_seed(0)
    factor = D.LKJCholesky(2, t(1.0)).sample((4000,))
    correlation = (factor @ factor.mT)[:, 0, 1]
    assert stats.kstest(correlation.tolist(), stats.uniform(-1, 2).cdf).pvalue > 1e-3
    assert constraints.corr_cholesky.check(D.LKJCholesky(4, t(0.5)).sample((10,))).all()


# ---- transforms and constraints ----

BIJECTIONS = [
    (transforms.ExpTransform(), REAL),
    (transforms.PowerTransform(t(1.7)), POSITIVE),
    (transforms.SigmoidTransform(), REAL),
    (transforms.TanhTransform(), REAL),
    (transforms.SoftplusTransform(), REAL),
    (transforms.AffineTransform(t(0.5), t(-2.0)), REAL),
    (transforms.ExpTransform().inv, POSITIVE),
    (transforms.CumulativeDistributionTransform(D.Normal(t(0.0), t(1.0))), REAL),
    (transforms.ComposeTransform([transforms.AffineTransform(0.5, 2.0), transforms.TanhTransform()]), REAL),
    (transforms.CatTransform([transforms.ExpTransform(), transforms.TanhTransform()], 0, [1, 2]), REAL),
    (transforms.StackTransform([transforms.ExpTransform()] * 3), REAL),
    (transforms.identity_transform, REAL),
]  # fmt: skip


@pytest.mark.parametrize(("transform", "values"), BIJECTIONS, ids=lambda value: type(value).__name__)
def test_elementwise_transforms_invert_and_know_their_slope(transform, values):
    x = t(values).requires_grad_()
    y = transform(x)
    numpy.testing.assert_allclose(transform.inv(y).tolist(), values, rtol=1e-9)
    (slope,) = ember.autograd.grad(y.sum(), x, retain_graph=True)
    numpy.testing.assert_allclose(
        transform.log_abs_det_jacobian(x, y).tolist(), slope.abs().log().tolist(), rtol=1e-9, atol=FAR
    )
    assert transform.inv.inv is transform or transform.inv.inv == transform


@pytest.mark.parametrize("transform", [transforms.StickBreakingTransform(), transforms.CorrCholeskyTransform()])
def test_vector_transforms_invert_and_know_their_determinant(transform):
    x = t(REAL).requires_grad_()
    y = transform(x)
    assert transform.codomain.check(y).all()
    assert tuple(transform.forward_shape((3,))) == tuple(y.shape) and tuple(transform.inverse_shape(y.shape)) == (3,)
    numpy.testing.assert_allclose(transform.inv(y).tolist(), REAL, rtol=1e-9)
    free = y[:-1] if y.dim() == 1 else ember.stack([y[1, 0], y[2, 0], y[2, 1]])
    rows = [ember.autograd.grad(value, x, retain_graph=True)[0].tolist() for value in free]
    expected = numpy.linalg.slogdet(numpy.array(rows))[1]
    numpy.testing.assert_allclose(transform.log_abs_det_jacobian(x, y).item(), expected, rtol=1e-9)


REGIONS = [
    constraints.real, constraints.positive, constraints.nonnegative, constraints.less_than(-1.0), constraints.interval(-1.0, 2.0),
    constraints.greater_than(2.0), constraints.unit_interval, constraints.half_open_interval(0.0, 3.0), constraints.simplex, constraints.corr_cholesky,
    constraints.real_vector, constraints.independent(constraints.positive, 1), constraints.lower_cholesky, constraints.positive_definite,
]  # fmt: skip


@pytest.mark.parametrize("constraint", REGIONS, ids=repr)
def test_transforms_lead_into_their_region(constraint):
    for registry in (D.biject_to, D.transform_to):
        if type(constraint) in registry._registry:
            transform = registry(constraint)
            shape = (3, 3) if transform.domain.event_dim == 2 else (6,)
            y = transform(ember.randn(shape, dtype=ember.float64, generator=ember.Generator().manual_seed(0)))
            assert constraint.check(y).all()


def test_cached_transforms_return_what_they_were_given():
    transform = transforms.TanhTransform(cache_size=1)
    x = t([50.0])
    y = transform(x)
    assert transform.inv(y) is x and transform(x) is y
    assert pickle.loads(pickle.dumps(transforms.ExpTransform())) == transforms.ExpTransform()


# ---- shapes and arguments ----


def test_shapes_and_expansion():
    d = D.Normal(ember.zeros(3, 1), ember.ones(4))
    assert d.batch_shape == (3, 4) and d.event_shape == () and d.sample((2,)).shape == (2, 3, 4)
    assert d.expand((5, 3, 4)).log_prob(ember.zeros(4)).shape == (5, 3, 4)
    both = D.Independent(d, 1)
    assert both.batch_shape == (3,) and both.event_shape == (4,) and both.log_prob(ember.zeros(3, 4)).shape == (3,)
    logits = D.Categorical(logits=ember.zeros(2, 5)).expand((3, 2))
    assert "probs" not in logits.__dict__ and logits.sample((7,)).shape == (7, 3, 2)
    assert D.Binomial(3, ember.zeros(2)).enumerate_support(expand=False).shape == (4, 1)

    class Own(D.Normal):
        def __init__(self):
            super().__init__(0.0, 1.0)

    with pytest.raises(NotImplementedError, match=r"must also define a custom \.expand"):
        Own().expand((2,))


def test_mixture():
    mixture = D.MixtureSameFamily(D.Categorical(t([0.3, 0.7])), D.Normal(t([-1.0, 2.0]), t([0.5, 1.0])))
    x = 0.4
    expected = 0.3 * stats.norm(-1, 0.5).pdf(x) + 0.7 * stats.norm(2, 1).pdf(x)
    numpy.testing.assert_allclose(mixture.log_prob(t(x)).exp().item(), expected, rtol=FAR)
    ember.manual_seed(0)
    drawn = mixture.sample((4000,)).tolist()
    cdf = lambda x: 0.3 * stats.norm(-1, 0.5).cdf(x) + 0.7 * stats.norm(2, 1).cdf(x)  # noqa: E731
    assert stats.kstest(drawn, cdf).pvalue > 1e-3
    assert mixture.sample((2, 5)).shape == (2, 5) and mixture.expand((3,)).sample((2,)).shape == (2, 3)


ERRORS = [
    (lambda: D.Normal(0.0, -1.0), "Expected parameter scale .* to satisfy the constraint GreaterThan"),
    (lambda: D.Normal(0.0, 1.0).log_prob(1.0), "must be a Tensor"),
    (lambda: D.Normal(0.0, 1.0).log_prob(t(math.nan)), "to be within the support"),
    (lambda: D.Normal(ember.zeros(3), 1.0).log_prob(ember.zeros(2)), "not broadcastable"),
    (lambda: D.MultivariateNormal(ember.zeros(3), ember.eye(3)).log_prob(ember.zeros(2)), "right-most size"),
    (lambda: D.MultivariateNormal(ember.zeros(3)), "Exactly one of"),
    (lambda: D.MultivariateNormal(ember.zeros(2), -ember.eye(2)), "PositiveDefinite"),
    (lambda: D.Bernoulli(), "Either `probs` or `logits`"),
    (lambda: D.Categorical(t(1.0)), "at least one-dimensional"),
    (lambda: D.Geometric(t([0.0, 0.5])), "to be positive"),
    (lambda: D.Uniform(1.0, 0.0), "LessThan"),
    (lambda: D.LKJCholesky(1), "Found dim=1"),
    (lambda: D.Wishart(1.0, ember.eye(3)), "greater than ndim - 1 = 2"),
    (lambda: D.Independent(D.Normal(0.0, 1.0), 1), "actual 1 vs 0"),
    (lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), [3]), "list of Transforms"),
    (lambda: D.utils.broadcast_all(1, "a"), "one is of type str"),
    (lambda: transforms.ExpTransform(cache_size=2), "cache_size must be 0 or 1"),
    (lambda: transforms.ReshapeTransform((2,), (3,)), "different numbers of elements"),
    (lambda: transforms.CorrCholeskyTransform().forward_shape((4,)), "not a flattened lower-diagonal"),
    (lambda: ember.binomial(ember.ones(2).long(), ember.ones(2)), "only supports floating-point dtypes for count"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), ERRORS)
def test_wrong_arguments_are_value_errors(call, text):
    with pytest.raises(ValueError, match=text):
        call()
    D.Normal(0.0, -1.0, validate_args=False)


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_no_samples(shape):
    three = ember.ones(3) / 3
    cases = [
        (D.Categorical(three), shape),
        (D.Categorical(ember.ones(2, 3)), (*shape, 2)),
        (D.OneHotCategorical(three), (*shape, 3)),
        (D.Multinomial(4, three), (*shape, 3)),
        (D.Normal(0.0, ember.ones(2)), (*shape, 2)),
        (D.Dirichlet(three), (*shape, 3)),
        (D.MixtureSameFamily(D.Categorical(three), D.Normal(ember.zeros(3), 1.0)), shape),
    ]
    for distribution, expected in cases:
        assert distribution.sample(shape).shape == expected
    assert D.Categorical(three).sample(shape).dtype is ember.int64


@pytest.mark.parametrize("kind", ["gamma", "beta", "dirichlet"])
def test_a_second_derivative_by_a_shape_is_refused(kind):
    shape = ember.tensor([2.0, 3.0], dtype=ember.float64, requires_grad=True)
    one = ember.ones(2, dtype=ember.float64)
    made = {
        "gamma": lambda: D.Gamma(shape, one),
        "beta": lambda: D.Beta(shape, one),
        "dirichlet": lambda: D.Dirichlet(shape),
    }
    draws = made[kind]().rsample()
    (slope,) = ember.autograd.grad(draws[0], shape, create_graph=True)
    with pytest.raises(NotImplementedError, match="can be differentiated once"):
        slope.sum().backward()

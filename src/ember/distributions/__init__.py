"""Probability distributions over tensors, with gradients through their parameters and, where they can be, their draws.

Example:
    >>> import ember
    >>> from ember.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5000)
"""

# ruff: noqa: F403, F405

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _kl_pairs, _kl_same_family
from . import constraints as constraints
from . import transforms as transforms
from . import utils as utils
from .bernoulli import *
from .beta import *
from .binomial import *
from .categorical import *
from .cauchy import *
from .chi2 import *
from .constraint_registry import *
from .continuous_bernoulli import *
from .dirichlet import *
from .distribution import *
from .exp_family import *
from .exponential import *
from .fishersnedecor import *
from .gamma import *
from .generalized_pareto import *
from .geometric import *
from .gumbel import *
from .half_cauchy import *
from .half_normal import *
from .independent import *
from .inverse_gamma import *
from .kl import *
from .kumaraswamy import *
from .laplace import *
from .lkj_cholesky import *
from .log_normal import *
from .logistic_normal import *
from .lowrank_multivariate_normal import *
from .mixture_same_family import *
from .multinomial import *
from .multivariate_normal import *
from .negative_binomial import *
from .normal import *
from .one_hot_categorical import *
from .pareto import *
from .poisson import *
from .relaxed_bernoulli import *
from .relaxed_categorical import *
from .studentT import *
from .transformed_distribution import *
from .transforms import *
from .uniform import *
from .von_mises import *
from .weibull import *
from .wishart import *

if not TYPE_CHECKING:  # type checkers know what `import *` has brought
    __all__ = [
        "Bernoulli",
        "Beta",
        "Binomial",
        "Categorical",
        "Cauchy",
        "Chi2",
        "ContinuousBernoulli",
        "Dirichlet",
        "Distribution",
        "Exponential",
        "ExponentialFamily",
        "FisherSnedecor",
        "Gamma",
        "GeneralizedPareto",
        "Geometric",
        "Gumbel",
        "HalfCauchy",
        "HalfNormal",
        "Independent",
        "InverseGamma",
        "Kumaraswamy",
        "LKJCholesky",
        "Laplace",
        "LogNormal",
        "LogisticNormal",
        "LowRankMultivariateNormal",
        "MixtureSameFamily",
        "Multinomial",
        "MultivariateNormal",
        "NegativeBinomial",
        "Normal",
        "OneHotCategorical",
        "OneHotCategoricalStraightThrough",
        "Pareto",
        "Poisson",
        "RelaxedBernoulli",
        "RelaxedOneHotCategorical",
        "StudentT",
        "TransformedDistribution",
        "Uniform",
        "VonMises",
        "Weibull",
        "Wishart",
        "biject_to",
        "kl_divergence",
        "register_kl",
        "transform_to",
        *transforms.__all__,
    ]

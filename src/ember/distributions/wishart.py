"""Wishart distribution."""

from __future__ import annotations

import math
import warnings
from typing import Any

import ember

from .._C import Size, Tensor
from .._number_info import finfo
from . import constraints
from .chi2 import Chi2
from .exp_family import ExponentialFamily
from .multivariate_normal import _precision_to_scale_tril
from .utils import is_number, lazy_property, standard_normal

__all__ = ["Wishart"]


def _mvdigamma(x: Any, p: int) -> Any:
    """The derivative of the logarithm of the multivariate gamma function of dimension p."""
    steps = ember.arange(p, dtype=x.dtype, device=x.device)
    return ember.digamma(x.unsqueeze(-1) - steps / 2).sum(-1)


class Wishart(ExponentialFamily):
    r"""Wishart distribution of positive-definite matrices: the sum of x x^T over `df` normal vectors x.

    .. math::
        p(X) \propto \det(X)^{(\nu - n - 1) / 2} \exp(-\text{tr}(V^{-1} X) / 2)

    Args:
        df: :math:`\nu`, degrees of freedom, above n - 1.
        covariance_matrix: V, positive definite; shape (..., n, n). Or
        precision_matrix: its inverse. Or
        scale_tril: its Cholesky factor, one of the three.
        validate_args: check parameters and values. Default: None, the default of all

    Raises:
        ValueError: if dims are missing or `df` is too small.

    Source:
        Bartlett, On the theory of statistical regression, 1933; Sawyer, Wishart distributions and inverse-Wishart
        sampling, 2007.

    Example:
        >>> import ember
        >>> ember.distributions.Wishart(3.0, ember.eye(2)).mean
        tensor([[3., 0.],
                [0., 3.]])
    """

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        forms = {
            "covariance_matrix": covariance_matrix,
            "scale_tril": scale_tril,
            "precision_matrix": precision_matrix,
        }
        given = [(name, matrix) for name, matrix in forms.items() if matrix is not None]
        assert len(given) == 1, "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
        ((name, matrix),) = given
        if matrix.dim() < 2:
            raise ValueError(f"{name} must be at least two-dimensional, with optional leading batch dimensions")
        if is_number(df):
            df = ember.tensor(df, dtype=matrix.dtype, device=matrix.device)
        batch_shape = ember.broadcast_shapes(matrix.shape[:-2], df.shape)
        event_shape = matrix.shape[-2:]
        self.df = df.expand(batch_shape)
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        if self.df.le(event_shape[-1] - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {event_shape[-1] - 1}.")
        super().__init__(batch_shape, event_shape, validate_args=validate_args)
        self._batch_dims = [-(i + 1) for i in range(len(self._batch_shape))]
        if scale_tril is not None:
            self._unbroadcasted_scale_tril = scale_tril
        elif covariance_matrix is not None:
            self._unbroadcasted_scale_tril = ember.linalg.cholesky(covariance_matrix)
        else:
            self._unbroadcasted_scale_tril = _precision_to_scale_tril(precision_matrix)
        self._dist_chi2 = self._squared_diagonal()

    def _squared_diagonal(self) -> Chi2:
        """What the squares of the diagonal of the factor of a standard sample follow."""
        fewer = ember.arange(self._event_shape[-1], dtype=self.df.dtype, device=self.df.device)
        return Chi2(self.df.unsqueeze(-1) - fewer.expand((*self._batch_shape, -1)))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Wishart:
        new = self._get_checked_instance(Wishart, _instance)
        new._unbroadcasted_scale_tril = self._unbroadcasted_scale_tril
        self._expanded(Wishart, batch_shape, new)
        new._batch_dims = [-(i + 1) for i in range(len(new._batch_shape))]
        new._dist_chi2 = new._squared_diagonal()
        return new

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor of V."""
        return self._unbroadcasted_scale_tril.expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def covariance_matrix(self) -> Any:
        """V."""
        factor = self._unbroadcasted_scale_tril
        return (factor @ factor.mT).expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of V."""
        return ember.cholesky_inverse(self._unbroadcasted_scale_tril).expand((*self._batch_shape, *self._event_shape))

    @property
    def mean(self) -> Tensor:
        return self.df.view((*self._batch_shape, 1, 1)) * self.covariance_matrix

    @property
    def mode(self) -> Tensor:
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        factor = factor.masked_fill(factor <= 0, math.nan)
        return factor.view((*self._batch_shape, 1, 1)) * self.covariance_matrix

    @property
    def variance(self) -> Tensor:
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        return self.df.view((*self._batch_shape, 1, 1)) * (v.pow(2) + diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2))

    def _bartlett_sampling(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        diagonal = self._dist_chi2.rsample(sample_shape).clamp(min=finfo(self.df.dtype).tiny).sqrt()
        below = standard_normal(self._extended_shape(sample_shape), self.df.dtype, self.df.device).tril(-1)
        factor = self._unbroadcasted_scale_tril @ (below + diagonal.diag_embed())
        return factor @ factor.mT

    def rsample(self, sample_shape: Any = Size(), max_try_correction: int | None = None) -> Tensor:  # noqa: B008
        tries = 10 if max_try_correction is None else max_try_correction
        sample = self._bartlett_sampling(Size(sample_shape))
        if not self._validate_args:
            return sample
        for _ in range(tries):
            regular = self.support.check(sample)
            if regular.all():
                break
            warnings.warn("Singular sample detected.", stacklevel=2)
            sample = ember.where(regular[..., None, None], sample, self._bartlett_sampling(Size(sample_shape)))
        return sample

    def _half_log_det(self) -> Any:
        """log det(V) / 2."""
        return self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Any) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        nu, n = self.df, self._event_shape[-1]
        half = ember.linalg.solve_triangular(self._unbroadcasted_scale_tril, value, upper=False)
        whole = ember.linalg.solve_triangular(self._unbroadcasted_scale_tril.mT, half, upper=True)
        return (
            -nu * (n * math.log(2) / 2 + self._half_log_det())
            - ember.mvlgamma(nu / 2, p=n)
            + (nu - n - 1) / 2 * ember.linalg.slogdet(value).logabsdet
            - whole.diagonal(dim1=-2, dim2=-1).sum(-1) / 2
        )

    def entropy(self) -> Tensor:
        nu, n = self.df, self._event_shape[-1]
        return (
            (n + 1) * (n * math.log(2) / 2 + self._half_log_det())
            + ember.mvlgamma(nu / 2, p=n)
            - (nu - n - 1) / 2 * _mvdigamma(nu / 2, n)
            + nu * n / 2
        )

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x: Any, y: Any) -> Tensor:
        n = self._event_shape[-1]
        half_df = y + (n + 1) / 2
        return half_df * (-ember.linalg.slogdet(-2 * x).logabsdet + math.log(2) * n) + ember.mvlgamma(half_df, p=n)

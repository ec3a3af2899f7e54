"""Transforms of vectors and matrices: simplices, Cholesky factors, and parts with a transform each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import ember

from .._C import Size, Tensor
from .._number_info import finfo
from ..nn.functional import pad, softplus
from . import constraints
from ._transform import Transform
from .utils import sum_rightmost, tril_matrix_to_vec, vec_to_tril_matrix


def _need_dims(shape: Any, least: int) -> None:
    if len(shape) < least:
        raise ValueError(f"Too few dimensions on input: {len(shape)}; expected at least {least}")


class SoftmaxTransform(Transform):
    """Softmax along the last dim, up to the constant that it loses; there is no Jacobian."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoftmaxTransform)

    def _call(self, x: Any) -> Any:
        return ember.softmax(x, dim=-1)

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def forward_shape(self, shape: Any) -> Any:
        _need_dims(shape, 1)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        _need_dims(shape, 1)
        return shape


class StickBreakingTransform(Transform):
    r"""From n - 1 numbers to n probabilities: each breaks its share, a sigmoid, off what is left of a stick.

    The i-th sigmoid is shifted by :math:`-\log(n - 1 - i)`, so that zeros give equal parts.

    Source:
        Stan Reference Manual, Unit simplex.
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StickBreakingTransform)

    @staticmethod
    def _left_parts(x: Any) -> Any:
        """log of the number of parts that the rest of the stick is for, at each of the breaks."""
        return ember.arange(x.shape[-1], 0, -1, dtype=x.dtype, device=x.device).log()

    def _call(self, x: Any) -> Any:
        number = finfo(x.dtype)
        share = ember.sigmoid(x - self._left_parts(x)).clamp(min=number.tiny, max=1.0 - number.eps)
        rest = (1 - share).cumprod(-1)
        return pad(share, [0, 1], value=1) * pad(rest, [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        part = y[..., :-1]
        rest = (1 - part.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return part.log() - rest.log() + self._left_parts(part)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - self._left_parts(x)
        return (-x + ember.nn.functional.logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        _need_dims(shape, 1)
        return Size((*shape[:-1], shape[-1] + 1))

    def inverse_shape(self, shape: Any) -> Any:
        _need_dims(shape, 1)
        return Size((*shape[:-1], shape[-1] - 1))


class LowerCholeskyTransform(Transform):
    """From square matrices to Cholesky factors: the upper triangle is dropped, the diagonal is the exponential's."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LowerCholeskyTransform)

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """From square matrices to positive-definite ones: L L^T of the Cholesky factor."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(ember.linalg.cholesky(y))


class CorrCholeskyTransform(Transform):
    r"""From n (n - 1) / 2 numbers to the Cholesky factor of an n x n correlation matrix.

    :math:`\tanh` of the numbers are the canonical partial correlations :math:`z_{ij}` of the lower triangle; element
    (i, j) of the factor is :math:`z_{ij} \prod_{k < j} \sqrt{1 - z_{ik}^2}`.

    Source:
        Lewandowski, Kurowicka and Joe, Generating random correlation matrices, 2009; Stan Reference Manual.
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x: Any) -> Any:
        limit = 1 - finfo(x.dtype).eps
        partial = vec_to_tril_matrix(ember.tanh(x).clamp(min=-limit, max=limit), diag=-1)
        rest = (1 - partial**2).sqrt().cumprod(-1)
        with_ones = partial + ember.eye(partial.shape[-1], dtype=x.dtype, device=x.device)
        return with_ones * pad(rest[..., :-1], [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        rest = (1 - (y * y).cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        before = pad(rest[..., :-1], [1, 0], value=1).sqrt()
        t = tril_matrix_to_vec(y, diag=-1) / tril_matrix_to_vec(before, diag=-1)
        return (t.log1p() - (-t).log1p()) / 2

    def log_abs_det_jacobian(self, x: Any, y: Any, intermediates: Any = None) -> Any:
        rest = 1 - (y * y).cumsum(-1)
        stick = 0.5 * tril_matrix_to_vec(rest, diag=-2).log().sum(-1)
        tanh = -2 * (x + softplus(-2 * x) - math.log(2.0)).sum(-1)
        return stick + tanh

    def forward_shape(self, shape: Any) -> Any:
        _need_dims(shape, 1)
        n = round((0.25 + 2 * shape[-1]) ** 0.5 + 0.5)
        if n * (n - 1) // 2 != shape[-1]:
            raise ValueError(f"Input is not a flattened lower-diagonal number: {shape[-1]} is not n (n - 1) / 2")
        return Size((*shape[:-1], n, n))

    def inverse_shape(self, shape: Any) -> Any:
        _need_dims(shape, 2)
        if shape[-2] != shape[-1]:
            raise ValueError(f"Input is not square: {shape[-2]} x {shape[-1]}")
        return Size((*shape[:-2], shape[-1] * (shape[-1] - 1) // 2))


class _PartsTransform(Transform):
    """A transform for each part of the input along `dim`."""

    transforms: list[Transform]
    dim: int

    def _start(self, tseq: Sequence[Transform], dim: int, cache_size: int) -> None:
        assert all(isinstance(t, Transform) for t in tseq), "All elements of tseq must be Transform instances"
        Transform.__init__(self, cache_size=cache_size)
        self.transforms = [t.with_cache(cache_size) for t in tseq] if cache_size else list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> bool:  # type: ignore[override]
        return all(t.bijective for t in self.transforms)

    def _parts(self, value: Any) -> list[Tensor]:
        raise NotImplementedError


class CatTransform(_PartsTransform):
    """Transforms of parts of the input along `dim`, put together again.

    Args:
        tseq: the transforms.
        dim: the dim. Default: 0
        lengths: the length of each part. Default: 1 each
        cache_size: as in `Transform`. Default: 0

    Example:
        >>> import ember
        >>> from ember.distributions import transforms
        >>> parts = transforms.CatTransform([transforms.ExpTransform(), transforms.identity_transform], 0, [1, 2])
        >>> parts(ember.zeros(3))
        tensor([1., 0., 0.])
    """

    def __init__(
        self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        self._start(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        assert len(self.lengths) == len(self.transforms), (
            f"Expected lengths to have {len(self.transforms)} elements, got {len(self.lengths)}"
        )

    @property
    def event_dim(self) -> int:
        return max(t.event_dim for t in self.transforms)

    @property
    def length(self) -> int:
        """The size of the input along `dim`."""
        return sum(self.lengths)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _parts(self, value: Any) -> list[Tensor]:
        assert -value.dim() <= self.dim < value.dim(), f"dim {self.dim} out of range for {value.dim()} dims"
        assert value.size(self.dim) == self.length, f"size {value.size(self.dim)} along dim is not {self.length}"
        return list(value.split(self.lengths, self.dim))

    def _call(self, x: Any) -> Any:
        return ember.cat([t(part) for t, part in zip(self.transforms, self._parts(x), strict=True)], self.dim)

    def _inverse(self, y: Any) -> Any:
        return ember.cat([t.inv(part) for t, part in zip(self.transforms, self._parts(y), strict=True)], self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        logdets = []
        for t, before, after in zip(self.transforms, self._parts(x), self._parts(y), strict=True):
            logdets.append(sum_rightmost(t.log_abs_det_jacobian(before, after), self.event_dim - t.event_dim))
        dim = self.dim if self.dim < 0 else self.dim - x.dim()
        dim += self.event_dim
        return ember.cat(logdets, dim) if dim < 0 else sum(logdets)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)


class StackTransform(_PartsTransform):
    """Transforms of the slices of the input along `dim`, stacked again.

    Args:
        tseq: the transforms.
        dim: the dim. Default: 0
        cache_size: as in `Transform`. Default: 0
    """

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        self._start(tseq, dim, cache_size)

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self if self._cache_size == cache_size else StackTransform(self.transforms, self.dim, cache_size)

    def _parts(self, value: Any) -> list[Tensor]:
        assert -value.dim() <= self.dim < value.dim(), f"dim {self.dim} out of range for {value.dim()} dims"
        assert value.size(self.dim) == len(self.transforms), (
            f"size {value.size(self.dim)} along dim is not {len(self.transforms)}"
        )
        return [value.select(self.dim, i) for i in range(value.size(self.dim))]

    def _call(self, x: Any) -> Any:
        return ember.stack([t(part) for t, part in zip(self.transforms, self._parts(x), strict=True)], self.dim)

    def _inverse(self, y: Any) -> Any:
        return ember.stack([t.inv(part) for t, part in zip(self.transforms, self._parts(y), strict=True)], self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        parts = zip(self.transforms, self._parts(x), self._parts(y), strict=True)
        return ember.stack([t.log_abs_det_jacobian(before, after) for t, before, after in parts], self.dim)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.stack([t.codomain for t in self.transforms], self.dim)

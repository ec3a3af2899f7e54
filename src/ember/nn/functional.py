"""The computations of layers as functions: ``import ember.nn.functional as F``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _C
from ..ops.distances import pdist as pdist
from ._functional import torch_forms as _torch_forms  # noqa: F401  (what it marks is found in ember)
from ._functional.activation import (
    celu as celu,
)
from ._functional.activation import (
    elu as elu,
)
from ._functional.activation import (
    gelu as gelu,
)
from ._functional.activation import (
    glu as glu,
)
from ._functional.activation import (
    gumbel_softmax as gumbel_softmax,
)
from ._functional.activation import (
    hardsigmoid as hardsigmoid,
)
from ._functional.activation import (
    hardswish as hardswish,
)
from ._functional.activation import (
    hardtanh as hardtanh,
)
from ._functional.activation import (
    leaky_relu as leaky_relu,
)
from ._functional.activation import (
    log_softmax as log_softmax,
)
from ._functional.activation import (
    mish as mish,
)
from ._functional.activation import (
    prelu as prelu,
)
from ._functional.activation import (
    relu as relu,
)
from ._functional.activation import (
    relu6 as relu6,
)
from ._functional.activation import (
    relu_ as relu_,
)
from ._functional.activation import (
    rrelu as rrelu,
)
from ._functional.activation import (
    rrelu_ as rrelu_,
)
from ._functional.activation import (
    selu as selu,
)
from ._functional.activation import (
    sigmoid as sigmoid,
)
from ._functional.activation import (
    silu as silu,
)
from ._functional.activation import (
    softmax as softmax,
)
from ._functional.activation import (
    softmin as softmin,
)
from ._functional.activation import (
    softshrink as softshrink,
)
from ._functional.activation import (
    tanh as tanh,
)
from ._functional.activation import (
    threshold as threshold,
)
from ._functional.attention import (
    multi_head_attention_forward as multi_head_attention_forward,
)
from ._functional.attention import (
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from ._functional.convolution import (
    conv1d as conv1d,
)
from ._functional.convolution import (
    conv2d as conv2d,
)
from ._functional.convolution import (
    conv3d as conv3d,
)
from ._functional.convolution import (
    conv_tbc as conv_tbc,
)
from ._functional.convolution import (
    conv_transpose1d as conv_transpose1d,
)
from ._functional.convolution import (
    conv_transpose2d as conv_transpose2d,
)
from ._functional.convolution import (
    conv_transpose3d as conv_transpose3d,
)
from ._functional.ctc_loss import (
    ctc_loss as ctc_loss,
)
from ._functional.distance import (
    cosine_similarity as cosine_similarity,
)
from ._functional.distance import (
    pairwise_distance as pairwise_distance,
)
from ._functional.dropout import (
    alpha_dropout as alpha_dropout,
)
from ._functional.dropout import (
    dropout as dropout,
)
from ._functional.dropout import (
    dropout1d as dropout1d,
)
from ._functional.dropout import (
    dropout2d as dropout2d,
)
from ._functional.dropout import (
    dropout3d as dropout3d,
)
from ._functional.dropout import (
    feature_alpha_dropout as feature_alpha_dropout,
)
from ._functional.embedding_bag import (
    embedding_bag as embedding_bag,
)
from ._functional.fold import (
    fold as fold,
)
from ._functional.fold import (
    unfold as unfold,
)
from ._functional.linear import (
    bilinear as bilinear,
)
from ._functional.linear import (
    embedding as embedding,
)
from ._functional.linear import (
    one_hot as one_hot,
)
from ._functional.linear_cross_entropy import (
    linear_cross_entropy as linear_cross_entropy,
)
from ._functional.loss import (
    binary_cross_entropy as binary_cross_entropy,
)
from ._functional.loss import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
)
from ._functional.loss import (
    cross_entropy as cross_entropy,
)
from ._functional.loss import (
    gaussian_nll_loss as gaussian_nll_loss,
)
from ._functional.loss import (
    huber_loss as huber_loss,
)
from ._functional.loss import (
    kl_div as kl_div,
)
from ._functional.loss import (
    l1_loss as l1_loss,
)
from ._functional.loss import (
    mse_loss as mse_loss,
)
from ._functional.loss import (
    nll_loss as nll_loss,
)
from ._functional.loss import (
    poisson_nll_loss as poisson_nll_loss,
)
from ._functional.loss import (
    smooth_l1_loss as smooth_l1_loss,
)
from ._functional.loss import (
    soft_margin_loss as soft_margin_loss,
)
from ._functional.normalization import (
    batch_norm as batch_norm,
)
from ._functional.normalization import (
    instance_norm as instance_norm,
)
from ._functional.normalization import (
    local_response_norm as local_response_norm,
)
from ._functional.normalization import (
    normalize as normalize,
)
from ._functional.padding import (
    pad as pad,
)
from ._functional.pooling import (
    adaptive_avg_pool2d as adaptive_avg_pool2d,
)
from ._functional.pooling import (
    adaptive_avg_pool3d as adaptive_avg_pool3d,
)
from ._functional.pooling import (
    adaptive_max_pool1d as adaptive_max_pool1d,
)
from ._functional.pooling import (
    adaptive_max_pool1d_with_indices as adaptive_max_pool1d_with_indices,
)
from ._functional.pooling import (
    adaptive_max_pool2d as adaptive_max_pool2d,
)
from ._functional.pooling import (
    adaptive_max_pool2d_with_indices as adaptive_max_pool2d_with_indices,
)
from ._functional.pooling import (
    adaptive_max_pool3d as adaptive_max_pool3d,
)
from ._functional.pooling import (
    adaptive_max_pool3d_with_indices as adaptive_max_pool3d_with_indices,
)
from ._functional.pooling import (
    fractional_max_pool2d as fractional_max_pool2d,
)
from ._functional.pooling import (
    fractional_max_pool2d_with_indices as fractional_max_pool2d_with_indices,
)
from ._functional.pooling import (
    fractional_max_pool3d as fractional_max_pool3d,
)
from ._functional.pooling import (
    fractional_max_pool3d_with_indices as fractional_max_pool3d_with_indices,
)
from ._functional.pooling import (
    lp_pool1d as lp_pool1d,
)
from ._functional.pooling import (
    lp_pool2d as lp_pool2d,
)
from ._functional.pooling import (
    lp_pool3d as lp_pool3d,
)
from ._functional.pooling import (
    max_pool1d as max_pool1d,
)
from ._functional.pooling import (
    max_pool1d_with_indices as max_pool1d_with_indices,
)
from ._functional.pooling import (
    max_pool2d as max_pool2d,
)
from ._functional.pooling import (
    max_pool2d_with_indices as max_pool2d_with_indices,
)
from ._functional.pooling import (
    max_pool3d as max_pool3d,
)
from ._functional.pooling import (
    max_pool3d_with_indices as max_pool3d_with_indices,
)
from ._functional.pooling import (
    max_unpool1d as max_unpool1d,
)
from ._functional.pooling import (
    max_unpool2d as max_unpool2d,
)
from ._functional.pooling import (
    max_unpool3d as max_unpool3d,
)
from ._functional.ranking_loss import (
    cosine_embedding_loss as cosine_embedding_loss,
)
from ._functional.ranking_loss import (
    hinge_embedding_loss as hinge_embedding_loss,
)
from ._functional.ranking_loss import (
    margin_ranking_loss as margin_ranking_loss,
)
from ._functional.ranking_loss import (
    multi_margin_loss as multi_margin_loss,
)
from ._functional.ranking_loss import (
    multilabel_margin_loss as multilabel_margin_loss,
)
from ._functional.ranking_loss import (
    multilabel_soft_margin_loss as multilabel_soft_margin_loss,
)
from ._functional.ranking_loss import (
    triplet_margin_loss as triplet_margin_loss,
)
from ._functional.ranking_loss import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)
from ._functional.resampling import (
    affine_grid as affine_grid,
)
from ._functional.resampling import (
    grid_sample as grid_sample,
)
from ._functional.resampling import (
    interpolate as interpolate,
)
from ._functional.resampling import (
    upsample as upsample,
)
from ._functional.resampling import (
    upsample_bilinear as upsample_bilinear,
)
from ._functional.resampling import (
    upsample_nearest as upsample_nearest,
)

_FUNCTIONAL = 4  # the flag of records that stand here (csrc/op/record.h)

# Records whose signature is PyTorch's are published as they are.
for _name in _C._operation_names(_FUNCTIONAL):
    globals().setdefault(_name, getattr(_C.ops, _name))
del _name

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...

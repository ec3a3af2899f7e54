"""The computations of layers as functions: ``import ember.nn.functional as F``."""
# ruff: noqa: F401  (what is imported here is what users find here)

from .. import _C
from ._functional.activation import (
    celu,
    elu,
    gelu,
    glu,
    gumbel_softmax,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    mish,
    prelu,
    relu,
    relu6,
    rrelu,
    rrelu_,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    tanh,
    threshold,
)
from ._functional.distance import (
    cosine_similarity,
    pairwise_distance,
)
from ._functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from ._functional.linear import (
    bilinear,
    embedding,
    one_hot,
)
from ._functional.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
)
from ._functional.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    normalize,
    rms_norm,
)
from ._functional.padding import (
    pad,
)
from ._functional.ranking_loss import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)

_FUNCTIONAL = 4  # the flag of records that stand here (csrc/op/record.h)

# Records whose signature is PyTorch's are published as they are.
for _name in _C._operation_names(_FUNCTIONAL):
    globals().setdefault(_name, getattr(_C.ops, _name))
del _name

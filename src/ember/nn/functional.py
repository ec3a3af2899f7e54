"""The computations of layers as functions: ``import ember.nn.functional as F``."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING

from .. import _C
from .._composite import overridable as _overridable
from ..ops.distances import pdist as pdist
from ._functional import torch_forms as _torch_forms  # noqa: F401  (what it marks is found in ember)
from ._functional.activation import *  # noqa: F403
from ._functional.attention import *  # noqa: F403
from ._functional.convolution import *  # noqa: F403
from ._functional.ctc_loss import *  # noqa: F403
from ._functional.distance import *  # noqa: F403
from ._functional.dropout import *  # noqa: F403
from ._functional.embedding_bag import *  # noqa: F403
from ._functional.fold import *  # noqa: F403
from ._functional.linear import *  # noqa: F403
from ._functional.linear_cross_entropy import *  # noqa: F403
from ._functional.loss import *  # noqa: F403
from ._functional.normalization import *  # noqa: F403
from ._functional.padding import *  # noqa: F403
from ._functional.pooling import *  # noqa: F403
from ._functional.ranking_loss import *  # noqa: F403
from ._functional.resampling import *  # noqa: F403

_FUNCTIONAL = 4  # the flag of records that stand here (csrc/op/record.h)

# Records whose signature is PyTorch's are published as they are.
for _name in _C._operation_names(_FUNCTIONAL):
    globals().setdefault(_name, getattr(_C.ops, _name))
# Classes of arguments may take calls over (ember.overrides).
for _name, _value in list(globals().items()):
    if isinstance(_value, FunctionType) and not _name.startswith("_"):
        globals()[_name] = _overridable(_value, module=__name__)
del _name, _value

if TYPE_CHECKING:
    from .._stubs.functional import *  # noqa: F403

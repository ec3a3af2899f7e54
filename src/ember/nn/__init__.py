"""Neural networks: layers, losses, and the Module that holds them together."""

from typing import TYPE_CHECKING

from . import attention as attention
from . import common_types as common_types
from . import functional as functional
from . import init as init
from . import modules as modules
from . import parallel as parallel
from . import parameter as parameter
from . import utils as utils
from .modules import *  # noqa: F403
from .parallel import DataParallel as DataParallel
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter

if not TYPE_CHECKING:  # type checkers know what `import *` has brought
    __all__ = [
        "Buffer",
        "DataParallel",
        "Parameter",
        "UninitializedBuffer",
        "UninitializedParameter",
        "attention",
        "common_types",
        "functional",
        "init",
        "modules",
        "parallel",
        "parameter",
        "utils",
        *modules.__all__,
    ]

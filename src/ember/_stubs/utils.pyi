"""Written by tools/write_stubs.py: the modules of ember.utils."""

from ..utils import checkpoint as checkpoint
from ..utils import collect_env as collect_env
from ..utils import cpp_extension as cpp_extension
from ..utils import data as data
from ..utils import dlpack as dlpack
from ..utils import flop_counter as flop_counter
from ..utils import hooks as hooks
from ..utils import model_zoo as model_zoo
from ..utils import module_tracker as module_tracker
from ..utils import tensorboard as tensorboard

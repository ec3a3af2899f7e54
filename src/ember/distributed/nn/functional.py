"""The inner module of `distributed.nn` from which packages import."""

from __future__ import annotations

from . import all_gather as all_gather
from . import all_reduce as all_reduce
from . import all_to_all as all_to_all
from . import broadcast as broadcast
from . import gather as gather
from . import reduce as reduce
from . import reduce_scatter as reduce_scatter
from . import scatter as scatter

"""Settings of a compiler, for packages that set them; none has an effect, as functions run eagerly."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

allow_unspec_int_on_nn_module = False
assume_static_by_default = True
automatic_dynamic_shapes = True
cache_size_limit = 8
capture_dynamic_output_shape_ops = False
capture_scalar_outputs = False
disable = False
inline_inbuilt_nn_modules = True
optimize_ddp = True
recompile_limit = 8
skip_fwd_side_effects_in_bwd_under_checkpoint = False
suppress_errors = False
verbose = False


@contextlib.contextmanager
def patch(*names: Any, **settings: Any) -> Iterator[None]:
    """Change settings within a block: ``patch(verbose=True)``, ``patch("verbose", True)`` or ``patch({...})``."""
    if names:
        settings = dict(names[0]) if len(names) == 1 else {names[0]: names[1]}
    before = {name: globals()[name] for name in settings}
    globals().update(settings)
    try:
        yield
    finally:
        globals().update(before)

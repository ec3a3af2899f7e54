"""State dicts of modules that are shared out."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(
    absent_functions(
        "distributed.checkpoint.state_dict",
        (
            "get_model_state_dict",
            "get_optimizer_state_dict",
            "get_state_dict",
            "set_model_state_dict",
            "set_optimizer_state_dict",
            "set_state_dict",
        ),
    )
)
globals().update(absent_classes("distributed.checkpoint.state_dict", ("StateDictOptions",)))

"""Which parts of a module would be shared out."""

from __future__ import annotations

from .._names import absent_classes, absent_functions

globals().update(
    absent_functions(
        "distributed.fsdp.wrap", ("enable_wrap", "wrap", "size_based_auto_wrap_policy", "transformer_auto_wrap_policy")
    )
)
globals().update(absent_classes("distributed.fsdp.wrap", ("ModuleWrapPolicy",)))

"""A module that several processes train: here the one of a group."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ..modules.module import Module


class DistributedDataParallel(Module):
    """A module whose gradients are the mean over all processes, of which there is one: they are its own.

    Args:
        module: the module, which stands below the name ``module``.
        device_ids: accepted.
        output_device: accepted.
        dim: accepted.
        broadcast_buffers: accepted; buffers are the module's.
        init_sync: accepted.
        process_group: the group; default: that of all processes, which `init_process_group` makes.
        bucket_cap_mb: accepted.
        find_unused_parameters: accepted.
        check_reduction: accepted.
        gradient_as_bucket_view: accepted.
        static_graph: accepted.
        delay_all_reduce_named_params: accepted.
        param_to_hook_all_reduce: accepted.
        mixed_precision: accepted.
        device_mesh: accepted.
        skip_all_reduce_unused_params: accepted.
        bucket_cap_mb_list: accepted.
        batched_grad_copy: accepted.
        forward_sync_buffers: accepted.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool | None = None,
        init_sync: bool = True,
        process_group: Any = None,
        bucket_cap_mb: Any = None,
        find_unused_parameters: bool = False,
        check_reduction: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        delay_all_reduce_named_params: Any = None,
        param_to_hook_all_reduce: Any = None,
        mixed_precision: Any = None,
        device_mesh: Any = None,
        skip_all_reduce_unused_params: bool = False,
        bucket_cap_mb_list: Any = None,
        batched_grad_copy: bool = False,
        forward_sync_buffers: Any = None,
    ) -> None:
        from ...distributed import _one_process
        from ...distributed._names import NO_GROUP

        super().__init__()
        if process_group is None and not _one_process.is_initialized():
            raise ValueError(f"DistributedDataParallel(): {NO_GROUP}")
        if not any(parameter.requires_grad for parameter in module.parameters()):
            raise RuntimeError(
                "DistributedDataParallel(): no parameter of the module requires a gradient; train the module itself."
            )
        self.module = module
        self.device_ids, self.output_device, self.dim = device_ids, output_device, dim
        self.process_group = process_group or _one_process.group.WORLD
        self.require_backward_grad_sync = True

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Gradients are not exchanged within the block."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

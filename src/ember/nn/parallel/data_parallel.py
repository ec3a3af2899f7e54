"""One module over several devices in one process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..modules.module import Module


class DataParallel(Module):
    """Holds a module as ``module`` and calls it; on the CPU, which is one device, the batch stays whole.

    Keys of the state dict begin with ``module.``, as in files that were written on several devices.

    Args:
        module: the module.
        device_ids, output_device: devices to share out to; those of the CPU are one, and these are not used.
        dim: the dim of the batch. Default: 0.

    Shape:
        Input and output: those of the module.

    Example:
        >>> net = ember.nn.DataParallel(ember.nn.Linear(2, 3))
        >>> list(net.state_dict())
        ['module.weight', 'module.bias']
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """The module's output."""
        return self.module(*inputs, **kwargs)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: Any = None,
) -> Any:
    """Call a module as :class:`DataParallel` does.

    Args:
        module: the module.
        inputs: its argument, or a tuple of them.
        device_ids, output_device, dim: as of :class:`DataParallel`.
        module_kwargs: keyword arguments. Default: none.
    """
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*arguments, **(module_kwargs or {}))

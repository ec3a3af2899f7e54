"""Memory for time: what a function saves for backward is dropped and computed again when backward needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from ..autograd.grad_mode import enable_grad
from ..autograd.graph import saved_tensors_hooks
from ..random import fork_rng, get_rng_state, set_rng_state


class CheckpointError(RuntimeError):
    """The function did not save the same tensors when it ran again."""


class _Recomputation:
    """One checkpointed call: counts what it saves, and saves it in truth when it is first asked for."""

    def __init__(self, again: Callable[[], Any]) -> None:
        self._again = again
        self._facts: list[tuple[Any, Any]] = []  # shape and type of each saved tensor
        self._tensors: list[Any] | None = None

    def pack(self, tensor: Any) -> int:
        self._facts.append((tensor.shape, tensor.dtype))
        return len(self._facts) - 1

    def unpack(self, index: int) -> Any:
        if self._tensors is None:
            tensors: list[Any] = []

            def keep(tensor: Any) -> int:
                tensors.append(tensor.detach())
                return len(tensors) - 1

            with saved_tensors_hooks(keep, tensors.__getitem__):
                self._again()
            if [(t.shape, t.dtype) for t in tensors] != self._facts:
                raise CheckpointError(
                    f"checkpoint(): the function saved {len(tensors)} tensors for backward when it ran again and "
                    f"{len(self._facts)} the first time, or of other shapes or types; expected the same ones."
                )
            self._tensors = tensors
        return self._tensors[index]


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] | None = None,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Call `function(*args, **kwargs)` without keeping what its backward needs; backward calls it again.

    Args:
        function: computes the same each time it is called with the same arguments.
        use_reentrant: accepted; both ways of PyTorch give the same gradients here.
        context_fn: makes two context managers, for the first call and for the one in backward.
        preserve_rng_state: draw the same random numbers again (dropout).

    Source: Chen et al. 2016, arXiv 1604.06174.

    Example:
        >>> from ember.utils.checkpoint import checkpoint
        >>> x = ember.ones(2, requires_grad=True)
        >>> checkpoint(lambda t: t.exp().sin(), x, use_reentrant=False).sum().backward()
    """
    state = get_rng_state() if preserve_rng_state else None
    first, second = context_fn() if context_fn else (contextlib.nullcontext(), contextlib.nullcontext())

    def again() -> None:
        with fork_rng(enabled=preserve_rng_state), second, enable_grad():
            if state is not None:
                set_rng_state(state)
            function(*args, **kwargs)

    recomputation = _Recomputation(again)
    with saved_tensors_hooks(recomputation.pack, recomputation.unpack), first:
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True
) -> Any:
    """Run the modules of a Sequential (or a list) one after another in `segments` checkpointed parts.

    The last part is not checkpointed: its backward comes first anyway.
    """
    layers: Sequence[Any] = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def run(start: int, end: int) -> Callable[[Any], Any]:
        def part(x: Any) -> Any:
            for layer in layers[start:end]:
                x = layer(x)
            return x

        return part

    size = len(layers) // segments
    end = 0
    for start in range(0, size * (segments - 1), size or 1):
        end = start + size
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
    return run(end, len(layers))(input)

"""Memory for time: what a function saves for backward is dropped and computed again when backward needs it."""

from __future__ import annotations

import contextlib
import enum
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .. import _C
from .._absent import refusing
from .._places import short_path, users_frames
from ..autograd.grad_mode import enable_grad
from ..autograd.graph import saved_tensors_hooks
from ..random import fork_rng, get_rng_state, set_rng_state

__all__ = [
    "CheckpointError",
    "CheckpointPolicy",
    "DefaultDeviceType",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "create_selective_checkpoint_contexts",
    "detach_variable",
    "get_device_states",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
    "set_device_states",
]


class CheckpointError(RuntimeError):
    """The function did not save the same tensors when it ran again."""


class CheckpointPolicy(enum.Enum):
    """What a policy of `create_selective_checkpoint_contexts` says of an operation."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


create_selective_checkpoint_contexts = refusing(
    "create_selective_checkpoint_contexts",
    "Ember computes a checkpointed function again as a whole; expected checkpoint() without it.",
)


class _Saved(Exception):
    """Everything that backward needs has been computed again; the rest of the function need not run."""


_early_stop: bool | None = None  # what set_checkpoint_early_stop says, for all
_debug: bool | None = None


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Within the block: whether running again ends when all saved tensors are there, whatever `early_stop` says."""
    global _early_stop
    before, _early_stop = _early_stop, enable
    try:
        yield
    finally:
        _early_stop = before


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Within the block: whether errors name lines of the function, whatever `debug` says; None leaves it to `debug`."""
    global _debug
    before, _debug = _debug, enabled
    try:
        yield
    finally:
        _debug = before


def noop_context_fn() -> tuple[Any, Any]:
    """Two context managers that do nothing."""
    return contextlib.nullcontext(), contextlib.nullcontext()


class _Fact:
    """What is remembered of a saved tensor: enough to tell whether another one could be it."""

    def __init__(self, tensor: Any, with_place: bool) -> None:
        self.kind = tuple(tensor.shape), tensor.dtype, tensor.device
        self.place = ""
        if with_place:
            stack = [(each.filename, each.lineno or 0, each.name) for each in reversed(traceback.extract_stack())]
            path, line, name = users_frames(stack)[0]
            self.place = f" at {short_path(path)}:{line} in {name}"

    def __str__(self) -> str:
        shape, dtype, device = self.kind
        return f"{dtype} of shape {shape} on {device}{self.place}"


class _Recomputation:
    """One checkpointed call: notes what it saves, and computes it again when backward asks for the first of it."""

    def __init__(self, again: Callable[[], Any], check: bool, debug: bool, early_stop: bool) -> None:
        self._again = again
        self._check = check
        self._debug = debug
        self._early_stop = early_stop
        self._facts: list[_Fact] = []
        self._tensors: dict[int, Any] = {}

    def pack(self, tensor: Any) -> int:
        self._facts.append(_Fact(tensor, self._debug))
        return len(self._facts) - 1

    def unpack(self, index: int) -> Any:
        if index not in self._tensors:
            self._run_again()
        return self._tensors.pop(index)  # a second backward computes it again

    def _run_again(self) -> None:
        tensors: list[Any] = []
        found: list[_Fact] = []

        def keep(tensor: Any) -> int:
            tensors.append(tensor.detach())
            found.append(_Fact(tensor, self._debug))
            if self._early_stop and len(tensors) == len(self._facts):
                raise _Saved
            return len(tensors) - 1

        with contextlib.suppress(_Saved), saved_tensors_hooks(keep, tensors.__getitem__):
            self._again()
        self._compare(found)
        self._tensors = dict(enumerate(tensors))

    def _compare(self, found: list[_Fact]) -> None:
        hint = "" if self._debug else " debug=True names the lines."
        if len(found) != len(self._facts):
            raise CheckpointError(
                f"checkpoint(): A different number of tensors was saved during the original forward and "
                f"recomputation: {len(self._facts)} and {len(found)}; expected the same."
                + self._first_difference(found)
                + hint
            )
        if self._check and any(a.kind != b.kind for a, b in zip(self._facts, found, strict=True)):
            raise CheckpointError(
                "checkpoint(): Recomputed values for the following tensors have different metadata than during the "
                f"forward pass.{self._first_difference(found)}{hint}"
            )

    def _first_difference(self, found: list[_Fact]) -> str:
        for index, (first, second) in enumerate(zip(self._facts, found, strict=False)):
            if (first.kind, first.place) != (second.kind, second.place):
                return f" Tensor {index} was {first}, then {second}."
        return ""


def _check_options(reentrant: bool | None, context_fn: Any, determinism_check: str, debug: bool, rest: Any) -> None:
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    if not reentrant:
        return
    if rest:
        raise ValueError(f"Unexpected keyword arguments: {','.join(rest)}")
    if context_fn is not noop_context_fn or debug:
        raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """Call `function(*args, **kwargs)` without keeping what its backward needs; backward calls it again.

    It runs again with the random numbers and in the autocast state of the first call.

    Args:
        function: computes the same each time it is called with the same arguments.
        use_reentrant: True takes no keyword arguments, as in PyTorch; otherwise both ways are the same here.
        context_fn: makes two context managers, for the first call and for the one in backward.
        determinism_check: ``"default"`` compares shapes, dtypes and devices of both calls; ``"none"`` does not.
        debug: errors name the lines where the calls differ. Default: ``False``.
        early_stop: end the second call when all saved tensors are there. Default: ``True``.
        preserve_rng_state: among `kwargs`; draw the same random numbers again (dropout). Default: ``True``.

    Raises:
        CheckpointError: in backward, if the function did not save the same tensors when it ran again.

    Source: Chen et al. 2016, arXiv 1604.06174.

    Example:
        >>> from ember.utils.checkpoint import checkpoint
        >>> x = ember.ones(2, requires_grad=True)
        >>> checkpoint(lambda t: t.exp().sin(), x, use_reentrant=False).sum().backward()
    """
    preserve = kwargs.pop("preserve_rng_state", True)
    _check_options(use_reentrant, context_fn, determinism_check, debug, kwargs)
    random = get_rng_state() if preserve else None
    autocast = _C._get_autocast()
    first, second = context_fn()

    def again() -> None:
        now = _C._get_autocast()
        with fork_rng(enabled=preserve), second, enable_grad():
            if random is not None:
                set_rng_state(random)
            _C._set_autocast(*autocast)
            try:
                function(*args, **kwargs)
            finally:
                _C._set_autocast(*now)

    recomputation = _Recomputation(
        again,
        check=determinism_check == "default",
        debug=debug if _debug is None else _debug,
        early_stop=early_stop if _early_stop is None else _early_stop,
    )
    with saved_tensors_hooks(recomputation.pack, recomputation.unpack), first:
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Run the modules of a Sequential (or a list) one after another in `segments` checkpointed parts.

    The last part is not checkpointed: its backward comes first anyway. `kwargs` may have `preserve_rng_state`.
    """
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
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
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(end, len(layers))(input)


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn if none of the inputs requires a gradient."""
    if not any(isinstance(each, _C.Tensor) and each.requires_grad for each in inputs):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tensors outside of the graph, requiring gradients as before."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}")
    return tuple(
        each.detach().requires_grad_(each.requires_grad) if isinstance(each, _C.Tensor) else each for each in inputs
    )


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """The random states of the devices of the arguments beside the CPU: there are none."""
    return [], []


def set_device_states(devices: Any, states: Any, *, device_type: str | None = None) -> None:
    """Restore what :func:`get_device_states` gave: nothing."""


class DefaultDeviceType:
    """The type of device whose random state is kept where no argument is on one; there is the CPU."""

    _type = "cpu"

    @staticmethod
    def set_device_type(device: str = "cpu") -> None:
        """Set it."""
        DefaultDeviceType._type = device

    @staticmethod
    def get_device_type() -> str:
        """What it is."""
        return DefaultDeviceType._type

"""Operations of the user's own, with a backward of their own."""

from __future__ import annotations

from typing import Any

from .. import _C


class _Packed:
    """What a hook on saved tensors made of one."""

    def __init__(self, content: Any, unpack: Any) -> None:
        self.content = content
        self.unpack = unpack


class FunctionCtx:
    """What `forward` leaves for `backward`; its attributes are the user's."""

    materialize_grads: bool = True
    needs_input_grad: tuple[bool, ...] = ()
    _function: type[Function]
    _name: str
    _count: int  # of arguments
    _tensor_places: list[int]  # which of them are tensors

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs or outputs of forward (or None); `saved_tensors` gives them back, checked for changes."""
        self._to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keep tensors for a jvp."""
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Any) -> None:
        """Say which inputs forward changed in place."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """With False, backward gets None, not zeros, for outputs that no gradient arrived for."""
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept."""
        saved = getattr(self, "_saved", ())
        if saved is None:
            raise RuntimeError(
                f"backward(): Trying to backward through the graph a second time: the saved tensors of {self._name} "
                "were freed by the first backward(). Specify retain_graph=True there if you need both."
            )
        return tuple(self._unpack(*each) for each in saved)

    def _unpack(self, tensor: Any, version: int, output: int | None) -> Any:
        if tensor is None:
            return None
        if isinstance(tensor, _Packed):
            return tensor.unpack(tensor.content)
        if tensor._version != version:
            raise RuntimeError(
                f"backward(): a tensor of shape {tuple(tensor.shape)} saved by {self._name} has been modified by an "
                f"inplace operation (version {tensor._version}, saved at {version}); expected it unchanged."
            )
        if output is not None and _C.is_grad_enabled():
            return _C._output_of_node(tensor, self._node, output)
        return tensor

    def _keep(self, outputs: list[Any]) -> None:
        # An output is kept without its place in the graph, which would keep itself alive.
        hooks = _C._current_saved_hooks()

        def kept(tensor: Any) -> tuple[Any, int, int | None]:
            if tensor is None:
                return None, 0, None
            if hooks is not None:
                return _Packed(hooks[0](tensor), hooks[1]), 0, None
            for i, output in enumerate(outputs):
                if output is tensor:
                    return _C._detached_alias(tensor), tensor._version, i
            return tensor, tensor._version, None

        self._saved: Any = tuple(kept(tensor) for tensor in getattr(self, "_to_save", ()))
        self._to_save = ()

    def _free_saved(self) -> None:
        if getattr(self, "_saved", None):
            self._saved = None

    def _run_backward(self, gradients: tuple[Any, ...], node: Any) -> tuple[Any, ...]:
        self._node = node  # only for as long as backward runs: the node holds this context
        try:
            return self._call_backward(gradients)
        finally:
            self._node = None

    def _call_backward(self, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        cls = self._function
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                f"{self._name}: implementing both backward and vjp is not allowed; expected one of them."
            )
        run = cls.vjp if cls.vjp is not Function.vjp else cls.backward
        result = run(self, *gradients)
        if not isinstance(result, tuple):
            result = (result,)
        if len(result) > self._count and all(each is None for each in result[self._count :]):
            result = result[: self._count]
        if len(result) != self._count:
            raise RuntimeError(
                f"function {self._name} returned an incorrect number of gradients "
                f"(expected {self._count}, got {len(result)})"
            )
        return tuple(result[i] for i in self._tensor_places)


class Function(FunctionCtx):
    """Base class of operations with a backward of their own: define static `forward` and `backward`, call `apply`.

    `forward(ctx, *args)` computes the outputs; or `forward(*args)` with `setup_context(ctx, inputs, output)`.
    `backward(ctx, *gradients)` returns a gradient, or None, for each argument of forward.

    Example:
        >>> class Double(ember.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x * 2
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         return gradient * 2
        >>> x = ember.ones(3, requires_grad=True)
        >>> Double.apply(x).sum().backward()
        >>> x.grad
        tensor([2., 2., 2.])
    """

    generate_vmap_rule = False

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *args: Any) -> Any:
        """What the function does with batches: (outputs, out_dims), for arguments whose mapped dims are `in_dims`."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    # From the arguments with the batch in front to those of a call on all of it, where forward takes any leading dims.
    _on_batch: Any = None

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, and record it where an argument requires grad."""
        if _C._innermost_batching() is not None:
            from ._function_of_samples import apply_to_samples

            output = apply_to_samples(cls, args, kwargs)
            if output is not NotImplemented:
                return output
        ctx = cls._context(args)
        recording = _C.is_grad_enabled()
        before = _C._set_grad_enabled(False)
        try:
            if not cls._has_setup():
                output = cls.forward(ctx, *args, **kwargs)
            else:
                output = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, output)
        finally:
            _C._set_grad_enabled(before)
        if not (recording and any(ctx.needs_input_grad)):
            return output
        return ctx._record(args, output)

    @classmethod
    def _context(cls, args: tuple[Any, ...]) -> Any:
        ctx = cls()
        ctx._function = cls
        ctx._name = cls.__name__ + "Backward"
        ctx.needs_input_grad = tuple(isinstance(arg, _C.Tensor) and arg.requires_grad for arg in args)
        return ctx

    @classmethod
    def _has_setup(cls) -> bool:
        """Whether what backward needs is kept by `setup_context`, apart from forward."""
        return cls.setup_context is not Function.setup_context

    @classmethod
    def _has_vmap(cls) -> bool:
        if cls.vmap is not Function.vmap and cls.generate_vmap_rule:
            raise RuntimeError(
                f"{cls.__name__}: found generate_vmap_rule=True and a vmap staticmethod; expected one of them."
            )
        return cls.vmap is not Function.vmap

    def _record(self, args: tuple[Any, ...], output: Any) -> Any:
        single = not isinstance(output, (tuple, list))
        outputs = [output] if single else list(output)
        dirty = getattr(self, "_dirty", ())
        constant = getattr(self, "_non_differentiable", ())
        for i, each in enumerate(outputs):
            # An input that is returned as it is becomes an output of its own.
            if isinstance(each, _C.Tensor) and any(each is arg for arg in args) and not any(each is d for d in dirty):
                outputs[i] = _C._detached_alias(each)
        self._count = len(args)
        self._tensor_places = [i for i, arg in enumerate(args) if isinstance(arg, _C.Tensor)]
        attached = [
            each
            if isinstance(each, _C.Tensor)
            and (each.is_floating_point() or each.is_complex())
            and not any(each is c for c in constant)
            else None
            for each in outputs
        ]
        self._keep(outputs)
        _C._attach_function(self, self._name, [args[i] for i in self._tensor_places], attached)
        if single:
            return outputs[0]
        return tuple(outputs)


def once_differentiable(fn: Any) -> Any:
    """Decorates a backward that is not itself differentiable: a second backward through it is an error."""
    import functools

    @functools.wraps(fn)
    def inside(ctx: Any, *gradients: Any) -> Any:
        recording = _C.is_grad_enabled()
        before = _C._set_grad_enabled(False)
        try:
            results = fn(ctx, *gradients)
        finally:
            _C._set_grad_enabled(before)
        if not recording or not any(isinstance(g, _C.Tensor) and g.requires_grad for g in gradients):
            return results
        single = not isinstance(results, tuple)
        tensors = [results] if single else list(results)
        again = [_Refusal.apply(*gradients, each) if isinstance(each, _C.Tensor) else each for each in tensors]
        return again[0] if single else tuple(again)

    return inside


class _Refusal(Function):
    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        return args[-1].detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

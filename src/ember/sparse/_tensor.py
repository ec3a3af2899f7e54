"""What a sparse tensor holds, and how a call of an operation finds the rule for it.

A sparse tensor is a Tensor whose own body has the shape and the type but lies on ``meta``. Its elements are an ordinary
tensor, and the graph is that tensor's: its gradient is a sparse one on their gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .. import _C
from .._layout import sparse_coo, sparse_csc, sparse_csr
from .._tensor_of_elements import TensorOfElements, operation_name

Tensor = _C.Tensor
_ops = _C.ops

# What is done for an operation, by its name: filled by the decorator, read by SparseTensor.__torch_function__.
_RULES: dict[str, Callable[..., Any]] = {}

Rule = Callable[..., Any]


# Rules whose first argument may be something else, where another one is sparse.
_MIXED: set[Rule] = set()


def rule(*names: str, mixed: bool = False) -> Callable[[Rule], Rule]:
    """What sparse tensors do in operations of these names; its parameters are those of the operation, without `out`.

    Args:
        names: of the operations. Default: that of the function.
        mixed: the first argument may be something else, where another one is sparse.
    """

    def decorate(function: Rule) -> Rule:
        for name in names or (function.__name__,):
            _RULES[name] = function
        if mixed:
            _MIXED.add(function)
        function.__doc__ = function.__doc__ or f"`{function.__name__}` where sparse tensors take part."
        return function

    return decorate


def refuse(name: str, *arguments: Any) -> NoReturn:
    """The error of an operation that has no rule for the layout of one of its arguments."""
    flat = [each for one in arguments for each in (one if isinstance(one, (list, tuple)) else (one,))]
    layout = next((each.layout for each in flat if isinstance(each, SparseTensor)), "torch.sparse_coo")
    raise NotImplementedError(
        f"{name}(): an argument has layout {layout}, and {name} is not defined for it; expected torch.strided. Convert "
        "it with .to_dense()."
    )


def _take_over(function: Any, args: Any, keywords: Any) -> Any:
    name = operation_name(function)
    if getattr(function, "__module__", None) == "ember.sparse":
        name = "sparse." + name
    known = _RULES.get(name)
    if known is not None:
        out = keywords.pop("out", None)
        result = _result(name, known, args, keywords)
        return result if out is None else written(name, out, result)
    if name.endswith("_") and name[:-1] in _RULES and args and isinstance(args[0], SparseTensor):
        return changed_in_place(args[0], _result(name, _RULES[name[:-1]], args, keywords), name)
    refuse(name, *args, *keywords.values())


def _result(name: str, known: Rule, args: Any, keywords: Any) -> Any:
    first = args[0] if args else next(iter(keywords.values()), None)
    if known not in _MIXED and not isinstance(first, SparseTensor):
        refuse(name, *args, *keywords.values())
    try:
        return known(*args, **keywords)
    except AttributeError as error:  # of what was taken for a tensor
        kinds = [type(each).__name__ for each in (*args, *keywords.values())]
        raise TypeError(
            f"{name}(): the arguments are {', '.join(kinds)}; expected tensors where it takes them."
        ) from error


def written(name: str, out: Any, result: Any) -> Any:
    """`result` in the tensor that the caller gave for it."""
    if isinstance(out, SparseTensor) and isinstance(result, SparseTensor):
        return changed_in_place(out, result.to(out.dtype), name)
    if isinstance(out, SparseTensor) or isinstance(result, SparseTensor):
        raise RuntimeError(f"{name}(): out has layout {out.layout}, the result has {result.layout}; expected the same.")
    return out.resize_(result.shape).copy_(result)


def changed_in_place(tensor: Any, result: Any, name: str) -> Any:
    """`tensor`, which now holds what `result` holds."""
    if tensor.requires_grad and tensor.is_leaf and _C.is_grad_enabled():
        raise RuntimeError(f"{name}(): a leaf Variable that requires grad is being used in an in-place operation.")
    if not isinstance(result, SparseTensor):
        raise RuntimeError(f"{name}(): the result is strided and cannot take the place of a {tensor.layout} tensor.")
    if result.shape != tensor.shape:
        raise RuntimeError(
            f"{name}(): the result has shape {tuple(result.shape)}; expected {tuple(tensor.shape)}, that of the tensor "
            "that is changed in place."
        )
    cast: Any = result.to(tensor.dtype)
    leaf = tensor.requires_grad and tensor.is_leaf
    if tensor._is_gradient or (leaf and same_places(tensor, result)):
        tensor._elements.copy_(cast.elements_at_places_of(tensor))
    else:
        tensor._become(cast.as_layout(tensor.layout))
        if leaf:
            tensor._elements.requires_grad_()
    return tensor


class SparseTensor(TensorOfElements):
    """A tensor of which only some elements are stored: `_elements`, with the places that a subclass keeps."""

    _elements: Any  # (nnz, *dense sizes)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not all(issubclass(each, Tensor) for each in types):
            return NotImplemented
        return _take_over(func, args, dict(kwargs or {}))

    @classmethod
    def _make(cls, size: Any, elements: Any) -> Any:
        made = Tensor._make_subclass(cls, _ops.empty(tuple(size), dtype=elements.dtype, device="meta"))
        made._elements = elements
        return made

    def parts(self) -> tuple[Any, ...]:
        """The tensors that say where the elements are."""
        raise NotImplementedError

    def as_layout(self, layout: Any) -> Any:
        """The same tensor in another layout; itself where that is its own."""
        from ._conversions import converted

        return converted(self, layout)

    def elements_at_places_of(self, other: Any) -> Any:
        """The elements where another sparse tensor of this shape has its own; 0 where this one has none."""
        from ._conversions import dense_of, elements_of_dense_at

        if same_places(self, other):
            return self._elements
        return elements_of_dense_at(dense_of(self), other)

    def _become(self, other: Any) -> None:
        marks = {name: value for name, value in self.__dict__.items() if name not in _OWN}
        vars(Tensor)["data"].__set__(self, _ops.empty(tuple(other.shape), dtype=other.dtype, device="meta"))
        self.__dict__.clear()
        self.__dict__.update({name: value for name, value in other.__dict__.items() if name in _OWN}, **marks)

    def elements_of_gradient(self, gradient: Any) -> Any:
        return gradient_of_elements(gradient, self)

    def assigned_gradient(self, gradient: Any) -> Any:
        if not isinstance(gradient, SparseTensor) or gradient.shape != self.shape:
            raise RuntimeError(
                f"grad: assigned grad is of shape {tuple(gradient.shape)} and layout {gradient.layout}; expected "
                f"{tuple(self.shape)} and {self.layout}."
            )
        return gradient.elements_at_places_of(self)

    # ---- what it is

    @property
    def is_sparse(self) -> bool:
        """Whether the layout is torch.sparse_coo."""
        return self.layout is sparse_coo

    @property
    def is_sparse_csr(self) -> bool:
        """Whether the layout is torch.sparse_csr."""
        return self.layout is sparse_csr

    @property
    def data(self) -> Any:
        """The same elements outside the graph."""
        return self.with_elements(self._elements.data)

    @data.setter
    def data(self, other: Any) -> None:
        if not isinstance(other, SparseTensor):
            raise RuntimeError(f"data: the tensor has layout {self.layout}, not {other.layout}; expected the same.")
        wanted = self.requires_grad
        self._become(other.detach())
        if wanted:
            self._elements.requires_grad_()

    # ---- copies, files, text

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        from ._files import deep_copy

        return deep_copy(self, memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        from ._files import reduced

        return reduced(self)

    def __repr__(self, *, tensor_contents: str | None = None) -> str:
        from ._text import text_of

        return text_of(self)


class CoordinateTensor(SparseTensor):
    """Layout torch.sparse_coo: for each element its index in each of the sparse dims."""

    _positions: Any  # (sparse dims, nnz), int64
    _coalesced: bool
    layout = sparse_coo

    @classmethod
    def of(cls, size: Any, positions: Any, elements: Any, coalesced: bool) -> Any:
        """A tensor on these components, which fit each other."""
        made = cls._make(size, elements)
        made._positions, made._coalesced = positions, coalesced
        return made

    def parts(self) -> tuple[Any, ...]:
        return (self._positions,)

    def with_elements(self, elements: Any) -> Any:
        size = (*self.shape[: len(self._positions)], *elements.shape[1:])
        return CoordinateTensor.of(size, self._positions, elements, self._coalesced)


class CompressedTensor(SparseTensor):
    """Layout torch.sparse_csr or torch.sparse_csc: the elements row by row (column by column).

    `_pointers[i]` says where row (column) i begins, `_places` in which column (row) an element stands.
    """

    _pointers: Any  # (rows + 1), int64 or int32
    _places: Any  # (nnz)
    _layout: Any
    layout = property(lambda self: self._layout)

    @classmethod
    def of(cls, layout: Any, size: Any, pointers: Any, places: Any, elements: Any) -> Any:
        """A tensor on these components, which fit each other."""
        made = cls._make(size, elements)
        made._layout, made._pointers, made._places = layout, pointers, places
        return made

    @property
    def by_rows(self) -> bool:
        """Whether the layout is CSR, not CSC."""
        return self._layout is not sparse_csc

    def parts(self) -> tuple[Any, ...]:
        return self._pointers, self._places

    def with_elements(self, elements: Any) -> Any:
        size = (*self.shape[:2], *elements.shape[1:])
        return CompressedTensor.of(self._layout, size, self._pointers, self._places, elements)


def same_places(one: Any, other: Any) -> bool:
    """Whether two sparse tensors of one shape have their elements at the same places, in the same order."""
    if one.layout is not other.layout or len(one._elements) != len(other._elements):
        return False
    return all(a is b or bool((a == b).all()) for a, b in zip(one.parts(), other.parts(), strict=True))


# Attributes that belong to the tensor; all others are the user's.
_OWN = {"_elements", "_gradient", "_is_gradient", "_positions", "_coalesced", "_pointers", "_places", "_layout"}


def attributes_of_user(tensor: Any) -> dict[str, Any]:
    """What others than this package have set on the tensor."""
    return {name: value for name, value in tensor.__dict__.items() if name not in _OWN}


def gradient_of_elements(gradient: Any, tensor: Any) -> Any:
    """A gradient of `tensor`, of any layout, as one of its elements."""
    if isinstance(gradient, SparseTensor):
        return gradient.elements_at_places_of(tensor)
    from ._conversions import elements_of_dense_at

    return elements_of_dense_at(gradient, tensor)


# Of shape and type, which the body has: read without asking for a rule.
for _name in (
    *("shape", "dtype", "ndim", "itemsize", "names", "is_cuda", "is_quantized", "is_mps", "is_xpu", "is_nested"),
    *("is_mkldnn", "_base", "output_nr", "size", "dim", "ndimension", "numel", "nelement", "element_size"),
    *("is_floating_point", "is_complex", "is_signed", "is_inference", "is_conj", "is_neg", "__len__", "get_device"),
):
    setattr(SparseTensor, _name, vars(Tensor)[_name])

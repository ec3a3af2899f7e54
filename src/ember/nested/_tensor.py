"""What a nested tensor holds, and how a call of an operation finds the rule for it.

A nested tensor is a batch of tensors that differ in the size of one dimension, the ragged one. Its elements are one
ordinary tensor in which the rows of the batch follow each other along that dimension: an operation that does not look
across rows is one call on the elements. The graph is theirs (`TensorOfElements`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any, NoReturn

from .. import _C
from .._layout import jagged, strided
from .._tensor_of_elements import TensorOfElements, backward_by_elements, grad_by_elements, operation_name
from ..ops.copies import repeat_interleave
from ..ops.from_data import tensor as tensor_of

Tensor = _C.Tensor
_ops = _C.ops

Rule = Callable[..., Any]

# What is done for an operation, by its name; the rule takes the function, too.
_RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """What nested tensors do in operations of these names: called with the function, then with its arguments."""

    def decorate(function: Rule) -> Rule:
        for name in names:
            _RULES[name] = function
        return function

    return decorate


def integers(values: list[int]) -> Any:
    """Of int64, in memory of the CPU, wherever new tensors go."""
    return tensor_of(values, dtype=_C.int64, device="cpu")


def counted(count: int) -> Any:
    """0 to `count` - 1."""
    return integers(list(range(count)))


class RaggedSize:
    """The size of a ragged dimension, which is another one in each row: equal to itself alone.

    It has no value; where sizes are given to `view`, `reshape` or `unflatten` it stands for the dimension.
    """

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self._number = next(self._numbers)

    def __repr__(self) -> str:
        return f"j{self._number}"


class Rows:
    """Where the rows of a nested tensor lie along the ragged dimension of its elements.

    Args:
        offsets: (rows + 1), int64: where each row begins, and the end of the last one.
        lengths: (rows), int64: of the rows. Default: each reaches to where the next one begins.
        total: the size of the elements along the ragged dimension.
    """

    def __init__(self, offsets: Any, lengths: Any, total: int) -> None:
        self.offsets, self.lengths = offsets, lengths
        self.size = RaggedSize()
        begins = offsets.tolist()
        self.sizes: list[int] = (
            [after - begin for begin, after in itertools.pairwise(begins)] if lengths is None else lengths.tolist()
        )
        self.begins: list[int] = begins[:-1]
        self.holes = lengths is not None or begins[0] != 0 or begins[-1] != total

    def __len__(self) -> int:
        return len(self.sizes)

    @functools.cached_property
    def longest(self) -> int:
        """The number of elements along the ragged dimension in the longest row."""
        return max(self.sizes, default=0)

    @functools.cached_property
    def row(self) -> Any:
        """The row of each index along the ragged dimension, holes left out."""
        counts = integers(self.sizes)
        return repeat_interleave(counted(len(self)), counts)

    @functools.cached_property
    def place(self) -> Any:
        """The place within its row of each index along the ragged dimension, holes left out."""
        counts = integers(self.sizes)
        begins = _ops.cumsum(counts, 0) - counts
        return counted(len(self.row)) - begins[self.row]

    @functools.cached_property
    def without_holes(self) -> Rows:
        """Rows of the same lengths that follow each other."""
        return Rows.of(self.sizes) if self.holes else self

    @classmethod
    def of(cls, sizes: list[int]) -> Rows:
        """Rows of these lengths that follow each other."""
        ends = list(itertools.accumulate(sizes, initial=0))
        return cls(integers(ends), None, ends[-1])


def refuse(name: str, *arguments: Any, why: str = "") -> NoReturn:
    """The error of an operation that has no rule for nested tensors, or none for these arguments."""
    flat = [each for one in arguments for each in (one if isinstance(one, (list, tuple)) else (one,))]
    nested = next((each for each in flat if isinstance(each, NestedTensor)), None)
    of = "" if nested is None else f" of size {nested.written_size} and layout {nested.layout}"
    raise NotImplementedError(
        f"{name}(): an argument is a nested tensor{of}, and {name} is not defined for it{why and ' where ' + why}. Use "
        ".unbind() or .to_padded_tensor()."
    )


def _take_over(function: Any, args: Any, keywords: Any) -> Any:
    from ._elementwise import elementwise, is_elementwise

    name = operation_name(function)
    if keywords.get("out") is not None:
        refuse(name, *args, why="out is given")
    known = _RULES.get(name)
    if known is not None:
        for theirs, ours in (("axis", "dim"), ("keepdims", "keepdim")):  # NumPy's names
            if theirs in keywords:
                keywords[ours] = keywords.pop(theirs)
        return known(function, *args, **keywords)
    if is_elementwise(name):
        return elementwise(name, function, args, keywords)
    refuse(name, *args, *keywords.values())


class NestedTensor(TensorOfElements):
    """A batch of tensors of which one dimension has another size in each.

    `_elements` has the dimensions of a row; along `_ragged` - 1 the rows follow each other.
    """

    _rows: Rows
    _ragged: int  # the ragged dimension, 1 or above
    _layout: Any
    layout = property(lambda self: self._layout)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not all(issubclass(each, Tensor) for each in types):
            return NotImplemented
        return _take_over(func, args, dict(kwargs or {}))

    @classmethod
    def of(cls, elements: Any, rows: Rows, ragged: int, layout: Any) -> Any:
        """A tensor on these components, which fit each other."""
        size = [len(rows), *elements.shape]
        size[ragged] = 0
        made = Tensor._make_subclass(cls, _ops.empty(tuple(size), dtype=elements.dtype, device="meta"))
        made._elements, made._rows, made._ragged, made._layout = elements, rows, ragged, layout
        return made

    def with_elements(self, elements: Any, ragged: int | None = None) -> Any:
        """Other elements in rows of the same lengths."""
        return NestedTensor.of(elements, self._rows, self._ragged if ragged is None else ragged, self._layout)

    def elements_of_gradient(self, gradient: Any) -> Any:
        from ._elementwise import elements_like

        return elements_like("backward", gradient, self)

    def assigned_gradient(self, gradient: Any) -> Any:
        if not isinstance(gradient, NestedTensor) or gradient._rows.sizes != self._rows.sizes:
            raise RuntimeError(f"grad: assigned grad must be a nested tensor of size {self.written_size}.")
        return self.elements_of_gradient(gradient)

    # ---- sizes

    is_nested = True

    @property
    def sizes(self) -> tuple[Any, ...]:
        """The size of each dimension, the ragged one a `RaggedSize`."""
        sizes: list[Any] = [len(self._rows), *self._elements.shape]
        sizes[self._ragged] = self._rows.size
        return tuple(sizes)

    @property
    def written_size(self) -> str:
        """The sizes for messages."""
        return f"({', '.join(str(each) for each in self.sizes)})"

    @property
    def shape(self) -> tuple[Any, ...]:  # type: ignore[override]
        """The size of each dimension: for torch.jagged, of which the ragged one has no number.

        Raises:
            RuntimeError: the layout is torch.strided.
        """
        if self._layout is strided:
            raise RuntimeError(
                "shape: a nested tensor of layout torch.strided has no shape; its rows differ in theirs. Use "
                ".size(dim) or .unbind()."
            )
        return self.sizes

    def size(self, dim: int | None = None) -> Any:
        """All sizes, or that of one dimension.

        Raises:
            RuntimeError: the layout is torch.strided, and all sizes or that of the ragged dimension are asked for.
        """
        if dim is None:
            return self.shape
        place = dimension("size", self, dim)
        if place != self._ragged or self._layout is jagged:
            return self.sizes[place]
        if len(set(self._rows.sizes)) != 1:
            raise RuntimeError(f"size(): Given dimension {place} is irregular and does not have a size.")
        return self._rows.sizes[0]

    def __len__(self) -> int:
        return len(self._rows)

    def numel(self) -> int:
        """The number of elements in all rows."""
        return int(without_holes(self)._elements.numel())

    nelement = numel

    @property
    def nbytes(self) -> int:
        """The bytes of all rows."""
        return self.numel() * self.element_size()

    # ---- components

    def values(self) -> Any:
        """The elements of all rows: for torch.jagged along the ragged dimension, for torch.strided in one dimension."""
        if self._layout is strided:
            return _ops.cat([each.reshape(-1) for each in self.unbind()])
        elements = self._elements
        return _ops.alias(elements) if elements.requires_grad and elements.is_leaf else elements

    def offsets(self) -> Any:
        """(rows + 1), int64: where each row begins along the ragged dimension of `values()`."""
        return self._rows.offsets

    def lengths(self) -> Any:
        """(rows), int64: the lengths of the rows, None where each reaches to the beginning of the next one."""
        return self._rows.lengths

    def unbind(self, dim: int = 0) -> tuple[Any, ...]:
        """The rows, as views of the elements."""
        if dim != 0:
            raise RuntimeError(f"unbind(): a nested tensor can only be unbound along dim 0; dim is {dim}.")
        pairs = zip(self._rows.begins, self._rows.sizes, strict=True)
        return tuple(_ops.narrow(self._elements, self._ragged - 1, begin, size) for begin, size in pairs)

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements lie row by row without holes."""
        return not self._rows.holes and self._ragged == 1 and bool(self._elements.is_contiguous())

    def contiguous(self, memory_format: Any = None) -> Any:
        """A tensor without holes, its elements in order."""
        if self.is_contiguous():
            return self
        tight = without_holes(self)
        return tight.with_elements(tight._elements.contiguous())

    def to_padded_tensor(self, padding: float, output_size: Any = None) -> Any:
        """`ember.nested.to_padded_tensor` as a method."""
        from ._padding import to_padded_tensor

        return to_padded_tensor(self, padding, output_size)

    @property
    def data(self) -> Any:
        """The same elements outside the graph."""
        return self.with_elements(self._elements.data)

    @data.setter
    def data(self, other: Any) -> None:
        self._elements.data = elements_of(other, self)

    # ---- copies, pickles, text

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if not self.is_leaf:
            raise RuntimeError(
                "deepcopy(): the nested tensor was computed from others; only tensors created by the user (graph "
                "leaves) can be deep-copied. Copy tensor.detach() instead."
            )
        copied = self.with_elements(self._elements.detach().clone())
        memo[id(self)] = copied
        return copied.requires_grad_(self.requires_grad)

    def __reduce_ex__(self, protocol: Any) -> Any:
        offsets, lengths = self._rows.offsets, self._rows.lengths
        return _rebuilt, (self._elements.detach(), offsets, lengths, self._ragged, self._layout, self.requires_grad)

    def __repr__(self, *, tensor_contents: str | None = None) -> str:
        suffix = f", grad_fn={self.grad_fn}" if self.grad_fn is not None else ""
        if self.grad_fn is None and self.requires_grad:
            suffix = ", requires_grad=True"
        if self._layout is jagged:
            contiguous = f", contiguous={self.is_contiguous()}"
            return f"NestedTensor(size={self.written_size}, offsets={self.offsets()}{suffix}{contiguous})"
        rows = [repr(each.detach().requires_grad_(self.requires_grad)) for each in self.unbind()]
        text = ",\n".join("  " + each.replace("\n", "\n  ") for each in rows)
        return f"nested_tensor([\n{text}\n]{suffix})"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return format(repr(self), format_spec)

    def __iter__(self) -> Any:
        return iter(self.unbind())


def _rebuilt(elements: Any, offsets: Any, lengths: Any, ragged: int, layout: Any, requires_grad: bool) -> Any:
    rows = Rows(offsets, lengths, elements.shape[ragged - 1])
    return NestedTensor.of(elements, rows, ragged, layout).requires_grad_(requires_grad)


for _name, _by_elements in (("grad", grad_by_elements), ("backward", backward_by_elements)):
    rule(_name)(lambda function, *args, _by_elements=_by_elements, **keywords: _by_elements(*args, **keywords))


def dimension(name: str, tensor: Any, dim: int, more: int = 0) -> int:
    """`dim`, counted from the first one."""
    count = tensor.dim() + more
    if not isinstance(dim, int):
        raise TypeError(f"{name}(): argument 'dim' must be int, not {type(dim).__name__}")
    if not -count <= dim < count:
        raise IndexError(
            f"{name}(): Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})"
        )
    return dim % count


def dense_dimension(name: str, tensor: Any, dim: int, more: int = 0) -> int:
    """`dim` of a nested tensor as one of its elements: neither that of the rows nor the ragged one."""
    place = dimension(name, tensor, dim, more)
    if place == 0 or (place == tensor._ragged and not more):
        kind = "the dimension of the rows" if place == 0 else "the ragged dimension"
        raise RuntimeError(
            f"{name}(): dim {dim} is {kind} of a nested tensor of size {tensor.written_size}; expected another one. "
            "Use .unbind() or .to_padded_tensor()."
        )
    return place - 1


def without_holes(tensor: Any) -> Any:
    """The same rows, which follow each other."""
    rows = tensor._rows
    if not rows.holes:
        return tensor
    places = rows.place + rows.offsets[rows.row]
    elements = _ops.index_select(tensor._elements, tensor._ragged - 1, places)
    return NestedTensor.of(elements, rows.without_holes, tensor._ragged, tensor._layout)


def elements_of(other: Any, tensor: Any) -> Any:
    """The elements of a nested tensor whose rows have the lengths and the places of those of `tensor`."""
    if not isinstance(other, NestedTensor) or other._rows.sizes != tensor._rows.sizes:
        raise RuntimeError(
            f"data: expected a nested tensor with rows of lengths {tensor._rows.sizes}, as this one has."
        )
    return without_holes(other)._elements if not tensor._rows.holes else other._elements


# Of type, which the body has: read without asking for a rule.
for _name in (
    *("dtype", "ndim", "itemsize", "names", "is_cuda", "is_quantized", "is_mps", "is_xpu", "is_sparse", "is_mkldnn"),
    *("_base", "output_nr", "dim", "ndimension", "element_size", "is_floating_point", "is_complex", "is_signed"),
    *("is_sparse_csr", "is_inference", "is_conj", "is_neg", "get_device"),
):
    setattr(NestedTensor, _name, vars(Tensor)[_name])

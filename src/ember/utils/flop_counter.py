"""Counts the floating-point operations of a program's matrix products, convolutions and attention as they run.

A multiplication and the addition that follows it are two. Backward is counted as it runs, in the modules whose it is.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .. import _C
from .._ops import OpOverloadPacket, aten
from ._products import Product, products_of
from ._pytree import tree_map
from .module_tracker import ModuleTracker

__all__ = ["FlopCounterMode", "register_flop_formula"]

Shape = Sequence[int]
F = TypeVar("F", bound=Callable[..., int])

# By operation: the function that counts one call.
flop_registry: dict[Any, Callable[..., int]] = {}


def get_shape(i: Any) -> Any:
    """The shape of a tensor; anything else as it is."""
    return i.shape if isinstance(i, _C.Tensor) else i


def shape_wrapper(f: Callable[..., int]) -> Callable[..., int]:
    """A formula of shapes, as one that takes the tensors of a call."""

    @functools.wraps(f)
    def of_tensors(*args: Any, out_val: Any = None, **kwargs: Any) -> int:
        args, kwargs, out_shape = tree_map(get_shape, (args, kwargs, out_val))
        return f(*args, out_shape=out_shape, **kwargs)

    return of_tensors


def register_flop_formula(targets: Any, get_raw: bool = False) -> Callable[[F], F]:
    """A decorator: the function counts the calls of an operation, from now on and for all counters.

    Args:
        targets: an operation, ``torch.ops.namespace.name``, or several.
        get_raw: call it with the call's arguments and ``out_val``; otherwise tensors are replaced by their shapes, and
            the result's is ``out_shape``. Default: False.

    Example:
        >>> from ember.utils.flop_counter import FlopCounterMode, register_flop_formula
        >>> @ember.library.custom_op("flop_example::twice", mutates_args=())
        ... def twice(x: ember.Tensor) -> ember.Tensor:
        ...     return 2 * x
        >>> @register_flop_formula(ember.ops.flop_example.twice)
        ... def flops_of_twice(shape, out_shape=None, **kwargs):
        ...     return shape.numel()
        >>> with FlopCounterMode(display=False) as counter:
        ...     y = twice(ember.ones(5))
        >>> counter.get_total_flops()
        5
    """

    def register(formula: F) -> F:
        from ..library import CustomOpDef

        counting: Any = formula if get_raw else shape_wrapper(formula)
        if get_raw:
            counting._get_raw = True
        for target in targets if isinstance(targets, Iterable) else [targets]:
            if not isinstance(target, (OpOverloadPacket, CustomOpDef)):
                raise ValueError(
                    f"register_flop_formula(targets): expected each target to be OpOverloadPacket (i.e. "
                    f"torch.ops.mylib.foo), got {target} which is of type {type(target)}"
                )
            if target in flop_registry:
                raise RuntimeError(f"duplicate registrations for {target}")
            flop_registry[target] = counting
        return formula

    return register


def _packets(*names: str) -> list[OpOverloadPacket]:
    return [packet for name in names if (packet := aten(name)) is not None]


# ---- formulas ----


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


@register_flop_formula(_packets("mm"))
def mm_flop(a_shape: Shape, b_shape: Shape, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    """Of (m, k) by (k, n): 2 m n k."""
    (m, k), (k2, n) = a_shape, b_shape
    _check(k == k2, f"matmul: inner dimensions must match (k == k2), got {k} and {k2}")
    return 2 * m * n * k


@register_flop_formula(_packets("addmm"))
def addmm_flop(self_shape: Any, a_shape: Shape, b_shape: Shape, out_shape: Any = None, **kwargs: Any) -> int:
    """Those of the product; the addition is not counted."""
    return mm_flop(a_shape, b_shape)


@register_flop_formula(_packets("bmm"))
def bmm_flop(a_shape: Shape, b_shape: Shape, out_shape: Any = None, **kwargs: Any) -> int:
    """Of (b, m, k) by (b, k, n): 2 b m n k."""
    (batch, *a), (batch2, *b) = a_shape, b_shape
    _check(batch == batch2, f"bmm: batch dimensions must match, got {batch} and {batch2}")
    return batch * mm_flop(a, b)


@register_flop_formula(_packets("baddbmm"))
def baddbmm_flop(self_shape: Any, a_shape: Shape, b_shape: Shape, out_shape: Any = None, **kwargs: Any) -> int:
    """Those of the products; the addition is not counted."""
    return bmm_flop(a_shape, b_shape)


@register_flop_formula(_packets("mv"))
def mv_flop(a_shape: Shape, b_shape: Shape, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    """Of (m, k) by (k): 2 m k."""
    return mm_flop(a_shape, (*b_shape, 1))


@register_flop_formula(_packets("dot"))
def dot_flop(a_shape: Shape, b_shape: Shape, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    """Of two vectors of k numbers: 2 k."""
    return mm_flop((1, *a_shape), (*b_shape, 1))


def conv_flop_count(x_shape: Shape, w_shape: Shape, out_shape: Shape, transposed: bool = False) -> int:
    """Each number of the weight meets each position of the output, or of the input of a transposed convolution.

    Args:
        x_shape: (N, C, *), the input's.
        w_shape: (out, in / groups, *), the weight's; (in, out / groups, *) of a transposed convolution.
        out_shape: (N, O, *), the output's.
        transposed: whether it is a transposed convolution. Default: False.
    """
    positions = (x_shape if transposed else out_shape)[2:]
    return 2 * x_shape[0] * math.prod(positions) * math.prod(w_shape)


@register_flop_formula(_packets("convolution"))
def conv_flop(
    x_shape: Shape,
    w_shape: Shape,
    _bias: Any,
    _stride: Any,
    _padding: Any,
    _dilation: Any,
    transposed: bool,
    *args: Any,
    out_shape: Any = None,
    **kwargs: Any,
) -> int:
    """As `conv_flop_count`; the bias is not counted."""
    return conv_flop_count(x_shape, w_shape, out_shape, transposed)


@register_flop_formula(_packets("convolution_backward"))
def conv_backward_flop(
    grad_out_shape: Shape,
    x_shape: Shape,
    w_shape: Shape,
    _bias: Any,
    _stride: Any,
    _padding: Any,
    _dilation: Any,
    transposed: bool,
    _output_padding: Any,
    _groups: int,
    output_mask: Sequence[bool],
    out_shape: Any,
    **kwargs: Any,
) -> int:
    """The gradients of input and weight, those that `output_mask` asks for, cost each as much as forward."""
    forward = conv_flop_count(x_shape, w_shape, grad_out_shape, transposed)
    return forward * (bool(output_mask[0]) + bool(output_mask[1]))


def sdpa_flop_count(query_shape: Shape, key_shape: Shape, value_shape: Shape) -> int:
    """The products of queries with keys, and of the weights with values; all scores count, masked ones too.

    Shape: query (B, H, L, D), key (B, H, S, D), value (B, H, S, E).
    """
    (b, h, queries, width), (b2, h2, keys, width2), (b3, h3, keys2, value_width) = query_shape, key_shape, value_shape
    _check(b == b2 == b3 and h == h2 == h3, f"sdpa: batches and heads must match, got {b, h}, {b2, h2} and {b3, h3}")
    _check(width == width2 and keys == keys2, f"sdpa: got keys of shape {key_shape} and values of shape {value_shape}")
    return bmm_flop((b * h, queries, width), (b * h, width, keys)) + bmm_flop(
        (b * h, queries, keys), (b * h, keys, value_width)
    )


@register_flop_formula(_packets("_scaled_dot_product_flash_attention"))
def sdpa_flop(
    query_shape: Shape, key_shape: Shape, value_shape: Shape, *args: Any, out_shape: Any = None, **kwargs: Any
) -> int:
    """As `sdpa_flop_count`."""
    return sdpa_flop_count(query_shape, key_shape, value_shape)


def sdpa_backward_flop_count(grad_out_shape: Shape, query_shape: Shape, key_shape: Shape, value_shape: Shape) -> int:
    """Five products: the scores once more, and the gradients of the weights, values, queries and keys."""
    b, h, queries, width = query_shape
    keys, value_width = value_shape[2:]
    _check(
        tuple(grad_out_shape) == (b, h, queries, value_width),
        f"sdpa backward: the gradient has shape {tuple(grad_out_shape)}; expected {(b, h, queries, value_width)}",
    )
    return 2 * b * h * queries * keys * (3 * width + 2 * value_width)


@register_flop_formula(_packets("_scaled_dot_product_flash_attention_backward"))
def sdpa_backward_flop(
    grad_out_shape: Shape,
    query_shape: Shape,
    key_shape: Shape,
    value_shape: Shape,
    *args: Any,
    out_shape: Any = None,
    **kwargs: Any,
) -> int:
    """As `sdpa_backward_flop_count`."""
    return sdpa_backward_flop_count(grad_out_shape, query_shape, key_shape, value_shape)


# ---- the table ----

suffixes = ["", "K", "M", "B", "T"]


def get_suffix_str(number: int) -> str:
    """The suffix with which a number keeps two to four digits before the point."""
    return suffixes[max(0, min(len(suffixes) - 1, (len(str(number)) - 2) // 3))]


def convert_num_with_suffix(number: int, suffix: str) -> str:
    """A number in thousands (K), millions (M) and so on, with three decimals."""
    return f"{number / 1000 ** suffixes.index(suffix):.3f}{suffix}"


def convert_to_percent_str(num: float, denom: float) -> str:
    """A share; 0% of nothing."""
    return f"{num / denom:.2%}" if denom else "0%"


def _table(rows: list[tuple[str, str, str]]) -> str:
    """Columns below their titles: the first to the left, numbers to the right."""
    titles = ("Module", "FLOP", "% Total")
    widths = [max(len(title) + 2, *(len(row[i]) for row in rows)) for i, title in enumerate(titles)]
    lines = [titles, tuple("-" * width for width in widths), *rows]
    columns = list(zip("<>>", widths, strict=True))
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, (side, width) in zip(line, columns, strict=True)) for line in lines
    )


class FlopCounterMode:
    """Counts what runs within ``with counter:`` on this thread, forward and backward, by module and by operation.

    Counted are matrix products, convolutions, attention and recurrent layers, and operations of
    :func:`register_flop_formula`.

    Args:
        mods: not needed.
        depth: of the modules in the table that is printed. Default: 2.
        display: print the table at the end of the block. Default: True.
        custom_mapping: formulas by operation, ``{torch.ops.aten.mm: f}``, in place of the registered ones.

    Example:
        >>> from ember.utils.flop_counter import FlopCounterMode
        >>> net = ember.nn.Sequential(ember.nn.Linear(4, 8), ember.nn.Linear(8, 2))
        >>> with FlopCounterMode() as counter:
        ...     y = net(ember.ones(3, 4))
        Module          FLOP    % Total
        ------------  ------  ---------
        Sequential       288    100.00%
        - aten.addmm     288    100.00%
        Sequential.0     192     66.67%
        - aten.addmm     192     66.67%
        Sequential.1      96     33.33%
        - aten.addmm      96     33.33%
    """

    def __init__(
        self, mods: Any = None, depth: int = 2, display: bool = True, custom_mapping: dict[Any, Any] | None = None
    ) -> None:
        if mods is not None:
            warnings.warn("mods argument is not needed anymore, you can stop passing it", stacklevel=2)
        self.flop_counts: dict[str, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
        self.depth, self.display = depth, display
        custom = custom_mapping or {}
        self.flop_registry = {
            **flop_registry,
            **{op: f if getattr(f, "_get_raw", False) else shape_wrapper(f) for op, f in custom.items()},
        }
        self.mod_tracker = ModuleTracker()
        self._before: Any = None

    def __enter__(self) -> FlopCounterMode:
        self.flop_counts.clear()
        self.mod_tracker.__enter__()
        self._before = _C._set_observer(self._see)
        return self

    def __exit__(self, *exception: object) -> None:
        _C._set_observer(self._before)
        self.mod_tracker.__exit__()
        if self.display:
            print(self.get_table(self.depth))

    def _see(self, operation: Any, args: Sequence[Any], results: list[Any], kwargs: dict[str, Any]) -> None:
        """Called after each operation: with its name, or with itself if a package has defined it."""
        if self._before is not None:
            self._before(operation, args, results, kwargs)
        if not isinstance(operation, str):
            self._count_flops(operation, results, args, kwargs)
            return
        for product in products_of(operation, args, results, backward=self.mod_tracker.is_bw):
            self._count_product(product, kwargs if product.name == operation else {})

    def _count_product(self, product: Product, kwargs: dict[str, Any]) -> None:
        packet = aten(product.name)
        args = product.args
        if getattr(self.flop_registry.get(packet), "_get_raw", False):
            args = tree_map(lambda each: _C.ops.empty(each, device="meta") if isinstance(each, _C.Size) else each, args)
        self._count_flops(packet, product.out, args, kwargs)

    def _count_flops(self, func_packet: Any, out: Any, args: Any, kwargs: Any) -> None:
        formula = self.flop_registry.get(func_packet)
        if formula is None:
            return
        if isinstance(out, list) and len(out) == 1:
            out = out[0]
        count = formula(*args, **kwargs, out_val=out)
        for module in self.mod_tracker.parents:
            self.flop_counts[module][func_packet] += count

    def get_total_flops(self) -> int:
        """All that was counted."""
        return sum(self.flop_counts["Global"].values())

    def get_flop_counts(self) -> dict[str, dict[Any, int]]:
        """By module, as "Net.layer", and for all as "Global"; within by operation, as ``torch.ops.aten.mm``."""
        return {module: dict(counts) for module, counts in self.flop_counts.items()}

    def get_table(self, depth: int | None = None) -> str:
        """The counts as text.

        Args:
            depth: how deep modules may lie to be shown: 1 shows the outermost. Default: the counter's.
        """
        depth = self.depth if depth is None else depth
        total = self.get_total_flops()
        shown = [each for each in sorted(self.flop_counts) if each != "Global" and each.count(".") < depth]
        # A module in which everything ran says the same as the sum.
        if not any(sum(self.flop_counts[each].values()) >= total for each in shown):
            shown.insert(0, "Global")
        return _table([row for module in shown for row in self._rows(module, total)])

    def _rows(self, module: str, total: int) -> Iterable[tuple[str, str, str]]:
        suffix = get_suffix_str(total)
        counts = self.flop_counts[module]
        for name, count in (module, sum(counts.values())), *((f"- {op}", count) for op, count in counts.items()):
            number = convert_num_with_suffix(count, suffix) if suffix else str(count)
            yield name, number, convert_to_percent_str(count, total)

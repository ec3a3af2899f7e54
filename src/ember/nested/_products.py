"""Products, norms and attention of nested tensors."""

from __future__ import annotations

from typing import Any

from .. import _C
from ._padding import packed, padded
from ._tensor import NestedTensor, Rows, refuse, rule, without_holes

_ops = _C.ops


def _expect_dense(name: str, input: Any, count: int = 1) -> None:
    """The last `count` dims are neither the ragged one nor that of the rows."""
    if not isinstance(input, NestedTensor):
        refuse(name, input)
    if input.dim() - count <= input._ragged:
        raise RuntimeError(
            f"{name}(): takes the last {count} dims of a nested tensor of size {input.written_size}, of which dim "
            f"{input._ragged} is ragged; expected dims of one size."
        )


@rule("linear")
def _linear(function: Any, input: Any, weight: Any, bias: Any = None) -> Any:
    _expect_dense("linear", input)
    if isinstance(weight, NestedTensor) or isinstance(bias, NestedTensor):
        refuse("linear", weight, bias)
    return input.with_elements(function(input._elements, weight, bias))


@rule("layer_norm", "rms_norm")
def _norm(function: Any, input: Any, normalized_shape: Any, *rest: Any, **keywords: Any) -> Any:
    _expect_dense(function.__name__, input, len(normalized_shape))
    return input.with_elements(function(input._elements, normalized_shape, *rest, **keywords))


@rule("embedding")
def _embedding(function: Any, input: Any, weight: Any, *rest: Any, **keywords: Any) -> Any:
    if not isinstance(input, NestedTensor):  # torch.embedding(weight, indices)
        input, weight = weight, input
        return input.with_elements(function(weight, input._elements, *rest, **keywords))
    return input.with_elements(function(input._elements, weight, *rest, **keywords))


@rule("matmul", "bmm", "__matmul__")
def _matmul(function: Any, input: Any, other: Any) -> Any:
    if not isinstance(input, NestedTensor) or isinstance(other, NestedTensor):
        refuse("matmul", input, other, why="it is not the first of two, the other one dense")
    _expect_dense("matmul", input)
    if other.dim() <= 2:
        return input.with_elements(_ops.matmul(input._elements, other))
    if other.dim() != input.dim() or other.shape[0] != len(input):
        raise RuntimeError(
            f"matmul(): the sizes are {input.written_size} and {tuple(other.shape)}; expected a matrix, or one for "
            f"each of the {len(input)} rows in a tensor of {input.dim()} dims."
        )
    tight = without_holes(input)
    return packed(_ops.matmul(padded(tight, 0), other), tight)


@rule("scaled_dot_product_attention")
def _attention(
    function: Any,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **keywords: Any,
) -> Any:
    name = "scaled_dot_product_attention"
    three = (query, key, value)
    for each in three:
        if not isinstance(each, NestedTensor) or each._ragged != each.dim() - 2 or len(each) != len(query):
            refuse(name, *three, why="query, key and value are not all nested with the ragged dimension next to last")
    if attn_mask is not None:
        refuse(name, query, why="attn_mask is given")
    results = [
        function(*row, dropout_p=dropout_p, is_causal=is_causal, **keywords)
        for row in zip(*(each.unbind() for each in three), strict=True)
    ]
    rows = query._rows if not query._rows.holes else Rows.of(query._rows.sizes)
    return NestedTensor.of(_ops.cat(results, -2), rows, query._ragged, query._layout)

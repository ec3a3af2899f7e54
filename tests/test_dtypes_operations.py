"""What the limited element types (uint16 to uint64, float8, complex32) compute, what they move, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

import ember
from ember import _C
from limited_types import ALL, FLOAT8, LIMITED, UNSIGNED, each_limited, sample, wide

# The bits of Record::types.
INTEGER, UNSIGNED_BIT, FLOAT8_BIT, HALF_COMPLEX = 2, 16, 32, 64
KINDS = dict.fromkeys(UNSIGNED, UNSIGNED_BIT) | dict.fromkeys(FLOAT8, FLOAT8_BIT) | {ember.complex32: HALF_COMPLEX}
RECORDS = {record["name"]: record for record in _C._records()}


def bits_of(tensor):
    """The elements as unsigned integers of their size."""
    return np.frombuffer(bytes(tensor.contiguous().untyped_storage()), f"u{tensor.element_size()}").reshape(
        tensor.shape
    )


# ---- what is refused ----

SAMPLE_ARGUMENTS = {"int": 1, "float": 0.5, "Number": 0.5, "number": 0.5}


def call_of(record, tensor):
    """A pointwise record with every tensor the same and each number without default a small one."""
    arguments = [
        tensor if kind == "Tensor" else SAMPLE_ARGUMENTS[kind]
        for _, kind, _, _, has_default in record["parameters"]
        if kind == "Tensor" or not has_default
    ]
    return getattr(_C.ops, record["name"])(*arguments)


@each_limited
@pytest.mark.parametrize("name", [name for name, record in RECORDS.items() if record["kind"] == "pointwise"])
def test_pointwise_computes_in_the_wide_type_or_refuses(name, dtype):
    record = RECORDS[name]
    x = sample(dtype)
    taken = record["types"] & KINDS[dtype]
    if dtype in UNSIGNED and record["result"] == 1 and record["types"] & INTEGER:  # computed as floats
        taken = True
    if not taken:
        with pytest.raises(NotImplementedError, match=f"not implemented for '{str(dtype)[6:]}' tensors"):
            call_of(record, x)
        return
    found, expected = call_of(record, x), call_of(record, x.to(wide(dtype)))
    if found.dtype is not expected.dtype:
        assert found.dtype in (dtype, dtype.to_real())
    np.testing.assert_array_equal(
        found.to(ember.complex128).numpy(), expected.to(found.dtype).to(ember.complex128).numpy()
    )


@each_limited
@pytest.mark.parametrize(
    "call",
    [
        lambda x: x @ x.t(),
        lambda x: x.softmax(0),
        lambda x: x.gather(0, ember.tensor([[0]])),
        lambda x: x.scatter_add(0, ember.tensor([[0]]), x),
        lambda x: x.amax(0),
        lambda x: x.argmax(),
        lambda x: x.topk(1),
        lambda x: x.median(),
        lambda x: x.cummax(0),
        lambda x: ember.nn.functional.layer_norm(x, (3,)),
        lambda x: ember.arange(3, dtype=x.dtype),
        lambda x: ember.arange(3, out=x.new_empty(3)),
        lambda x: ember.linspace(0, 1, 3, dtype=x.dtype),
        lambda x: ember.randperm(3, dtype=x.dtype),
        lambda x: x.bernoulli_(0.5),
        lambda x: x.clone().exponential_(),
        lambda x: x < x,
        lambda x: x // x,
    ],
)
def test_what_loops_do_not_know_is_refused(dtype, call):
    with pytest.raises((NotImplementedError, RuntimeError), match=r"not implemented for|expected|complex|floating"):
        call(sample(dtype))


@each_limited
def test_promotion(dtype):
    for other in ALL:
        known = (
            other is dtype
            or (dtype in UNSIGNED and other in (ember.float16, ember.bfloat16, ember.float32, ember.float64))
            or (dtype is ember.complex32 and other not in LIMITED)
        )
        if not known:
            with pytest.raises(RuntimeError, match=r"Promotion for .* is not supported, attempted to promote"):
                ember.promote_types(dtype, other)
            continue
        met = ember.promote_types(dtype, other)
        assert met is ember.promote_types(other, dtype)
        if dtype in UNSIGNED or other is dtype:
            assert met is other
        elif other in (ember.float64, ember.complex128):
            assert met is ember.complex128
        else:
            wider = other in (ember.bfloat16, ember.float32, ember.complex64)
            assert met is (ember.complex64 if wider else ember.complex32)


def test_operands_that_do_not_meet():
    x, i = ember.ones(2, dtype=ember.uint16), ember.ones(2, dtype=ember.int64)
    for call in (lambda: x == i, lambda: x * i, lambda: ember.cat([x, i]), lambda: ember.stack([x, i])):
        with pytest.raises(RuntimeError, match="Promotion for uint16, uint32, uint64 types is not supported"):
            call()
    y = ember.ones(2).to(ember.float8_e5m2)
    for call in (lambda: y * ember.ones(2), lambda: y == i, lambda: ember.cat([y, ember.ones(2)])):
        with pytest.raises(RuntimeError, match="Promotion for Float8 Types is not supported"):
            call()
    assert (x * ember.ones(2)).dtype is ember.float32 and (x + 1.5).dtype is ember.float32
    assert (x * ember.tensor(2)).dtype is ember.uint16  # a 0-d tensor gives way


# ---- what moves elements ----

MOVES = {
    "clone": lambda x: x.clone(),
    "transposed": lambda x: x.t().contiguous(),
    "strided": lambda x: x[:, ::2].clone(),
    "cat": lambda x: ember.cat([x, x], 1),
    "stack": lambda x: ember.stack([x, x]),
    "flip": lambda x: x.flip(1),
    "roll": lambda x: x.roll(1, 0),
    "repeat": lambda x: x.repeat(2, 3),
    "repeat_interleave": lambda x: x.repeat_interleave(2, 0),
    "expand": lambda x: x[:1].expand(4, 3).contiguous(),
    "index": lambda x: x[ember.tensor([1, 0, 1])],
    "index_select": lambda x: x.index_select(1, ember.tensor([2, 0])),
    "mask": lambda x: x[ember.tensor([[True, False, True], [False, True, True]])],
    "embedding": lambda x: ember.nn.functional.embedding(ember.tensor([1, 1, 0]), x),
    "where": lambda x: ember.where(ember.tensor([True, False, True]), x, x.flip(0)),
    "split": lambda x: x.split(1)[1].clone(),
    "unfold": lambda x: x.unfold(1, 2, 1).clone(),
    "pad": lambda x: ember.nn.functional.pad(x, (1, 1), value=1),
    "meshgrid": lambda x: ember.meshgrid(x[0], x[1], indexing="ij")[1].contiguous(),
    "iterate": lambda x: ember.stack(list(x)),
}


@pytest.mark.parametrize("name", MOVES)
@each_limited
def test_moves_are_those_of_the_wide_type(dtype, name):
    x = sample(dtype)
    found, expected = MOVES[name](x), MOVES[name](x.to(wide(dtype)))
    assert found.dtype is dtype and found.shape == expected.shape
    assert found.tolist() == expected.tolist()


@each_limited
def test_writing(dtype):
    x, w = sample(dtype), sample(dtype).to(wide(dtype))
    for each in (x, w):
        each[0] = 2
        each[:, 1] = each[:, 0]
        each[1].copy_(ember.tensor([1, 4, 2]))
        each[0, 2:].fill_(4)
        each[1, :1].zero_() if dtype is not ember.float8_e8m0fnu else each[1, :1].fill_(1)
    assert x.tolist() == w.tolist()
    assert ember.ones(2, 2, dtype=dtype).tolist() == [[1, 1], [1, 1]] and ember.empty(2, dtype=dtype).shape == (2,)
    if dtype is not ember.float8_e8m0fnu:  # which has no zero
        assert ember.zeros(70000, dtype=dtype).to(wide(dtype)).abs().sum() == 0


@each_limited
def test_conversions_agree_in_any_layout(dtype):
    """Large, strided and broadcast, from and to every type: as by way of the wide type."""
    numbers = (ember.arange(3000) % 15 + 1).reshape(50, 60)
    for other in ALL:
        source = numbers.to(wide(other)).to(other)
        expected = source.to(ember.complex128).to(wide(dtype)).to(dtype) if other is not dtype else source
        for view in (lambda x: x, lambda x: x.t(), lambda x: x[::2, 3::7], lambda x: x[:, :1].expand(50, 60)):
            assert bits_of(view(source).to(dtype)).tolist() == bits_of(view(expected).contiguous()).tolist(), other

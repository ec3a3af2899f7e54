"""The element types beside PyTorch: facts, promotion, codes, conversions, what is computed and refused, files, DLPack."""

from __future__ import annotations

import io
import itertools
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402
from ember import _C  # noqa: E402

UNSIGNED = ["uint16", "uint32", "uint64"]
FLOAT8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
LIMITED = [*UNSIGNED, *FLOAT8, "complex32"]
ALL = [str(dtype)[6:] for dtype in _C._DTYPES]


@pytest.fixture(autouse=True)
def without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's about complex32
        yield


def outcome(call, *arguments):
    """What a call gives, or the exception that it raises."""
    try:
        return call(*arguments)
    except Exception as error:
        return error


def outcomes(call, *arguments):
    """Those of both frameworks."""
    return outcome(call, ember, *arguments), outcome(call, torch, *arguments)


def assert_same_outcome(ours, theirs):
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)) or (isinstance(ours, Exception) and isinstance(theirs, type(ours))), repr(
            ours
        )
    else:
        assert str(ours) == str(theirs)


def bits(tensor):
    """The elements as unsigned integers of their size, of a tensor of either framework."""
    flat = tensor.contiguous().flatten()
    return flat.view(type_in(flat, "uint8")).numpy().view(f"V{tensor.element_size()}")


def type_in(tensor, name):
    return getattr(torch if isinstance(tensor, torch.Tensor) else ember, name)


def sample(framework, name):
    wide = "complex64" if name == "complex32" else "float32"
    numbers = framework.tensor([[1, 2, 3], [4, 2, 6]]).to(getattr(framework, wide))
    return numbers.to(getattr(framework, name))


# ---- facts ----


def test_every_type_is_pytorchs():
    assert set(LIMITED) <= set(ALL) and all(isinstance(getattr(torch, name), torch.dtype) for name in ALL)
    assert ember.chalf is ember.complex32


@pytest.mark.parametrize("name", ALL)
def test_facts(name):
    ours, theirs = getattr(ember, name), getattr(torch, name)
    for fact in ("itemsize", "is_floating_point", "is_complex", "is_signed", "__repr__", "to_real", "to_complex"):
        a, b = getattr(ours, fact), getattr(theirs, fact)
        assert_same_outcome(*((outcome(a), outcome(b)) if callable(a) else (a, b)))
    for limits in ("finfo", "iinfo"):
        assert_same_outcome(*outcomes(lambda f, limits: getattr(f, limits)(getattr(f, name)), limits))
    assert_same_outcome(*outcomes(lambda f: sample(f, name).type()))


@pytest.mark.parametrize("a", ALL)
def test_promotion(a):
    for b, function in itertools.product(ALL, ("promote_types", "can_cast")):
        assert_same_outcome(
            *outcomes(lambda f, b, function: getattr(f, function)(getattr(f, a), getattr(f, b)), b, function)
        )
    for number in (True, 2, 2.5, 2j):
        assert_same_outcome(*outcomes(lambda f, number: f.result_type(sample(f, a), number), number))


# ---- codes and conversions ----


@pytest.mark.parametrize("name", FLOAT8)
def test_float8_codes(name):
    for to in ("float32", "float64", "float16", "bfloat16"):
        found = [
            f.arange(256, dtype=f.uint8).view(getattr(f, name)).to(getattr(f, to)).double().numpy()
            for f in (ember, torch)
        ]
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", FLOAT8)
def test_float8_of_floats(name):
    """All halves, and float32 numbers over all exponents with steps that hit and miss the ties."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    upper = np.arange(65536, dtype=np.uint32) << 16
    floats = np.concatenate(
        [upper, upper + 1, upper - 1, np.arange(0, 2**32, 65521, dtype=np.uint64).astype(np.uint32)]
    )
    for array in (halves, floats.view(np.float32), halves.astype(np.float64)):
        found = [bits(f.from_numpy(array.copy()).to(getattr(f, name))) for f in (ember, torch)]
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", UNSIGNED)
def test_unsigned_of_others(name):
    numbers = [-1.0, -1.5, -300.0, 0.5, 65536.0, 70000.5]  # beyond 31 bits PyTorch's result depends on the processor
    integers = [-1, -(2**63), 2**63 - 1, 70000, 5]
    for dtype in ("float32", "float64", "int64"):
        data = integers if dtype == "int64" else numbers
        found = [f.tensor(data, dtype=getattr(f, dtype)).to(getattr(f, name)).tolist() for f in (ember, torch)]
        assert found[0] == found[1]
    largest = 2 ** (8 * getattr(ember, name).itemsize) - 1
    for to in ALL:
        found = [
            bits(f.tensor([largest, largest // 2 + 1, 5, 0], dtype=getattr(f, name)).to(getattr(f, to)))
            for f in (ember, torch)
        ]
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("pair", itertools.product(LIMITED, ALL), ids="-".join)
def test_conversions(pair):
    name, other = pair
    found = [bits(sample(f, name).to(getattr(f, other))) for f in (ember, torch)]
    np.testing.assert_array_equal(*found)
    found = [bits(sample(f, other).to(getattr(f, name))) for f in (ember, torch)]
    np.testing.assert_array_equal(*found)


# ---- what is computed ----

CALLS = {
    "add": lambda f, x: x + x,
    "sub": lambda f, x: x - x,
    "mul": lambda f, x: x * x,
    "mul 2": lambda f, x: x * 2,
    "mul 0-d": lambda f, x: x * f.tensor(2),
    "add 1.5": lambda f, x: x + 1.5,
    "add float32": lambda f, x: x + f.ones(3),
    "add int64": lambda f, x: x + f.ones(3, dtype=f.int64),
    "div": lambda f, x: x / x,
    "floor div": lambda f, x: x // x,
    "remainder": lambda f, x: x % x,
    "pow": lambda f, x: x**x,
    "neg": lambda f, x: -x,
    "abs": lambda f, x: x.abs(),
    "sign": lambda f, x: x.sign(),
    "addcmul": lambda f, x: f.addcmul(x, x, x),
    "eq": lambda f, x: x == x[:1],
    "ne": lambda f, x: x != 2,
    "eq int64": lambda f, x: x == f.ones(3, dtype=f.int64),
    "lt": lambda f, x: x < x,
    "maximum": lambda f, x: f.maximum(x, x),
    "and": lambda f, x: x & x,
    "xor": lambda f, x: x ^ x,
    "invert": lambda f, x: ~x,
    "shift": lambda f, x: x << 1,
    "logical_not": lambda f, x: x.logical_not(),
    "sqrt": lambda f, x: x.sqrt(),
    "reciprocal": lambda f, x: x.reciprocal(),
    "floor": lambda f, x: x.floor(),
    "round": lambda f, x: x.round(),
    "relu": lambda f, x: x.relu(),
    "clamp": lambda f, x: x.clamp(1, 2),
    "isnan": lambda f, x: x.isnan(),
    "isinf": lambda f, x: x.isinf(),
    "isfinite": lambda f, x: x.isfinite(),
    "nan_to_num": lambda f, x: x.nan_to_num(),
    "real": lambda f, x: x.real,
    "imag": lambda f, x: x.imag,
    "view_as_real": lambda f, x: f.view_as_real(x),
    "where": lambda f, x: f.where(x.to(f.bool), x, 0),
    "masked_fill": lambda f, x: x.masked_fill(f.ones(2, 3, dtype=f.bool), 1),
    "mask": lambda f, x: x[f.tensor([[True, False, True], [False, True, True]])],
    "sum": lambda f, x: x.sum(),
    "sum dim": lambda f, x: x.sum(0),
    "sum float32": lambda f, x: x.sum(dtype=f.float32),
    "mean": lambda f, x: x.mean(),
    "prod": lambda f, x: x.prod(),
    "max": lambda f, x: x.max(),
    "argmax": lambda f, x: x.argmax(),
    "amax": lambda f, x: x.amax(0),
    "any": lambda f, x: x.any(),
    "all": lambda f, x: x.all(0),
    "norm": lambda f, x: x.norm(),
    "cumsum": lambda f, x: x.cumsum(0),
    "count_nonzero": lambda f, x: x.count_nonzero(),
    "nonzero": lambda f, x: x.nonzero(),
    "sort": lambda f, x: x.sort().values,
    "argsort": lambda f, x: x[0].argsort(),
    "unique": lambda f, x: x.unique(),
    "topk": lambda f, x: x.topk(2).values,
    "median": lambda f, x: x.median(),
    "searchsorted": lambda f, x: f.searchsorted(x[0].contiguous(), x),
    "cat": lambda f, x: f.cat([x, x]),
    "cat int64": lambda f, x: f.cat([x, f.ones(2, 3, dtype=f.int64)]),
    "stack": lambda f, x: f.stack([x, x]),
    "flip": lambda f, x: x.flip(0),
    "roll": lambda f, x: x.roll(1),
    "repeat": lambda f, x: x.repeat(2, 2),
    "repeat_interleave": lambda f, x: x.repeat_interleave(2, 0),
    "pad": lambda f, x: f.nn.functional.pad(x, (1, 1), value=1),
    "tril": lambda f, x: x.tril(),
    "diag": lambda f, x: x[0].diag(),
    "unfold": lambda f, x: x.unfold(1, 2, 1).clone(),
    "getitem": lambda f, x: x[0, 1:],
    "index": lambda f, x: x[f.tensor([0, 1, 1])],
    "index_select": lambda f, x: x.index_select(0, f.tensor([1])),
    "gather": lambda f, x: x.gather(0, f.zeros(1, 3, dtype=f.int64)),
    "scatter": lambda f, x: x.scatter(0, f.zeros(1, 3, dtype=f.int64), x),
    "index_copy": lambda f, x: x.index_copy(0, f.tensor([0]), x[:1]),
    "index_fill": lambda f, x: x.index_fill(0, f.tensor([0]), 1),
    "as index": lambda f, x: f.arange(9)[x],
    "embedding": lambda f, x: f.nn.functional.embedding(f.tensor([1, 0]), x),
    "fill": lambda f, x: x.clone().fill_(3),
    "fill 2.5": lambda f, x: x.clone().fill_(2.5),
    "zero": lambda f, x: x.clone().zero_(),
    "zeros": lambda f, x: f.zeros(2, dtype=x.dtype),
    "full": lambda f, x: f.full((2,), 3, dtype=x.dtype),
    "ones_like": lambda f, x: f.ones_like(x),
    "new_tensor": lambda f, x: x.new_tensor([1, 2]),
    "arange": lambda f, x: f.arange(4, dtype=x.dtype),
    "linspace": lambda f, x: f.linspace(0, 4, 4, dtype=x.dtype),
    "randperm": lambda f, x: f.randperm(4, dtype=x.dtype),
    "rand": lambda f, x: f.rand(2, dtype=x.dtype).shape,
    "randint": lambda f, x: f.randint(0, 5, (2,), dtype=x.dtype).shape,
    "bernoulli": lambda f, x: x.clone().bernoulli_(0.5).shape,
    "bmm": lambda f, x: f.bmm(x[None], x.t()[None]),
    "outer": lambda f, x: f.outer(x[0], x[0]),
    "softmax": lambda f, x: x.softmax(0),
    "gelu": lambda f, x: f.nn.functional.gelu(x),
    "layer_norm": lambda f, x: f.nn.functional.layer_norm(x, (3,)),
    "max_pool": lambda f, x: f.nn.functional.max_pool1d(x[None], 2),
    "isclose": lambda f, x: f.isclose(x, x[:1]),
    "item": lambda f, x: x[0, 0].item(),
    "tolist": lambda f, x: x.tolist(),
    "bool": lambda f, x: bool(x[0, 0]),
    "__index__": lambda f, x: [1, 2, 3][x[0, 0]],
    "repr": lambda f, x: repr(x),
    "repr of a slice": lambda f, x: repr(x[:1, 0].to(x.dtype)),
    "numpy": lambda f, x: x.numpy(),
    "view uint8": lambda f, x: x.view(f.uint8),
    "copy": lambda f, x: f.empty(2, 3).copy_(x),
    "copy into": lambda f, x: x.clone().copy_(f.ones(3)),
    "out": lambda f, x: f.add(f.ones(2, 3), 1, out=f.empty_like(x)),
    "requires_grad": lambda f, x: x.clone().requires_grad_().requires_grad,
    "contains": lambda f, x: 1 in x,
    "meshgrid": lambda f, x: f.meshgrid(x[0], x[1], indexing="ij")[0],
}


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize("call", CALLS)
def test_calls(call, name):
    """What PyTorch computes Ember computes too, to the same bits; what both refuse they refuse alike."""
    ours, theirs = outcomes(lambda f: CALLS[call](f, sample(f, name)))
    if isinstance(theirs, Exception):
        if isinstance(ours, Exception):
            assert_same_outcome(ours, theirs)
        return
    if isinstance(ours, Exception):
        raise ours
    if isinstance(theirs, torch.Tensor):
        assert str(ours.dtype) == str(theirs.dtype) and tuple(ours.shape) == tuple(theirs.shape)
        np.testing.assert_array_equal(bits(ours), bits(theirs))
    else:
        assert str(ours) == str(theirs)


@pytest.mark.parametrize("name", LIMITED)
def test_repr(name):
    for make in (
        lambda f: f.tensor([0.1, 1e-3, 448.0, 2.0]),
        lambda f: f.zeros(2000),
        lambda f: f.empty(0),
        lambda f: f.ones(2, 2),
        lambda f: f.tensor(3.0),
    ):
        assert repr(make(ember).to(getattr(ember, name))) == repr(make(torch).to(getattr(torch, name)))
    large = [repr(f.tensor([2**64 - 1, 1, 2**63], dtype=f.uint64)) for f in (ember, torch)]
    assert large[0] == large[1]


# ---- in and out ----


@pytest.mark.parametrize("name", LIMITED)
def test_files(name):
    def contents(framework):
        x = sample(framework, name)
        return {"x": x, "view": x[1:, ::2], "dtype": x.dtype}

    for writer, reader in ((ember, torch), (torch, ember)):
        stream = io.BytesIO()
        writer.save(contents(writer), stream)
        stream.seek(0)
        loaded, expected = reader.load(stream, weights_only=True), contents(writer)
        assert str(loaded["dtype"]) == str(expected["dtype"]) == f"torch.{name}"
        for key in ("x", "view"):
            assert str(loaded[key].dtype) == f"torch.{name}" and loaded[key].stride() == expected[key].stride()
            np.testing.assert_array_equal(bits(loaded[key]), bits(expected[key]))


@pytest.mark.parametrize("name", LIMITED)
def test_dlpack(name):
    for giver, taker in ((ember, torch), (torch, ember)):
        given = sample(giver, name)
        taken = taker.utils.dlpack.from_dlpack(given.__dlpack__())
        assert str(taken.dtype) == f"torch.{name}" and taken.data_ptr() == given.data_ptr()


@pytest.mark.parametrize("name", UNSIGNED)
def test_numbers_that_do_not_fit(name):
    largest = 2 ** (8 * getattr(ember, name).itemsize) - 1
    for call in (
        lambda f, dtype: f.tensor([largest], dtype=dtype),
        lambda f, dtype: f.full((2,), largest, dtype=dtype),
        lambda f, dtype: f.zeros(2, dtype=dtype).fill_(-1),
        lambda f, dtype: f.full((2,), 2**64 - 1),
        lambda f, dtype: f.tensor([largest, 0], dtype=dtype) == largest,
        lambda f, dtype: f.set_default_dtype(dtype),
    ):
        assert_same_outcome(*outcomes(lambda f, call: call(f, getattr(f, name)), call))


NUMBERS = [0, 1, -1, 300, -255, -256, -300, 2**31, -(2**63), 2**63, 2.5, 255.5, -0.5, -255.5, 1e10, 70000.0, 65520.0]
NUMBERS += [1e300, float("nan"), float("inf"), -float("inf")]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_written(name, number):
    """What becomes an element, and what is an error."""
    calls = [
        lambda f, dtype: f.full((1,), number, dtype=dtype),
        lambda f, dtype: f.zeros(1, dtype=dtype).fill_(number),
        lambda f, dtype: f.tensor([number], dtype=dtype),
        lambda f, dtype: assigned(f.zeros(1, dtype=dtype), number),
    ]
    large = isinstance(number, int) and number >= 2**63  # PyTorch raises a ValueError of its own for some of them
    for call in calls[:2] if large or name == "uint64" else calls:
        ours, theirs = outcomes(lambda f, call: call(f, getattr(f, name)).tolist(), call)
        assert_same_outcome(ours, theirs)


def assigned(tensor, number):
    tensor[0] = number
    return tensor


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith(("complex", "bool"))])
@pytest.mark.parametrize("comparison", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_comparisons_with_numbers(name, comparison):
    for value, number in itertools.product((0.1, 0.3, 1.6, 2.0), (0.1, 0.3, 1.6, 2, 2.5)):
        ours, theirs = outcomes(
            lambda f, value, number: getattr(f.tensor([value]).to(getattr(f, name)), comparison)(number).tolist(),
            value,
            number,
        )
        assert_same_outcome(ours, theirs)

"""The types of elements: their facts, the codes of float8, the numbers that each holds, and how they leave and come back."""

from __future__ import annotations

import copy
import io
import itertools
import math
import pickle
import struct

import numpy as np
import pytest

import ember
from limited_types import ALL, FLOAT8, LIMITED, UNSIGNED, each_float8, each_limited, each_unsigned, sample, wide

# ---- facts ----


def test_names_and_sizes():
    sizes = {"uint16": 2, "uint32": 4, "uint64": 8, "complex32": 4} | {str(each)[6:]: 1 for each in FLOAT8}
    for dtype in LIMITED:
        name = str(dtype).removeprefix("torch.")
        assert getattr(ember, name) is dtype and repr(dtype) == f"torch.{name}"
        assert dtype.itemsize == sizes[name] == ember.zeros(2, dtype=dtype).element_size()
        assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert ember.chalf is ember.complex32 and ember.zeros(1).chalf().dtype is ember.complex32
    assert len(set(ALL)) == 21


def test_categories():
    for dtype in LIMITED:
        assert dtype.is_floating_point == (dtype in FLOAT8) == ember.zeros(1, dtype=dtype).is_floating_point()
        assert dtype.is_complex == (dtype is ember.complex32) == ember.zeros(1, dtype=dtype).is_complex()
        signed = dtype not in (*UNSIGNED, ember.float8_e8m0fnu)
        assert dtype.is_signed == signed == ember.zeros(1, dtype=dtype).is_signed()


def test_real_and_complex():
    assert ember.complex32.to_real() is ember.float16 and ember.float16.to_complex() is ember.complex32
    assert ember.complex32.to_complex() is ember.complex32 and ember.bfloat16.to_complex() is ember.complex64
    assert (ember.ones(2).half() + 1j).dtype is ember.complex32
    for dtype in [*UNSIGNED, *FLOAT8, ember.int32, ember.bool]:
        assert dtype.to_real() is dtype
        with pytest.raises(RuntimeError, match=f"Unknown Complex ScalarType for {str(dtype)[6:]}"):
            dtype.to_complex()


@each_unsigned
def test_limits_of_unsigned(dtype):
    limits = ember.iinfo(dtype)
    assert (limits.min, limits.max, limits.bits) == (0, 2 ** (8 * dtype.itemsize) - 1, 8 * dtype.itemsize)
    assert ember.full((), limits.max, dtype=dtype).item() == limits.max


@each_float8
def test_limits_of_float8(dtype):
    limits = ember.finfo(dtype)
    values = [value for value in codes(dtype) if math.isfinite(value)]
    assert (limits.min, limits.max, limits.bits) == (min(values), max(values), 8)
    assert limits.tiny == limits.smallest_normal in values
    above_one = min(value for value in values if value > 1) - 1
    assert limits.eps == (0.125 if dtype is ember.float8_e5m2fnuz else above_one)  # PyTorch's, and half of the truth
    assert ember.finfo(ember.complex32) == ember.finfo(ember.float16)


# ---- float8 ----

# Fraction bits and exponent bias.
FORMATS = {
    ember.float8_e4m3fn: (3, 7),
    ember.float8_e5m2: (2, 15),
    ember.float8_e4m3fnuz: (3, 8),
    ember.float8_e5m2fnuz: (2, 16),
}


def number_of(dtype, code):
    """What a code means, by the formats' definitions."""
    if dtype is ember.float8_e8m0fnu:
        return math.nan if code == 255 else 2.0 ** (code - 127)
    fraction_bits, bias = FORMATS[dtype]
    sign = -1.0 if code & 0x80 else 1.0
    exponent, fraction = (code & 0x7F) >> fraction_bits, code & ((1 << fraction_bits) - 1)
    if str(dtype).endswith("fnuz"):
        if code == 0x80:
            return math.nan
    elif dtype is ember.float8_e5m2:
        if exponent == 31:
            return math.nan if fraction else sign * math.inf
    elif code & 0x7F == 0x7F:
        return math.nan
    if exponent == 0:
        return sign * fraction * 2.0 ** (1 - bias - fraction_bits)
    return sign * (1 + fraction / 2**fraction_bits) * 2.0 ** (exponent - bias)


def codes(dtype):
    return [number_of(dtype, code) for code in range(256)]


def nearest(dtype, values):
    """The code of each number: the nearest, of two equally near the even one; and the format's rules beyond its ends."""
    table = np.array(codes(dtype))
    if dtype is ember.float8_e8m0fnu:
        sizes = np.abs(values)
        with np.errstate(all="ignore"):
            mantissas, exponents = np.frexp(sizes)  # [0.5, 1)
        found = exponents - 1 + 127 + (mantissas >= 0.75)
        found = np.where(sizes < 2.0**-126, (sizes > 2.0**-127).astype(int), found)
        return np.where(np.isfinite(values), np.minimum(found, 255), 255).astype(np.uint8)
    positive = np.flatnonzero(np.isfinite(table[:128]))
    steps, sizes = table[positive], np.abs(np.where(np.isfinite(values), values, 0))
    above = np.minimum(np.searchsorted(steps, sizes), len(steps) - 1)
    below = np.maximum(above - 1, 0)
    low, high = sizes - steps[below], steps[above] - sizes
    code = np.where((low < high) | ((low == high) & (positive[below] % 2 == 0)), positive[below], positive[above])
    largest = steps[-1] + (steps[-1] - steps[-2]) / 2  # from here on the next step would be nearer
    over = np.isinf(values) | (sizes >= largest)
    negative = np.signbit(values)
    if str(dtype).endswith("fnuz"):
        code = np.where(np.isnan(values) | over, 0x80, code + 0x80 * (negative & (code != 0)))
    else:
        code = np.where(over, positive[-1] if dtype is ember.float8_e4m3fn else 0x7C, code)
        code = np.where(np.isnan(values), 0x7F, code) + 0x80 * negative
    return code.astype(np.uint8)


@each_float8
def test_every_float8_code_is_its_number(dtype):
    every = ember.arange(256, dtype=ember.uint8).view(dtype)
    for kind in (ember.float32, ember.float64, ember.bfloat16):  # which hold them all
        np.testing.assert_array_equal(every.to(kind).double().numpy(), codes(dtype))
    np.testing.assert_array_equal(every.tolist(), codes(dtype))
    assert [every[i].item() for i in (1, 60, 100)] == [codes(dtype)[i] for i in (1, 60, 100)]
    back = every.to(ember.float32).to(dtype).view(ember.uint8)
    same = (back == every.view(ember.uint8)) | every.isnan()
    assert bool(same.all())


@each_float8
def test_float8_of_every_half(dtype):
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    found = ember.from_numpy(halves).to(dtype).view(ember.uint8).numpy()
    np.testing.assert_array_equal(found, nearest(dtype, halves.astype(np.float64)))


@each_float8
def test_float8_rounds_to_nearest(dtype):
    """Next to the middle between two codes, and at the ends of float32."""
    table = np.array(sorted({abs(value) for value in codes(dtype) if math.isfinite(value)}), np.float32)
    middle = (table[:-1] + table[1:]) / 2
    ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 1e38, -1e38, 1e-45], np.float32)
    values = np.concatenate([table, middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf), ends])
    values = np.concatenate([values, -values]).astype(np.float32)
    found = ember.from_numpy(values).to(dtype).view(ember.uint8).numpy()
    np.testing.assert_array_equal(found, nearest(dtype, values.astype(np.float64)))


@each_float8
def test_float8_of_other_types(dtype):
    """By way of float32, as a double or an integer."""
    assert ember.tensor([2, 4]).to(dtype).tolist() == [2, 4] and ember.tensor([True]).to(dtype).tolist() == [1]
    assert ember.tensor([2.0, 4.0], dtype=ember.float64).to(dtype).to(ember.int8).tolist() == [2, 4]
    assert ember.tensor([2 + 1j]).to(dtype).tolist() == [2] and ember.ones(2).to(dtype).cfloat().tolist() == [1, 1]
    assert ember.ones(2).to(dtype).to(ember.bool).tolist() == [True, True]


# ---- unsigned integers ----

UPPER = [2**64 - 1, 2**63, 2**63 + 2**39 + 1, 2**63 - 1, 5, 0]


def test_uint64_is_exact():
    x = ember.tensor(UPPER, dtype=ember.uint64)
    expect = np.array(UPPER, np.uint64)
    assert x.tolist() == UPPER and x[0].item() == int(x[0]) == 2**64 - 1
    for kind in ("float32", "float64", "float16", "complex64"):
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(x.to(getattr(ember, kind)).numpy(), expect.astype(kind))
    for kind in ("int64", "uint32", "int8", "bool"):
        np.testing.assert_array_equal(x.to(getattr(ember, kind)).numpy(), expect.astype(kind))
    floats = ember.tensor([2.0**63, 2.0**64 - 2048, 2.0**53, -1.0, 1.5], dtype=ember.float64)
    assert floats.to(ember.uint64).tolist() == [2**63, 2**64 - 2048, 2**53, 2**64 - 1, 1]
    assert repr(x[:2]) == "tensor([18446744073709551615,  9223372036854775808], dtype=torch.uint64)"


def test_arithmetic_of_uint64():
    x, expect = ember.tensor(UPPER, dtype=ember.uint64), np.array(UPPER, np.uint64)
    np.testing.assert_array_equal((x * 3).numpy(), expect * np.uint64(3))
    np.testing.assert_array_equal((x ^ x.flip(0)).numpy(), expect ^ expect[::-1])
    np.testing.assert_array_equal((x / 2).numpy(), expect.astype(np.float32) / 2)
    np.testing.assert_array_equal((x.double() - x.sqrt()).numpy(), expect.astype(float) - np.sqrt(expect.astype("f4")))
    assert (x == 2**63).tolist() == [False, True, False, False, False, False]
    assert (x != 5).sum() == 5 and x.any() and not x.all() and ember.equal(x, x.clone())
    values, places = x.sort()
    assert values.tolist() == sorted(UPPER) and x[places].tolist() == sorted(UPPER)
    assert x.sort(descending=True).values.tolist() == sorted(UPPER, reverse=True)
    assert ember.cat([x, x]).unique().tolist() == sorted(UPPER)
    assert x[2:].sum().item() == (sum(UPPER[2:]) + 2**63) % 2**64 - 2**63  # in int64, which wraps


@each_unsigned
def test_unsigned_wrap(dtype):
    size = 2 ** (8 * dtype.itemsize)
    assert ember.tensor([-1, -2]).to(dtype).tolist() == [size - 1, size - 2]
    assert ember.tensor([-1.0]).to(dtype).tolist() == [size - 1]
    assert (ember.tensor([size - 1], dtype=dtype) * 2).tolist() == [size - 2]
    assert ember.zeros(2, dtype=dtype).fill_(-1).tolist() == [size - 1] * 2
    x = ember.tensor([size - 1, 3, 7], dtype=dtype)
    assert x.sort().values.tolist() == [3, 7, size - 1] and (x & 3).tolist() == [3, 3, 3]
    assert x.floor().tolist() == x.tolist() and x.isfinite().all() and not x.isinf().any()


def test_numbers_of_64_bits():
    largest = 2**64 - 1
    assert ember.full((2,), largest, dtype=ember.uint64).tolist() == [largest] * 2
    assert ember.zeros(1, dtype=ember.uint64).fill_(largest).tolist() == [largest]
    assert ember.full_like(ember.zeros(1, dtype=ember.uint64), largest).tolist() == [largest]
    assert ember.zeros(1, dtype=ember.uint64).new_full((1,), largest).tolist() == [largest]
    assert ember.tensor(largest, dtype=ember.uint64).item() == largest
    assert (ember.ones(1) * 2**63).tolist() == [2.0**63]
    assert ember.full((1,), 2**63, dtype=ember.float64).tolist() == [2.0**63]
    for call in (
        lambda: ember.tensor([1]) + 2**63,
        lambda: ember.tensor([1]).fill_(2**63),
        lambda: ember.full((1,), 2**63),
    ):
        with pytest.raises(RuntimeError, match="value cannot be converted to type int64 without overflow"):
            call()
    with pytest.raises(OverflowError):
        ember.tensor([-1], dtype=ember.uint64)
    with pytest.raises(OverflowError):
        ember.tensor([2**64], dtype=ember.uint64)
    with pytest.raises(RuntimeError, match="int64_t without overflow"):
        ember.zeros(3).narrow(0, ember.tensor(2**63, dtype=ember.uint64), 1)


WRITES = {
    "full": lambda number, dtype: ember.full((1,), number, dtype=dtype),
    "fill_": lambda number, dtype: ember.zeros(1, dtype=dtype).fill_(number),
    "tensor": lambda number, dtype: ember.tensor([number], dtype=dtype),
    "masked_fill": lambda number, dtype: ember.zeros(1, dtype=dtype).masked_fill(
        ember.ones(1, dtype=ember.bool), number
    ),
    "index_fill": lambda number, dtype: ember.zeros(1, dtype=dtype).index_fill(0, ember.tensor([0]), number),
    "setitem": lambda number, dtype: assigned(ember.zeros(2, dtype=dtype), number)[:1],
}


def assigned(tensor, number):
    tensor[0] = number
    tensor[ember.tensor([1])] = number
    return tensor


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "dtype", [dtype for dtype in ALL if not dtype.is_floating_point and not dtype.is_complex], ids=str
)
def test_integers_hold_what_they_can(write, dtype):
    if dtype in UNSIGNED and write in ("masked_fill", "index_fill", "setitem"):
        pytest.skip("not implemented for them")
    if dtype is ember.bool:
        assert WRITES[write](300, dtype).tolist() == [True]
        return
    limits = ember.iinfo(dtype)
    for number in (limits.min, limits.max if limits.bits < 64 else 2**63 - 1, 2.5, 7.0):
        assert WRITES[write](number, dtype).tolist() == [int(number)]
    if limits.min == 0 and (dtype is not ember.uint64 or write != "tensor"):
        assert WRITES[write](-1, dtype).tolist() == [limits.max]  # wraps, as PyTorch's
    refused = [math.nan, math.inf, -math.inf, 2.0**64, 1e300]
    if limits.bits < 64:
        refused += [limits.max + 1, limits.max + 0.5, -(limits.max + 2), 2**63 - 1, -(2**63)]
    for number in refused:
        with pytest.raises(RuntimeError, match=f"value cannot be converted to type {str(dtype)[6:]} without overflow"):
            WRITES[write](number, dtype)


@pytest.mark.parametrize("write", ["full", "fill_", "masked_fill"])
def test_floats_hold_what_they_can(write):
    for dtype in (ember.float32, ember.complex64):
        with pytest.raises(RuntimeError, match="without overflow"):
            WRITES[write](1e300, dtype)
        assert WRITES[write](math.inf, dtype).tolist() == [math.inf]
    assert WRITES[write](1e300, ember.float64).tolist() == [1e300] and ember.tensor([1e300]).tolist() == [math.inf]
    with pytest.raises(RuntimeError, match="without overflow"):
        WRITES[write](70000, ember.complex32)
    with pytest.raises(RuntimeError, match="without overflow"):
        WRITES[write](2j, ember.float32)


@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16, ember.float8_e4m3fn], ids=str)
def test_comparisons_round_what_they_compare(dtype):
    x = ember.tensor([0.1, 0.3, 1.6]).to(dtype)
    assert (x == 0.1).tolist() == [True, False, False]
    assert (x != 1.6).tolist() == [True, True, False] and (x == ember.tensor(0.3, dtype=ember.float64)).tolist()[1]
    if dtype in LIMITED:
        return
    assert (x < 0.1).tolist() == [False, False, False] and (x >= 0.3).tolist() == [False, True, True]
    assert (x == ember.tensor([0.1, 0.3, 1.6])).tolist() == [False] * 3  # tensors with dims meet in float32


@each_unsigned
def test_draws_of_unsigned(dtype):
    drawn = ember.randint(2**15, 2**15 + 100, (1000,), dtype=dtype).tolist()
    assert min(drawn) >= 2**15 and max(drawn) < 2**15 + 100 and len(set(drawn)) > 50
    ember.manual_seed(0)
    first = ember.randint(0, 1000, (10,), dtype=dtype).tolist()
    ember.manual_seed(0)
    assert ember.randint(0, 1000, (10,), dtype=ember.int64).tolist() == first


# ---- complex32 ----


def test_complex32_computes_in_complex64():
    x = ember.tensor([1 + 2j, 3 - 1j, 0.1 + 0j], dtype=ember.complex32)
    y = x.flip(0)
    for call in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: -a,
        lambda a, b: a + 2j * b,
        lambda a, b: ember.addcmul(a, b, b),
        lambda a, b: a.conj(),
    ):
        # each step is rounded to half precision
        found = call(x, y)
        assert found.dtype is ember.complex32
    np.testing.assert_array_equal((x * y).cfloat().numpy(), (x.cfloat() * y.cfloat()).chalf().cfloat().numpy())
    assert x.abs().dtype is ember.float16 and x.real.tolist() == x.abs().new_tensor([1, 3, 0.1]).tolist()
    assert ember.view_as_real(x).dtype is ember.float16
    assert ember.view_as_complex(ember.ones(3, 2).half()).tolist() == [1 + 1j] * 3
    assert ember.randn(1000, dtype=ember.complex32).abs().float().square().mean().item() == pytest.approx(1, abs=0.2)
    assert repr(x[:2]) == "tensor([1.+2.j, 3.-1.j], dtype=torch.complex32)"


@pytest.mark.parametrize("dtype", [ember.complex32, ember.complex64, ember.complex128], ids=str)
def test_real_numbers_of_complex_ones(dtype):
    z = ember.tensor(1.5 + 0j, dtype=dtype)
    assert float(z) == 1.5 and int(z) == 1 and complex(z) == 1.5
    for convert in (float, int):
        with pytest.raises(RuntimeError, match="cannot be converted to a real number without overflow"):
            convert(z + 2j)


# ---- in and out ----


@each_limited
def test_bytes(dtype):
    x = sample(dtype)
    seen = x.view(ember.uint8)
    assert seen.shape == (2, 3 * dtype.itemsize) and seen.view(dtype).tolist() == x.tolist()
    assert x.untyped_storage().nbytes() == 6 * dtype.itemsize and x.storage().dtype is dtype
    assert x.data_ptr() == seen.data_ptr()
    assert ember.frombuffer(bytearray(bytes(x.untyped_storage())), dtype=dtype).tolist() == x.flatten().tolist()


@each_limited
def test_files_and_copies(dtype):
    x = sample(dtype)
    view = x[1:, ::2]
    stream = io.BytesIO()
    ember.save({"x": x, "view": view, "dtype": dtype}, stream)
    for weights_only in (True, False):
        stream.seek(0)
        loaded = ember.load(stream, weights_only=weights_only)
        assert loaded["dtype"] is dtype is loaded["x"].dtype and loaded["view"].stride() == view.stride()
        assert loaded["x"].tolist() == x.tolist() and loaded["view"].tolist() == view.tolist()
        assert loaded["view"].untyped_storage().data_ptr() == loaded["x"].untyped_storage().data_ptr()
    for copied in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), ember.from_dlpack(x)):
        assert copied.dtype is dtype and copied.tolist() == x.tolist()
    old = io.BytesIO()
    ember.save(x, old, _use_new_zipfile_serialization=False)
    old.seek(0)
    assert ember.load(old).tolist() == x.tolist()


@each_limited
def test_numpy(dtype):
    x = sample(dtype)
    if dtype not in UNSIGNED:
        with pytest.raises(TypeError, match="Got unsupported ScalarType"):
            x.numpy()
        return
    array = x.numpy()
    assert array.dtype == np.dtype(str(dtype)[6:]) and array.tolist() == x.tolist()
    array[0, 0] = 9
    assert x[0, 0].item() == 9
    assert ember.from_numpy(array).dtype is ember.tensor(array).dtype is ember.as_tensor(array).dtype is dtype
    assert ember.tensor(array[0, 0]).dtype is dtype
    assert np.asarray(x).tolist() == x.tolist() == np.from_dlpack(x).tolist()


@each_limited
def test_printing(dtype):
    x = sample(dtype)
    text = repr(x)
    assert text.startswith("tensor([[") and text.endswith(f"dtype={dtype})")
    assert f"{x[0, 0]}" == f"{x[0, 0].item()}" and str(x.to("meta")).endswith(f"size=(2, 3), dtype={dtype})")
    stem = {"complex32": "ComplexHalf"}.get(
        str(dtype)[6:], str(dtype)[6:].replace("uint", "UInt").replace("float", "Float")
    )
    assert x.type() == f"torch.{stem}Tensor" and ember.ones(6).type(x.type()).dtype is dtype


@each_limited
def test_comparing_and_making(dtype):
    x = sample(dtype)
    ember.testing.assert_close(x, x.clone())
    with pytest.raises(AssertionError):
        ember.testing.assert_close(x, x.flip(0))
    if dtype is ember.float8_e8m0fnu:
        with pytest.raises(TypeError, match="float8_e8m0fnu"):
            ember.testing.make_tensor(3, dtype=dtype)
    else:
        made = ember.testing.make_tensor(30, dtype=dtype, exclude_zero=True)
        assert made.dtype is dtype and made.to(wide(dtype)).ne(0).all()


def test_default_dtype():
    for dtype in LIMITED:
        with pytest.raises(TypeError, match="set_default_dtype"):
            ember.set_default_dtype(dtype)


@each_float8
def test_gradients_pass_through_storage(dtype):
    x = ember.tensor([1.0, 2.0], requires_grad=True)
    (x.to(dtype).to(ember.float32) * 4).sum().backward()
    assert x.grad.tolist() == [4, 4] and x.grad.dtype is ember.float32
    leaf = ember.ones(2).to(dtype).requires_grad_()
    leaf.float().sum().backward()
    assert leaf.grad.dtype is dtype and leaf.grad.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [*FLOAT8[:4], ember.complex32], ids=str)
def test_gradients_of_views(dtype):
    for look in (lambda x: x[1:, 0], lambda x: x.t()[::2], lambda x: x.unfold(0, 2, 1)):
        grads = []
        for kind in (dtype, wide(dtype)):
            leaf = ember.ones(3, 2).to(kind).requires_grad_()
            (look(leaf).to(wide(dtype)) * 2).sum().abs().backward()
            grads.append(leaf.grad)
        assert grads[0].dtype is dtype and grads[0].tolist() == grads[1].tolist()


def test_gradients_of_complex32():
    z = ember.tensor([1 + 2j, 3 - 1j], dtype=ember.complex32, requires_grad=True)
    w = z.detach().cfloat().requires_grad_()
    for leaf in (z, w):
        ((leaf * leaf).abs().float() + leaf.real.float()).sum().backward()
    assert z.grad.dtype is ember.complex32
    np.testing.assert_allclose(z.grad.cfloat().numpy(), w.grad.numpy(), rtol=2**-9)


def test_unsigned_require_no_gradient():
    for dtype, other in itertools.product(UNSIGNED, [True]):
        with pytest.raises(RuntimeError, match="floating point"):
            ember.ones(2, dtype=dtype).requires_grad_(other)


def test_a_state_dict_of_float8():
    """As quantised checkpoints hold them: float8 weights and their scales."""
    layer = ember.nn.Linear(4, 3)
    quantised = {
        "weight": layer.weight.detach().to(ember.float8_e4m3fn),
        "scale": ember.ones(3).to(ember.float8_e8m0fnu),
    }
    stream = io.BytesIO()
    ember.save(quantised, stream)
    stream.seek(0)
    loaded = ember.load(stream)
    assert loaded["weight"].dtype is ember.float8_e4m3fn and loaded["scale"].float().tolist() == [1, 1, 1]
    layer.load_state_dict({"weight": loaded["weight"], "bias": layer.bias})
    assert ember.equal(layer.weight, quantised["weight"].float())
    assert struct.unpack("3B", bytes(quantised["scale"].untyped_storage())) == (127, 127, 127)


@pytest.mark.parametrize(
    ("name", "size"), [("qint8", 1), ("quint8", 1), ("qint32", 4), ("quint4x2", 1), ("quint2x4", 1)]
)
def test_quantized_types_are_names(name, size):
    dtype = getattr(ember, name)
    assert isinstance(dtype, ember.dtype) and str(dtype) == f"torch.{name}" and dtype.itemsize == size
    assert pickle.loads(pickle.dumps(dtype)) is dtype and dtype not in (ember.int8, ember.uint8, ember.int32)
    makers = (
        lambda: ember.zeros(2, dtype=dtype),
        lambda: ember.ones(2).to(dtype),
        lambda: ember.tensor([1], dtype=dtype),
    )
    for make in makers:
        with pytest.raises(NotImplementedError, match=f"dtype is torch.{name}; Ember has no quantized tensors"):
            make()

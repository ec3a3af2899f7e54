"""New tensors: shapes, types, values, keywords."""

from __future__ import annotations

import array

import numpy as np
import pytest

import ember


@pytest.mark.parametrize(
    "arguments", [(5,), (1, 10, 3), (10, 1, -3), (0, 1, 0.3), (3.0,), (-3, 3, 2), (0, 5, 1.5), (1, 1)]
)
def test_arange(arguments):
    expect = np.arange(*arguments)
    got = ember.arange(*arguments)
    np.testing.assert_allclose(got.numpy(), expect, rtol=1e-6)
    assert got.dtype is (ember.int64 if expect.dtype == np.int64 else ember.float32)


def test_arange_types():
    assert ember.arange(2.5, dtype=ember.int64).tolist() == [0, 1]
    assert ember.arange(3, dtype=ember.float64).dtype is ember.float64
    assert ember.arange(2**53, 2**53 + 2).tolist() == [2**53, 2**53 + 1]
    assert ember.arange(3, out=ember.empty(0)).tolist() == [0.0, 1.0, 2.0]
    assert ember.arange(end=2).tolist() == ember.arange(start=0, end=2, step=1).tolist() == [0, 1]
    for arguments, text in [
        ((5, 1), "inconsistent with step sign"),
        ((0, 5, 0), "nonzero"),
        ((0, float("inf")), "range"),
    ]:
        with pytest.raises(RuntimeError, match=text):
            ember.arange(*arguments)


def test_spaces():
    np.testing.assert_allclose(ember.linspace(3, -3, 7, dtype=ember.float64).numpy(), np.linspace(3, -3, 7))
    assert ember.linspace(0, 10, 5, dtype=ember.int64).tolist() == [0, 2, 5, 7, 10]
    assert ember.linspace(2, 5, 1).tolist() == [2] and ember.linspace(0, 1, 0).shape == (0,)
    np.testing.assert_allclose(ember.logspace(-1, 2, 4).numpy(), [0.1, 1, 10, 100], rtol=1e-6)
    assert ember.logspace(0, 3, 4, base=2).tolist() == [1, 2, 4, 8]
    with pytest.raises(RuntimeError, match="non-negative"):
        ember.linspace(0, 1, -1)


@pytest.mark.parametrize("make, value", [(ember.zeros, 0), (ember.ones, 1)])
def test_sizes(make, value):
    for tensor in (make(2, 3), make((2, 3)), make([2, 3]), make(ember.Size([2, 3])), make(size=(2, 3))):
        assert tensor.shape == (2, 3) and (tensor == value).all() and tensor.dtype is ember.float32
    assert make(()).shape == make([]).shape == ()
    assert make(2, dtype=ember.bool).tolist() == [bool(value)] * 2
    assert make(2, requires_grad=True).requires_grad
    assert make(2, out=ember.empty(5)).shape == (2,)
    assert make(2, 3, device="meta").device.type == "meta"
    for call, error, text in [
        (lambda: make(), TypeError, "missing 1 required"),
        (lambda: make(2, -1), RuntimeError, "negative dimension -1"),
        (lambda: make(2, names=None), TypeError, "unexpected keyword argument 'names'"),
        (lambda: make(2, dtype="x"), TypeError, "dtype"),
        (lambda: make(2, dtype=ember.int64, requires_grad=True), RuntimeError, "floating point"),
    ]:
        with pytest.raises(error, match=text):
            call()


def test_default_dtype():
    ember.set_default_dtype(ember.float64)
    for tensor in (
        ember.zeros(2),
        ember.full((2,), 1.5),
        ember.arange(1.0),
        ember.linspace(0, 1, 2),
        ember.rand(2),
        ember.eye(2),
    ):
        assert tensor.dtype is ember.float64


def test_full_takes_the_type_of_its_value():
    assert ember.full((2,), 3).dtype is ember.int64
    assert ember.full((2,), True).dtype is ember.bool
    assert ember.full((2,), 1j).tolist() == [1j, 1j]
    assert ember.full((2,), 2.9, dtype=ember.int32).tolist() == [2, 2]


def test_matrices():
    np.testing.assert_array_equal(ember.eye(2, 3).numpy(), np.eye(2, 3))
    assert ember.tril_indices(3, 3).tolist() == [list(each) for each in np.tril_indices(3)]
    assert ember.triu_indices(3, 4, 1).tolist() == [list(each) for each in np.triu_indices(3, 1, 4)]


def test_like():
    x = ember.zeros(2, 3, 4, dtype=ember.float64).permute(2, 0, 1)
    for like in (ember.empty_like, ember.zeros_like, ember.ones_like, ember.rand_like, ember.randn_like):
        assert like(x).stride() == x.stride() and like(x).dtype is ember.float64
        assert like(x.expand(2, 4, 2, 3)).is_contiguous()
    assert ember.full_like(x, 2, dtype=ember.int64).sum().item() == 48
    assert ember.zeros_like(x, memory_format=ember.contiguous_format).is_contiguous()
    assert not hasattr(x, "zeros_like")


def test_new():
    x = ember.zeros(1, dtype=ember.float64)
    assert x.new_zeros(2, 3).dtype is x.new_ones((2, 3)).dtype is x.new_empty(2).dtype is ember.float64
    assert x.new_full((2,), 3).tolist() == [3.0, 3.0]
    assert x.new_tensor([1, 2]).dtype is ember.float64


def test_strided():
    assert ember.empty_strided((2, 3), (1, 2)).stride() == (1, 2)
    assert ember.empty(2, 3, 4, 5, memory_format=ember.channels_last).stride() == (60, 1, 15, 3)
    assert ember.empty_permuted((2, 3, 4), (2, 0, 1)).stride() == (3, 1, 6)
    with pytest.raises(RuntimeError, match="must match dimensionality"):
        ember.empty_strided((2, 3), (1,))


def test_memory_formats():
    import copy
    import pickle

    assert repr(ember.channels_last) == "torch.channels_last"
    assert isinstance(ember.preserve_format, ember.memory_format)
    assert (
        copy.deepcopy(ember.channels_last) is ember.channels_last
        or copy.deepcopy(ember.channels_last) == "channels_last"
    )
    assert pickle.loads(pickle.dumps(ember.channels_last)) == ember.channels_last


LISTS = [  # as NumPy's numbers and arrays are of a type, they say the tensor's
    ([np.float64(1)], ember.float64),
    ([np.float32(1), np.float64(2)], ember.float64),
    ([1, np.float16(2)], ember.float16),
    ([1.5, np.int8(2)], ember.float32),
    ([True, np.int8(2)], ember.int8),
    ([[np.uint8(1)], [np.uint8(2)]], ember.uint8),
    ([np.uint64(2**63)], ember.uint64),
    ([np.complex64(1j), 2], ember.complex64),
    ([np.array([1, 2], "int32"), np.array([3, 4], "int32")], ember.int32),
    ([np.array([1, 2], "int32"), np.array([3, 4], "float32")], ember.float32),
    ([np.array([1, 2])[::-1], [3, 4]], ember.int64),
    ([[1, 2], np.array([3.0, 4.0])], ember.float64),
    ([[np.ones(2)], [np.zeros(2)]], ember.float64),
    ([range(3), (3, 4, 5)], ember.int64),
    ([array.array("f", [1, 2]), [3, 4]], ember.float32),
]


@pytest.mark.parametrize(("data", "dtype"), LISTS)
def test_sequences_of_numbers_and_arrays(data, dtype):
    found = ember.tensor(data)
    assert found.dtype is dtype
    np.testing.assert_array_equal(found.numpy(), np.array([[*row] if np.ndim(row) else row for row in data]))


def test_sequences_that_make_no_tensor():
    for data, error in (
        ([np.ones(2), np.ones(3)], ValueError),
        (["a"], ValueError),
        ("a", TypeError),
        ([b"a"], TypeError),
    ):
        with pytest.raises(error, match=r"tensor\(\): "):
            ember.tensor(data)
    nested: list = []
    nested.append(nested)
    with pytest.raises(ValueError, match="contain itself"):
        ember.tensor(nested)


def test_result_type_asks_no_shapes():
    assert ember.result_type(ember.ones(0), ember.ones(3, dtype=ember.float64)) is ember.float64
    assert ember.result_type(ember.ones(2), ember.tensor(1.0, dtype=ember.float64)) is ember.float32
    assert ember.result_type(1.5, ember.ones(2, dtype=ember.int8)) is ember.float32


def test_dlpack_with_a_device_and_a_copy():
    array = np.arange(3.0)
    for options, shared in (({}, True), ({"device": "cpu"}, True), ({"copy": False}, True), ({"copy": True}, False)):
        tensor = ember.from_dlpack(array, **options)
        array[0] = 7
        assert (tensor[0] == 7) == shared
        array[0] = 0
    assert ember.from_dlpack(ember.ones(2), device="meta").is_meta
    with pytest.raises(BufferError, match="copy=True"):
        ember.from_dlpack(ember.ones(2), device="meta", copy=False)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(float, ember.float64), (int, ember.int64), (bool, ember.bool), (complex, ember.complex128)],
)
def test_types_of_python_are_dtypes(kind, dtype):
    assert ember.zeros(2, dtype=kind).dtype is dtype
    assert ember.zeros(16, dtype=ember.uint8).view(kind).dtype is dtype
    if dtype.is_floating_point:
        assert ember.finfo(kind) == ember.finfo(dtype)
        assert ember.nn.Linear(1, 1).to(kind).weight.dtype is dtype
        assert ember.hann_window(3, dtype=kind).dtype is ember.fft.fftfreq(3, dtype=kind).dtype is dtype
    elif kind is int:
        assert ember.iinfo(kind) == ember.iinfo(dtype)


@pytest.mark.parametrize("name", ["bool", "uint8", "int8", "int16", "int32", "int64", "uint64", "float16", "float64"])
def test_arrays_are_of_numpys_own_type(name):
    """C has two types of 64 bits; C programs on NumPy's arrays ask for the number of one of them."""
    array = ember.zeros(2, dtype=getattr(ember, name)).numpy()
    assert array.dtype.num == np.dtype(name).num
    assert ember.from_numpy(np.zeros(2, "longlong")).dtype is ember.int64

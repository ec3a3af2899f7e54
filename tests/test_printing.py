"""How tensors, dtypes' limits and print options read. Every expected text was printed by PyTorch 2.13."""

from __future__ import annotations

import pytest

import ember
from ember import nn
from ember._tensor_str import get_printoptions, printoptions

INF, NAN = float("inf"), float("nan")


@pytest.fixture(autouse=True)
def _default_options():
    ember.set_printoptions(profile="default")
    yield
    ember.set_printoptions(profile="default")


VALUES = [
    ([1.0, NAN], "tensor([1., nan])"),
    ([INF, -INF], "tensor([inf, -inf])"),
    ([1.5, NAN], "tensor([1.5000,    nan])"),
    ([100.0, -INF], "tensor([100., -inf])"),
    ([0.0, -0.0], "tensor([0., -0.])"),
    ([0.0, 1e-5], "tensor([0.0000e+00, 1.0000e-05])"),
    ([1e5, 1.0], "tensor([1.0000e+05, 1.0000e+00])"),
    ([1000.0, 1.0], "tensor([1000.,    1.])"),
    ([1001.0, 1.0], "tensor([1.0010e+03, 1.0000e+00])"),
    ([1e-4], "tensor([1.0000e-04])"),
    ([1e8], "tensor([100000000.])"),
    ([1.1e8], "tensor([1.1000e+08])"),
    ([-1.5, 2.0], "tensor([-1.5000,  2.0000])"),
    (1e9, "tensor(1.0000e+09)"),
    (NAN, "tensor(nan)"),
    (0.0, "tensor(0.)"),
    ([[-1, 2], [3, -4]], "tensor([[-1,  2],\n        [ 3, -4]])"),
    ([2**62, -1], "tensor([4611686018427387904,                  -1])"),
    ([True, False], "tensor([ True, False])"),
    (True, "tensor(True)"),
    ([], "tensor([])"),
    ([[[0.0]]], "tensor([[[0.]]])"),
    ([1 + 2j, 3 - 4j], "tensor([1.+2.j, 3.-4.j])"),
    ([1.5 + 2j, NAN - 4j], "tensor([1.5000+2.j,    nan-4.j])"),
    ([1.5 + 2j, -3 - 4.25j], "tensor([ 1.5000+2.0000j, -3.0000-4.2500j])"),
    (1e-5 + 1j, "tensor(1.0000e-05+1.j)"),
]


@pytest.mark.parametrize(("values", "text"), VALUES, ids=[text for _, text in VALUES])
def test_values(values, text):
    assert repr(ember.tensor(values)) == text
    assert str(ember.tensor(values)) == text


def test_dtypes_and_empty_tensors():
    assert repr(ember.ones(2, dtype=ember.float16)) == "tensor([1., 1.], dtype=torch.float16)"
    assert repr(ember.ones(2, dtype=ember.uint8)) == "tensor([1, 1], dtype=torch.uint8)"
    assert repr(ember.zeros(2, dtype=ember.complex128)) == "tensor([0.+0.j, 0.+0.j], dtype=torch.complex128)"
    assert repr(ember.empty(0, 3)) == "tensor([], size=(0, 3))"
    assert repr(ember.empty(2, 0, 3)) == "tensor([], size=(2, 0, 3))"
    assert repr(ember.empty(0, dtype=ember.int64)) == "tensor([], dtype=torch.int64)"
    assert repr(ember.empty(0, 3, dtype=ember.float64)) == "tensor([], size=(0, 3), dtype=torch.float64)"


def test_default_dtype():
    ember.set_default_dtype(ember.float64)
    try:
        assert repr(ember.ones(1)) == "tensor([1.])"
        assert repr(ember.ones(1, dtype=ember.float32)) == "tensor([1.], dtype=torch.float32)"
        assert repr(ember.ones(1, dtype=ember.complex128)) == "tensor([1.+0.j])"
        assert repr(ember.ones(1, dtype=ember.complex64)) == "tensor([1.+0.j], dtype=torch.complex64)"
    finally:
        ember.set_default_dtype(ember.float32)


def test_gradients():
    x = ember.ones(2, requires_grad=True)
    assert repr(x) == "tensor([1., 1.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 2.], grad_fn=<MulBackward0>)"
    assert repr(x.sum()) == "tensor(2., grad_fn=<SumBackward0>)"
    assert repr(x.detach()) == "tensor([1., 1.])"


def test_parameters_and_subclasses():
    assert repr(nn.Parameter(ember.ones(2))) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert repr(nn.Parameter(ember.ones(2), False)) == "Parameter containing:\ntensor([1., 1.])"

    class Kind(ember.Tensor):
        pass

    class Weight(nn.Parameter):
        pass

    assert repr(ember.ones(3).as_subclass(Kind)) == "Kind([1., 1., 1.])"
    assert repr(Weight(ember.ones(2))) == "Parameter containing:\nParameter(Weight([1., 1.], requires_grad=True))"


def test_meta():
    assert repr(ember.zeros(2, 3, device="meta")) == "tensor(..., device='meta', size=(2, 3))"
    assert repr(ember.zeros(0, device="meta", dtype=ember.int64)) == (
        "tensor(..., device='meta', size=(0,), dtype=torch.int64)"
    )
    assert repr(ember.zeros(2, 3, device="meta", dtype=ember.float64, requires_grad=True)) == (
        "tensor(..., device='meta', size=(2, 3), dtype=torch.float64,\n       requires_grad=True)"
    )


def test_large_tensors_show_their_edges():
    assert repr(ember.arange(2000)) == "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"
    assert repr(ember.arange(2000).reshape(2, 1000)) == (
        "tensor([[   0,    1,    2,  ...,  997,  998,  999],\n        [1000, 1001, 1002,  ..., 1997, 1998, 1999]])"
    )
    assert (
        repr(ember.arange(1001.0) / 7) == "tensor([  0.0000,   0.1429,   0.2857,  ..., 142.5714, 142.7143, 142.8571])"
    )
    text = repr(ember.ones(20, 20, 20))
    assert text.count("1.") == 6**3
    assert text.count("\n\n        ...,\n\n") == 1


def test_printing_reads_only_what_it_shows():
    huge = ember.zeros(1).expand(1 << 40)
    assert repr(huge) == "tensor([0., 0., 0.,  ..., 0., 0., 0.])"


def test_lines_break_at_the_width():
    text = repr(ember.ones(30, dtype=ember.bfloat16) / 3)
    assert text.splitlines()[0] == "tensor([" + "0.3340, " * 8 + "0.3340,"
    assert text.splitlines()[-1] == "        0.3340, 0.3340, 0.3340], dtype=torch.bfloat16)"
    with printoptions(linewidth=10):
        assert repr(ember.tensor([1.5, 2.5])) == "tensor([1.5000,\n        2.5000])"


def test_options():
    with printoptions(precision=2):
        assert repr(ember.tensor([1.234])) == "tensor([1.23])"
    with printoptions(sci_mode=True):
        assert repr(ember.tensor([1.5, 2.0, NAN])) == "tensor([1.5000e+00, 2.0000e+00,        nan])"
        assert repr(ember.tensor([1 + 2j])) == "tensor([1.0000e+00+2.0000e+00j])"
        assert repr(ember.arange(3)) == "tensor([0, 1, 2])"
    with printoptions(sci_mode=False):
        assert repr(ember.tensor([1e-9, 1e10])) == "tensor([          0.0000, 10000000000.0000])"
    with printoptions(threshold=5, edgeitems=1):
        assert repr(ember.arange(20.0)) == "tensor([ 0.,  ..., 19.])"
        assert repr(ember.arange(8.0).reshape(4, 2)) == "tensor([[0., 1.],\n        ...,\n        [6., 7.]])"
    with printoptions(threshold=5, edgeitems=0):
        assert repr(ember.zeros(4, 5)) == "tensor([...], size=(4, 5))"
        assert repr(ember.zeros(3)) == "tensor([0., 0., 0.], size=(3,))"
    with printoptions(profile="short"):
        assert get_printoptions()["precision"] == get_printoptions()["edgeitems"] == 2
        assert repr(ember.tensor([1.234])) == "tensor([1.23])"
    with printoptions(profile="full"):
        assert "..." not in repr(ember.arange(2000))
    assert get_printoptions() == {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}
    with pytest.raises(TypeError):
        ember.set_printoptions(colour=True)


def test_format():
    assert f"{ember.tensor(1.5):.3f}" == "1.500"
    assert f"{ember.tensor(2):>4}" == "   2"
    assert f"{ember.tensor([1.0])}" == "tensor([1.])"
    for tensor in (ember.tensor([1.0]), nn.Parameter(ember.tensor(1.0))):
        with pytest.raises(TypeError):
            format(tensor, ".2f")


# ---- finfo and iinfo ----


def test_finfo():
    info = ember.finfo(ember.float32)
    assert repr(info) == (
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, "
        "tiny=1.17549e-38, dtype=float32)"
    )
    assert (info.bits, info.dtype, info.max, info.eps) == (32, "float32", 3.4028234663852886e38, 2.0**-23)
    assert ember.finfo(ember.bfloat16).max == 3.3895313892515355e38
    assert ember.finfo(ember.float16).tiny == 6.103515625e-05
    assert ember.finfo() == ember.finfo(ember.float32) == ember.finfo(ember.complex64) != ember.finfo(ember.float64)
    with pytest.raises(TypeError, match="iinfo"):
        ember.finfo(ember.int32)
    with pytest.raises(TypeError, match=r"must be torch\.dtype, not str"):
        ember.finfo("float32")
    with pytest.raises(AttributeError):
        info.max = 1


def test_iinfo():
    assert repr(ember.iinfo(ember.int64)) == "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)"
    assert [ember.iinfo(dtype).max for dtype in (ember.uint8, ember.int8, ember.int64)] == [255, 127, 2**63 - 1]
    assert ember.iinfo(ember.int16).min == -(2**15)
    for dtype in (ember.float32, ember.bool):
        with pytest.raises(TypeError):
            ember.iinfo(dtype)
    with pytest.raises(TypeError):
        ember.iinfo()

"""Views: values against NumPy, the same memory, gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest

import ember
from ember.autograd import gradcheck, gradgradcheck

A = np.arange(1, 25, dtype=np.float64).reshape(2, 3, 4)
windows = np.lib.stride_tricks.sliding_window_view

# name: what Ember shows, what NumPy shows. Each is a view.
VIEWS = {
    "view": (lambda x: x.view(6, -1), lambda a: a.reshape(6, 4)),
    "view splits and joins": (
        lambda x: x.transpose(0, 1).view(3, 2, 2, 2),
        lambda a: a.swapaxes(0, 1).reshape(3, 2, 2, 2),
    ),
    "reshape": (lambda x: x.reshape(4, 6), lambda a: a.reshape(4, 6)),
    "flatten": (lambda x: x.flatten(1), lambda a: a.reshape(2, 12)),
    "unflatten": (lambda x: x.unflatten(-1, (2, -1)), lambda a: a.reshape(2, 3, 2, 2)),
    "squeeze": (lambda x: x[:1].squeeze(0), lambda a: a[0]),
    "unsqueeze": (lambda x: x.unsqueeze(-2), lambda a: a[:, :, None]),
    "expand": (lambda x: x[:, :1].expand(5, -1, 3, 4), lambda a: np.broadcast_to(a[:, :1], (5, 2, 3, 4))),
    "permute": (lambda x: x.permute(2, 0, 1), lambda a: a.transpose(2, 0, 1)),
    "transpose": (lambda x: x.transpose(-1, 0), lambda a: a.swapaxes(-1, 0)),
    "t": (lambda x: x[0].t(), lambda a: a[0].T),
    "movedim": (lambda x: x.movedim((0, 1), (2, 0)), lambda a: np.moveaxis(a, (0, 1), (2, 0))),
    "T": (lambda x: x.T, lambda a: a.T),
    "mT": (lambda x: x.mT, lambda a: a.swapaxes(-1, -2)),
    "select": (lambda x: x.select(1, -1), lambda a: a[:, -1]),
    "slice": (lambda x: x[:, 1:, ::3], lambda a: a[:, 1:, ::3]),
    "narrow": (lambda x: x.narrow(2, -3, 2), lambda a: a[:, :, 1:3]),
    "diagonal": (lambda x: x.diagonal(1, 1, 2), lambda a: a.diagonal(1, 1, 2)),
    "diagonal below": (lambda x: x.diagonal(-1, 2, 0), lambda a: a.diagonal(-1, 2, 0)),
    "unfold": (lambda x: x.unfold(2, 2, 1), lambda a: windows(a, 2, 2)),
    "unfold apart": (lambda x: x.unfold(2, 2, 2), lambda a: windows(a, 2, 2)[:, :, ::2]),
    "as_strided": (lambda x: x.as_strided((3, 2), (2, 5), 4), lambda a: np.array([[5, 10], [7, 12], [9, 14]])),
    "unbind": (lambda x: x.unbind(2)[1], lambda a: a[:, :, 1]),
    "split": (lambda x: x.split(3, 2)[1], lambda a: a[:, :, 3:]),
    "split in sizes": (lambda x: x.split([1, 2], 1)[1], lambda a: a[:, 1:]),
    "chunk": (lambda x: x.chunk(3, 2)[1], lambda a: a[:, :, 2:]),
    "tensor_split": (lambda x: x.tensor_split(3, 2)[0], lambda a: a[:, :, :2]),
    "hsplit": (lambda x: x.hsplit((1,))[1], lambda a: a[:, 1:]),
}


@pytest.mark.parametrize("show, expect", VIEWS.values(), ids=VIEWS)
def test_values_and_memory(show, expect):
    x = ember.from_numpy(A.copy())
    shown = show(x)
    np.testing.assert_array_equal(shown.numpy(), expect(A))
    assert shown._base is x
    assert shown.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    if not any(size > 1 and stride == 0 for size, stride in zip(shown.shape, shown.stride(), strict=True)):
        before = x._version
        shown.zero_()
        assert x._version > before
        assert (x == 0).sum().item() == len(np.unique(expect(A)))


@pytest.mark.parametrize("show", [show for show, _ in VIEWS.values()], ids=VIEWS)
@pytest.mark.parametrize("layout", ["dense", "transposed", "offset"])
def test_gradients(show, layout):
    made = {
        "dense": lambda x: x * 1,
        "transposed": lambda x: (x.transpose(0, 2) * 1).transpose(0, 2),
        "offset": lambda x: ember.cat([x, x])[1:3] if show is not VIEWS["as_strided"][0] else x * 1,
    }[layout]

    def function(x):
        try:
            return show(made(x)) ** 2
        except RuntimeError as error:  # a view of dims that do not run on
            assert "not compatible" in str(error)
            return x**2

    x = ember.from_numpy(np.random.default_rng(0).standard_normal(A.shape)).requires_grad_()
    assert gradcheck(function, (x,))
    assert gradgradcheck(function, (x,))


def test_gradient_of_some_pieces():
    x = ember.arange(6.0, requires_grad=True)
    first, _, last = x.split(2)
    (first.sum() * 2 + last.sum() * 3).backward()
    assert x.grad.tolist() == [2, 2, 0, 0, 3, 3]


def test_change_of_a_view_reaches_the_gradient():
    x = ember.ones(2, 3, requires_grad=True)
    y = x * 2
    column = y[:, 1]
    column.mul_(5)
    y[0, 0] = 7
    (y * y).sum().backward()
    assert x.grad.tolist() == [[0, 200, 8], [8, 200, 8]]


def test_second_derivative_through_a_changed_view():
    x = ember.from_numpy(A * 0.1).requires_grad_()
    w = ember.from_numpy(A[:, :, :2] * 0.2).requires_grad_()

    def function(x, w):
        y = x * 1
        y[..., ::2].mul_(w)
        return y**2

    assert gradcheck(function, (x, w))
    assert gradgradcheck(function, (x, w))


def test_as_strided_counts_from_the_storage():
    x = ember.arange(10.0)[3:]
    assert x.as_strided((2,), (1,)).tolist() == [3, 4]
    assert x.as_strided((2,), (1,), 1).tolist() == [1, 2]
    leaf = ember.arange(10.0, requires_grad=True)
    part = (leaf * 1)[3:]
    part.as_strided((2,), (2,), 4).sum().backward()
    assert leaf.grad.nonzero().flatten().tolist() == [4, 6]


def test_dtype_views():
    x = ember.tensor([1.0, -2.0])
    assert x.view(ember.int32).tolist() == [0x3F800000, -0x40000000]
    assert x.view(ember.uint8).shape == (8,)
    assert ember.tensor([1, 2], dtype=ember.int32).view(ember.int64).tolist() == [(2 << 32) + 1]
    with pytest.raises(RuntimeError, match="divisible by 2"):
        ember.zeros(3).view(ember.float64)


def test_complex_views():
    z = ember.tensor([[1 + 2j, 3 - 4j]])
    assert ember.view_as_real(z).tolist() == [[[1, 2], [3, -4]]]
    assert ember.view_as_complex(ember.tensor([[1.0, 2.0]])).tolist() == [1 + 2j]
    z.imag = ember.zeros(1, 2)
    assert z.tolist() == [[1, 3]]
    assert (1j * z).conj().imag.tolist() == [[-1, -3]]
    w = ember.randn(3, dtype=ember.complex128, requires_grad=True)
    for function in (ember.view_as_real, ember.real, ember.imag, ember.conj, lambda w: w.real * w.imag):
        assert gradcheck(function, (w,))


def test_empty_and_scalars():
    empty = ember.zeros(0, 3)
    assert empty.view(-1).shape == (0,)
    assert empty.view(3, 0).shape == (3, 0)
    assert empty.unbind(0) == ()
    assert [piece.shape for piece in empty.split(2)] == [(0, 3)]
    scalar = ember.tensor(2.0)
    assert scalar.expand(2, 2).tolist() == [[2, 2], [2, 2]]
    assert scalar.unsqueeze(0).shape == scalar.flatten().shape == scalar.reshape(1).shape == (1,)
    assert scalar.squeeze().shape == scalar.t().shape == ()
    empty.requires_grad_().unbind(0)  # nothing to attach a gradient to


def test_meta():
    x = ember.empty(2, 3, 4, device="meta")
    for show, expect in VIEWS.values():
        assert show(x).shape == expect(A).shape


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda x: x.view(5), RuntimeError, r"shape '\[5\]' is invalid for input of size 24"),
        (lambda x: x.view(-1, -1), RuntimeError, "only one dimension can be inferred"),
        (lambda x: x.view(-2, 3), RuntimeError, "invalid shape dimension -2"),
        (lambda x: x.transpose(0, 1).view(24), RuntimeError, r"Use \.reshape"),
        (lambda x: x.expand(4), RuntimeError, "fewer dimensions"),
        (lambda x: x.expand(2, 3, 5), RuntimeError, "does not expand to 5"),
        (lambda x: x.select(1, 3), IndexError, "index 3 out of range"),
        (lambda x: x.narrow(1, 2, 2), RuntimeError, "exceeds dimension size"),
        (lambda x: x.permute(0, 1), RuntimeError, "does not match the length"),
        (lambda x: x.permute(0, 0, 1), RuntimeError, "appears multiple times"),
        (lambda x: x.t(), RuntimeError, "expects a tensor with <= 2"),
        (lambda x: x.unsqueeze(5), IndexError, r"expected \[-4, 3\]"),
        (lambda x: x.diagonal(0, 1, 1), RuntimeError, "cannot be identical"),
        (lambda x: x.unfold(2, 5, 1), RuntimeError, "maximum size"),
        (lambda x: x.as_strided((30,), (1,)), RuntimeError, "out of bounds for storage"),
        (lambda x: x.split([1, 1], 1), RuntimeError, "sum exactly to 3"),
        (lambda x: x.unflatten(2, (3, 2)), RuntimeError, "don't multiply up"),
        (lambda x: ember.view_as_complex(x), RuntimeError, "last dimension of size 2"),
        (lambda x: x.imag, RuntimeError, "non-complex"),
        (lambda x: ember.broadcast_shapes((2,), (3,)), RuntimeError, "Shape mismatch"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(ember.zeros(2, 3, 4))


def test_broadcasting_helpers():
    assert ember.broadcast_shapes((2, 1), (3,), 1) == (2, 3)
    a, b = ember.broadcast_tensors(ember.zeros(3), ember.zeros(2, 1))
    assert a.shape == b.shape == (2, 3)
    assert ember.atleast_2d(ember.tensor(1.0)).shape == (1, 1)
    assert [x.shape for x in ember.atleast_3d(ember.zeros(2), ember.zeros(2, 3))] == [(1, 2, 1), (2, 3, 1)]


def test_split_takes_the_names_of_function_and_method():
    x = ember.arange(6)
    for pieces in (x.split(split_size=4), ember.split(tensor=x, split_size_or_sections=4), x.split(split_size=[4, 2])):
        assert [piece.tolist() for piece in pieces] == [[0, 1, 2, 3], [4, 5]]


def test_tensor_split_takes_the_names_of_its_forms():
    x = ember.arange(7)
    for pieces in (
        x.tensor_split(indices=(1, 3)),
        ember.tensor_split(x, ember.tensor([1, 3])),
        x.hsplit(indices=[1, 3]),
    ):
        assert [piece.tolist() for piece in pieces] == [[0], [1, 2], [3, 4, 5, 6]]
    assert [len(piece) for piece in x.tensor_split(sections=3)] == [3, 2, 2]
    for call in (lambda: x.tensor_split(), lambda: x.tensor_split(3, sections=3)):
        with pytest.raises(TypeError, match="of indices and sections are given; expected one"):
            call()


# ---- views of one tensor, read and written at once ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ((slice(None), slice(2, 4)), (slice(None), slice(0, 2))),  # beside each other
        ((slice(None), slice(1, 4)), (slice(None), slice(0, 3))),  # across each other
        ((slice(None),), (slice(None), slice(0, 1))),  # a part of it
        ((slice(0, 1), slice(1, 4)), (slice(1, 2), slice(0, 3))),
    ],
)
def test_in_place_across_views_of_one_tensor(written, read):
    """What is read is what was there before."""
    a = np.arange(1.0, 13).reshape(3, 4)
    expected = a.copy()
    expected[written] *= a[read]
    x = ember.tensor(a, requires_grad=True)
    y = x.clone()
    y[written].mul_(y[read])
    np.testing.assert_array_equal(y.detach(), expected)

    def apart(x):
        y = x.clone()
        y[written].mul_(y[read].clone())
        return y

    def across(x):
        y = x.clone()
        y[written].mul_(y[read])
        return y

    weights = ember.arange(12.0, dtype=ember.float64).reshape(3, 4)
    assert ember.equal(ember.autograd.grad(across(x), x, weights)[0], ember.autograd.grad(apart(x), x, weights)[0])
    z = ember.tensor(a)
    ember.mul(z[read], 2, out=z[read])
    assert ember.equal(z[read], 2 * ember.tensor(a)[read])


def test_dense_views_that_share_elements_are_refused():
    x = ember.ones(3, 3)
    for call in (lambda: x[1:].add_(x[:-1]), lambda: x.add_(x.t()), lambda: ember.add(x[:2], 1, out=x[1:])):
        with pytest.raises(RuntimeError, match="single memory location"):
            call()
    assert x.add_(x).sum() == 18 and x[1:].add_(x[:1]).sum() == 24

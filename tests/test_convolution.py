"""Convolutions against loops over the kernel in NumPy; what lies channels-last behind row-major strides."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys

import numpy as np
import pytest

import ember
import ember.nn.functional as F
from ember import nn
from ember.autograd import gradcheck, gradgradcheck

# dims, channels, outputs, groups, size, kernel, stride, padding, dilation
CASES = [
    (1, 3, 4, 1, (9,), (3,), (1,), (0,), (1,)),
    (1, 4, 6, 2, (11,), (4,), (2,), (3,), (2,)),
    (2, 3, 5, 1, (8, 7), (3, 3), (1, 1), (1, 1), (1, 1)),
    (2, 2, 3, 1, (6, 9), (2, 3), (2, 3), (0, 2), (1, 2)),
    (2, 6, 4, 2, (5, 5), (3, 1), (2, 1), (2, 0), (1, 1)),
    (2, 16, 16, 16, (6, 6), (3, 3), (1, 1), (1, 1), (1, 1)),  # depthwise
    (2, 3, 4, 1, (5, 5), (5, 5), (1, 1), (0, 0), (1, 1)),  # one position
    (2, 1, 1, 1, (4, 4), (1, 1), (1, 1), (0, 0), (1, 1)),
    (3, 2, 3, 1, (4, 5, 6), (2, 3, 2), (1, 2, 1), (1, 0, 1), (1, 1, 2)),
]


def positions(size, kernel, stride, padding, dilation):
    """For each element of the kernel: where it meets the padded input, as a slice of each spatial dim."""
    counts = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    ]
    for at in itertools.product(*map(range, kernel)):
        yield (
            at,
            tuple(
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, n, s in zip(at, dilation, counts, stride, strict=True)
            ),
        )


def convolved(x, w, b, stride, padding, dilation, groups):
    """y[n, o] by definition, in double precision."""
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    rows, columns = w.shape[0] // groups, w.shape[1]
    result = 0
    for at, where in positions(x.shape[2:], w.shape[2:], stride, padding, dilation):
        part = padded[(slice(None), slice(None), *where)]
        blocks = [
            np.einsum(
                "nc...,oc->no...",
                part[:, g * columns : (g + 1) * columns],
                w[(slice(g * rows, (g + 1) * rows), slice(None), *at)],
            )
            for g in range(groups)
        ]
        result = result + np.concatenate(blocks, 1)
    return result if b is None else result + b.reshape(-1, *(1,) * (x.ndim - 2))


def spread(x, w, b, size, stride, padding, dilation, groups):
    """The transpose of `convolved`, by definition: each element of x adds a scaled kernel."""
    rows, columns = w.shape[0] // groups, w.shape[1]
    padded = np.zeros((x.shape[0], columns * groups, *(n + 2 * p for n, p in zip(size, padding, strict=True))))
    for at in itertools.product(*map(range, w.shape[2:])):
        for g in range(groups):
            part = np.einsum(
                "no...,oc->nc...",
                x[:, g * rows : (g + 1) * rows],
                w[(slice(g * rows, (g + 1) * rows), slice(None), *at)],
            )
            for i in itertools.product(*map(range, x.shape[2:])):
                to = tuple(a * d + j * s for a, d, j, s in zip(at, dilation, i, stride, strict=True))
                padded[(slice(None), slice(g * columns, (g + 1) * columns), *to)] += part[(..., *i)]
    inner = tuple(slice(p, p + n) for n, p in zip(size, padding, strict=True))
    result = padded[(slice(None), slice(None), *inner)]
    return result if b is None else result + b.reshape(-1, *(1,) * (x.ndim - 2))


def draw(case, images=2):
    _, channels, outputs, groups, size, kernel, stride, padding, dilation = case
    random = np.random.default_rng(0)
    x = random.standard_normal((images, channels, *size))
    w = random.standard_normal((outputs, channels // groups, *kernel))
    return x, w, random.standard_normal(outputs), stride, padding, dilation, groups


def tolerance_of(dtype, w):
    """Each element is a sum of so many products of numbers around 1."""
    return ember.finfo(dtype).eps * 8 * w[0].size


@pytest.mark.parametrize("dtype", [ember.float64, ember.float32, ember.bfloat16, ember.float16])
@pytest.mark.parametrize("case", CASES)
def test_values(case, dtype):
    x, w, b, stride, padding, dilation, groups = draw(case)
    conv = getattr(F, f"conv{case[0]}d")
    tensors = [ember.from_numpy(each).to(dtype) for each in (x, w, b)]
    exact = [each.double().numpy() for each in tensors]
    for with_bias in (True, False):
        y = conv(tensors[0], tensors[1], tensors[2] if with_bias else None, stride, padding, dilation, groups)
        expected = convolved(exact[0], exact[1], exact[2] if with_bias else None, stride, padding, dilation, groups)
        assert y.dtype is dtype and y.is_contiguous()
        tolerance = tolerance_of(dtype, w)
        np.testing.assert_allclose(y.double().numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [ember.float64, ember.float32])
@pytest.mark.parametrize("case", CASES)
def test_transposed_values(case, dtype):
    dims, channels, outputs, groups, size, kernel, stride, padding, dilation = case
    random = np.random.default_rng(0)
    x = random.standard_normal((2, outputs, *size))
    w = random.standard_normal((outputs, channels // groups, *kernel))
    b = random.standard_normal(channels)
    conv = getattr(F, f"conv_transpose{dims}d")
    for more in {(0,) * dims, tuple(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))}:
        result = [
            (n - 1) * s - 2 * p + d * (k - 1) + m + 1
            for n, s, p, d, k, m in zip(size, stride, padding, dilation, kernel, more, strict=True)
        ]
        if min(result) < 1:
            continue
        tensors = [ember.from_numpy(each).to(dtype) for each in (x, w, b)]
        exact = [each.double().numpy() for each in tensors]
        y = conv(*tensors, stride, padding, more, groups, dilation)
        tolerance = tolerance_of(dtype, w) * outputs
        expected = spread(*exact, result, stride, padding, dilation, groups)
        np.testing.assert_allclose(y.double().numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("case", CASES)
def test_gradients(case):
    x, w, b, stride, padding, dilation, groups = draw(case, images=1)
    tensors = [ember.from_numpy(each).requires_grad_() for each in (x, w, b)]
    conv = getattr(F, f"conv{case[0]}d")
    assert gradcheck(lambda x, w, b: conv(x, w, b, stride, padding, dilation, groups), tensors)


@pytest.mark.parametrize("case", [CASES[1], CASES[3]])
def test_second_and_transposed_gradients(case):
    x, w, b, stride, padding, dilation, groups = draw(case, images=1)
    dims = case[0]
    tensors = [ember.from_numpy(each).requires_grad_() for each in (x, w, b)]
    conv = getattr(F, f"conv{dims}d")
    assert gradgradcheck(lambda x, w, b: conv(x, w, b, stride, padding, dilation, groups), tensors)
    turned = getattr(F, f"conv_transpose{dims}d")
    x = ember.randn(1, case[2], *(3,) * dims, dtype=ember.float64, requires_grad=True)
    b = ember.randn(case[1], dtype=ember.float64, requires_grad=True)
    more = tuple(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))

    def call(x, w, b):
        return turned(x, w, b, stride, 0, more, groups, dilation)

    assert gradcheck(call, (x, tensors[1], b)) and gradgradcheck(call, (x, tensors[1], b))


@pytest.mark.parametrize("dtype", [ember.float64, ember.float32])
def test_layouts_agree(dtype):
    x = ember.randn(2, 6, 7, 5).to(dtype)
    w, b = ember.randn(4, 6, 3, 3).to(dtype), ember.randn(4).to(dtype)
    expected = F.conv2d(x, w, b, padding=1)
    last = x.contiguous(memory_format=ember.channels_last)
    strided = ember.zeros(2, 6, 14, 5, dtype=dtype)[:, :, ::2].copy_(x)
    for each in (
        last,
        strided,
        x.transpose(2, 3).contiguous().transpose(2, 3),
        F.conv2d(x, ember.eye(6).to(dtype)[..., None, None]),
    ):
        assert ember.equal(F.conv2d(each, w, b, padding=1), expected)
    assert F.conv2d(last, w).is_contiguous(memory_format=ember.channels_last)
    assert F.conv2d(x, w.contiguous(memory_format=ember.channels_last)).is_contiguous(memory_format=ember.channels_last)
    wide = w.transpose(0, 1).contiguous().transpose(0, 1)
    assert ember.equal(F.conv2d(x, wide, b, padding=1), expected)
    one, alone = F.conv2d(x[0], w, b), F.conv2d(x[:1], w, b)[0]
    assert ember.equal(one, alone) and one.shape == (4, 5, 3)


def activation():
    """Lies channels-last behind row-major strides; and the same numbers row-major: integers, so that both are exact."""
    x, w = ember.randint(-4, 5, (2, 3, 4, 5)).float(), ember.randint(-2, 3, (6, 3, 1, 1)).float()
    plain = (x.permute(0, 2, 3, 1).reshape(-1, 3) @ w.reshape(6, 3).T).reshape(2, 4, 5, 6).permute(0, 3, 1, 2)
    return F.conv2d(x, w), plain.contiguous()


LOOKS = {
    "view": lambda t: t.view(2, -1),
    "flatten a part": lambda t: t.flatten(2) + 0,
    "index": lambda t: t[1, 2],
    "mask": lambda t: t[t > 0].sum(),
    "numpy": lambda t: ember.from_numpy(t.numpy().copy()),
    "list": lambda t: ember.tensor(t.tolist()),
    "transpose": lambda t: t.transpose(1, 3) * 2,
    "permute": lambda t: t.permute(0, 2, 3, 1).contiguous(),
    "sum": lambda t: t.sum((2, 3)),
    "mean over all": lambda t: t.mean(),
    "max": lambda t: t.max(1).indices,
    "relu": lambda t: F.relu(t),
    "mixed": lambda t: F.relu(t) + t.clone().view(2, 6, 4, 5),
    "broadcast": lambda t: t * ember.arange(6.0).view(6, 1, 1),
    "cast": lambda t: t.double() + 1,
    "cat": lambda t: ember.cat([t, t], 1),
    "where": lambda t: ember.where(t > 0, t, 0 * t),
    "matmul": lambda t: t @ ember.ones(5, 2),
    "softmax": lambda t: t.softmax(1),
    "in place": lambda t: t.clone().relu_().add_(1).mul_(t),
    "in place through a view": lambda t: t.clone().view(2, -1).mul_(2).view(2, 6, 4, 5),
    "write a part": lambda t: t.clone().index_fill_(1, ember.tensor([1]), 3.0),
    "out": lambda t: ember.mul(t, 2, out=t.clone()),
    "copy": lambda t: ember.zeros(2, 6, 4, 5).copy_(t),
    "data": lambda t: t.data + 1,
    "detach": lambda t: t.detach().view(-1),
    "channels_last": lambda t: t.contiguous(memory_format=ember.channels_last) + 1,
    "norm": lambda t: F.batch_norm(t, None, None, training=True),
    "other dtype": lambda t: t.view(ember.int32),
    "as_strided": lambda t: t.as_strided((3, 4), (4, 1)),
    "storage": lambda t: ember.tensor(list(t.untyped_storage())[:64]),
    "expand": lambda t: t[:, :1].expand(2, 3, 4, 5).sum(1),
    "conv": lambda t: F.conv2d(t, ember.ones(1, 6, 3, 3)),
    "resize": lambda t: t.clone().resize_(2, 7, 4, 5)[:, :6].reshape(-1)[:100],
    "set": lambda t: ember.empty(0).set_(t),
}


@pytest.mark.parametrize("look", LOOKS)
def test_hidden_order_is_never_seen(look):
    hidden, plain = activation()
    assert hidden.stride() == plain.stride() and hidden.is_contiguous()
    seen, expected = LOOKS[look](hidden), LOOKS[look](plain)
    assert seen.shape == expected.shape and seen.stride() == expected.stride()
    if look in ("softmax", "norm"):
        np.testing.assert_allclose(seen.numpy(), expected.numpy(), rtol=1e-6, atol=1e-6)
    else:
        assert ember.equal(seen, expected)
    assert ember.equal(hidden, plain) and hidden.tolist() == plain.tolist()


def parts(t):
    """Of one memory: the first is a whole of its own in either order, the second is not."""
    return t[:1], t[1:]


def gradients_of_parts(function):
    def found(t):
        leaf = t.requires_grad_()
        return ember.autograd.grad(function(*parts(leaf * 1)).sin().sum(), leaf)[0]

    return found


PARTS = {
    "sub": lambda t: ember.sub(*parts(t)),
    "the other way": lambda t: ember.sub(*reversed(parts(t))),
    "where": lambda t: ember.where(t[:1] > 0, *reversed(parts(t))),
    "cat": lambda t: ember.cat(parts(t), 1),
    "stack": lambda t: ember.stack(parts(t)),
    "in place": lambda t: ember.cat([t[:1].clone(), t.clone()[:1].mul_(t[1:])]),
    "of one": lambda t: (lambda y: (y[:1].mul_(y[1:]), y)[1])(t.clone()),
    "copy": lambda t: (lambda y: (y[:1].copy_(y[1:]), y)[1])(t.clone()),
    "out": lambda t: (lambda y: (ember.add(*parts(t), out=y[1:]), y)[1])(t.clone()),
    "reduction": lambda t: t[1:].sum(1) - t[:1].sum(1),
    "gradient of div": gradients_of_parts(ember.div),
    "gradient of mul": gradients_of_parts(ember.mul),
    "gradient of where": gradients_of_parts(lambda x, y: ember.where(x > y, x * y, y)),
}


@pytest.mark.parametrize("look", PARTS)
def test_parts_of_a_hidden_order_are_read_together(look):
    hidden, plain = activation()
    assert ember.allclose(PARTS[look](hidden), PARTS[look](plain), rtol=1e-6, equal_nan=True)  # 0 / 0
    assert ember.equal(hidden, plain)


def test_hidden_order_through_files_and_dlpack():
    hidden, plain = activation()
    file = io.BytesIO()
    ember.save({"x": hidden}, file)
    file.seek(0)
    assert ember.load(file)["x"].tolist() == plain.tolist()
    hidden, plain = activation()
    assert ember.from_dlpack(hidden).tolist() == plain.tolist()
    hidden, plain = activation()
    assert hidden.data_ptr() == hidden.view(-1).data_ptr()


def test_gradients_through_hidden_orders():
    x = ember.randn(2, 3, 6, 6, dtype=ember.float64, requires_grad=True)
    w = ember.randn(4, 3, 3, 3, dtype=ember.float64, requires_grad=True)
    v = ember.randn(2, 4, 3, 3, dtype=ember.float64, requires_grad=True)

    def net(x, w, v):
        y = F.conv2d(x, w, padding=1)
        y = F.batch_norm(F.silu(y) * y.mean((2, 3), keepdim=True), None, None, training=True)
        y = F.conv2d(y, v, stride=2).tanh()
        return (y.view(2, -1) ** 2).sum(1)

    assert gradcheck(net, (x, w, v)) and gradgradcheck(net, (x, w, v))


def test_saved_activations_survive_being_laid_out():
    x = ember.randn(2, 3, 4, 4)
    w = ember.randn(5, 3, 3, 3, requires_grad=True)
    y = F.conv2d(x, w, padding=1)
    z = y.sigmoid()  # saves its result
    z.view(-1)  # which is laid out as users see it
    z.sum().backward()
    first = w.grad.clone()
    w.grad = None
    F.conv2d(x, w, padding=1).sigmoid().sum().backward()
    np.testing.assert_allclose(first.numpy(), w.grad.numpy(), rtol=1e-5, atol=1e-5)


def test_padding():
    x, w = ember.randn(1, 2, 8, 9), ember.randn(3, 2, 4, 3)
    same = F.conv2d(x, w, padding="same", dilation=(1, 2))
    assert same.shape == (1, 3, 8, 9)
    padded = F.pad(x, (2, 2, 1, 2))
    assert ember.equal(same, F.conv2d(padded, w, dilation=(1, 2)))
    assert ember.equal(F.conv2d(x, w, padding="valid"), F.conv2d(x, w))
    for mode in ("reflect", "replicate", "circular"):
        layer = nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode=mode)
        expected = F.conv2d(F.pad(x, (2, 2, 1, 1), mode=mode), layer.weight, layer.bias)
        assert ember.equal(layer(x), expected)


def test_other_types():
    x, w = ember.arange(50).view(1, 2, 5, 5), ember.arange(-9, 9).view(1, 2, 3, 3)
    assert ember.equal(F.conv2d(x, w), F.conv2d(x.double(), w.double()).long())
    x, w = ember.randn(1, 2, 5, dtype=ember.complex128), ember.randn(3, 2, 2, dtype=ember.complex128)
    expected = convolved(x.numpy(), w.numpy(), None, (1,), (0,), (1,), 1)
    np.testing.assert_allclose(F.conv1d(x, w).numpy(), expected, rtol=1e-13, atol=1e-13)
    assert F.conv2d(ember.zeros(1, 2, 5, 5, device="meta"), ember.zeros(3, 2, 2, 2, device="meta")).shape == (
        1,
        3,
        4,
        4,
    )


def test_empty_batches():
    w = ember.ones(3, 2, 2, 2, requires_grad=True)
    x = ember.zeros(0, 2, 4, 4, requires_grad=True)
    y = F.conv2d(x, w)
    y.sum().backward()
    assert (
        y.shape == (0, 3, 3, 3) and x.grad.shape == (0, 2, 4, 4) and w.grad.tolist() == ember.zeros(3, 2, 2, 2).tolist()
    )


def test_autocast_computes_in_the_lower_type():
    with ember.autocast("cpu", dtype=ember.bfloat16):
        assert F.conv2d(ember.zeros(1, 2, 4, 4), ember.zeros(3, 2, 2, 2)).dtype is ember.bfloat16


FAST = """
import ember, ember.nn.functional as F
for n, c, o, s, k, groups, stride in ((2, 3, 16, 32, 3, 1, 1), (1, 64, 64, 14, 3, 1, 1), (2, 32, 64, 16, 1, 1, 2),
                                      (2, 32, 32, 16, 3, 32, 1), (2, 1, 8, 28, 5, 1, 1), (2, 16, 33, 9, 7, 1, 2),
                                      (2, 24, 24, 8, 3, 4, 1)):
    x = ember.randn(n, c, s, s, requires_grad=True)
    w = ember.randn(o, c // groups, k, k, requires_grad=True)
    b = ember.randn(o, requires_grad=True)
    F.conv2d(x, w, b, padding=k // 2, groups=groups, stride=stride).sum().backward()
x = ember.randn(2, 4, 10, requires_grad=True)
F.conv1d(x, ember.randn(6, 4, 3, requires_grad=True)).sum().backward()
x = ember.randn(2, 4, 6, 6, 6, requires_grad=True)
F.conv3d(x, ember.randn(8, 4, 3, 3, 3, requires_grad=True)).sum().backward()
"""


def test_no_convolution_falls_to_a_reference_kernel():
    """One of oneDNN's reference kernels, or our own unfolding, would be a hundred times slower."""
    result = subprocess.run(
        [sys.executable, "-c", FAST],
        capture_output=True,
        text=True,
        check=True,
        env={**__import__("os").environ, "ONEDNN_VERBOSE": "1"},
    )
    runs = [line for line in result.stdout.splitlines() if ",exec," in line and ",convolution," in line]
    assert len(runs) == 9 * 3, result.stdout
    assert not [line for line in runs if "ref" in line.split(",convolution,")[1].split(",")[0]]


def test_modules():
    layer = nn.Conv2d(4, 8, 3, stride=(2, 1), padding=1, dilation=2, groups=2, bias=False, padding_mode="circular")
    assert repr(layer) == (
        "Conv2d(4, 8, kernel_size=(3, 3), stride=(2, 1), padding=(1, 1), dilation=(2, 2), groups=2, bias=False, "
        "padding_mode=circular)"
    )
    assert list(layer.state_dict()) == ["weight"] and layer.weight.shape == (8, 2, 3, 3)
    up = nn.ConvTranspose2d(4, 2, 3, stride=2)
    x = ember.randn(1, 4, 4, 4)
    assert up(x, output_size=(10, 9)).shape == (1, 2, 10, 9) and up(x).shape == (1, 2, 9, 9)
    assert ember.equal(up(x, output_size=(10, 9))[..., :9, :], up(x))
    lazy = nn.Sequential(nn.LazyConv2d(3, 3), nn.LazyConvTranspose2d(2, 2, stride=2))
    assert lazy(x).shape == (1, 2, 4, 4) and type(lazy[0]) is nn.Conv2d and lazy[0].in_channels == 4
    other = nn.LazyConv2d(3, 3)
    other.load_state_dict(lazy[0].state_dict())
    assert ember.equal(other(x), lazy[0](x)) and other.in_channels == 4
    bound = 1 / (4 * 9) ** 0.5
    wide = nn.Conv2d(4, 64, 3)
    assert wide.weight.abs().max() <= bound and wide.bias.abs().max() <= bound and wide.weight.abs().max() > 0.9 * bound


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: F.conv2d(ember.zeros(8, 32, 32, 3), ember.zeros(16, 3, 3, 3)),
            RuntimeError,
            "conv2d(): input of shape (8, 32, 32, 3) has 32 channels in dim 1; weight of shape (16, 3, 3, 3) with groups 1 "
            "expects 3. Its last dim fits: for (N, H, W, C) use input.permute(0, 3, 1, 2).",
        ),
        (
            lambda: F.conv2d(ember.zeros(1, 3, 4, 4), ember.zeros(2, 3, 5, 5)),
            RuntimeError,
            "conv2d(): kernel of size (5, 5) with dilation (1, 1) is 5 wide in dim 2, larger than the padded input (4); input "
            "has shape (1, 3, 4, 4), padding is (0, 0).",
        ),
        (
            lambda: F.conv1d(ember.zeros(3), ember.zeros(2, 3, 5)),
            RuntimeError,
            "conv1d(): input is 1-d (shape (3,)); expected 3-d (batched) or 2-d (unbatched) input.",
        ),
        (
            lambda: F.conv2d(ember.zeros(1, 3, 4, 4), ember.zeros(2, 3, 3, 3), ember.zeros(3)),
            RuntimeError,
            "conv2d(): bias has shape (3,); weight of shape (2, 3, 3, 3) expects (2,).",
        ),
        (
            lambda: F.conv2d(ember.zeros(1, 3, 4, 4), ember.zeros(2, 3, 3, 3), stride=0),
            RuntimeError,
            "conv2d(): stride is (0, 0); non-positive stride is not supported.",
        ),
        (
            lambda: F.conv2d(ember.zeros(1, 3, 4, 4), ember.zeros(2, 3, 3, 3), stride=(1, 2, 3)),
            RuntimeError,
            "conv2d(): stride is (1, 2, 3); expected one integer, or 2 of them.",
        ),
        (
            lambda: F.conv2d(ember.zeros(1, 3, 4, 4), ember.zeros(2, 3, 3, 3).double()),
            RuntimeError,
            "conv2d(): input is float32 and weight float64; both must be of one type. Convert one with .to().",
        ),
        (
            lambda: F.conv_transpose1d(ember.zeros(1, 3, 4), ember.zeros(3, 2, 3), output_padding=1),
            RuntimeError,
            "conv_transpose1d(): output_padding is (1,); each must be smaller than its stride (1,) or dilation (1,).",
        ),
        (
            lambda: nn.Conv2d(3, 4, 3, groups=2),
            ValueError,
            "in_channels must be divisible by groups, got 3 and groups=2",
        ),
        (
            lambda: nn.ConvTranspose2d(3, 3, 3, 2)(ember.zeros(1, 3, 4, 4), output_size=(20, 20)),
            ValueError,
            "requested an output size of (20, 20), but valid sizes range from [9, 9] to [10, 10] (for an input of "
            "torch.Size([4, 4]))",
        ),
    ],
)
def test_errors(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)

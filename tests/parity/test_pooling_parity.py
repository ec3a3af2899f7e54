"""Pooling beside PyTorch: values, indices, gradients, second gradients, strides, dtypes, signatures and errors."""

from __future__ import annotations

import inspect
import itertools
import math

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

SIZES = {1: (9,), 2: (7, 9), 3: (5, 6, 7)}
NAMES = [name for name in dir(torch.nn.functional) if "pool" in name and not name.startswith("_")]


def array(dims, batched=True, dtype=numpy.float64, seed=0):
    """Numbers with ties, channels 5 (no multiple of a vector)."""
    shape = (2, 5, *SIZES[dims]) if batched else (5, *SIZES[dims])
    return numpy.random.default_rng(seed).integers(-8, 9, shape).astype(dtype)


def both(dims, call, batched=True, channels_last=False, dtype="float64", numbers=None, second=True):
    """Outputs, the gradient and the gradient of a function of it, from both libraries, compared one by one."""
    results = []
    for library in (ember, torch):
        x = library.tensor(array(dims, batched) if numbers is None else numbers).to(getattr(library, dtype))
        if channels_last and dims > 1:
            x = x.contiguous(memory_format=library.channels_last if dims == 2 else library.channels_last_3d)
        elif channels_last:
            x = x.transpose(1, 2).contiguous().transpose(1, 2)
        differentiable = x.is_floating_point()
        if differentiable:
            x.requires_grad_()
        output = call(library, x)
        outputs = list(output) if isinstance(output, tuple) else [output]
        found = [*outputs]
        if differentiable:
            weight = library.arange(outputs[0].numel()).reshape(outputs[0].shape).to(outputs[0].dtype) % 7 - 2
            weight.requires_grad_()
            (gradient,) = library.autograd.grad((outputs[0] * weight).sum(), x, create_graph=second)
            found.append(gradient)
            if second:
                found.append(library.autograd.grad((gradient * gradient).sum(), weight)[0])
        results.append([(each.stride(), str(each.dtype), each.detach().double().numpy()) for each in found])
    rounding = {"float64": 1e-13, "float32": 1e-5, "bfloat16": 2.0**-7, "float16": 2.0**-10}.get(dtype, 0)
    for ours, theirs in zip(*results, strict=True):
        assert ours[1] == theirs[1].replace("torch", "torch")
        numpy.testing.assert_allclose(ours[2], theirs[2], rtol=4 * rounding, atol=20 * rounding)
    return [[each[0] for each in found] for found in results]


KERNELS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": 1},
    {"kernel_size": 2, "stride": 3},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True},
    {"kernel_size": 1, "stride": 2},
    {"kernel_size": 5, "stride": 2, "padding": 2},
    {"kernel_size": 5, "stride": 1, "padding": 2, "ceil_mode": True},
]
DILATED = [
    {"kernel_size": 2, "dilation": 2},
    {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": 2},
    {"kernel_size": 2, "stride": 3, "padding": 1, "dilation": 3, "ceil_mode": True},
]
DIMS_BATCH_LAYOUT = [
    *itertools.product((1, 2, 3), (True,), (False, True)),
    *itertools.product((1, 2, 3), (False,), (False,)),
]


@pytest.mark.parametrize("options", KERNELS + DILATED, ids=str)
@pytest.mark.parametrize(("dims", "batched", "channels_last"), DIMS_BATCH_LAYOUT)
@pytest.mark.parametrize("indices", [False, True])
def test_max_pool(dims, batched, channels_last, options, indices):
    ours, theirs = both(
        dims,
        lambda library, x: getattr(library.nn.functional, f"max_pool{dims}d")(x, return_indices=indices, **options),
        batched,
        channels_last,
    )
    assert ours[0] == theirs[0]


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("options", KERNELS, ids=str)
@pytest.mark.parametrize(("dims", "batched", "channels_last"), DIMS_BATCH_LAYOUT)
def test_avg_pool(dims, batched, channels_last, options, include):
    both(
        dims,
        lambda library, x: getattr(library.nn.functional, f"avg_pool{dims}d")(x, count_include_pad=include, **options),
        batched,
        channels_last,
    )


@pytest.mark.parametrize("divisor", [3, -2])
@pytest.mark.parametrize("dims", [2, 3])
def test_divisor_override(dims, divisor):
    both(
        dims,
        lambda library, x: getattr(library.nn.functional, f"avg_pool{dims}d")(x, 3, 2, 1, divisor_override=divisor),
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11])
@pytest.mark.parametrize(("dims", "batched", "channels_last"), DIMS_BATCH_LAYOUT)
@pytest.mark.parametrize("kind", ["avg", "max"])
def test_adaptive_pool(kind, dims, batched, channels_last, size):
    keywords = {"return_indices": True} if kind == "max" else {}
    both(
        dims,
        lambda library, x: getattr(library.nn.functional, f"adaptive_{kind}_pool{dims}d")(x, size, **keywords),
        batched,
        channels_last,
    )


@pytest.mark.parametrize("size", [(None, 2), (3, None), (2, 4), [1, None]], ids=str)
@pytest.mark.parametrize("kind", ["avg", "max"])
def test_adaptive_sizes_one_by_one(kind, size):
    both(2, lambda library, x: getattr(library.nn.functional, f"adaptive_{kind}_pool2d")(x, size))


@pytest.mark.parametrize("norm", [1, 2, 3.0, 0.5, math.inf])
@pytest.mark.parametrize("options", [{}, {"stride": 1}, {"stride": 2, "ceil_mode": True}], ids=str)
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_lp_pool(dims, norm, options):
    numbers = numpy.abs(array(dims)) + (0.5 if norm != 2 else 0)
    both(
        dims,
        lambda library, x: getattr(library.nn.functional, f"lp_pool{dims}d")(x, norm, 3, **options),
        numbers=numbers,
        second=norm != 2,
    )


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("dims", [2, 3])
def test_fractional_max_pool(dims, batched):
    samples = numpy.random.default_rng(1).uniform(0, 1, (2 if batched else 1, 5, dims))
    # PyTorch's largest output in 3-d is one smaller than in 2-d.
    for options in ({"output_size": 3}, {"output_ratio": (0.5,) * dims}, {"output_size": 6 - dims}, {"output_size": 1}):
        both(
            dims,
            lambda library, x, options=options: getattr(library.nn.functional, f"fractional_max_pool{dims}d")(
                x, 2, return_indices=True, _random_samples=library.tensor(samples), **options
            ),
            batched,
        )


@pytest.mark.parametrize(("dims", "batched"), itertools.product((1, 2, 3), (True, False)))
def test_max_unpool(dims, batched):
    def call(library, x):
        functional = library.nn.functional
        values, indices = getattr(functional, f"max_pool{dims}d")(x, 2, return_indices=True)
        return getattr(functional, f"max_unpool{dims}d")(values, indices, 2, output_size=SIZES[dims])

    both(dims, call, batched)
    both(dims, lambda library, x: (y := call(library, x), y)[1], batched)


DTYPES = ["float16", "bfloat16", "float32", "uint8", "int8", "int16", "int32", "int64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels_last", [False, True])
def test_dtypes(dtype, channels_last):
    numbers = numpy.abs(array(2))
    functional = {
        "max": lambda library, x: library.nn.functional.max_pool2d(x, 3, 2, 1, return_indices=True),
        "avg": lambda library, x: library.nn.functional.avg_pool2d(x, 3, 2, 1),
        "adaptive": lambda library, x: library.nn.functional.adaptive_avg_pool2d(x, 3),
    }
    for name, call in functional.items():
        if dtype in ("float16", "bfloat16", "float32") or name == "max" or (name == "avg" and dtype == "int64"):
            both(2, call, numbers=numbers, dtype=dtype, channels_last=channels_last, second=False)


def test_nan_and_infinities():
    numbers = array(2)
    numbers.flat[::5] = numpy.nan
    numbers.flat[::3] = -numpy.inf
    for channels_last in (False, True):
        both(
            2,
            lambda library, x: library.nn.functional.max_pool2d(x, 2, 1, 1, return_indices=True),
            numbers=numbers,
            channels_last=channels_last,
            second=False,
        )
        both(2, lambda library, x: library.nn.functional.max_pool2d(x, 3, 2), numbers=numbers, second=False)


def test_names_of_torch():
    for call in (
        lambda library, x: library.max_pool1d(x, 2),
        lambda library, x: library.max_pool1d_with_indices(x, 2, 1),
        lambda library, x: library.avg_pool1d(x, 2, padding=1),
        lambda library, x: library.adaptive_avg_pool1d(x, 4),
        lambda library, x: library.adaptive_max_pool1d(x, 4),
    ):
        both(1, call)
    both(2, lambda library, x: library.max_pool2d(x, (2, 3), stride=[1, 2]))
    both(3, lambda library, x: library.max_pool3d(x, 2))


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name):
    ours, theirs = getattr(ember.nn.functional, name), getattr(torch.nn.functional, name)
    try:
        expected = inspect.signature(theirs)
    except ValueError:
        return
    if list(expected.parameters) == ["args", "kwargs"]:
        expected = inspect.signature(getattr(torch.nn.functional, f"{name}_with_indices"))
    assert [(each.name, each.default) for each in inspect.signature(ours).parameters.values()] == [
        (each.name, each.default) for each in expected.parameters.values()
    ]


def errors(library):
    f, nn, t = library.nn.functional, library.nn, library
    x, i = t.zeros(2, 3, 8, 8), t.zeros(2, 3, 8, 8, dtype=t.int64)
    empty = t.zeros(2, 0, 8, 8)
    return {
        "kernel too large": lambda: f.max_pool2d(x, 9),
        "padding": lambda: f.max_pool2d(x, 3, 1, 2),
        "padding 1d": lambda: f.max_pool1d(x[0], 2, padding=2),
        "padding avg": lambda: f.avg_pool2d(x, 3, 1, 2),
        "negative padding": lambda: f.max_pool2d(x, 2, 1, -1),
        "stride 0": lambda: f.max_pool2d(x, 2, 0),
        "stride 0 avg": lambda: f.avg_pool2d(x, 2, 0),
        "kernel 0": lambda: f.max_pool2d(x, 0),
        "dilation 0": lambda: f.max_pool2d(x, 2, dilation=0),
        "three numbers": lambda: f.max_pool2d(x, (2, 2, 2)),
        "three strides": lambda: f.avg_pool2d(x, 2, (2, 2, 2)),
        "2-d": lambda: f.max_pool2d(x[0, 0], 2),
        "5-d": lambda: f.max_pool2d(x[None], 2),
        "4-d for 1d": lambda: f.max_pool1d(x, 2),
        "3-d for 3d": lambda: f.max_pool3d(x[0], 2),
        "float": lambda: f.max_pool2d(x, 2.5),
        "str": lambda: f.max_pool2d(x, "a"),
        "None": lambda: f.max_pool2d(x, None),
        "huge": lambda: f.max_pool2d(x, 2**40),
        "divisor": lambda: f.avg_pool2d(x, 2, divisor_override=0),
        "bool": lambda: f.max_pool2d(x.bool(), 2),
        "complex": lambda: f.avg_pool2d(x.to(t.complex64), 2),
        "adaptive ints": lambda: f.adaptive_avg_pool2d(x.long(), 2),
        "adaptive three": lambda: f.adaptive_avg_pool2d(x, (1, 2, 3)),
        "adaptive negative": lambda: f.adaptive_avg_pool2d(x, -1),
        "adaptive negative max": lambda: f.adaptive_max_pool2d(x, -1),
        "adaptive None": lambda: f.adaptive_avg_pool1d(x[0], None),
        "empty": lambda: f.max_pool2d(empty, 2),
        "empty avg": lambda: f.avg_pool2d(empty, 2),
        "empty adaptive": lambda: f.adaptive_max_pool2d(empty, 2),
        "fractional": lambda: f.fractional_max_pool2d(x, 2),
        "fractional size": lambda: f.fractional_max_pool2d(x, 2, output_size=8),
        "fractional samples": lambda: f.fractional_max_pool2d(x, 2, output_size=2, _random_samples=t.zeros(2, 3)),
        "fractional layer": lambda: nn.FractionalMaxPool2d(2),
        "fractional both": lambda: nn.FractionalMaxPool2d(2, 2, 0.5),
        "fractional ratio": lambda: nn.FractionalMaxPool3d(2, output_ratio=1.5),
        "unpool index": lambda: f.max_unpool2d(x, i + 300, 2),
        "unpool negative": lambda: f.max_unpool2d(x, i - 1, 2),
        "unpool dtype": lambda: f.max_unpool2d(x, i.int(), 2),
        "unpool shape": lambda: f.max_unpool2d(x, i[..., :7], 2),
        "unpool size": lambda: f.max_unpool2d(x, i, 2, output_size=(30, 30)),
        "unpool sizes": lambda: f.max_unpool2d(x, i, 2, output_size=(30,)),
        "unpool dims": lambda: f.max_unpool2d(x[0, 0], i[0, 0], 2),
        "lp 0": lambda: f.lp_pool2d(x, 0, 2),
    }


@pytest.mark.parametrize("name", errors(ember))
def test_types_of_errors(name):
    types = []
    for library in (ember, torch):
        with pytest.raises(Exception) as caught:
            errors(library)[name]()
        types.append(caught.type.__name__)
    assert types[0] == types[1]


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (1, 1, 1, 1), (2, 3, 2, 9)])
def test_shapes(shape):
    for call in (
        lambda library, x: library.nn.functional.max_pool2d(x, 1),
        lambda library, x: library.nn.functional.avg_pool2d(x, (1, 1), ceil_mode=True),
        lambda library, x: library.nn.functional.adaptive_avg_pool2d(x, 2),
        lambda library, x: library.nn.functional.adaptive_max_pool2d(x, 2),
        lambda library, x: library.nn.functional.max_pool2d(x, 1, ()),
    ):
        both(2, call, numbers=numpy.ones(shape), second=False)


def test_reprs_of_layers():
    for text in (
        "MaxPool1d(2)",
        "MaxPool2d(3, 1, 1, 2, True, True)",
        "MaxPool3d((1, 2, 2))",
        "AvgPool1d(2)",
        "AvgPool2d(2)",
        "AvgPool3d((1, 2, 2), 1)",
        "AdaptiveMaxPool1d(2)",
        "AdaptiveMaxPool2d((None, 2), True)",
        "AdaptiveAvgPool2d((None, 2))",
        "AdaptiveAvgPool3d(2)",
        "LPPool1d(2, 3)",
        "LPPool2d(2.0, 3, 1, True)",
        "LPPool3d(2, 3)",
        "FractionalMaxPool2d(2, 3)",
        "FractionalMaxPool3d(2, output_ratio=0.5)",
        "MaxUnpool1d(2)",
        "MaxUnpool2d((2, 3), 1, 1)",
        "MaxUnpool3d(2)",
    ):
        ours, theirs = eval(f"ember.nn.{text}"), eval(f"torch.nn.{text}")
        assert repr(ours) == repr(theirs)
        for name, value in vars(theirs).items():
            if not name.startswith("_"):
                assert getattr(ours, name) == value

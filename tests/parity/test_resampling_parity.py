"""Resampling beside PyTorch: values, gradients, second gradients, dtypes, strides, reprs, errors' types."""

from __future__ import annotations

import itertools
import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

BOTH = (ember, torch)
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
# (mode, options, spatial dims)
MODES = [
    *[(mode, {}, dims) for mode in ("nearest", "nearest-exact", "area") for dims in (1, 2, 3)],
    *[
        (mode, {"align_corners": aligned}, dims)
        for mode, dims in (("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3))
        for aligned in (False, True)
    ],
    *[
        (mode, {"align_corners": aligned, "antialias": True}, 2)
        for mode in ("bilinear", "bicubic")
        for aligned in (False, True)
    ],
    ("lanczos", {"antialias": True}, 2),
]
# From spatial dims of (7, 6, 5), of which a signal has the last and an image the last two.
SIZES = [
    {"size": (9, 13, 11)},
    {"size": (3, 4, 2)},
    {"size": (7, 6, 5)},
    {"size": 3},
    {"scale_factor": 2},
    {"scale_factor": 1.1},
    {"scale_factor": (0.6, 1.7, 2.3)},
    {"scale_factor": (0.6, 1.7, 2.3), "recompute_scale_factor": True},
]


def for_dims(sizes, dims):
    return {key: value[-dims:] if isinstance(value, tuple) else value for key, value in sizes.items()}


def run(library, function, arrays, dtype, second=True):
    """The result, the gradients of a weighted sum, and the gradients of their weighted sum."""
    inputs = [library.tensor(each).to(getattr(library, dtype)).requires_grad_() for each in arrays]
    result = function(library, *inputs)
    weights = numpy.cos(numpy.arange(result.numel())).reshape(tuple(result.shape))
    wanted = library.tensor(weights).to(result.dtype).requires_grad_()
    gradients = library.autograd.grad(result, inputs, wanted, create_graph=second)
    results = [result, *gradients]
    if second:
        total = sum(
            (each * library.tensor(numpy.sin(numpy.arange(each.numel()))).to(each.dtype).reshape(each.shape)).sum()
            for each in gradients
        )
        results += library.autograd.grad(total, [wanted, *inputs], allow_unused=True)
    return [None if each is None else each.detach() for each in results]


def compare(ours, theirs, tolerance):
    for a, b in zip(ours, theirs, strict=True):
        if a is None or b is None:  # not depended on: PyTorch says zeros
            assert not (a if b is None else b).abs().sum().item() if (a is not None or b is not None) else True
            continue
        assert tuple(a.shape) == tuple(b.shape) and str(a.dtype) == str(b.dtype)
        scale = max(1.0, float(b.abs().max())) if b.numel() else 1.0
        numpy.testing.assert_allclose(a.double().numpy(), b.double().numpy(), rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("mode", "options", "dims"), MODES, ids=str)
def test_interpolate(mode, options, dims, sizes, dtype):
    others = options.get("antialias") or mode == "bicubic" or (mode.startswith("nearest") and dims != 2)
    if sizes == {"scale_factor": 1.1} and others:
        pytest.skip("PyTorch's gradient is not that of its result")
    array = numpy.random.default_rng(0).standard_normal((2, 3, *(7, 6, 5)[-dims:]))

    def function(library, x):
        return library.nn.functional.interpolate(x, mode=mode, **for_dims(sizes, dims), **options)

    # Places are rounded as in PyTorch; what is left is the order of sums.
    compare(*[run(library, function, [array], dtype, second=False) for library in BOTH], 100 * EPSILON[dtype])


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
def test_interpolate_of_long_dims(mode):
    """Where rounded places could fall on either side of an element."""
    array = numpy.random.default_rng(0).standard_normal((1, 1, 2, 1000)).astype(numpy.float32)
    for scale in (1.1, 2.0, 1.9, 0.37, 1 / 3, 3.3):
        ours, theirs = (
            library.nn.functional.interpolate(library.tensor(array), scale_factor=(1, scale), mode=mode)
            for library in BOTH
        )
        numpy.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=0, atol=5e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("mode", "options", "dims"), MODES, ids=str)
def test_interpolate_of_sixteen_bits(mode, options, dims, dtype):
    if options.get("antialias"):
        pytest.skip("PyTorch has it not")
    array = numpy.random.default_rng(0).standard_normal((2, 3, *(7, 6, 5)[-dims:]))
    results = []
    for library in BOTH:
        x = library.tensor(array).to(getattr(library, dtype))
        results.append(library.nn.functional.interpolate(x, scale_factor=1.7, mode=mode, **options))
    assert str(results[0].dtype) == str(results[1].dtype)
    # One rounding here, one or more there.
    tolerance = 2 * (2.0**-10 if dtype == "float16" else 2.0**-7)
    numpy.testing.assert_allclose(*[each.float().numpy() for each in results], rtol=tolerance, atol=2 * tolerance)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic"])
@pytest.mark.parametrize("antialias", [False, True])
def test_interpolate_of_bytes(mode, antialias):
    if antialias and "nearest" in mode:
        pytest.skip("no such option")
    array = numpy.random.default_rng(0).integers(0, 256, (2, 3, 17, 19)).astype(numpy.uint8)
    for sizes in ({"size": (11, 30)}, {"scale_factor": 2}, {"scale_factor": (1.37, 0.63)}):
        ours, theirs = (
            library.nn.functional.interpolate(library.tensor(array), mode=mode, antialias=antialias, **sizes)
            for library in BOTH
        )
        assert str(ours.dtype) == str(theirs.dtype)
        numpy.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_interpolate_keeps_the_memory_format(mode):
    results = []
    for library in BOTH:
        x = library.arange(2 * 3 * 4 * 5, dtype=library.float32).reshape(2, 3, 4, 5)
        x = x.to(memory_format=library.channels_last)
        results.append(library.nn.functional.interpolate(x, size=(7, 3), mode=mode))
    assert results[0].stride() == results[1].stride()
    numpy.testing.assert_allclose(results[0].numpy(), results[1].numpy(), rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_former_names(name):
    array = numpy.random.default_rng(0).standard_normal((2, 3, 4, 5))
    compare(
        *[
            run(library, lambda t, x: getattr(t.nn.functional, name)(x, scale_factor=2), [array], "float64", False)
            for library in BOTH
        ],
        1e-13,
    )
    for library in BOTH:
        with pytest.warns(UserWarning, match="deprecated"):
            getattr(library.nn.functional, name)(library.zeros(1, 1, 2, 2), 3)


GRID_MODES = list(
    itertools.product(("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True))
)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize(("mode", "padding", "aligned"), GRID_MODES)
def test_grid_sample(mode, padding, aligned, dims):
    if mode == "bicubic" and dims == 3:
        pytest.skip("for images")
    random = numpy.random.default_rng(0)
    image = random.standard_normal((2, 3, 4, 5, 6)[: 2 + dims])
    grid = random.uniform(-2.3, 2.3, (*(2, 3, 2, 4, 2)[: 1 + dims], dims))

    def function(library, x, places):
        return library.nn.functional.grid_sample(x, places, mode, padding, aligned)

    compare(*[run(library, function, [image, grid], "float64") for library in BOTH], 1e-12)
    compare(*[run(library, function, [image, grid], "float32", second=False) for library in BOTH], 2e-5)


def test_grid_sample_at_the_edges():
    """Places on the borders, on elements, far outside."""
    image = numpy.random.default_rng(0).standard_normal((1, 2, 4, 4))
    ticks = numpy.array(
        [-1e6, -3, -1.5, -1.25, -1, -0.75, -1 / 3, -0.25, 0, 0.25, 0.5, 1 / 3, 0.75, 1, 1.25, 2, 3, 1e6]
    )
    grid = numpy.stack(numpy.meshgrid(ticks, ticks), -1)[None]
    for mode, padding, aligned in GRID_MODES:

        def function(library, x, places):
            return library.nn.functional.grid_sample(x, places, mode, padding, aligned)  # noqa: B023

        ours, theirs = (run(library, function, [image, grid], "float64", second=False) for library in BOTH)
        compare(ours[:2], theirs[:2], 1e-8)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_grid_sample_of_sixteen_bits(dtype):
    random = numpy.random.default_rng(0)
    image, grid = random.standard_normal((1, 2, 4, 5)), random.uniform(-1, 1, (1, 3, 3, 2)).round(2)
    ours, theirs = (
        t.nn.functional.grid_sample(
            t.tensor(image).to(getattr(t, dtype)), t.tensor(grid).to(getattr(t, dtype)), align_corners=True
        )
        for t in BOTH
    )
    assert str(ours.dtype) == str(theirs.dtype)
    # PyTorch also rounds the places.
    numpy.testing.assert_allclose(
        ours.float().numpy(), theirs.float().numpy(), atol=0.2 if dtype == "bfloat16" else 0.02
    )


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 5), (2, 3, 4, 5, 6)])
@pytest.mark.filterwarnings("ignore")
def test_affine_grid(size, aligned):
    theta = numpy.random.default_rng(0).standard_normal((2, len(size) - 2, len(size) - 1))
    for dtype in EPSILON:
        compare(
            *[run(t, lambda t, x: t.nn.functional.affine_grid(x, size, aligned), [theta], dtype, False) for t in BOTH],
            8 * EPSILON[dtype],
        )


@pytest.mark.parametrize(
    ("name", "shape", "factor"),
    [
        ("pixel_shuffle", (2, 8, 3, 5), 2),
        ("pixel_shuffle", (9, 3, 5), 3),
        ("pixel_shuffle", (2, 2, 4, 1, 2), 2),
        ("pixel_unshuffle", (2, 3, 4, 6), 2),
        ("pixel_unshuffle", (1, 3, 6), 3),
        ("channel_shuffle", (2, 6, 3, 2), 2),
        ("channel_shuffle", (2, 6, 3), 3),
        ("channel_shuffle", (1, 8, 1, 2, 2), 4),
    ],
)
def test_shuffles(name, shape, factor):
    array = numpy.random.default_rng(0).standard_normal(shape)
    for home in ("", "nn.functional"):

        def function(library, x):
            return getattr(library.nn.functional if home else library, name)(x, factor)  # noqa: B023

        compare(*[run(library, function, [array], "float64") for library in BOTH], 0)
    for dtype in ("int64", "bool", "complex64", "uint8", "float16"):
        ours, theirs = (getattr(t, name)(t.tensor(array).to(getattr(t, dtype)), factor) for t in BOTH)
        assert str(ours.dtype) == str(theirs.dtype)
        assert (ours.numpy() == theirs.numpy()).all()


def test_shuffles_of_nothing_and_by_another_name():
    for library in BOTH:
        assert tuple(library.pixel_shuffle(library.zeros(0, 4, 3, 5), 2).shape) == (0, 1, 6, 10)
        shuffled = library.nn.functional.native_channel_shuffle(library.arange(6).reshape(1, 6, 1, 1), 2)
        assert shuffled.flatten().tolist() == [0, 3, 1, 4, 2, 5]


LAYERS = [
    ("Upsample", {}),
    ("Upsample", {"size": (3, 4), "mode": "bilinear"}),
    ("Upsample", {"scale_factor": (2, 3), "mode": "bicubic", "align_corners": True}),
    ("Upsample", {"scale_factor": 1.5, "mode": "bilinear", "recompute_scale_factor": True}),
    ("UpsamplingNearest2d", {"scale_factor": 2}),
    ("UpsamplingNearest2d", {"size": 5}),
    ("UpsamplingBilinear2d", {"size": (5, 7)}),
    ("UpsamplingBilinear2d", {"scale_factor": (2, 1.5)}),
    ("PixelShuffle", {"upscale_factor": 2}),
    ("PixelUnshuffle", {"downscale_factor": 2}),
    ("ChannelShuffle", {"groups": 2}),
]


@pytest.mark.parametrize(("name", "options"), LAYERS, ids=str)
def test_layers(name, options):
    layers = [getattr(library.nn, name)(**options) for library in BOTH]
    assert repr(layers[0]) == repr(layers[1])
    attributes = [{key: value for key, value in vars(layer).items() if key[0] != "_"} for layer in layers]
    assert attributes[0] == attributes[1]
    assert layers[0].__constants__ == layers[1].__constants__
    assert type(layers[0]).__module__.replace("ember", "torch", 1) == type(layers[1]).__module__
    if options:
        array = numpy.random.default_rng(0).standard_normal((2, 8, 4, 6))
        results = [layer(library.tensor(array)) for layer, library in zip(layers, BOTH, strict=True)]
        numpy.testing.assert_allclose(results[0].numpy(), results[1].numpy(), rtol=0, atol=1e-13)


ERRORS = """
F.interpolate(x)
F.interpolate(x, 3, 2)
F.interpolate(x, (3,))
F.interpolate(x, (3, 4, 5))
F.interpolate(x, 3.5)
F.interpolate(x, (3.5, 3))
F.interpolate(x, "a")
F.interpolate(x, True)
F.interpolate(x, 0)
F.interpolate(x, (3, 0), mode="bilinear")
F.interpolate(x, -1)
F.interpolate(x, 2**40)
F.interpolate(x, t.tensor([3, 4]))
F.interpolate(x, scale_factor=(2,))
F.interpolate(x, scale_factor=0)
F.interpolate(x, scale_factor=-1.0)
F.interpolate(x, scale_factor=0.1)
F.interpolate(x, scale_factor="a")
F.interpolate(x, scale_factor=t.tensor(2.0))
F.interpolate(x, scale_factor=float("nan"))
F.interpolate(x, scale_factor=float("inf"))
F.interpolate(x, scale_factor=1e18)
F.interpolate(x, 3, recompute_scale_factor=True)
F.interpolate(x, 3, mode="foo")
F.interpolate(x, 3, mode="linear")
F.interpolate(x[0], 3, mode="bilinear")
F.interpolate(x[None], 3, mode="bilinear")
F.interpolate(x, 3, mode="trilinear")
F.interpolate(x[0], 3, mode="bicubic")
F.interpolate(x[0, 0], 3)
F.interpolate(x[0, 0, 0, 0], 3)
F.interpolate(x[None, None], 3)
F.interpolate(x, 3, align_corners=True)
F.interpolate(x, 3, mode="area", align_corners=False)
F.interpolate(x, 3, mode="lanczos")
F.interpolate(x, 3, mode="lanczos", antialias=True, align_corners=True)
F.interpolate(x, 3, antialias=True)
F.interpolate(x[0], 3, mode="linear", antialias=True)
F.interpolate(x[:, :0], 3)
F.interpolate(x[:, :, :0], 3)
F.interpolate(x[:, :, :0], 3, mode="area")
F.interpolate(x.long(), 3)
F.interpolate(x > 0, 3, mode="bilinear")
F.interpolate(x.to(t.complex64), 3, mode="area")
F.interpolate(3, 3)
nn.Upsample()(x)
nn.Upsample(3, 2)(x)
nn.Upsample(scale_factor=[2, 3])
F.grid_sample(x, g, "foo")
F.grid_sample(x, g, padding_mode="foo")
F.grid_sample(x[None], g3, "bicubic")
F.grid_sample(x[0], g)
F.grid_sample(x, g3)
F.grid_sample(x, g[..., :1])
F.grid_sample(x, g[:1])
F.grid_sample(x, g.double())
F.grid_sample(x.int(), g.int())
F.grid_sample(x[:, :, :0], g)
F.grid_sample(x, 3)
F.affine_grid(t.zeros(2, 2, 3).int(), (2, 3, 4, 5))
F.affine_grid(t.zeros(2, 3, 4), (2, 3, 4, 5))
F.affine_grid(t.zeros(2, 2, 3), (2, 3, 4, 5, 6))
F.affine_grid(t.zeros(2, 2, 3), (3, 3, 4, 5))
F.affine_grid(t.zeros(2, 2, 3), (3, 3, 4))
F.affine_grid(t.zeros(2, 2, 3), (2, 3, 0, 5))
F.affine_grid(t.zeros(2, 2, 3), (2, 3, -1, 5))
F.affine_grid(t.zeros(2, 3), (2, 3, 1, 5))
F.affine_grid(t.zeros(2, 2, 3), (2, 3, 1.5, 5))
F.pixel_shuffle(x, 2)
F.pixel_shuffle(x, 0)
F.pixel_shuffle(x, -1)
F.pixel_shuffle(x, 2.0)
F.pixel_shuffle(x[0, 0], 2)
F.pixel_unshuffle(x, 2)
F.pixel_unshuffle(x, 0)
F.pixel_unshuffle(x[0, 0], 2)
F.channel_shuffle(x, 2)
F.channel_shuffle(x, 0)
F.channel_shuffle(x[0, 0], 1)
""".strip().splitlines()


@pytest.mark.parametrize("expression", ERRORS)
def test_types_of_errors(expression):
    types = []
    for t in BOTH:
        scope = {
            "t": t,
            "F": t.nn.functional,
            "nn": t.nn,
            "x": t.zeros(2, 3, 4, 5),
            "g": t.zeros(2, 6, 7, 2),
            "g3": t.zeros(1, 6, 7, 8, 3),
        }
        with pytest.raises(Exception) as caught, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eval(expression, scope)
        types.append(caught.type.__name__)
    assert types[0] == types[1]

"""interpolate, grid_sample, affine_grid and the shuffles against their formulas in NumPy; their gradients and layers."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy
import pytest

import ember
from ember import _C, nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn import functional as F

RANDOM = numpy.random.default_rng(0)


def tensor(array, dtype=ember.float64):
    return ember.tensor(array).to(dtype)


def close(found, expected, tolerance=1e-13):
    numpy.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=tolerance)


# ---- interpolation: the matrix of each dim ----


def keys(x, a):
    """The cubic convolution kernel (Keys 1981)."""
    x = abs(x)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def source(o, old, new, aligned, scale):
    """The centre of new element o, in the old elements' numbers."""
    if aligned:
        return o * (old - 1) / (new - 1) if new > 1 else 0.0
    return (o + 0.5) * (1 / scale if scale else old / new) - 0.5


def matrix(mode, old, new, aligned=False, scale=None):
    """(new, old): what each new element takes of each old one."""
    result = numpy.zeros((new, old))
    for o in range(new):
        place = source(o, old, new, aligned, scale)
        if mode == "nearest":
            result[o, min(int(o * (1 / scale if scale else old / new)), old - 1)] = 1
        elif mode == "nearest-exact":
            result[o, min(int(place + 0.5), old - 1)] = 1
        elif mode == "area":
            covered = range(o * old // new, math.ceil((o + 1) * old / new))
            result[o, list(covered)] = 1 / len(covered)
        else:
            reach, kernel = (1, lambda x: max(0, 1 - abs(x))) if mode == "linear" else (2, lambda x: keys(x, -0.75))
            if mode == "linear":
                place = max(place, 0)
            for i in range(math.floor(place) - reach + 1, math.floor(place) + reach + 1):
                result[o, min(max(i, 0), old - 1)] += kernel(place - i)
    return result


def antialiased(mode, old, new, scale=None):
    step = 1 / scale if scale else old / new
    widening = max(step, 1)
    reach, kernel = {
        "linear": (1, lambda x: max(0, 1 - abs(x))),
        "cubic": (2, lambda x: keys(x, -0.5)),
        "lanczos": (3, lambda x: numpy.sinc(x) * numpy.sinc(x / 3) if abs(x) < 3 else 0),
    }[mode]
    result = numpy.zeros((new, old))
    for o in range(new):
        centre = step * (o + 0.5)
        first, end = max(int(centre - reach * widening + 0.5), 0), min(int(centre + reach * widening + 0.5), old)
        for i in range(first, end):
            result[o, i] = kernel((i - centre + 0.5) / widening)
    return result / result.sum(1, keepdims=True)


def along_each_dim(x, matrices):
    for dim, each in enumerate(matrices):
        x = numpy.moveaxis(numpy.tensordot(each, x, (1, dim + 2)), 0, dim + 2)
    return x


SPATIAL = (5, 7, 6)
NEW = [(8, 7, 13), (3, 2, 4), (1, 1, 1), (10, 14, 12)]
KERNELS = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}


@pytest.mark.parametrize("new", NEW, ids=str)
@pytest.mark.parametrize(
    ("mode", "aligned", "dims"),
    [
        *itertools.product(("nearest", "nearest-exact", "area"), (None,), (1, 2, 3)),
        *[
            (m, a, d)
            for m, d in (("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3))
            for a in (False, True)
        ],
    ],
)
def test_interpolate_is_a_matrix_along_each_dim(mode, aligned, dims, new):
    x = RANDOM.standard_normal((2, 3, *SPATIAL[-dims:]))
    matrices = [
        matrix(KERNELS.get(mode, mode), old, size, bool(aligned))
        for old, size in zip(SPATIAL[-dims:], new[-dims:], strict=True)
    ]
    expected = along_each_dim(x, matrices)
    close(F.interpolate(tensor(x), new[-dims:], mode=mode, align_corners=aligned), expected)
    result = F.interpolate(tensor(x, ember.float32), new[-dims:], mode=mode, align_corners=aligned)
    # Places have errors of eps times their size, values differ by a few from place to place.
    close(result, expected, 100 * 2.0**-23)


@pytest.mark.parametrize("new", NEW, ids=str)
@pytest.mark.parametrize(("mode", "kernel"), [("bilinear", "linear"), ("bicubic", "cubic"), ("lanczos", "lanczos")])
def test_antialias(mode, kernel, new):
    x = RANDOM.standard_normal((2, 3, 9, 12))
    expected = along_each_dim(x, [antialiased(kernel, old, size) for old, size in zip((9, 12), new[1:], strict=True)])
    close(F.interpolate(tensor(x), new[1:], mode=mode, antialias=True), expected)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic"])
@pytest.mark.parametrize("scale", [(1.7, 0.6), (3.0, 1.3), (0.3, 0.9)])
def test_scale_factor(mode, scale):
    """The step is 1 / scale_factor, though the size was rounded down; not so with recompute_scale_factor."""
    x = RANDOM.standard_normal((1, 2, 9, 12))
    new = [math.floor(n * s) for n, s in zip((9, 12), scale, strict=True)]
    kernel = KERNELS.get(mode, mode)
    for recompute in (None, True):
        matrices = [
            matrix(kernel, n, m, False, None if recompute else s) for n, m, s in zip((9, 12), new, scale, strict=True)
        ]
        found = F.interpolate(tensor(x), scale_factor=scale, mode=mode, recompute_scale_factor=recompute)
        close(found, along_each_dim(x, matrices))


@pytest.mark.parametrize(
    ("mode", "antialias"), [("nearest", False), ("bilinear", False), ("bilinear", True), ("bicubic", True)]
)
def test_a_size_that_stays_leaves_its_dim_alone(mode, antialias):
    """Whatever the scale factor was that rounded down to it."""
    x = RANDOM.standard_normal((1, 2, 3, 8))
    found = F.interpolate(tensor(x), scale_factor=(1.3, 2), mode=mode, antialias=antialias)
    close(found, F.interpolate(tensor(x), scale_factor=(1, 2), mode=mode, antialias=antialias).numpy(), 0)


def test_behind_a_convolution():
    """Whose results may lie in memory in another order than their strides say."""
    convolution = nn.Conv2d(3, 8, 3, padding=1)
    image = ember.randn(2, 3, 12, 10)
    results = []
    for copied in (False, True):
        hidden = convolution(image)
        hidden = ember.tensor(hidden.detach().numpy().copy()) if copied else hidden.detach()
        hidden.requires_grad_()
        larger = F.interpolate(hidden, scale_factor=2, mode="bilinear")
        bordered = F.pad(larger, (1, 2, 3, 0), "reflect")
        shuffled = F.pixel_unshuffle(F.pad(bordered, (1, 0, 0, 1)), 2)
        (gradient,) = ember.autograd.grad((shuffled * shuffled).sum(), hidden)
        results.append((larger, bordered, shuffled, gradient))
    for a, b in zip(*results, strict=True):
        close(a, b.detach().numpy(), 1e-5)


def test_large_images_are_cut_into_pieces():
    x = RANDOM.standard_normal((1, 2, 300, 210))
    matrices = [matrix("linear", 300, 512), matrix("linear", 210, 97)]
    close(F.interpolate(tensor(x), (512, 97), mode="bilinear"), along_each_dim(x, matrices))
    x = RANDOM.standard_normal((1, 1, 40, 50, 30))
    matrices = [matrix("linear", old, new) for old, new in zip((40, 50, 30), (20, 99, 60), strict=True)]
    close(F.interpolate(tensor(x), (20, 99, 60), mode="trilinear"), along_each_dim(x, matrices))


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
def test_layouts_agree(mode):
    x = ember.randn(2, 3, 6, 5)
    plain = F.interpolate(x, (9, 4), mode=mode)
    turned = F.interpolate(x.transpose(2, 3).contiguous().transpose(2, 3), (9, 4), mode=mode)
    strided = F.interpolate(ember.stack([x, x], -1)[..., 0], (9, 4), mode=mode)
    last = F.interpolate(x.to(memory_format=ember.channels_last), (9, 4), mode=mode)
    assert last.is_contiguous(memory_format=ember.channels_last)
    for each in (turned, strided, last):
        close(each, plain.numpy(), 1e-6)


def test_results_do_not_depend_on_threads():
    x = ember.randn(3, 5, 60, 70)
    threads = ember.get_num_threads()
    try:
        ember.set_num_threads(1)
        alone = F.interpolate(x, (90, 100), mode="bicubic")
        ember.set_num_threads(3)
        together = F.interpolate(x, (90, 100), mode="bicubic")
    finally:
        ember.set_num_threads(threads)
    assert (alone == together).all()


def in_whole_numbers(x, weights):
    """A product along the last dim with weights of 16 bits, rounded to bytes."""
    bits = next(bits for bits in range(22) if int(0.5 + weights.max() * 2 ** (bits + 1)) >= 2**15)
    whole = numpy.trunc(weights * 2**bits + numpy.copysign(0.5, weights)).astype(int)
    return ((x.astype(int) @ whole.T + 2 ** (bits - 1)) >> bits).clip(0, 255)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("kind", ["linear", "cubic", "linear-antialias", "cubic-antialias"])
@pytest.mark.parametrize("size", [(11, 5), (3, 20), (6, 5), (11, 70)])
def test_bytes_are_rounded_after_each_dim(kind, size, channels_last):
    """As Pillow does, along rows first."""
    x = RANDOM.integers(0, 256, (2, 3, 6, 7)).astype(numpy.uint8)
    mode, _, antialias = kind.partition("-")
    weights = antialiased if antialias else matrix
    between = in_whole_numbers(x, weights(mode, 7, size[1])).swapaxes(2, 3)
    expected = in_whole_numbers(between, weights(mode, 6, size[0])).swapaxes(2, 3)
    given = ember.tensor(x)
    if channels_last:
        given = given.to(memory_format=ember.channels_last)
    found = F.interpolate(given, size, mode=f"bi{mode}", antialias=bool(antialias))
    assert found.dtype is ember.uint8 and found.stride(1) == (1 if channels_last else size[0] * size[1])
    numpy.testing.assert_array_equal(found.numpy(), expected)


def test_large_images_of_bytes_are_cut():
    x = ember.randint(0, 256, (2, 300, 400), dtype=ember.uint8)
    whole = F.interpolate(x[None], (500, 350), mode="bilinear")[0]
    flipped = F.interpolate(x.flip(1, 2)[None], (500, 350), mode="bilinear")[0].flip(1, 2)
    assert whole.shape == (2, 500, 350) and (whole.int() - flipped.int()).abs().max() <= 1


@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_sixteen_bits_are_float32_rounded(dtype):
    x = ember.randn(1, 2, 6, 7).to(dtype)
    found = F.interpolate(x, (11, 5), mode="bicubic")
    assert (found == F.interpolate(x.float(), (11, 5), mode="bicubic").to(dtype)).all()


def test_what_is_not_read_cannot_make_nan():
    """Neighbours with weight 0, and the outermost elements' missing ones."""
    x = tensor([[[1.0, 2.0, numpy.inf, 4.0, numpy.nan, 6.0]]])
    assert F.interpolate(x, 3, mode="area").isfinite().tolist() == [[[True, False, False]]]
    same = F.interpolate(x, 6, mode="linear")
    numpy.testing.assert_array_equal(same.numpy(), x.numpy())
    assert F.interpolate(x, 12, mode="linear")[0, 0, :3].isfinite().all()


@pytest.mark.parametrize("size", [(7, 3), (4, 5), (2, 9)])
@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("nearest", {}),
        ("nearest-exact", {}),
        ("area", {}),
        ("bilinear", {}),
        ("bilinear", {"align_corners": True}),
        ("bicubic", {}),
        ("bicubic", {"antialias": True}),
        ("lanczos", {"antialias": True}),
    ],
)
def test_gradients_of_interpolate(mode, options, size):
    x = ember.randn(2, 2, 4, 5, dtype=ember.float64, requires_grad=True)

    def function(x):
        return F.interpolate(x, size, mode=mode, **options)

    assert gradcheck(function, (x,))
    assert gradgradcheck(function, (x,))
    weights = ember.randn(*function(x).shape, dtype=ember.float64)
    (plain,) = ember.autograd.grad(function(x), x, weights)
    (last,) = ember.autograd.grad(function(x.to(memory_format=ember.channels_last)), x, weights)
    close(last, plain.numpy())


@pytest.mark.parametrize(
    ("mode", "shape"), [("linear", (2, 3, 5)), ("trilinear", (1, 2, 3, 4, 2)), ("nearest", (1, 2, 3))]
)
def test_gradients_of_signals_and_volumes(mode, shape):
    x = ember.randn(*shape, dtype=ember.float64, requires_grad=True)
    for scale in (1.6, 0.7):
        assert gradcheck(lambda x: F.interpolate(x, scale_factor=scale, mode=mode), (x,))  # noqa: B023
        assert gradgradcheck(lambda x: F.interpolate(x, scale_factor=scale, mode=mode), (x,))  # noqa: B023


def test_meta():
    assert F.interpolate(ember.zeros(2, 3, 4, 5, device="meta"), scale_factor=1.5, mode="bicubic").shape == (2, 3, 6, 7)
    grid = ember.zeros(2, 6, 7, 2, device="meta")
    assert F.grid_sample(ember.zeros(2, 3, 4, 5, device="meta"), grid, align_corners=False).shape == (2, 3, 6, 7)
    assert ember.pixel_shuffle(ember.zeros(8, 2, 3, device="meta"), 2).shape == (2, 4, 6)


def test_empty_batches():
    for mode in ("nearest", "bilinear", "area"):
        assert F.interpolate(ember.zeros(0, 3, 4, 5), 3, mode=mode).shape == (0, 3, 3, 3)
    x, grid = ember.zeros(0, 3, 4, 5, requires_grad=True), ember.zeros(0, 2, 2, 2, requires_grad=True)
    F.grid_sample(x, grid, align_corners=False).sum().backward()
    assert x.grad.shape == x.shape and grid.grad.shape == grid.shape
    assert F.grid_sample(ember.zeros(1, 0, 4, 5), ember.zeros(1, 2, 2, 2), align_corners=False).shape == (1, 0, 2, 2)


def test_the_private_operation_refuses_nonsense():
    """It is found by who looks for it."""
    x = ember.zeros(1, 1, 4, 4)
    for arguments in [
        ([2], [0.0], "linear"),
        ([2, 2], [0.0], "linear"),
        ([0, 2], [0.0, 0.0], "linear"),
        ([2**40, 2], [0.0, 0.0], "linear"),
        ([2, 2], [0.0, 0.0], "foo"),
    ]:
        with pytest.raises(RuntimeError, match=r"^interpolate\(\): "):
            _C.ops._resample(x, *arguments)
    for scale in (1e-300, 1e300, math.inf, math.nan, -1.0):
        for mode in ("nearest", "nearest-exact", "linear", "cubic", "linear-antialias", "lanczos-antialias"):
            assert _C.ops._resample(x, [2, 3], [scale, scale], mode).shape == (1, 1, 2, 3)


# ---- grid_sample and affine_grid ----


def place_of(coordinate, size, aligned):
    return (coordinate + 1) / 2 * (size - 1) if aligned else ((coordinate + 1) * size - 1) / 2


def brought_inside(place, size, padding, aligned):
    if padding == "reflection":
        low, high = (0, size - 1) if aligned else (-0.5, size - 0.5)
        if high == low:
            return 0.0
        distance = (place - low) % (2 * (high - low))
        place = low + (distance if distance <= high - low else 2 * (high - low) - distance)
    return place if padding == "zeros" else min(max(place, 0), size - 1)


def neighbours_of(coordinate, size, mode, padding, aligned):
    """(index, weight) along one dim."""
    place = place_of(coordinate, size, aligned)
    if mode == "bicubic":
        below = math.floor(place)
        return [
            (round(brought_inside(i, size, padding, aligned)), keys(place - i, -0.75))
            for i in range(below - 1, below + 3)
        ]
    place = brought_inside(place, size, padding, aligned)
    if mode == "nearest":
        return [(round(place), 1.0)]
    below = math.floor(place)
    return [(below, 1 - (place - below)), (below + 1, place - below)]


def sampled(x, grid, mode, padding, aligned):
    result = numpy.zeros((*x.shape[:2], *grid.shape[1:-1]))
    for n, *where in numpy.ndindex(grid.shape[:-1]):
        dims = [
            neighbours_of(coordinate, size, mode, padding, aligned)
            for coordinate, size in zip(grid[(n, *where)][::-1], x.shape[2:], strict=True)
        ]
        for neighbour in itertools.product(*dims):
            index = tuple(i for i, _ in neighbour)
            if all(0 <= i < size for i, size in zip(index, x.shape[2:], strict=True)):
                result[(n, slice(None), *where)] += math.prod(w for _, w in neighbour) * x[(n, slice(None), *index)]
    return result


GRID_CASES = [
    (dims, mode, padding, aligned)
    for dims, mode, padding, aligned in itertools.product(
        (2, 3), ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True)
    )
    if dims == 2 or mode != "bicubic"
]


@pytest.mark.parametrize(("dims", "mode", "padding", "aligned"), GRID_CASES)
def test_grid_sample(dims, mode, padding, aligned):
    x = RANDOM.standard_normal((2, 3, 4, 5, 6)[: 2 + dims])
    grid = RANDOM.uniform(-2.6, 2.6, (*(2, 7, 5, 2)[: 1 + dims], dims))
    expected = sampled(x, grid, mode, padding, aligned)
    close(F.grid_sample(tensor(x), tensor(grid), mode, padding, aligned), expected)
    found = F.grid_sample(tensor(x, ember.float32), tensor(grid, ember.float32), mode, padding, aligned)
    if mode != "nearest":
        close(found, expected, 2e-5)


def test_grid_sample_of_many_places_and_channels():
    """More than a tile of places, and more channels than groups of them."""
    x, grid = RANDOM.standard_normal((2, 19, 6, 7)), RANDOM.uniform(-1.2, 1.2, (2, 25, 31, 2))
    close(F.grid_sample(tensor(x), tensor(grid), align_corners=False), sampled(x, grid, "bilinear", "zeros", False))
    inputs = tensor(x).requires_grad_(), tensor(grid).requires_grad_()
    weights = ember.randn(2, 19, 25, 31, dtype=ember.float64)
    result = F.grid_sample(*inputs, align_corners=False)
    fused = ember.autograd.grad(result, inputs, weights, retain_graph=True)
    recorded = ember.autograd.grad(result, inputs, weights, create_graph=True)
    for a, b in zip(fused, recorded, strict=True):
        close(a, b.detach().numpy(), 1e-11)


@pytest.mark.parametrize(("dims", "mode", "padding", "aligned"), GRID_CASES)
def test_gradients_of_grid_sample(dims, mode, padding, aligned):
    x = ember.randn(*(2, 2, 3, 4, 3)[: 2 + dims], dtype=ember.float64, requires_grad=True)
    grid = ember.rand(*(2, 2, 1, 2)[: 1 + dims], dims, dtype=ember.float64).mul(3).sub(1.5).requires_grad_()

    def function(x, grid):
        return F.grid_sample(x, grid, mode, padding, aligned)

    assert gradcheck(function, (x, grid))
    assert gradgradcheck(function, (x, grid))


def test_third_gradient_of_grid_sample():
    x = ember.randn(1, 1, 3, 4, dtype=ember.float64, requires_grad=True)
    grid = ember.rand(1, 2, 1, 2, dtype=ember.float64).sub(0.5).requires_grad_()

    def slope(x, grid):
        result = F.grid_sample(x, grid, "bicubic", align_corners=True)
        return ember.autograd.grad(result.sin().sum(), grid, create_graph=True)[0]

    assert gradgradcheck(slope, (x, grid))


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_places_that_are_no_numbers(mode, padding):
    """Nothing beside the input is read or written, whatever the grid says."""
    x = ember.randn(1, 2, 4, 4, requires_grad=True)
    odd = [math.nan, math.inf, -math.inf, 1e30, -1e30, 1e10, 0.0]
    grid = ember.tensor(list(itertools.product(odd, odd))).reshape(1, len(odd), len(odd), 2).requires_grad_()
    result = F.grid_sample(x, grid, mode, padding, align_corners=False)
    result.sum().backward()
    assert result[0, 0, -1, -1].isfinite()
    assert result.shape == (1, 2, 7, 7) and grid.grad.shape == grid.shape


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (1, 1, 2, 3, 4)])
def test_affine_grid(size, aligned):
    dims = len(size) - 2
    theta = RANDOM.standard_normal((size[0], dims, dims + 1))
    ticks = [numpy.linspace(-1, 1, n) * (1 if aligned else (n - 1) / n) for n in size[2:]]
    places = numpy.stack([*numpy.meshgrid(*ticks, indexing="ij")[::-1], numpy.ones(size[2:])], -1)
    close(F.affine_grid(tensor(theta), size, aligned), numpy.einsum("...j,nij->n...i", places, theta))
    given = tensor(theta).requires_grad_()
    assert gradcheck(lambda theta: F.affine_grid(theta, size, aligned), (given,))


def test_the_identity_map_shows_the_input():
    x = ember.randn(1, 2, 4, 5, dtype=ember.float64)
    identity = tensor([[[1.0, 0, 0], [0, 1, 0]]])
    for aligned in (False, True):
        close(F.grid_sample(x, F.affine_grid(identity, x.shape, aligned), align_corners=aligned), x.numpy(), 1e-12)


@pytest.mark.filterwarnings("error")
def test_warnings():
    x, grid = ember.zeros(1, 1, 2, 2), ember.zeros(1, 2, 2, 2)
    with pytest.warns(UserWarning, match="align_corners=False since 1.3.0"):
        F.grid_sample(x, grid)
    with pytest.warns(UserWarning, match="align_corners=False since 1.3.0"):
        F.affine_grid(ember.zeros(1, 2, 3), (1, 1, 2, 2))
    with pytest.warns(UserWarning, match="has no extent"):
        F.affine_grid(ember.zeros(1, 2, 3), (1, 1, 1, 2), align_corners=True)
    F.interpolate(x, 3, mode="bilinear")


# ---- shuffles ----


def test_pixel_shuffle():
    x = RANDOM.standard_normal((2, 3, 12, 2, 5))
    expected = x.reshape(2, 3, 3, 2, 2, 2, 5).transpose(0, 1, 2, 5, 3, 6, 4).reshape(2, 3, 3, 4, 10)
    close(ember.pixel_shuffle(tensor(x), 2), expected)
    close(ember.pixel_unshuffle(tensor(expected), 2), x)
    last = tensor(x[0]).to(memory_format=ember.channels_last)
    close(ember.pixel_shuffle(last, 2), expected[0])


def test_channel_shuffle():
    x = RANDOM.standard_normal((2, 6, 3, 2))
    close(ember.channel_shuffle(tensor(x), 3), x.reshape(2, 3, 2, 3, 2).swapaxes(1, 2).reshape(2, 6, 3, 2))
    close(F.native_channel_shuffle(tensor(x), 3), ember.channel_shuffle(tensor(x), 3).numpy())


@pytest.mark.parametrize(
    ("function", "shape", "factor"),
    [("pixel_shuffle", (1, 8, 2, 3), 2), ("pixel_unshuffle", (1, 2, 4, 6), 2), ("channel_shuffle", (2, 6, 2), 3)],
)
def test_gradients_of_shuffles(function, shape, factor):
    x = ember.randn(*shape, dtype=ember.float64, requires_grad=True)
    assert gradcheck(lambda x: getattr(ember, function)(x, factor), (x,))
    assert gradgradcheck(lambda x: getattr(ember, function)(x, factor), (x,))


# ---- layers ----


@pytest.mark.parametrize(
    ("layer", "function", "text"),
    [
        (
            nn.Upsample(scale_factor=2),
            lambda x: F.interpolate(x, scale_factor=2),
            "Upsample(scale_factor=2.0, mode='nearest')",
        ),
        (
            nn.Upsample((3, 4), mode="bicubic", align_corners=True),
            lambda x: F.interpolate(x, (3, 4), mode="bicubic", align_corners=True),
            "Upsample(size=(3, 4), mode='bicubic')",
        ),
        (nn.UpsamplingNearest2d(5), lambda x: F.interpolate(x, 5), "UpsamplingNearest2d(size=5, mode='nearest')"),
        (
            nn.UpsamplingBilinear2d(scale_factor=(2, 3)),
            lambda x: F.interpolate(x, scale_factor=(2, 3), mode="bilinear", align_corners=True),
            "UpsamplingBilinear2d(scale_factor=(2.0, 3.0), mode='bilinear')",
        ),
        (nn.PixelShuffle(2), lambda x: F.pixel_shuffle(x, 2), "PixelShuffle(upscale_factor=2)"),
        (nn.PixelUnshuffle(2), lambda x: F.pixel_unshuffle(x, 2), "PixelUnshuffle(downscale_factor=2)"),
        (nn.ChannelShuffle(2), lambda x: F.channel_shuffle(x, 2), "ChannelShuffle(groups=2)"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, nn.Module) else "",
)
def test_layers(layer, function, text):
    x = ember.randn(2, 4, 2, 6)
    assert repr(layer) == text
    assert not layer.state_dict()
    for each in (layer, pickle.loads(pickle.dumps(layer))):
        assert (each(x) == function(x)).all()

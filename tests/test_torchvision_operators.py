"""torchvision's operators against their definitions, element by element in NumPy."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest

import ember
from ember import _torchvision_operators, nn
from ember.autograd import gradcheck, gradgradcheck

RANDOM = numpy.random.default_rng(0)
operators = ember.ops.torchvision


def tensor(array, dtype=ember.float64):
    return ember.tensor(array, dtype=dtype)


def some_regions(count, images=2, size=14):
    """Rows (image, x1, y1, x2, y2), some of them partly outside."""
    corners = RANDOM.uniform(-3, size, (count, 2))
    return numpy.hstack(
        [RANDOM.integers(0, images, (count, 1)), corners, corners + RANDOM.uniform(0.5, size, (count, 2))]
    )


# ---- definitions ----------------------------------------------------------------------------------------------------


def between_pixels(channel, y, x):
    """Linear interpolation; 0 from one pixel outside on, the outermost pixels' values until there."""
    height, width = channel.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return 0.0
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    rows, columns = {int(y), math.ceil(y)}, {int(x), math.ceil(x)}
    return sum((1 - abs(y - i)) * (1 - abs(x - j)) * channel[i, j] for i in rows for j in columns)


def aligned_region(x, region, scale, bins, samples, offset, least, sensitive=False):
    image = x[int(region[0])]
    left, top, right, bottom = region[1:] * scale - offset
    width, height = max(right - left, least), max(bottom - top, least)
    across = samples if samples > 0 else math.ceil(width / bins[1])
    down = samples if samples > 0 else math.ceil(height / bins[0])
    channels = len(image) // math.prod(bins) if sensitive else len(image)
    result = numpy.zeros((channels, *bins))
    for c, i, j in itertools.product(range(channels), *map(range, bins)):
        channel = image[(c * bins[0] + i) * bins[1] + j] if sensitive else image[c]
        for k, m in itertools.product(range(down), range(across)):
            y = top + (i + (k + 0.5) / down) * height / bins[0]
            result[c, i, j] += between_pixels(channel, y, left + (j + (m + 0.5) / across) * width / bins[1])
    return result / max(across * down, 1)


def pixels_of_bin(start, length, i, bins, most):
    low, high = math.floor(i * length / bins) + start, math.ceil((i + 1) * length / bins) + start
    return slice(min(max(low, 0), most), min(max(high, 0), most))


def nearest(x):
    return math.floor(abs(x) + 0.5) * (1 if x > 0 else -1)


def pixels_region(x, region, scale, bins, largest):
    """The largest pixel of each bin of each channel, or the mean of each bin in a channel of its own."""
    image = x[int(region[0])]
    left, top, right, bottom = (nearest(corner * scale) for corner in region[1:])
    width, height = max(right - left + largest, 1), max(bottom - top + largest, 1)
    channels = len(image) if largest else len(image) // math.prod(bins)
    limits = [size if largest else size - 1 for size in image.shape[1:]]
    result = numpy.zeros((channels, *bins))
    for c, i, j in itertools.product(range(channels), *map(range, bins)):
        channel = image[c] if largest else image[(c * bins[0] + i) * bins[1] + j]
        part = channel[pixels_of_bin(top, height, i, bins[0], limits[0]), :]
        part = part[:, pixels_of_bin(left, width, j, bins[1], limits[1])]
        if part.size:
            result[c, i, j] = part.max() if largest else part.mean()
    return result


# ---- regions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [ember.float64, ember.float32])
@pytest.mark.parametrize("samples", [-1, 1, 3])
@pytest.mark.parametrize("aligned", [False, True])
def test_roi_align(dtype, samples, aligned):
    x, regions = RANDOM.standard_normal((2, 5, 9, 12)), some_regions(20).astype(numpy.float32).astype(float)
    expected = [aligned_region(x, row, 0.75, (2, 3), samples, 0.5 * aligned, -99 if aligned else 1) for row in regions]
    found = operators.roi_align(tensor(x, dtype), tensor(regions, dtype), 0.75, 2, 3, samples, aligned)
    tolerance = 1e-12 if dtype is ember.float64 else 2e-5
    numpy.testing.assert_allclose(found.numpy(), expected, atol=tolerance)


@pytest.mark.parametrize("samples", [-1, 2])
def test_ps_roi_align(samples):
    x, regions = RANDOM.standard_normal((2, 12, 9, 12)), some_regions(10)
    found, channels = operators.ps_roi_align(tensor(x), tensor(regions), 0.75, 2, 3, samples)
    expected = [aligned_region(x, row, 0.75, (2, 3), samples, 0.5, -99, sensitive=True) for row in regions]
    numpy.testing.assert_allclose(found.numpy(), expected, atol=1e-12)
    assert channels.dtype is ember.int32 and channels[3].flatten().tolist() == list(range(12))


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_pools_of_whole_pixels(scale):
    x, regions = RANDOM.standard_normal((2, 12, 9, 12)), some_regions(10)
    means, _ = operators.ps_roi_pool(tensor(x), tensor(regions), scale, 2, 3)
    numpy.testing.assert_allclose(means, [pixels_region(x, row, scale, (2, 3), False) for row in regions], atol=1e-12)
    largest, places = operators.roi_pool(tensor(x), tensor(regions), scale, 2, 3)
    numpy.testing.assert_array_equal(largest, [pixels_region(x, row, scale, (2, 3), True) for row in regions])
    for k, c, i, j in itertools.product(range(10), range(12), range(2), range(3)):
        place = int(places[k, c, i, j])
        value = x[int(regions[k, 0]), c].flat[place] if place >= 0 else 0
        assert largest[k, c, i, j].item() == value


def test_gradients_of_regions():
    regions = tensor(some_regions(4, size=5))
    x = ember.randn(2, 4, 5, 6, dtype=ember.float64, requires_grad=True)
    for samples, aligned in ((-1, False), (2, True)):
        function = lambda x, s=samples, a=aligned: operators.roi_align(x, regions, 1.0, 2, 2, s, a)  # noqa: E731
        assert gradcheck(function, x) and gradgradcheck(function, x)
    assert gradcheck(lambda x: operators.ps_roi_align(x, regions, 1.0, 2, 2, -1)[0], x)
    assert gradcheck(lambda x: operators.ps_roi_pool(x, regions, 1.0, 2, 2)[0], x)
    assert gradcheck(lambda x: operators.roi_pool(x, regions, 1.0, 2, 2)[0], x)


def test_backward_operators_are_the_gradients():
    regions, x = tensor(some_regions(4)), ember.randn(2, 4, 9, 12, dtype=ember.float64, requires_grad=True)
    shapes = 2, 4, 9, 12
    y = operators.roi_align(x, regions, 0.5, 2, 2, -1, True)
    g = ember.randn_like(y)
    expected = ember.autograd.grad(y, x, g)[0]
    assert ember.equal(operators._roi_align_backward(g, regions, 0.5, 2, 2, *shapes, -1, True), expected)
    y, places = operators.roi_pool(x, regions, 0.5, 2, 2)
    expected = ember.autograd.grad(y, x, g)[0]
    found = operators._roi_pool_backward(g, regions, places, 0.5, 2, 2, *shapes)
    assert ember.allclose(found, expected, atol=1e-12)
    for name, options in (("ps_roi_align", (3,)), ("ps_roi_pool", ())):
        y, channels = getattr(operators, name)(x, regions, 0.5, 2, 2, *options)
        backward = getattr(operators, f"_{name}_backward")
        found = backward(ember.ones_like(y), regions, channels, 0.5, 2, 2, *options, *shapes)
        assert ember.equal(found, ember.autograd.grad(y.sum(), x)[0])


def test_many_regions_on_any_number_of_threads():
    x, regions = ember.randn(2, 64, 20, 20, requires_grad=True), tensor(some_regions(200), ember.float32)
    threads = ember.get_num_threads()
    results = []
    try:
        for count in (1, 3):
            ember.set_num_threads(count)
            y = operators.roi_align(x, regions, 1.0, 7, 7, -1, False)
            results.append((y.detach(), ember.autograd.grad(y.square().sum(), x)[0]))
    finally:
        ember.set_num_threads(threads)
    assert all(ember.equal(*pair) for pair in zip(*results, strict=True))


def test_unusual_regions():
    x, one = ember.ones(1, 2, 4, 4), ember.tensor([[0.0, 1.0, 1.0, 3.0, 3.0]])
    assert operators.roi_align(x, one[:0], 1.0, 2, 2, -1, False).shape == (0, 2, 2, 2)
    assert operators.roi_align(x, one, 1.0, 0, 2, -1, False).shape == (1, 2, 0, 2)
    turned = ember.tensor([[0.0, 3.0, 3.0, 1.0, 1.0]])
    assert not operators.roi_align(x, turned, 1.0, 2, 2, -1, True).any()
    vast = ember.tensor([[0.0, -1e30, -1e30, 1e30, 1e30], [0.0, 0.0, 0.0, 1e18, 1e18]])
    assert operators.roi_align(x, vast, 1.0, 2, 2, -1, False).isfinite().all()
    for value in (math.nan, math.inf):
        region = ember.tensor([[0.0, 0.0, 0.0, value, 1.0]])
        assert operators.roi_align(x, region, 1.0, 2, 2, -1, False).isnan().all()
        assert operators.ps_roi_pool(x.repeat(1, 2, 1, 1), region, 1.0, 2, 2)[0].shape == (1, 1, 2, 2)
        assert operators.roi_pool(x, region, 1.0, 2, 2)[0].shape == (1, 2, 2, 2)
    assert operators.roi_align(x.to("meta"), one.to("meta"), 1.0, 2, 3, -1, False).shape == (1, 2, 2, 3)


@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_sixteen_bits_are_float32_rounded(dtype):
    x, regions = ember.randn(1, 3, 6, 7).to(dtype), ember.tensor([[0.0, 1.0, 1.0, 5.0, 4.0]]).to(dtype)
    found = operators.roi_align(x, regions, 1.0, 2, 2, 2, False)
    assert ember.equal(found, operators.roi_align(x.float(), regions.float(), 1.0, 2, 2, 2, False).to(dtype))


def test_autocast_keeps_the_type_of_the_map():
    x, regions = ember.randn(1, 3, 6, 7).bfloat16(), ember.tensor([[0.0, 1.0, 1.0, 5.0, 4.0]])
    with ember.autocast("cpu"):
        assert operators.roi_align(x, regions, 1.0, 2, 2, 2, False).dtype is ember.bfloat16


# ---- boxes ----------------------------------------------------------------------------------------------------------


def best_boxes(boxes, scores, threshold):
    kept = []
    for i in numpy.argsort(-scores, kind="stable"):
        low, high = numpy.maximum(boxes[kept, :2], boxes[i, :2]), numpy.minimum(boxes[kept, 2:], boxes[i, 2:])
        shared = numpy.clip(high - low, 0, None).prod(-1)
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        if not (shared / (areas[kept] + areas[i] - shared) > threshold).any():
            kept.append(i)
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("dtype", [numpy.float32, numpy.float64])
def test_nms(threshold, dtype):
    corners = RANDOM.uniform(0, 50, (200, 2)).round(1)
    boxes = numpy.hstack([corners, corners + RANDOM.uniform(1, 30, (200, 2)).round(1)]).astype(dtype)
    scores = RANDOM.uniform(size=200).round(2).astype(dtype)  # some are equal
    found = operators.nms(ember.from_numpy(boxes), ember.from_numpy(scores), threshold)
    assert found.dtype is ember.int64 and found.tolist() == best_boxes(boxes, scores, threshold)


def test_nms_of_few_and_of_bounds():
    assert operators.nms(ember.zeros(0, 4), ember.zeros(0), 0.5).shape == (0,)
    # A union shared by a third exactly: the threshold is a double, as near a third as float32 is not.
    boxes = ember.tensor([[0.0, 0.0, 2.0, 1.0], [1.0, 0.0, 3.0, 1.0]])
    third = float(ember.tensor(1.0) / 3)
    assert len(operators.nms(boxes, ember.ones(2), third)) == 2
    assert len(operators.nms(boxes, ember.ones(2), 1 / 3)) == (1 if third > 1 / 3 else 2)
    assert len(operators.nms(boxes, ember.ones(2), 0.33)) == 1
    assert operators.nms(ember.full((2, 4), math.nan), ember.ones(2), 0.5).tolist() == [0, 1]


def test_rotated_boxes():
    square = ember.tensor([[0.0, 0.0, 2.0, 2.0, 0.0]])
    turned = ember.tensor([[0.0, 0.0, 2.0, 2.0, 45.0], [1.0, 1.0, 2.0, 2.0, 0.0], [9.0, 9.0, 2.0, 2.0, 10.0]])
    octagon = 8 * (math.sqrt(2) - 1)
    expected = [octagon / (8 - octagon), 1 / 7, 0]
    assert operators.box_iou_rotated(square, turned)[0].tolist() == pytest.approx(expected)
    boxes = tensor(
        numpy.hstack([RANDOM.uniform(0, 9, (12, 2)), RANDOM.uniform(1, 6, (12, 2)), RANDOM.uniform(0, 360, (12, 1))])
    )
    once = operators.box_iou_rotated(boxes, boxes)
    assert ember.allclose(once, once.T) and ember.allclose(once.diagonal(), ember.ones(12))
    angle = math.radians(30)  # all together about the origin: degrees turn against the axes of an image
    rotation = tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    moved = ember.cat([boxes[:, :2] @ rotation.T, boxes[:, 2:4], boxes[:, 4:] + 30], 1)
    assert ember.allclose(operators.box_iou_rotated(moved, moved), once, atol=1e-6)
    assert operators.box_iou_rotated(square[:0], turned).shape == (0, 3)
    assert not operators.box_iou_rotated(ember.tensor([[0.0, 0.0, 0.0, 2.0, 0.0]]), turned).any()


# ---- deformable convolution -----------------------------------------------------------------------------------------


def deformed(x, weight, offset, mask, bias, stride=(1, 1), padding=(0, 0), dilation=(1, 1), use_mask=True):
    taps = weight.shape[2] * weight.shape[3]
    groups = x.shape[1] // weight.shape[1], offset.shape[1] // (2 * taps)
    return operators.deform_conv2d(x, weight, offset, mask, bias, *stride, *padding, *dilation, *groups, use_mask)


@pytest.mark.parametrize(("groups", "offset_groups"), [(1, 1), (2, 1), (1, 2), (2, 4)])
def test_deform_conv2d_without_offsets_is_a_convolution(groups, offset_groups):
    x, weight, bias = ember.randn(2, 4, 9, 11), ember.randn(6, 4 // groups, 2, 3), ember.randn(6)
    options = {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 1)}
    expected = nn.functional.conv2d(x, weight, bias, groups=groups, **options)
    offset = ember.zeros(2, 12 * offset_groups, *expected.shape[2:])
    mask = ember.full((2, 6 * offset_groups, *expected.shape[2:]), 0.5)
    assert ember.allclose(deformed(x, weight, offset, mask, bias, **options, use_mask=False), expected, atol=1e-5)
    half = (expected - bias[:, None, None]) / 2 + bias[:, None, None]
    assert ember.allclose(deformed(x, weight, offset, mask, bias, **options), half, atol=1e-5)


def test_deform_conv2d_reads_between_pixels():
    x = RANDOM.standard_normal((1, 2, 5, 6))
    offset = RANDOM.uniform(-3, 3, (1, 2, 2, 5, 6)).reshape(1, 4, 5, 6)
    weight = tensor([[[[1.0]], [[0.0]]], [[[0.0]], [[1.0]]]])
    found = deformed(
        tensor(x), weight, tensor(offset), ember.zeros(1, 1, dtype=ember.float64), tensor([0.0, 0.0]), use_mask=False
    )
    padded = numpy.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))  # zeros around
    for c, i, j in itertools.product(range(2), range(5), range(6)):
        y, k = i + offset[0, 2 * c, i, j], j + offset[0, 2 * c + 1, i, j]
        inside = -1 < y < 5 and -1 < k < 6
        expected = between_pixels(padded[0, c], y + 1, k + 1) if inside else 0
        assert found[0, c, i, j].item() == pytest.approx(expected, abs=1e-12)


def test_gradients_of_deform_conv2d():
    make = lambda *size: ember.randn(*size, dtype=ember.float64, requires_grad=True)  # noqa: E731
    inputs = make(1, 2, 4, 4), make(2, 2, 2, 2), make(1, 8, 3, 3), make(1, 4, 3, 3), make(2)
    assert gradcheck(deformed, inputs) and gradgradcheck(deformed, inputs)
    y = deformed(*inputs)
    found = operators._deform_conv2d_backward(ember.ones_like(y), *inputs, 1, 1, 0, 0, 1, 1, 1, 1, True)
    for one, other in zip(found, ember.autograd.grad(y.sum(), inputs), strict=True):
        assert ember.allclose(one, other)


# ---- quantized numbers ----------------------------------------------------------------------------------------------


def test_operators_of_quantized_numbers():
    boxes = ember.tensor([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], dtype=ember.uint8)
    assert operators.qnms(boxes, ember.tensor([1, 2, 3], dtype=ember.uint8), 0.5).tolist() == [2, 1]
    x = ember.arange(16, dtype=ember.uint8).reshape(1, 1, 4, 4)
    regions = ember.tensor([[0, 0, 0, 2, 2]], dtype=ember.uint8)
    found = operators.qroi_align(x, regions, 0.1, 2, 1.0, 0, 1.0, 1, 1, 2, False)
    assert found.dtype is ember.uint8 and found.item() == 5  # the mean at (1, 1)
    with pytest.raises(RuntimeError, match="Only one image per batch"):
        operators.qroi_align(x.repeat(2, 1, 1, 1), regions, 0.1, 2, 1.0, 0, 1.0, 1, 1, 2, False)


# ---- how packages reach them ----------------------------------------------------------------------------------------


def test_loading_torchvisions_library_defines_them(tmp_path):
    library = tmp_path / "torchvision" / "_C.so"
    library.parent.mkdir()
    with pytest.raises(OSError, match="compiled for PyTorch"):
        ember.ops.load_library(library)
    for name in ("_C.so", "image.so"):
        library.with_name(name).write_bytes(b"")
    library.with_name("text").write_bytes(b"\1\2")
    ember.ops.load_library(library)
    assert str(library) in ember.ops.loaded_libraries and operators._cuda_version() == -1
    ember.ops.load_library(library.with_name("image.so"))
    assert ember.ops.image.read_file(str(library.with_name("text"))).tolist() == [1, 2]
    with pytest.raises(OSError, match="compiled for PyTorch"):
        ember.ops.load_library(library.with_name("text"))


def test_gradients_that_torchvision_registers_leave_ours():
    ember.library.register_autograd("torchvision::nms", lambda ctx, g: None)
    assert isinstance(operators.nms, _torchvision_operators._OwnOperator) and operators.nms._backward is None
    assert operators.nms.default is operators.nms
    assert operators.nms._schema == "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

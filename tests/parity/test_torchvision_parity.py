"""torchvision's operators beside its own, where its compiled extension loads under the PyTorch that is installed."""

from __future__ import annotations

import numpy
import pytest

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
if not torchvision.extension._has_ops():
    pytest.skip("torchvision's extension does not load under this PyTorch", allow_module_level=True)

import ember  # noqa: E402
from ember import _torchvision_operators as _  # noqa: E402, F401

BOTH = ember, torch
RANDOM = numpy.random.default_rng(0)


def regions(count, least):
    corners = RANDOM.uniform(-8, 40, (count, 2))
    return numpy.hstack([RANDOM.integers(0, 3, (count, 1)), corners, corners + RANDOM.uniform(least, 30, (count, 2))])


def compare(name, arrays, options, dtype, tolerance, gradients=True):
    """Values, and the gradients by the arrays that `gradients` counts."""
    results = []
    for library in BOTH:
        given = [library.tensor(each, dtype=getattr(library, dtype)) for each in arrays]
        for each in given[: int(gradients)]:
            each.requires_grad_()
        found = getattr(library.ops.torchvision, name)(*given, *options)
        pieces = found if isinstance(found, tuple) else (found,)
        weights = numpy.random.default_rng(1).standard_normal(tuple(pieces[0].shape))
        if gradients:
            (pieces[0] * library.tensor(weights, dtype=getattr(library, dtype))).sum().backward()
        results.append(
            [
                *(each.detach().numpy() for each in pieces),
                *(each.grad.numpy() for each in given if each.grad is not None),
            ]
        )
    assert len(results[0]) == len(results[1])
    for one, other in zip(*results, strict=True):
        assert one.dtype == other.dtype
        numpy.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * max(1, abs(other).max(initial=0)))


TOLERANCES = pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-14)])


@TOLERANCES
@pytest.mark.parametrize("samples", [-1, 0, 1, 2, 5])
def test_regions(dtype, tolerance, samples):
    x = RANDOM.standard_normal((3, 8, 17, 23))
    rows = regions(25, 0.5 if samples < 1 else -6)  # of turned regions torchvision cannot choose the number of samples
    for aligned in (False, True):
        compare("roi_align", (x, rows), (0.7, 2, 4, samples, aligned), dtype, tolerance)
    compare("ps_roi_align", (x, rows), (0.7, 2, 4, samples), dtype, tolerance)


@TOLERANCES
@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 1.3])
def test_pools(dtype, tolerance, scale):
    x, rows = RANDOM.standard_normal((3, 8, 17, 23)), regions(25, -6)
    compare("roi_pool", (x, rows), (scale, 2, 4), dtype, tolerance)
    compare("ps_roi_pool", (x, rows), (scale, 2, 4), dtype, tolerance, gradients=False)
    inside = numpy.hstack([numpy.zeros((9, 1)), RANDOM.uniform(0, 8, (9, 2)), RANDOM.uniform(9, 15, (9, 2))])
    compare("ps_roi_pool", (x, inside), (1.0, 2, 4), dtype, tolerance)  # at borders its gradient is another function's


@TOLERANCES
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9])
def test_boxes(dtype, tolerance, threshold):
    corners = RANDOM.uniform(0, 50, (300, 2)).round()
    boxes, scores = numpy.hstack([corners, corners + RANDOM.uniform(0, 30, (300, 2)).round()]), RANDOM.uniform(size=300)
    scores[::7] = 0.5
    compare("nms", (boxes, scores), (threshold,), dtype, 0, gradients=False)
    rotated = numpy.hstack(
        [RANDOM.uniform(0, 20, (30, 2)), RANDOM.uniform(-1, 15, (30, 2)), RANDOM.uniform(-180, 180, (30, 1))]
    )
    compare("box_iou_rotated", (rotated, rotated[::-1].copy()), (), dtype, 1e-5, gradients=False)


@TOLERANCES
@pytest.mark.parametrize(("groups", "offset_groups", "far"), [(1, 1, 0), (2, 1, 1), (1, 4, 3), (4, 2, 8)])
@pytest.mark.parametrize("use_mask", [False, True])
def test_deform_conv2d(dtype, tolerance, groups, offset_groups, far, use_mask):
    normal = RANDOM.standard_normal
    offset, mask = far * normal((2, 12 * offset_groups, 4, 11)), normal((2, 6 * offset_groups, 4, 11))
    arrays = (
        normal((2, 8, 9, 11)),
        normal((8, 8 // groups, 2, 3)),
        offset,
        mask if use_mask else normal((2, 1)),
        normal(8),
    )
    options = (2, 1, 0, 1, 1, 1, groups, offset_groups, use_mask)
    if use_mask:
        compare("deform_conv2d", arrays, options, dtype, tolerance * 4, gradients=5)
    else:
        compare("deform_conv2d", arrays, options, dtype, tolerance * 4, gradients=3)


def test_quantized_numbers():
    boxes = numpy.sort(RANDOM.integers(0, 255, (40, 2, 2)), axis=1).reshape(40, 4)
    compare("qnms", (boxes, RANDOM.permutation(40)), (0.4,), "uint8", 0, gradients=False)
    x, rows = RANDOM.integers(0, 255, (1, 3, 9, 9)), numpy.array([[0, 1, 1, 5, 6], [0, 0, 2, 8, 7]])
    compare("qroi_align", (x, rows), (0.1, 2, 1.0, 0, 1.0, 2, 2, 2, False), "uint8", 0, gradients=False)
    compare("qroi_align", (x, rows), (0.1, 2, 0.9, 0, 1.0, 2, 2, -1, True), "uint8", 0, gradients=False)


def test_schemas_and_errors():
    for name in ("nms", "roi_align", "_roi_align_backward", "roi_pool", "deform_conv2d", "box_iou_rotated"):
        theirs = str(getattr(torch.ops.torchvision, name).default._schema)
        ours = f"torchvision::{name}{getattr(ember.ops.torchvision, name)._schema}"
        assert ours.replace("SymInt", "int") == theirs.replace("SymInt", "int")
    x, rows = RANDOM.standard_normal((2, 4, 8, 9)), regions(3, 1)
    for name, arrays, options in [
        ("roi_align", (x, rows[:, :4]), (1.0, 2, 2, -1, False)),
        ("roi_align", (x[0], rows), (1.0, 2, 2, -1, False)),
        ("ps_roi_align", (x, rows), (1.0, 3, 2, -1)),
        ("nms", (rows[:, 1:], x[0, 0, :2]), (0.5,)),
        ("nms", (rows, x[0, 0, 0, :3]), (0.5,)),
        ("nms", (rows[0], x[0, 0, 0, :3]), (0.5,)),
        ("nms", (rows[:, 1:], x[0, 0, 0, :2]), (0.5,)),
    ]:
        kinds = []
        for library in BOTH:
            with pytest.raises(Exception) as error:
                getattr(library.ops.torchvision, name)(*map(library.tensor, arrays), *options)
            kinds.append(error.type)
        assert kinds[0] is kinds[1], name

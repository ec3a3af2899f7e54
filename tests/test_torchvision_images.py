"""torchvision's image operators: what was written is read again, in each of its modes."""

from __future__ import annotations

import io

import numpy
import pytest

import ember

Image = pytest.importorskip("PIL.Image")

from ember import _torchvision_images as images  # noqa: E402

UNCHANGED, GRAY, GRAY_ALPHA, RGB, RGB_ALPHA = range(5)
PIXELS = numpy.random.default_rng(0).integers(0, 256, (7, 9, 4)).astype(numpy.uint8)


def saved(array, kind="PNG", mode=None, **options):
    """The bytes of an image file as a tensor."""
    file = io.BytesIO()
    (array if isinstance(array, Image.Image) else Image.fromarray(array, mode)).save(file, kind, **options)
    return ember.tensor(numpy.frombuffer(file.getvalue(), numpy.uint8).copy())


def by_channel(array):
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png(channels):
    array = PIXELS[:, :, 0] if channels == 1 else PIXELS[:, :, :channels]
    data, expected = saved(array), by_channel(array)
    found = [images.decode_png(data, mode).numpy() for mode in range(5)]
    assert numpy.array_equal(found[UNCHANGED], expected)
    gray = (
        expected[:1]
        if channels < 3
        else (numpy.tensordot([9794, 19234, 3740], expected[:3].astype(int), 1) >> 15)[None]
    )
    alpha = expected[-1:] if channels in (2, 4) else numpy.full_like(expected[:1], 255)
    colors = expected[:3] if channels > 2 else numpy.repeat(expected[:1], 3, 0)
    assert numpy.array_equal(found[GRAY], gray) and numpy.array_equal(found[RGB], colors)
    assert numpy.array_equal(found[GRAY_ALPHA], numpy.concatenate([gray, alpha]))
    assert numpy.array_equal(found[RGB_ALPHA], numpy.concatenate([colors, alpha]))
    assert ember.equal(images.decode_image(data, RGB), images.decode_png(data, RGB))


def test_png_of_other_kinds():
    palette = Image.fromarray(PIXELS[:, :, :3]).quantize(16)
    data = saved(palette, transparency=3)
    assert images.decode_png(data, UNCHANGED).shape == (1, 7, 9)
    assert numpy.array_equal(images.decode_png(data, RGB), by_channel(numpy.array(palette.convert("RGB"))))
    assert sorted(set(images.decode_png(data, RGB_ALPHA)[3].flatten().tolist())) == [0, 255]
    bits = images.decode_png(saved(PIXELS[:, :, 0] > 99), UNCHANGED)
    assert numpy.array_equal(bits[0], numpy.where(PIXELS[:, :, 0] > 99, 255, 0))
    wide = PIXELS[:, :, 0].astype(numpy.uint16) * 200
    found = images.decode_png(saved(wide), RGB_ALPHA)
    assert found.dtype is ember.uint16 and numpy.array_equal(found.numpy()[1], wide) and found.numpy()[3].min() == 65535


def test_jpeg():
    smooth = numpy.linspace(0, 255, 48 * 64 * 3).reshape(48, 64, 3).astype(numpy.uint8)
    pixels = ember.tensor(smooth).permute(2, 0, 1)
    data = images.encode_jpeg(pixels, 95)
    assert (images.decode_jpeg(data, UNCHANGED).int() - pixels.int()).abs().max() < 8
    assert images.decode_jpeg(data, GRAY).shape == (1, 48, 64)
    gray = images.encode_jpeg(pixels[:1], 95)
    assert images.decode_jpeg(gray, UNCHANGED).shape == (1, 48, 64)
    assert ember.equal(images.decode_image(gray, RGB)[2], images.decode_jpeg(gray, UNCHANGED)[0])
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    turned = saved(smooth, "JPEG", exif=exif)
    assert images.decode_jpeg(turned, RGB).shape == (3, 48, 64) and images.decode_jpeg(turned, RGB, True).shape == (
        3,
        64,
        48,
    )
    ink = images.decode_jpeg(saved(Image.fromarray(smooth).convert("CMYK"), "JPEG"), UNCHANGED)
    assert ink.shape == (4, 48, 64)


def test_gif_and_webp():
    frames = [Image.fromarray(PIXELS[:, :, i]) for i in range(3)]
    one, three = saved(frames[0], "GIF"), saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert numpy.array_equal(images.decode_gif(one)[1], PIXELS[:, :, 0])
    found = images.decode_image(three, UNCHANGED)
    assert found.shape == (3, 3, 7, 9) and numpy.array_equal(found[2, 0], PIXELS[:, :, 2])
    data = saved(PIXELS[:, :, :3], "WEBP", lossless=True)
    assert numpy.array_equal(images.decode_image(data, UNCHANGED), by_channel(PIXELS[:, :, :3]))
    assert images.decode_webp(data, RGB_ALPHA).shape == (4, 7, 9)


def test_files(tmp_path):
    pixels = ember.tensor(by_channel(PIXELS[:, :, :3]).copy())
    path = str(tmp_path / "image.png")
    images.write_file(path, images.encode_png(pixels, 3))
    assert ember.equal(images.decode_image(images.read_file(path), UNCHANGED), pixels)


BYTES = ember.zeros(10, dtype=ember.uint8)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: images.read_file("/nothing/here"), "No such file"),
        (lambda: images.write_file("/nothing/here", BYTES), "Error opening output file"),
        (lambda: images.decode_png(BYTES, 0), "Content is not png"),
        (lambda: images.decode_jpeg(BYTES, 0), "Not a JPEG file"),
        (lambda: images.decode_jpeg(BYTES, RGB_ALPHA), "mode is not supported"),
        (lambda: images.decode_gif(BYTES), "not GIF"),
        (lambda: images.decode_webp(BYTES, 0), "not WebP"),
        (lambda: images.decode_image(BYTES, 0), "Unsupported image file"),
        (lambda: images.decode_png(BYTES.float(), 0), "must have uint8 data type"),
        (lambda: images.decode_png(BYTES[:0], 0), "1-dimensional and non-empty"),
        (lambda: images.decode_png(saved(PIXELS), 7), "expected one of ImageReadMode"),
        (lambda: images.encode_png(BYTES, 3), "3-dimensional"),
        (lambda: images.encode_png(ember.zeros(3, 2, 2), 3), "should be uint8"),
        (lambda: images.encode_jpeg(BYTES.reshape(2, 5, 1), 75), "channels should be 1 or 3, got: 2"),
        (lambda: images.encode_png(BYTES.reshape(1, 5, 2), 12), "between 0 and 9"),
    ],
)
def test_errors(call, text):
    with pytest.raises(RuntimeError, match=text):
        call()

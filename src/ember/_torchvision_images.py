"""The operators of torchvision's compiled image library, by Pillow, which torchvision requires: ``torch.ops.image``.

Images are uint8 tensors ``(channels, height, width)``; files are uint8 tensors of their bytes.
"""

from __future__ import annotations

import io
from typing import Any

from . import _C
from ._torchvision_operators import operator
from .ops.creation import full_like
from .ops.from_data import frombuffer, tensor

_UNCHANGED, _GRAY, _GRAY_ALPHA, _RGB, _RGB_ALPHA = range(5)  # torchvision.io.ImageReadMode
_PILLOW_MODES = {_GRAY: "L", _GRAY_ALPHA: "LA", _RGB: "RGB", _RGB_ALPHA: "RGBA"}


def _bytes_of(data: Any) -> bytes:
    if data.dtype is not _C.uint8:
        raise RuntimeError(f"Input tensor must have uint8 data type, got {data.dtype}.")
    if data.dim() != 1 or data.numel() == 0:
        raise RuntimeError(
            f"Input tensor must be 1-dimensional and non-empty, got {data.dim()} dims and {data.numel()} numels."
        )
    return bytes(data.numpy())


def _opened(data: Any, kind: str, what: str) -> Any:
    """The image in the bytes `data`, which must be of that kind."""
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(_bytes_of(data)), formats=[kind])
    except (UnidentifiedImageError, OSError) as error:
        raise RuntimeError(f"decode_{kind.lower()}(): {what} {error}") from None


def _as_tensor(image: Any) -> Any:
    """(channels, height, width) of the pixels of an image."""
    import numpy

    pixels = tensor(numpy.array(image))
    return (pixels[None] if pixels.dim() == 2 else pixels.permute(2, 0, 1)).contiguous()


def _gray(pixels: Any) -> Any:
    """Of red, green and blue, by libpng's weights of 15 bits."""
    red, green, blue = (each.int() for each in pixels[:3])
    return ((red * 9794 + green * 19234 + blue * 3740) >> 15).to(pixels.dtype)[None]


def _from_gray(pixels: Any, mode: int) -> Any:
    """One channel as the channels of a mode, opaque."""
    opaque = full_like(pixels, 65535 if pixels.dtype is _C.uint16 else 255)
    count = 3 if mode in (_RGB, _RGB_ALPHA) else 1
    return _C.ops.cat([pixels] * count + [opaque] * (mode in (_GRAY_ALPHA, _RGB_ALPHA)), 0)


def _upright(image: Any, apply_exif_orientation: bool) -> Any:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image) if apply_exif_orientation else image


def _in_mode(name: str, image: Any, mode: int) -> Any:
    """The pixels in one of torchvision's modes."""
    if mode not in (_UNCHANGED, *_PILLOW_MODES):
        raise RuntimeError(f"{name}(): mode is {mode}; expected one of ImageReadMode.")
    if image.mode == "1":
        image = image.convert("L")
    if mode == _UNCHANGED:
        pixels = _as_tensor(image)
        # Adobe's programs write ink the other way round, which Pillow undoes.
        return 255 - pixels if image.mode == "CMYK" and "adobe" in image.info else pixels
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    if mode in (_GRAY, _GRAY_ALPHA) and image.mode in ("RGB", "RGBA"):
        pixels = _as_tensor(image.convert("RGBA"))
        gray = _gray(pixels)
        return gray if mode == _GRAY else _C.ops.cat((gray, pixels[3:]), 0)
    return _as_tensor(image.convert(_PILLOW_MODES[mode]))


# ---- files ----------------------------------------------------------------------------------------------------------


@operator("image")
def read_file(path: str) -> _C.Tensor:
    """The bytes of a file."""
    try:
        with open(path, "rb") as file:
            content = bytearray(file.read())
    except OSError as error:
        raise RuntimeError(f"read_file(): {error}") from None
    if not content:
        raise RuntimeError(f"read_file(): Expected a non empty file; {path!r} is empty.")
    return frombuffer(content, dtype=_C.uint8)


@operator("image")
def write_file(filename: str, data: _C.Tensor) -> None:
    """Write bytes to a file."""
    content = _bytes_of(data)
    try:
        with open(filename, "wb") as file:
            file.write(content)
    except OSError as error:
        raise RuntimeError(f"write_file(): Error opening output file: {error}") from None


# ---- from bytes to pixels -------------------------------------------------------------------------------------------


@operator("image")
def decode_png(data: _C.Tensor, mode: int, apply_exif_orientation: bool = False) -> _C.Tensor:
    """The pixels of a PNG; of 16 bits each, of one channel, as uint16."""
    image = _opened(data, "PNG", "Content is not png!")
    depth, color = data[24].item(), data[25].item()  # of the header
    if depth == 16:
        if color != 0:
            raise RuntimeError(
                "decode_png(): the image has 16 bits for each of several channels, of which Pillow reads 8; expected "
                "one channel, or 8 bits."
            )
        return _from_gray(_as_tensor(_upright(image, apply_exif_orientation)), mode)
    return _in_mode("decode_png", _upright(image, apply_exif_orientation), mode)


@operator("image")
def decode_jpeg(data: _C.Tensor, mode: int, apply_exif_orientation: bool = False) -> _C.Tensor:
    """The pixels of a JPEG."""
    if mode not in (_UNCHANGED, _GRAY, _RGB):
        raise RuntimeError(
            "decode_jpeg(): The provided mode is not supported for JPEG files; expected UNCHANGED, GRAY or RGB."
        )
    image = _opened(data, "JPEG", "Not a JPEG file:")
    if mode == _GRAY:
        image.draft("L", image.size)  # brightness as it stands in the file
    return _in_mode("decode_jpeg", _upright(image, apply_exif_orientation), mode)


@operator("image")
def decode_webp(encoded_data: _C.Tensor, mode: int) -> _C.Tensor:
    """The pixels of a WebP, in RGB or with transparency."""
    image = _opened(encoded_data, "WEBP", "Content is not WebP:")
    if mode not in (_UNCHANGED, _RGB, _RGB_ALPHA):
        mode = _UNCHANGED
    return _in_mode("decode_webp", image, mode)


@operator("image")
def decode_gif(data: _C.Tensor) -> _C.Tensor:
    """The frames of a GIF, (frames, 3, height, width); of a single one (3, height, width)."""
    from PIL import ImageSequence

    image = _opened(data, "GIF", "Content is not GIF:")
    frames = [_as_tensor(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    return frames[0] if len(frames) == 1 else _C.ops.stack(frames)


@operator("image")
def decode_image(data: _C.Tensor, mode: int, apply_exif_orientation: bool = False) -> _C.Tensor:
    """The pixels of a JPEG, PNG, GIF or WebP, whichever it is."""
    start = _bytes_of(data)[:12]
    if start.startswith(b"\xff\xd8\xff"):
        return decode_jpeg(data, mode, apply_exif_orientation)
    if start.startswith(b"\x89PNG"):
        return decode_png(data, mode, apply_exif_orientation)
    if start.startswith((b"GIF87a", b"GIF89a")):
        return decode_gif(data)
    if start.startswith(b"RIFF") and start[8:] == b"WEBP":
        return decode_webp(data, mode)
    raise RuntimeError("decode_image(): Unsupported image file. Only jpeg, png, webp and gif are currently supported.")


# ---- from pixels to bytes -------------------------------------------------------------------------------------------


def _encoded(name: str, pixels: Any, **options: Any) -> Any:
    from PIL import Image

    if pixels.dtype is not _C.uint8:
        raise RuntimeError(f"{name}(): Input tensor dtype should be uint8; it is {pixels.dtype}.")
    if pixels.dim() != 3:
        raise RuntimeError(f"{name}(): Input data should be a 3-dimensional tensor; it has {pixels.dim()} dims.")
    if pixels.shape[0] not in (1, 3):
        raise RuntimeError(f"{name}(): The number of channels should be 1 or 3, got: {pixels.shape[0]}.")
    array = (pixels[0] if pixels.shape[0] == 1 else pixels.permute(1, 2, 0)).contiguous().numpy()
    file = io.BytesIO()
    Image.fromarray(array).save(file, **options)
    return frombuffer(bytearray(file.getbuffer()), dtype=_C.uint8)


@operator("image")
def encode_png(pixels: _C.Tensor, compression_level: int) -> _C.Tensor:
    """The bytes of a PNG."""
    if not 0 <= compression_level <= 9:
        raise RuntimeError(f"encode_png(): Compression level should be between 0 and 9; it is {compression_level}.")
    return _encoded("encode_png", pixels, format="PNG", compress_level=compression_level)


@operator("image")
def encode_jpeg(pixels: _C.Tensor, quality: int) -> _C.Tensor:
    """The bytes of a JPEG of that quality, 1 to 100."""
    return _encoded("encode_jpeg", pixels, format="JPEG", quality=quality)

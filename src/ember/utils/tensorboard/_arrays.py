"""Values as NumPy arrays, images as PNG."""

from __future__ import annotations

import io
import math
from typing import Any

from ... import _C


def array_of(value: Any) -> Any:
    """A tensor, array, list or number as an array of at least one dim."""
    import numpy as np

    if isinstance(value, _C.Tensor):
        value = value.detach()
        value = (value.float() if value.dtype == _C.bfloat16 else value).cpu().numpy()
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], _C.Tensor):
        value = [array_of(each) for each in value]
    elif isinstance(value, str) or value is None:
        raise NotImplementedError(f"Got {type(value)}, but numpy array or torch tensor are expected.")
    return np.atleast_1d(np.asarray(value))


def number_of(value: Any, caller: str) -> float:
    """The one number of a value."""
    array = array_of(value)
    if array.size != 1:
        raise AssertionError(f"{caller}(): the value has {array.size} numbers; expected one.")
    return float(array.reshape(-1)[0])


def grid_of(images: Any, columns: int = 8) -> Any:
    """Images ``(N, C, H, W)`` beside and below each other: ``(C, rows H, columns W)``; one channel becomes three."""
    import numpy as np

    if images.shape[1] == 1:
        images = np.repeat(images, 3, axis=1)
    count, channels, height, width = images.shape
    columns = min(count, columns)
    rows = math.ceil(count / columns)
    grid = np.zeros((channels, rows * height, columns * width), dtype=images.dtype)
    for index in range(count):
        top, left = index // columns * height, index % columns * width
        grid[:, top : top + height, left : left + width] = images[index]
    return grid


def pixels_of(array: Any, dataformats: str) -> Any:
    """An image, or a batch as a grid, as bytes ``(H, W, C)``; floating values count from 0 to 1."""
    import numpy as np

    formats = dataformats.upper()
    if len(set(formats)) != len(formats) or not {"H", "W"} <= set(formats) <= set("NCHW"):
        raise AssertionError(
            f"add_image(): dataformats is {dataformats!r}; expected an order of the letters N, C, H, W."
        )
    if len(formats) != array.ndim:
        raise AssertionError(
            f"size of input tensor and input format are different. tensor shape: {array.shape}, "
            f"input_format: {dataformats}"
        )
    if array.dtype == np.uint8:
        scaled = array
    else:
        scaled = np.clip(array * 255.0, 0, 255).astype(np.uint8)
    if "C" not in formats:
        scaled, formats = scaled[None], "C" + formats
    if "N" in formats:
        scaled = grid_of(scaled.transpose([formats.index(letter) for letter in "NCHW"]))
        return scaled.transpose(1, 2, 0)
    image = scaled.transpose([formats.index(letter) for letter in "HWC"])
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def png_of(pixels: Any, rescale: float = 1) -> tuple[bytes, tuple[int, int, int]]:
    """A PNG file, and its height, width and channels."""
    from PIL import Image

    image = Image.fromarray(pixels)
    if rescale != 1:
        image = image.resize((int(image.width * rescale), int(image.height * rescale)))
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue(), (image.height, image.width, pixels.shape[2])


def with_boxes(pixels: Any, boxes: Any, labels: list[str] | None) -> Any:
    """An image with frames of ``(x_min, y_min, x_max, y_max)`` drawn into it, and their labels."""
    import numpy as np
    from PIL import Image, ImageDraw

    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for index, box in enumerate(boxes.reshape(-1, 4).tolist()):
        draw.rectangle(box, outline="red", width=2)
        if labels is not None:
            draw.text((box[0] + 3, box[1] + 2), labels[index], fill="red")
    return np.array(image)


def gif_of(frames: Any, fps: float) -> bytes:
    """An animation of frames ``(T, H, W, C)``."""
    from PIL import Image

    first, *others = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=others, duration=1000 / fps, loop=0)
    return file.getvalue()


def wav_of(samples: Any, sample_rate: int) -> bytes:
    """Samples ``(1, L)`` or ``(L)`` in [-1, 1] as a WAV file of 16 bits."""
    import wave

    import numpy as np

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sample_rate)
        out.writeframes((np.clip(samples.reshape(-1), -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()

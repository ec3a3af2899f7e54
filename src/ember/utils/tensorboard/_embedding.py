"""The files that TensorBoard's projector reads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ._arrays import array_of, grid_of, pixels_of, png_of


def write_embedding(
    folder: Path, matrix: Any, metadata: list[Any] | None, metadata_header: list[str] | None, images: Any
) -> None:
    """Rows of numbers, their labels, their pictures as one square sprite."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = array_of(matrix)
    if rows.ndim != 2:
        raise AssertionError("mat should be 2D, where mat.size(0) is the number of data points")
    for name, given in (("labels", metadata), ("images", images)):
        if given is not None and len(given) != len(rows):
            raise AssertionError(f"#{name} should equal with #data points")
    lines = ("\t".join(repr(float(number)) for number in row) for row in rows)
    (folder / "tensors.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if metadata is not None:
        labels = [metadata_header, *metadata] if metadata_header else metadata
        texts = ("\t".join(str(part) for part in each) if metadata_header else str(each) for each in labels)
        (folder / "metadata.tsv").write_text("\n".join(texts) + "\n", encoding="utf-8")
    if images is not None:
        (folder / "sprite.png").write_bytes(_sprite(array_of(images)))


def _sprite(images: Any) -> bytes:
    side = math.ceil(math.sqrt(len(images)))
    grid = grid_of(images, side)
    height = side * images.shape[2]
    if grid.shape[1] < height:
        import numpy as np

        grid = np.pad(grid, ((0, 0), (0, height - grid.shape[1]), (0, 0)))
    return png_of(pixels_of(grid, "CHW"))[0]


def note_embedding(log_dir: Path, folder: str, tag: str, labels: bool, images: Any) -> None:
    """Adds an embedding to the projector's configuration."""
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import EmbeddingInfo

    info = EmbeddingInfo(tensor_name=f"{tag}:{folder.partition('/')[0]}", tensor_path=f"{folder}/tensors.tsv")
    if labels:
        info.metadata_path = f"{folder}/metadata.tsv"
    if images is not None:
        info.sprite.image_path = f"{folder}/sprite.png"
        info.sprite.single_image_dim.extend([images.shape[3], images.shape[2]])
    with (log_dir / "projector_config.pbtxt").open("a", encoding="utf-8") as file:
        file.write(f"embeddings {{\n{text_format.MessageToString(info)}}}\n")

"""Values as TensorBoard's messages. Each function gives a ``Summary``."""

from __future__ import annotations

import json
from typing import Any

from ..._C import Tensor
from ._arrays import array_of, gif_of, number_of, pixels_of, png_of, wav_of, with_boxes


def _messages() -> Any:
    from tensorboard.compat.proto import summary_pb2

    return summary_pb2


def _one(tag: str, **content: Any) -> Any:
    messages = _messages()
    return messages.Summary(value=[messages.Summary.Value(tag=tag, **content)])


def _metadata(plugin: str, content: bytes = b"") -> Any:
    Metadata = _messages().SummaryMetadata
    return Metadata(plugin_data=Metadata.PluginData(plugin_name=plugin, content=content))


def _tensor(array: Any, double: bool = False) -> Any:
    from tensorboard.compat.proto import tensor_pb2, tensor_shape_pb2, types_pb2

    shape = tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in array.shape]
    )
    kinds = {
        "float32": ("DT_FLOAT", "float_val"),
        "float64": ("DT_DOUBLE", "double_val"),
        "float16": ("DT_FLOAT", "float_val"),
        "uint8": ("DT_UINT8", "int_val"),
        "int8": ("DT_INT8", "int_val"),
        "int16": ("DT_INT16", "int_val"),
        "int32": ("DT_INT32", "int_val"),
        "int64": ("DT_INT64", "int64_val"),
        "bool": ("DT_BOOL", "bool_val"),
        "complex64": ("DT_COMPLEX64", "scomplex_val"),
        "complex128": ("DT_COMPLEX128", "dcomplex_val"),
    }
    kind, field = kinds[str(array.dtype)]
    numbers = array.reshape(-1)
    values = numbers.view(numbers.real.dtype).tolist() if "complex" in field else numbers.tolist()
    return tensor_pb2.TensorProto(dtype=getattr(types_pb2, kind), tensor_shape=shape, **{field: values})


def scalar(tag: str, value: Any, new_style: bool = False, double_precision: bool = False) -> Any:
    """One number."""
    import numpy as np

    number = number_of(value, "add_scalar")
    if not new_style:
        return _one(tag, simple_value=number)
    array = np.array(number, dtype=np.float64 if double_precision else np.float32)
    return _one(tag, tensor=_tensor(array), metadata=_metadata("scalars"))


def tensor(tag: str, value: Any) -> Any:
    """All numbers of a tensor."""
    array = (
        value.detach().float().numpy() if isinstance(value, Tensor) and value.is_floating_point() else array_of(value)
    )
    return _one(tag, tensor=_tensor(array), metadata=_metadata("tensor"))


def default_bins() -> list[float]:
    """TensorFlow's: from +-1e-12 to +-1e20, each 10 % above the one before."""
    positive = [1e-12]
    while positive[-1] * 1.1 < 1e20:
        positive.append(positive[-1] * 1.1)
    return [-each for each in reversed(positive)] + [0.0] + positive


def histogram(tag: str, values: Any, bins: Any, max_bins: int | None = None) -> Any:
    """How often values fall into each bin.

    Args:
        bins: ``"tensorflow"``, a name that NumPy's histogram knows (``"auto"``, ``"fd"`` ...), a number, or edges.
        max_bins: neighbours are put together beyond that many.
    """
    import numpy as np

    numbers = array_of(values).reshape(-1).astype(np.float64)
    if numbers.size == 0:
        raise ValueError("The input has no element.")
    counts, edges = np.histogram(
        numbers, bins=default_bins() if isinstance(bins, str) and bins == "tensorflow" else bins
    )
    if max_bins is not None and len(counts) > max_bins:
        step = -(-len(counts) // max_bins)
        counts = np.add.reduceat(counts, range(0, len(counts), step))
        edges = np.append(edges[:-1:step], edges[-1])
    filled = np.flatnonzero(counts)
    if not len(filled):
        raise ValueError("add_histogram(): no value lies in a bin; expected finite values within the bins.")
    # An empty bin in front says where the first filled one begins.
    first, last = filled[0], filled[-1]
    return histogram_raw(
        tag,
        numbers.min(),
        numbers.max(),
        len(numbers),
        numbers.sum(),
        numbers @ numbers,
        edges[first : last + 2].tolist(),
        [0, *counts[first : last + 1].tolist()],
    )


def histogram_raw(
    tag: str, min: Any, max: Any, num: Any, sum: Any, sum_squares: Any, bucket_limits: Any, bucket_counts: Any
) -> Any:
    """A histogram that was counted elsewhere: `bucket_limits` are the right edges."""
    histo = _messages().HistogramProto(
        min=min,
        max=max,
        num=num,
        sum=sum,
        sum_squares=sum_squares,
        bucket_limit=bucket_limits,
        bucket=bucket_counts,
    )
    return _one(tag, histo=histo)


def _image(tag: str, encoded: bytes, height: int, width: int, channels: int) -> Any:
    image = _messages().Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=encoded)
    return _one(tag, image=image)


def image(tag: str, value: Any, dataformats: str = "CHW") -> Any:
    """A picture, or a batch as a grid of pictures."""
    encoded, size = png_of(pixels_of(array_of(value), dataformats))
    return _image(tag, encoded, *size)


def image_boxes(
    tag: str, value: Any, boxes: Any, rescale: float = 1, dataformats: str = "CHW", labels: list[str] | None = None
) -> Any:
    """A picture with boxes drawn into it."""
    import numpy as np

    pixels = with_boxes(np.ascontiguousarray(pixels_of(array_of(value), dataformats)), array_of(boxes), labels)
    encoded, size = png_of(pixels, rescale)
    return _image(tag, encoded, *size)


def video(tag: str, value: Any, fps: float = 4) -> Any:
    """Films ``(N, T, C, H, W)`` as one animation, beside each other."""
    import numpy as np

    array = array_of(value)
    if array.ndim != 5:
        raise ValueError(f"add_video(): vid_tensor has shape {array.shape}; expected (N, T, C, H, W).")
    frames = np.stack([pixels_of(array[:, step], "NCHW") for step in range(array.shape[1])])
    return _image(tag, gif_of(frames, fps), *frames.shape[1:])


def audio(tag: str, value: Any, sample_rate: int = 44100) -> Any:
    """A sound ``(1, L)`` in [-1, 1]."""
    samples = array_of(value)
    content = _messages().Summary.Audio(
        sample_rate=sample_rate,
        num_channels=1,
        length_frames=samples.size,
        encoded_audio_string=wav_of(samples, sample_rate),
        content_type="audio/wav",
    )
    return _one(tag, audio=content)


def text(tag: str, value: str) -> Any:
    """A text, which TensorBoard reads as Markdown."""
    from tensorboard.compat.proto import tensor_pb2, tensor_shape_pb2, types_pb2
    from tensorboard.plugins.text.plugin_data_pb2 import TextPluginData

    content = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING,
        string_val=[value.encode()],
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]),
    )
    metadata = _metadata("text", TextPluginData(version=0).SerializeToString())
    return _one(tag + "/text_summary", tensor=content, metadata=metadata)


def pr_curve(tag: str, labels: Any, predictions: Any, num_thresholds: int = 127, weights: Any = None) -> Any:
    """Precision over recall at thresholds from 0 to 1."""
    import numpy as np

    num_thresholds = min(num_thresholds, 127)  # what TensorBoard draws
    scores, truth = array_of(predictions).reshape(-1).astype(float), array_of(labels).reshape(-1).astype(float)
    weight = np.ones_like(truth) if weights is None else array_of(weights).reshape(-1)
    buckets = np.floor(scores * (num_thresholds - 1)).astype(int)
    positive, negative = (
        np.bincount(buckets, minlength=num_thresholds, weights=part * weight)[::-1].cumsum()[::-1]
        for part in (truth, 1 - truth)
    )
    tiny = 1e-10  # against 0 / 0
    return pr_curve_raw(
        tag,
        positive,
        negative,
        negative[0] - negative,
        positive[0] - positive,
        positive / np.maximum(tiny, positive + negative),
        positive / np.maximum(tiny, positive[0]),
        num_thresholds,
    )


def pr_curve_raw(
    tag: str,
    true_positive_counts: Any,
    false_positive_counts: Any,
    true_negative_counts: Any,
    false_negative_counts: Any,
    precision: Any,
    recall: Any,
    num_thresholds: int = 127,
    weights: Any = None,
) -> Any:
    """A curve that was computed elsewhere: one number for each threshold."""
    import numpy as np
    from tensorboard.plugins.pr_curve.plugin_data_pb2 import PrCurvePluginData

    counts = (true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts)
    rows = [array_of(each).astype(np.float32) for each in (*counts, precision, recall)]
    content = PrCurvePluginData(version=0, num_thresholds=min(num_thresholds, 127)).SerializeToString()
    return _one(tag, tensor=_tensor(np.stack(rows)), metadata=_metadata("pr_curves", content))


def custom_scalars(layout: dict[str, dict[str, list[Any]]]) -> Any:
    """Which scalars stand in one chart: ``{category: {title: ["Multiline" or "Margin", [tags]]}}``."""
    from tensorboard.compat.proto import tensor_pb2, tensor_shape_pb2, types_pb2
    from tensorboard.plugins.custom_scalar import layout_pb2

    categories = []
    for category, charts in layout.items():
        made = []
        for title, (kind, tags) in charts.items():
            if kind == "Margin":
                if len(tags) != 3:
                    raise AssertionError(f"add_custom_scalars(): a Margin has {len(tags)} tags; expected three.")
                series = layout_pb2.MarginChartContent.Series(value=tags[0], lower=tags[1], upper=tags[2])
                made.append(layout_pb2.Chart(title=title, margin=layout_pb2.MarginChartContent(series=[series])))
            else:
                made.append(layout_pb2.Chart(title=title, multiline=layout_pb2.MultilineChartContent(tag=tags)))
        categories.append(layout_pb2.Category(title=category, chart=made))
    content = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING,
        string_val=[layout_pb2.Layout(category=categories).SerializeToString()],
        tensor_shape=tensor_shape_pb2.TensorShapeProto(),
    )
    return _one("custom_scalars__config__", tensor=content, metadata=_metadata("custom_scalars"))


def mesh(tag: str, vertices: Any, colors: Any, faces: Any, config_dict: dict[str, Any] | None) -> Any:
    """Points ``(B, N, 3)``, their colors from 0 to 255 and triangles of their numbers."""
    from tensorboard.plugins.mesh import metadata as mesh_metadata
    from tensorboard.plugins.mesh.plugin_data_pb2 import MeshPluginData

    messages = _messages()
    kinds = [(vertices, MeshPluginData.VERTEX), (faces, MeshPluginData.FACE), (colors, MeshPluginData.COLOR)]
    given = [(array_of(each), kind) for each, kind in kinds if each is not None]
    components = mesh_metadata.get_components_bitmask([kind for _, kind in given])
    config = json.dumps(config_dict or {}, sort_keys=True)
    values = []
    for array, kind in given:
        metadata = mesh_metadata.create_summary_metadata(tag, "", kind, components, list(array.shape), config)
        name = mesh_metadata.get_instance_name(tag, kind)
        values.append(messages.Summary.Value(tag=name, tensor=_tensor(array), metadata=metadata))
    return messages.Summary(value=values)


def _hparam_kind(value: Any) -> tuple[str, Any]:
    if isinstance(value, bool):
        return "DATA_TYPE_BOOL", value
    if isinstance(value, str):
        return "DATA_TYPE_STRING", value
    if isinstance(value, (int, float)) or (isinstance(value, Tensor) and value.numel() == 1):
        return "DATA_TYPE_FLOAT64", float(value)
    raise ValueError("value should be one of int, float, str, bool, or torch.Tensor")


def hparams(
    hparam_dict: dict[str, Any] | None = None,
    metric_dict: dict[str, Any] | None = None,
    hparam_domain_discrete: dict[str, list[Any]] | None = None,
) -> tuple[Any, Any, Any]:
    """The parameters of an experiment: what it has, what this session has, that it has ended."""
    from google.protobuf import struct_pb2
    from tensorboard.plugins.hparams import api_pb2
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo

    if not isinstance(hparam_dict, dict) or not isinstance(metric_dict, dict):
        wrong = "metric_dict" if isinstance(hparam_dict, dict) else "hparam_dict"
        raise TypeError(f"{wrong} should be a dictionary, nothing logged.")
    domains = hparam_domain_discrete or {}
    infos, session = [], SessionStartInfo()
    for name, value in hparam_dict.items():
        if value is None:
            continue
        kind, plain = _hparam_kind(value)
        field = {"DATA_TYPE_BOOL": "bool_value", "DATA_TYPE_STRING": "string_value"}.get(kind, "number_value")
        session.hparams[name].CopyFrom(struct_pb2.Value(**{field: plain}))
        discrete = [struct_pb2.Value(**{field: each}) for each in domains.get(name, [])]
        domain = {"domain_discrete": struct_pb2.ListValue(values=discrete)} if discrete else {}
        infos.append(api_pb2.HParamInfo(name=name, type=getattr(api_pb2, kind), **domain))
    metrics = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=name)) for name in metric_dict]
    contents = {
        "experiment": HParamsPluginData(experiment=api_pb2.Experiment(hparam_infos=infos, metric_infos=metrics)),
        "session_start_info": HParamsPluginData(session_start_info=session),
        "session_end_info": HParamsPluginData(session_end_info=SessionEndInfo(status=api_pb2.STATUS_SUCCESS)),
    }
    experiment, start, end = (
        _one(f"_hparams_/{name}", metadata=_metadata("hparams", content.SerializeToString()))
        for name, content in contents.items()
    )
    return experiment, start, end

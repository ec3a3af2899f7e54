"""Log files for TensorBoard, read back by TensorBoard's own readers."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest

import ember

nn = ember.nn
pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402
from tensorboard.compat.proto import graph_pb2  # noqa: E402

from ember.utils.tensorboard import SummaryWriter  # noqa: E402


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(str(tmp_path)) as made:
        yield made


def read(writer, folder: str = "") -> EventAccumulator:
    writer.flush()
    path = f"{writer.log_dir}/{folder}" if folder else writer.log_dir
    everything = {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0, "audio": 0}
    return EventAccumulator(path, size_guidance=everything).Reload()


def pixels(event) -> np.ndarray:
    from PIL import Image

    return np.array(Image.open(io.BytesIO(event.encoded_image_string)))


def plugin_of(events: EventAccumulator, tag: str):
    return events.summary_metadata[tag].plugin_data


def test_scalars(writer):
    for step in range(5):
        writer.add_scalar("loss/train", ember.tensor(1.0 / (step + 1)), step, walltime=100.0 + step)
    writer.add_scalar("plain", 3, 7)
    writer.add_scalar("exact", 0.1, 1, new_style=True, double_precision=True)
    events = read(writer)
    assert [(each.step, each.wall_time) for each in events.Scalars("loss/train")] == [(i, 100.0 + i) for i in range(5)]
    assert [each.value for each in events.Scalars("loss/train")] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    assert events.Scalars("plain")[0].value == 3
    assert events.Tensors("exact")[0].tensor_proto.double_val == [0.1]
    with pytest.raises(AssertionError, match="expected one"):
        writer.add_scalar("two", ember.ones(2))
    with pytest.raises(NotImplementedError, match="numpy array or torch tensor are expected"):
        writer.add_scalar("text", "x")


def test_scalars_of_one_chart_are_runs(writer):
    for step in range(2):
        writer.add_scalars("group/main", {"a": step, "b": 2 * step}, step)
    assert [each.value for each in read(writer, "group_main_b").Scalars("group/main")] == [0, 2]
    assert [each.value for each in read(writer, "group_main_a").Scalars("group/main")] == [0, 1]


def test_histograms(writer):
    values = ember.randn(1000)
    writer.add_histogram("normal", values, 1)
    writer.add_histogram("few", ember.tensor([0.0, 0.0, 1.0, -2.0], dtype=ember.bfloat16), 1)
    writer.add_histogram("own", values, 1, bins=[-1.0, 0.0, 1.0])
    writer.add_histogram("short", values, 1, max_bins=5)
    events = read(writer)
    found = events.Histograms("normal")[0].histogram_value
    assert found.num == 1000 and found.min == pytest.approx(values.min().item())
    assert found.sum == pytest.approx(values.double().sum().item())
    assert found.sum_squares == pytest.approx(values.double().square().sum().item())
    assert sum(found.bucket) == 1000 and len(found.bucket) == len(found.bucket_limit)
    assert found.bucket[0] == 0 and found.bucket_limit == sorted(found.bucket_limit)
    below = sum(count for count, edge in zip(found.bucket, found.bucket_limit, strict=True) if edge <= 0)
    assert below == (values < 0).sum().item()
    assert sum(events.Histograms("few")[0].histogram_value.bucket) == 4
    own = events.Histograms("own")[0].histogram_value
    assert own.bucket_limit == [-1.0, 0.0, 1.0] and own.bucket[1] == ((values >= -1) & (values < 0)).sum().item()
    assert len(events.Histograms("short")[0].histogram_value.bucket) <= 6
    with pytest.raises(ValueError, match="no element"):
        writer.add_histogram("none", ember.empty(0))


def test_raw_histograms(writer):
    writer.add_histogram_raw("raw", 0.0, 1.0, 3, 2.0, 1.5, [0.5, 1.0], [1, 2], 4)
    found = read(writer).Histograms("raw")[0]
    assert found.step == 4 and found.histogram_value.bucket == [1, 2]
    with pytest.raises(ValueError, match="len"):
        writer.add_histogram_raw("raw", 0.0, 1.0, 3, 2.0, 1.5, [0.5], [1, 2])


def test_images(writer):
    image = ember.rand(3, 4, 5)
    writer.add_image("color", image, 1)
    writer.add_image("bytes", (image * 255).to(ember.uint8).permute(1, 2, 0), 1, dataformats="HWC")
    writer.add_image("gray", image[0], 1, dataformats="HW")
    writer.add_images("batch", ember.rand(10, 1, 4, 5), 1)
    writer.add_image_with_boxes("boxes", ember.zeros(3, 20, 30), ember.tensor([[2.0, 2, 10, 10]]), 1, labels=["cat"])
    events = read(writer)
    expected = (image * 255).to(ember.uint8).permute(1, 2, 0).numpy()
    assert np.array_equal(pixels(events.Images("color")[0]), expected)
    assert np.array_equal(pixels(events.Images("bytes")[0]), expected)
    gray = pixels(events.Images("gray")[0])
    assert gray.shape == (4, 5, 3) and np.array_equal(gray[..., 0], expected[..., 0])
    assert (events.Images("batch")[0].height, events.Images("batch")[0].width) == (8, 40)
    assert pixels(events.Images("boxes")[0])[2, 5].tolist() == [255, 0, 0]
    with pytest.raises(AssertionError, match="size of input tensor and input format are different"):
        writer.add_image("wrong", image, dataformats="HW")
    with pytest.raises(AssertionError, match="an order of the letters"):
        writer.add_image("wrong", image, dataformats="XYZ")


def test_figures(writer):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(2, 1), dpi=50)
    figure.gca().plot([1, 2])
    writer.add_figure("one", figure, 1)
    assert not pyplot.fignum_exists(figure.number)
    writer.add_figure("two", [pyplot.figure(figsize=(2, 1), dpi=50) for _ in range(2)], 1)
    events = read(writer)
    assert pixels(events.Images("one")[0]).shape == (50, 100, 3)
    assert pixels(events.Images("two")[0]).shape == (50, 200, 3)


def test_sounds_films_and_meshes(writer):
    import wave

    writer.add_audio("sound", ember.tensor([[0.0, 0.5, -1.0]]), 1, sample_rate=8000)
    writer.add_video("film", ember.rand(2, 3, 3, 8, 8), 1, fps=2)
    writer.add_mesh("mesh", ember.rand(1, 4, 3), colors=ember.zeros(1, 4, 3, dtype=ember.uint8), global_step=1)
    events = read(writer)
    with wave.open(io.BytesIO(events.Audio("sound")[0].encoded_audio_string)) as sound:
        assert sound.getframerate() == 8000
        assert np.frombuffer(sound.readframes(3), "<i2").tolist() == [0, 16383, -32767]
    assert (events.Images("film")[0].height, events.Images("film")[0].width) == (8, 16)
    assert {tag for tag in events.Tags()["tensors"] if "mesh" in tag} == {"mesh_VERTEX", "mesh_COLOR"}


def test_texts_and_tensors(writer):
    writer.add_text("note", "**bold** ü", 3)
    writer.add_tensor("weights", ember.arange(6.0).reshape(2, 3), 1)
    events = read(writer)
    assert events.Tensors("note/text_summary")[0].tensor_proto.string_val == ["**bold** ü".encode()]
    assert plugin_of(events, "note/text_summary").plugin_name == "text"
    found = events.Tensors("weights")[0].tensor_proto
    assert list(found.float_val) == [0, 1, 2, 3, 4, 5] and [dim.size for dim in found.tensor_shape.dim] == [2, 3]


def test_precision_recall(writer):
    labels, scores = ember.tensor([0, 1, 1, 0]), ember.tensor([0.1, 0.8, 0.7, 0.6])
    writer.add_pr_curve("curve", labels, scores, 1, num_thresholds=5)
    events = read(writer)
    found = np.array(events.Tensors("curve")[0].tensor_proto.float_val).reshape(6, 5)
    assert found[0].tolist() == [2, 2, 2, 1, 0] and found[1].tolist() == [2, 1, 1, 0, 0]  # true, false positives
    assert found[2].tolist() == [0, 1, 1, 2, 2] and found[3].tolist() == [0, 0, 0, 1, 2]  # true, false negatives
    assert found[4] == pytest.approx([0.5, 2 / 3, 2 / 3, 1, 0]) and found[5].tolist() == [1, 1, 1, 0.5, 0]
    assert plugin_of(events, "curve").plugin_name == "pr_curves"


def test_hyperparameters(writer):
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    given = {"lr": 0.1, "batch": 32, "name": "adam", "nesterov": True}
    writer.add_hparams(given, {"accuracy": 0.9}, {"name": ["adam", "sgd"]}, run_name="first")
    events = read(writer, "first")
    assert events.Scalars("accuracy")[0].value == pytest.approx(0.9)
    start = HParamsPluginData.FromString(plugin_of(events, "_hparams_/session_start_info").content)
    session = start.session_start_info.hparams
    assert (session["lr"].number_value, session["batch"].number_value) == (0.1, 32)
    assert session["name"].string_value == "adam" and session["nesterov"].bool_value
    experiment = HParamsPluginData.FromString(plugin_of(events, "_hparams_/experiment").content).experiment
    infos = {info.name: info for info in experiment.hparam_infos}
    assert [value.string_value for value in infos["name"].domain_discrete.values] == ["adam", "sgd"]
    assert experiment.metric_infos[0].name.tag == "accuracy"
    assert "_hparams_/session_end_info" in events.summary_metadata
    with pytest.raises(ValueError, match="value should be one of"):
        writer.add_hparams({"x": [1]}, {})
    with pytest.raises(TypeError, match="hparam_dict should be a dictionary"):
        writer.add_hparams([1], {})


def test_a_graph(writer):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 3), nn.ReLU())

        def forward(self, x, y):
            return self.body(x) * y

    model = Net().eval()
    writer.add_graph(model, (ember.rand(2, 4), ember.rand(2, 3)))
    graph = graph_pb2.GraphDef.FromString(read(writer)._graph)
    by_name = {node.name: node for node in graph.node}
    linear = next(node for name, node in by_name.items() if name.startswith("Net/Sequential[body]/Linear[0]/Linear"))
    relu = next(node for name, node in by_name.items() if name.startswith("Net/Sequential[body]/ReLU[1]/Relu"))
    product = next(node for name, node in by_name.items() if name.startswith("Net/Mul"))
    assert set(linear.input) == {"input/x", "parameters/body/0/weight", "parameters/body/0/bias"}
    assert list(relu.input) == [linear.name] and list(product.input) == [relu.name, "input/x1"]
    assert list(by_name["output/output"].input) == [product.name]
    shape = by_name["parameters/body/0/weight"].attr["_output_shapes"].list.shape[0]
    assert [dim.size for dim in shape.dim] == [3, 4]
    assert all(parameter.grad is None for parameter in model.parameters()) and not model.body._forward_hooks


def test_an_embedding(writer, tmp_path):
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    points = ember.randn(3, 5)
    for step in (2, 4):
        writer.add_embedding(points, ["a", "b", "c"], ember.rand(3, 3, 8, 8), global_step=step, tag="words")
    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), ProjectorConfig())
    first, second = config.embeddings
    assert first.tensor_path == "00002/words/tensors.tsv" and second.tensor_path == "00004/words/tensors.tsv"
    found = np.loadtxt(tmp_path / first.tensor_path)
    assert np.allclose(found, points.numpy())
    assert (tmp_path / first.metadata_path).read_text().split() == ["a", "b", "c"]
    from PIL import Image

    assert Image.open(tmp_path / first.sprite.image_path).size == (16, 16)
    with pytest.raises(AssertionError, match="labels should equal"):
        writer.add_embedding(points, ["a"])


def test_custom_charts(writer):
    from tensorboard.plugins.custom_scalar.layout_pb2 import Layout

    writer.add_custom_scalars({"losses": {"both": ["Multiline", ["a", "b"]], "band": ["Margin", ["m", "l", "h"]]}})
    content = read(writer).Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0]
    (category,) = Layout.FromString(content).category
    assert [chart.title for chart in category.chart] == ["both", "band"]
    assert category.chart[1].margin.series[0].lower == "l"


def test_a_closed_writer_opens_a_new_file(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.add_scalar("x", 1, 1)
    writer.close()
    writer.close()
    writer.add_scalar("x", 2, 2)
    assert [each.value for each in read(writer).Scalars("x")] == [1, 2]
    writer.close()


def test_a_run_that_goes_on_hides_what_was_logged_after_the_crash(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(5):
            writer.add_scalar("x", step, step)
    with SummaryWriter(str(tmp_path), purge_step=3) as writer:
        writer.add_scalar("x", 30, 3)
        assert [each.value for each in read(writer).Scalars("x")] == [0, 1, 2, 30]


def test_the_default_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_mine") as writer:
        assert writer.get_logdir().startswith("runs/") and writer.get_logdir().endswith("_mine")
        writer.add_scalar("x", 1)
    assert list((tmp_path / writer.log_dir).iterdir())


def test_without_the_package_the_error_names_the_extra(tmp_path):
    program = "import sys; sys.modules['tensorboard'] = None\nfrom ember.utils.tensorboard import SummaryWriter\n"
    program += f"SummaryWriter({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "ModuleNotFoundError: SummaryWriter(): " in done.stderr and "ember[tensorboard]" in done.stderr

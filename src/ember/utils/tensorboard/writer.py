"""SummaryWriter: what a training loop calls to log."""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from . import summary as _summary


def _event_file_writer() -> Any:
    """TensorBoard's own writer of event files."""
    try:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError as error:
        raise ModuleNotFoundError(
            "SummaryWriter(): log files are written with the package tensorboard, which is not installed. Install the "
            'extra: pip install "ember[tensorboard]".'
        ) from error
    return EventFileWriter


class FileWriter:
    """Writes events into one file of a folder.

    Args:
        log_dir: the folder; made if need be.
        max_queue: events that wait before they are written. Default: 10.
        flush_secs: seconds between writes. Default: 120.
        filename_suffix: the end of the file's name.
    """

    def __init__(self, log_dir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str = "") -> None:
        log_dir = str(log_dir)
        self.event_writer = _event_file_writer()(log_dir, max_queue, flush_secs, filename_suffix)

    def get_logdir(self) -> str:
        """The folder."""
        return str(self.event_writer.get_logdir())

    def add_event(self, event: Any, step: int | None = None, walltime: float | None = None) -> None:
        """Write an ``Event``."""
        event.wall_time = time.time() if walltime is None else walltime
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)

    def add_summary(self, summary: Any, global_step: int | None = None, walltime: float | None = None) -> None:
        """Write a ``Summary``."""
        from tensorboard.compat.proto import event_pb2

        self.add_event(event_pb2.Event(summary=summary), global_step, walltime)

    def add_graph(self, graph_profile: Any, walltime: float | None = None) -> None:
        """Write a ``GraphDef``, the first of a pair."""
        from tensorboard.compat.proto import event_pb2

        self.add_event(event_pb2.Event(graph_def=graph_profile[0].SerializeToString()), None, walltime)

    def flush(self) -> None:
        """Write what waits."""
        self.event_writer.flush()

    def close(self) -> None:
        """Write what waits and close the file."""
        self.event_writer.close()

    def reopen(self) -> None:
        """Go on in a new file."""
        self.event_writer.reopen()


class SummaryWriter:
    """Logs a run for TensorBoard.

    Args:
        log_dir: the folder of the run. Default: ``runs/`` with the time and the machine's name.
        comment: the end of the default folder's name.
        purge_step: a run that goes on after a crash: TensorBoard hides what was logged from this step on.
        max_queue: events that wait before they are written. Default: 10.
        flush_secs: seconds between writes. Default: 120.
        filename_suffix: the end of the files' names.

    All `add_` methods take the time of the event as `walltime`, in seconds since 1970. Default: now. A `tag` names what
    is logged; parts separated by `/` are groups. `global_step` is its place on the axis.

    Raises:
        ModuleNotFoundError: the package tensorboard is not installed.

    Example:
        >>> from ember.utils.tensorboard import SummaryWriter
        >>> writer = SummaryWriter("runs/first")  # doctest: +SKIP
        >>> writer.add_scalar("loss/train", 0.5, global_step=1)  # doctest: +SKIP
        >>> writer.close()  # doctest: +SKIP
    """

    def __init__(
        self,
        log_dir: Any = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = str(log_dir)
        self.purge_step = purge_step
        self.max_queue = max_queue
        self.flush_secs = flush_secs
        self.filename_suffix = filename_suffix
        self.file_writer: FileWriter | None = None
        self.all_writers: dict[str, FileWriter] | None = None
        self._get_file_writer()

    def _writer_in(self, log_dir: str) -> FileWriter:
        return FileWriter(log_dir, self.max_queue, self.flush_secs, self.filename_suffix)

    def _get_file_writer(self) -> FileWriter:
        if self.all_writers is None or self.file_writer is None:
            self.file_writer = self._writer_in(self.log_dir)
            self.all_writers = {self.file_writer.get_logdir(): self.file_writer}
            if self.purge_step is not None:
                from tensorboard.compat.proto import event_pb2

                start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
                self.file_writer.add_event(event_pb2.Event(file_version="brain.Event:2"), self.purge_step)
                self.file_writer.add_event(event_pb2.Event(session_log=start), self.purge_step)
                self.purge_step = None
        return self.file_writer

    def _add(self, summary: Any, global_step: Any, walltime: float | None) -> None:
        self._get_file_writer().add_summary(summary, global_step, walltime)

    def get_logdir(self) -> str:
        """The folder of the run."""
        return self.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """Log one number; `new_style` as a tensor, in float64 with `double_precision`."""
        self._add(_summary.scalar(tag, scalar_value, new_style, double_precision), global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: dict[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log numbers that stand in one chart: each has a folder of its own, as a run of its own."""
        walltime = time.time() if walltime is None else walltime
        writers = self.all_writers if self._get_file_writer() and self.all_writers is not None else {}
        for tag, value in tag_scalar_dict.items():
            folder = os.path.join(self.log_dir, f"{main_tag.replace('/', '_')}_{tag}")
            if folder not in writers:
                writers[folder] = self._writer_in(folder)
            writers[folder].add_summary(_summary.scalar(main_tag, value), global_step, walltime)

    def add_tensor(self, tag: str, tensor: Any, global_step: int | None = None, walltime: float | None = None) -> None:
        """Log all numbers of a tensor."""
        self._add(_summary.tensor(tag, tensor), global_step, walltime)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: Any = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Log how values are distributed.

        Args:
            values: a tensor of any shape.
            bins: ``"tensorflow"``, a way of NumPy's ``histogram`` (``"auto"``, ``"fd"`` ...), a number, or edges.
            max_bins: put neighbours together beyond that many.

        Raises:
            ValueError: there is no value.
        """
        self._add(_summary.histogram(tag, values, bins, max_bins), global_step, walltime)

    def add_histogram_raw(
        self,
        tag: str,
        min: Any,
        max: Any,
        num: Any,
        sum: Any,
        sum_squares: Any,
        bucket_limits: Any,
        bucket_counts: Any,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log a histogram that was counted elsewhere; `bucket_limits` are the right edges of its bins."""
        if len(bucket_limits) != len(bucket_counts):
            raise ValueError("len(bucket_limits) != len(bucket_counts), see the document.")
        histogram = _summary.histogram_raw(tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts)
        self._add(histogram, global_step, walltime)

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture: uint8, or floating from 0 to 1, its dims in the order of the letters of `dataformats`."""
        self._add(_summary.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Log a batch of pictures as a grid, eight beside each other."""
        self._add(_summary.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: Any,
        box_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: Any = None,
    ) -> None:
        """Log a picture with boxes ``(x_min, y_min, x_max, y_max)`` and their labels drawn into it."""
        if isinstance(labels, str):
            labels = [labels]
        if labels is not None and len(labels) != len(box_tensor):
            labels = None
        boxed = _summary.image_boxes(tag, img_tensor, box_tensor, rescale, dataformats, labels)
        self._add(boxed, global_step, walltime)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """Log one matplotlib figure, or several as a grid; closes them, if `close`."""
        import numpy as np

        figures = figure if isinstance(figure, list) else [figure]
        pictures = []
        for each in figures:
            from matplotlib.backends.backend_agg import FigureCanvasAgg

            canvas = FigureCanvasAgg(each)
            canvas.draw()
            pictures.append(np.asarray(canvas.buffer_rgba())[:, :, :3].copy())
            if close:
                from matplotlib import pyplot

                pyplot.close(each)
        if isinstance(figure, list):
            self.add_images(tag, np.stack(pictures), global_step, walltime, dataformats="NHWC")
        else:
            self.add_image(tag, pictures[0], global_step, walltime, dataformats="HWC")

    def add_video(
        self, tag: str, vid_tensor: Any, global_step: int | None = None, fps: float = 4, walltime: float | None = None
    ) -> None:
        """Log films ``(N, T, C, H, W)`` as an animation, beside each other."""
        self._add(_summary.video(tag, vid_tensor, fps), global_step, walltime)

    def add_audio(
        self,
        tag: str,
        snd_tensor: Any,
        global_step: int | None = None,
        sample_rate: int = 44100,
        walltime: float | None = None,
    ) -> None:
        """Log a sound ``(1, L)`` in [-1, 1]."""
        self._add(_summary.audio(tag, snd_tensor, sample_rate), global_step, walltime)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text, which TensorBoard reads as Markdown."""
        self._add(_summary.text(tag, text_string), global_step, walltime)

    def add_graph(
        self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """Log what a model computes in one run on `input_to_model`, a tensor or several.

        Args:
            verbose: print it, too.
            use_strict_trace: accepted.
        """
        from ._graph import graph_of

        graph = graph_of(model, input_to_model)
        if verbose:
            print(graph)
        self._get_file_writer().add_graph((graph, None))

    def add_onnx_graph(self, prototxt: str) -> None:
        """Log the graph of an ONNX file."""
        import onnx
        from tensorboard.compat.proto import graph_pb2, node_def_pb2

        model = onnx.load(prototxt)
        nodes = [
            node_def_pb2.NodeDef(name=each.output[0] or each.name, op=each.op_type, input=list(each.input))
            for each in model.graph.node
        ]
        self._get_file_writer().add_graph((graph_pb2.GraphDef(node=nodes), None))

    def add_embedding(
        self,
        mat: Any,
        metadata: list[Any] | None = None,
        label_img: Any = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: list[str] | None = None,
    ) -> None:
        """Log points ``(N, D)`` for the projector.

        Args:
            metadata: a label for each, or several, named by `metadata_header`.
            label_img: a picture for each, ``(N, C, H, W)``.
        """
        from ._arrays import array_of
        from ._embedding import note_embedding, write_embedding

        images = None if label_img is None else array_of(label_img)
        name = "".join(letter if letter.isalnum() or letter in "-_." else f"%{ord(letter):02x}" for letter in tag)
        folder = f"{global_step or 0:05d}/{name}"
        write_embedding(Path(self.log_dir) / folder, mat, metadata, metadata_header, images)
        note_embedding(Path(self.log_dir), folder, tag, metadata is not None, images)

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Log precision over recall.

        Args:
            labels: 0 or 1 for each prediction.
            predictions: the probability of 1.
            num_thresholds: how many points the curve has. Default: 127.
            weights: what each counts. Default: 1.
        """
        self._add(_summary.pr_curve(tag, labels, predictions, num_thresholds, weights), global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag: str,
        true_positive_counts: Any,
        false_positive_counts: Any,
        true_negative_counts: Any,
        false_negative_counts: Any,
        precision: Any,
        recall: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Log a curve that was computed elsewhere: one number of each kind for each threshold."""
        counts = (true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts)
        curve = _summary.pr_curve_raw(tag, *counts, precision, recall, num_thresholds, weights)
        self._add(curve, global_step, walltime)

    def add_mesh(
        self,
        tag: str,
        vertices: Any,
        colors: Any = None,
        faces: Any = None,
        config_dict: dict[str, Any] | None = None,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log points ``(B, N, 3)``, their colors (0 to 255) and triangles between them ``(B, M, 3)``."""
        self._add(_summary.mesh(tag, vertices, colors, faces, config_dict), global_step, walltime)

    def add_hparams(
        self,
        hparam_dict: dict[str, Any],
        metric_dict: dict[str, Any],
        hparam_domain_discrete: dict[str, list[Any]] | None = None,
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Log what a run was configured with and what came of it, as a run of its own.

        Args:
            hparam_dict: numbers, texts and bools by name.
            metric_dict: numbers by name; the names are tags.
            hparam_domain_discrete: the values that a parameter may have, by name.
            run_name: the folder below this run's. Default: the time.
        """
        summaries = _summary.hparams(hparam_dict, metric_dict, hparam_domain_discrete)
        folder = os.path.join(self.log_dir, run_name or str(time.time()))
        with SummaryWriter(log_dir=folder) as writer:
            for each in summaries:
                writer._add(each, None, None)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    def add_custom_scalars(self, layout: dict[str, dict[str, list[Any]]]) -> None:
        """Log which scalars stand in one chart: ``{category: {title: ["Multiline" or "Margin", [tags]]}}``."""
        self._add(_summary.custom_scalars(layout), None, None)

    def add_custom_scalars_multilinechart(
        self, tags: list[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """Log that these scalars are lines of one chart."""
        self.add_custom_scalars({category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(
        self, tags: list[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """Log that three scalars are a line and the lower and upper margin around it."""
        self.add_custom_scalars({category: {title: ["Margin", tags]}})

    def flush(self) -> None:
        """Write what waits."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self) -> None:
        """Write what waits and close the files; a later call opens new ones."""
        for writer in (self.all_writers or {}).values():
            writer.flush()
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

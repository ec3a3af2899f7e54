"""SummaryWriter: scalars, a histogram, an image and text, read again"""

import tempfile

from sample import values
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter


def job():
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            for step in range(20):
                writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_histogram("weights", values(1000), 0)
            writer.add_image("image", values(3, 16, 16).sigmoid(), 0)
            writer.add_text("note", "a word", 0)
        events = EventAccumulator(folder).Reload()
        histogram = events.Histograms("weights")[0].histogram_value
        return {
            "losses": [event.value for event in events.Scalars("loss")],
            "histogram": [histogram.min, histogram.max, histogram.num, histogram.sum, histogram.sum_squares],
            "image": [events.Images("image")[0].width, events.Images("image")[0].height],
        }

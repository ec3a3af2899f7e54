"""Learner.fit_one_cycle of two epochs, with a metric and predictions"""

from fastai.basics import CrossEntropyLossFlat, DataLoader, DataLoaders, Learner, accuracy
from fastai.callback import schedule  # noqa: F401, gives Learner its fit_one_cycle
from fastai.callback.progress import ProgressCallback
from sample import filled, labels, values
from torch import nn


def job():
    examples = list(zip(values(64, 10), labels(64, 4), strict=True))
    batches = DataLoaders(DataLoader(examples, bs=16), DataLoader(examples, bs=16), device="cpu")
    network = filled(nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4)))
    learner = Learner(batches, network, loss_func=CrossEntropyLossFlat(), metrics=accuracy)
    learner.remove_cb(ProgressCallback)
    with learner.no_logging():
        learner.fit_one_cycle(2, 1e-2)
        scores, targets = learner.get_preds()
    return {"losses": [float(loss) for loss in learner.recorder.losses], "scores": scores, "targets": targets}

"""Accuracy, F1, AUROC, confusion matrix and MSE over batches, in a MetricCollection"""

import torch
from sample import labels, values
from torchmetrics import Accuracy, MeanSquaredError, MetricCollection
from torchmetrics.classification import MulticlassAUROC, MulticlassConfusionMatrix, MulticlassF1Score


def job():
    metrics = MetricCollection(
        {
            "accuracy": Accuracy(task="multiclass", num_classes=5),
            "f1": MulticlassF1Score(num_classes=5, average="macro"),
            "auroc": MulticlassAUROC(num_classes=5),
            "confusion": MulticlassConfusionMatrix(num_classes=5),
        }
    )
    error = MeanSquaredError()
    for seed in range(4):
        scores = torch.softmax(values(50, 5, seed=seed), dim=1)
        metrics.update(scores, labels(50, 5))
        error.update(scores[:, 0], values(50, seed=seed + 10))
    return {**metrics.compute(), "mse": error.compute()}

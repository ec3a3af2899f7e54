"""Trainer.fit of two epochs with validation, a checkpoint, and test"""

import logging
import tempfile

import lightning
import torch
from sample import filled, labels, values
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Classifier(lightning.LightningModule):
    """A small classifier."""

    def __init__(self):
        super().__init__()
        self.network = filled(nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4)))

    def training_step(self, batch, index):
        loss = nn.functional.cross_entropy(self.network(batch[0]), batch[1])
        self.log("loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch, index):
        self.log("validation", nn.functional.cross_entropy(self.network(batch[0]), batch[1]))

    test_step = validation_step

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1)}


def job():
    batches = DataLoader(TensorDataset(values(64, 10), labels(64, 4)), batch_size=16)
    model, quiet = Classifier(), {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", devices=1, default_root_dir=folder, **quiet)
        trainer.fit(model, batches, batches)
        tested = trainer.test(model, batches, verbose=False)
    metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
    return {**metrics, "tested": tested[0]["validation"], "weight": model.network[0].weight}

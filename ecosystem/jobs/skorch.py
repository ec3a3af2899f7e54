"""NeuralNetClassifier: fit, predict_proba, score, in a scikit-learn pipeline"""

import numpy as np
import torch
from sample import filled, labels, values
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier


def network():
    """Scores of three classes."""
    return filled(torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3)))


def job():
    targets = labels(90, 3)
    inputs = (values(90, 6) + targets[:, None]).numpy()
    classifier = NeuralNetClassifier(
        network(),
        criterion=torch.nn.CrossEntropyLoss,
        max_epochs=5,
        lr=0.1,
        iterator_train__shuffle=False,
        train_split=None,
        verbose=0,
    )
    pipeline = Pipeline([("scale", StandardScaler()), ("classify", classifier)])
    pipeline.fit(inputs, targets.numpy())
    losses = [row["train_loss"] for row in classifier.history]
    scores = pipeline.predict_proba(inputs)
    return {"losses": losses, "scores": scores, "right": np.mean(pipeline.predict(inputs) == targets.numpy())}
